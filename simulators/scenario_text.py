"""The result of a scenario's step as lines to read."""

from __future__ import annotations

from collections.abc import Iterator

from epm.errors import one_line
from epm.events import Endpoint, ExitEvent, SocketEvent
from epm.model import Call, Reason, Server
from simulators.scenario_programs import OUR_PROGRAM, Asked
from simulators.scenario_result import Outcome, StepResult
from simulators.scenario_steps import format_endpoint

_INDENT = " " * 16


def format_step(result: StepResult) -> str:
    """Return a step as lines: who does what, the conversation, how it ended.

    Lines end in line feeds between them, none at the end; no line holds a control character.
    """
    return "\n".join(one_line(line) for line in _lines(result))


def _lines(result: StepResult) -> Iterator[str]:
    who = "" if result.job is None else f"{result.job.name}: "
    yield f"{result.number:>4}  {result.at:%H:%M:%S}  {who}{result.does}"
    call: Call | None = None
    for talk in result.talk:
        if isinstance(talk, Asked):
            if talk.call is not call:
                yield f"{_INDENT}{talk.call.server.format_name}  {_ends(talk.call)}"
            call = talk.call
            yield f"{_INDENT}  {talk.program} ({talk.number}) {_answer(talk)}"
            if talk.event is not None and talk.event.decision.is_logged:
                yield f"{_INDENT}  {_audit(talk.event)}"
        elif isinstance(talk, SocketEvent):
            yield f"{_INDENT}{_entry(talk)}"
        else:
            yield f"{_INDENT}{talk}"
    if result.error is not None:
        error = result.error
        yield (
            f"{_INDENT}{result.function}() fails with errno {error.number} ({error}): "
            f"{error.message} {error.text}"
        )
    if result.outcome is not Outcome.DONE or result.met is not None:
        yield f"{_INDENT}= {result.outcome}{_expectation(result)}"


def _expectation(result: StepResult) -> str:
    if result.met is None:
        return ""
    return ", as expected" if result.met else f", BUT {str(result.expect).upper()} WAS EXPECTED"


def _ends(call: Call) -> str:
    """Return what the block holds, by the names of the format."""
    local = _end(call.lcladdr, call.lclport)
    if call.server is Server.LISTEN:
        return f"backlog {call.backlog}, local {local}"
    remote = _end(call.rmtaddr, call.rmtport)
    if call.server is Server.CONNECT:
        return f"local {local}, destination {remote}"
    return f"bound {_end(call.bndaddr, call.bndport)}, incoming {local}, remote {remote}"


def _end(address: int | None, port: int | None) -> str:
    # INVARIANT: these calls are read from blocks, which lack nothing.
    assert address is not None
    assert port is not None
    return format_endpoint(Endpoint(address, port))


def _answer(asked: Asked) -> str:
    if asked.why is not None:
        return f"is not called: {asked.why}: {asked.answer}"
    indicator = "nothing" if asked.indicator is None else f"'{asked.indicator}'"
    return f"answers {indicator}: {asked.answer}{_because(asked)}"


def _because(asked: Asked) -> str:
    if asked.event is None:
        return ", the server is not activated" if asked.program == OUR_PROGRAM else ""
    decision = asked.event.decision
    if decision.reason is Reason.ERROR:
        return f", error: {asked.event.error}"
    if decision.reason is Reason.DEFAULT or decision.rule is None:
        return " by the default rule"
    name = "" if decision.rule.name is None else f' "{decision.rule.name}"'
    return f" by rule {decision.rule.seq}{name}"


def _audit(event: ExitEvent) -> str:
    entry = "U NA allowed" if event.decision.allowed else "U NR rejected"
    return entry if event.enforced else f"{entry}, not enforced"


def _entry(event: SocketEvent) -> str:
    remote = "" if event.remote is None else f", remote {format_endpoint(event.remote)}"
    local = format_endpoint(event.local)
    return f"T SK {event.type}  local {local}{remote}, descriptor {event.descriptor}"
