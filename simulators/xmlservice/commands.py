"""``<cmd>``, ``<sh>``, ``<qsh>`` and ``<diag>``."""

from __future__ import annotations

from epm.errors import FormatError, UnsupportedError
from simulators.xmlservice.coding import Coding, parse_coding
from simulators.xmlservice.context import Context, finish, on_error
from simulators.xmlservice.document import Element
from simulators.xmlservice.failures import Code, Record
from simulators.xmlservice.host import CommandOutcome
from simulators.xmlservice.reports import fast_diagnostics, warning
from simulators.xmlservice.wellformed import attribute

#: The variable that holds a command; the rest is cut off.
MAX_COMMAND = 3000
#: The variable that holds a shell command.
MAX_SHELL = 65_000
#: Program status of a command that failed under exec='cmd'.
COMMAND_STATUS = 202


def run_command(context: Context, element: Element) -> bool:
    """Run a ``<cmd>`` and return whether the script goes on."""
    how = on_error(element, "off")
    execute = element.get("exec", "cmd").strip().lower()[:3]
    coding = parse_coding(element)
    context.out.write(element.start)
    try:
        text = coding.read(element.text)
        outcome = _execute(context, execute, text.strip()[:MAX_COMMAND])
        rows = _rexx_rows(context, element, coding, outcome) if execute == "rex" else ""
    except (FormatError, UnsupportedError) as error:
        text, rows = element.text, ""
        outcome = CommandOutcome(ok=False)
        context.failures.add_code(Code.CONVERSION_FAILED, str(error))
    if not outcome.ok:
        _failed(context, execute, text, outcome)
    goes_on = finish(context, how, outcome.ok, text, cdata=element.cdata)
    if outcome.ok:
        context.out.write(rows)
    context.out.write("</cmd>\n")
    return goes_on


def _execute(context: Context, execute: str, text: str) -> CommandOutcome:
    # The REXX procedure is called with PARM('...') and the text as it is: one with a quote in it
    # ends the parameter early and the call itself is what fails.
    if execute == "rex" and "'" in text:
        return CommandOutcome(ok=False)
    return context.job.command(text)


def _failed(context: Context, execute: str, text: str, outcome: CommandOutcome) -> None:
    escape = outcome.messages[-1].id if outcome.messages else ""
    if execute in ("sys", "rex"):
        record = Record(Code.COMMAND_FAILED, text[:60], cpf=escape)
    else:
        record = Record(Code.COMMAND_FAILED, text[:60], status=COMMAND_STATUS)
    context.failures.add(record)


def _rexx_rows(context: Context, element: Element, coding: Coding, outcome: CommandOutcome) -> str:
    rows = []
    for name, value in (outcome.returned or {}).items():
        shown = coding.show(context.out, value.strip(), element.cdata)
        rows.append(f"<row>\n<data desc='{attribute(name)}'>{shown}</data>\n</row>\n")
    return "".join(rows)


def run_shell(context: Context, element: Element) -> bool:
    """Run a ``<sh>`` or ``<qsh>`` and return whether the script goes on."""
    how = on_error(element, "off")
    coding = parse_coding(element)
    context.out.write(element.start + "\n")
    try:
        text = coding.read(element.text)[:MAX_SHELL]
        outcome = context.job.shell(text, qsh=element.name == "qsh")
        output = outcome.output.decode("utf-8", errors="replace")
        failed = not output and outcome.status != 0
        shown = _shell_output(context, element, coding, output)
    except (FormatError, UnsupportedError) as error:
        text, shown, failed = element.text, "", True
        context.failures.add_code(Code.CONVERSION_FAILED, str(error))
    goes_on = True
    if failed:
        context.failures.add_code(Code.SHELL_FAILED, element.hint)
        goes_on = finish(context, how, False, text, cdata=element.cdata)
    else:
        context.out.write(shown)
    context.out.write(f"</{element.name}>\n")
    return goes_on


def _shell_output(context: Context, element: Element, coding: Coding, output: str) -> str:
    if element.get("rows").strip().lower() != "on":
        shown = coding.show(context.out, output, element.cdata) if output else ""
        return shown if not shown or shown.endswith("\n") else shown + "\n"
    lines = output.removesuffix("\n").split("\n") if output else []
    rows = "\n".join(
        f"<row>{coding.show(context.out, line, element.cdata)}</row>" for line in lines
    )
    return rows + "\n" if rows else ""


def run_diagnostics(context: Context, element: Element) -> bool:
    """Answer a ``<diag>`` and return whether the script goes on.

    Only the job that asks can be looked at; another job's name gives the diagnostics without a
    job log, as a job that has none does.
    """
    how = on_error(element, "off")
    info = element.get("info", "joblog").strip().lower()[:1]
    context.out.write(element.start)
    if info == "f":
        context.out.write(fast_diagnostics(context.job, context.route))
    elif info != "c":
        own = _is_own_job(context, element)
        joblog = how.joblog and own
        context.out.write(
            warning(context.failures, context.job if own else None, context.route, joblog=joblog)
        )
    context.out.write("</diag>\n")
    return not how.stop


def _is_own_job(context: Context, element: Element) -> bool:
    job = context.job
    asked = (element.get("job"), element.get("user"), element.get("nbr"))
    own = (job.name, job.user, job.number)
    return all(
        not want.strip() or want.strip().upper() == have
        for want, have in zip(asked, own, strict=True)
    )
