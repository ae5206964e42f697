"""What the elements of one document share, and the ``<success>``/``<error>`` that each ends in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.xmlservice.copying import Count
from simulators.xmlservice.document import Element
from simulators.xmlservice.failures import Failures
from simulators.xmlservice.host import Job
from simulators.xmlservice.render import Output
from simulators.xmlservice.reports import Route, warning
from simulators.xmlservice.sqlstate import SqlState


@dataclass(frozen=True, slots=True)
class Context:
    """One document in one job.

    Attributes:
        test: ``*test``: programs are marshalled and not called.
        sign_on: starts a job for another user, for ``<connect uid='' pwd=''>``.
        count: what its programs have copied so far.
    """

    job: Job
    out: Output
    failures: Failures
    route: Route
    sql: SqlState
    sign_on: Callable[[str, str], Job]
    test: int = 0
    count: Count = field(default_factory=Count)


@dataclass(frozen=True, slots=True)
class OnError:
    """The ``error`` attribute: whether the script stops, and whether the job log is shown."""

    stop: bool
    joblog: bool


def on_error(element: Element, default: str) -> OnError:
    """Return what an element's ``error`` attribute says, by its first letters."""
    match element.get("error", default).strip().lower()[:2] or default:
        case "on":
            return OnError(stop=True, joblog=False)
        case "fa":
            return OnError(stop=False, joblog=False)
        case "of":
            return OnError(stop=False, joblog=True)
        case _:
            return on_error(Element("", "", {"error": default}), default)


def finish(context: Context, how: OnError, ok: bool, text: str, *, cdata: bool) -> bool:
    """Write how an element ended and return whether the script goes on.

    ``text`` is the command, statement or label that is shown behind ``+++ success``; ``cdata``
    puts it in CDATA whatever ``*cdata`` says.
    """
    if ok:
        context.out.write(f"<success>{context.out.value('+++ success ' + text, cdata)}</success>\n")
        return True
    if how.stop:
        return False
    failed = context.out.value("*** error " + text, cdata)
    context.out.write(f"<error>{failed}</error>\n")
    status, cpf = context.failures.take_markers()
    if status:
        context.out.write(f"<error>{status}</error>\n")
    if cpf:
        context.out.write(f"<error>{cpf}</error>\n")
    context.out.write(warning(context.failures, context.job, context.route, joblog=how.joblog))
    context.failures.clear()
    return True
