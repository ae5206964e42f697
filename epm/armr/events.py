"""What an ARMR policy leaves in the log: events, and the line of each in the vendor's form.

``<PRI>1 TIME HOST APP PROCID - - CEF:0|ARMR:mod|mod|level|rule|Execute Rule|severity|extension``
(Waratek documentation: ARMR log samples). Where the samples leave something open, the choice is
marked as an assumption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from epm.addresses import format_address
from epm.armr.engine import SocketDecision
from epm.armr.model import Action, Mod, Operation, Severity
from epm.cef import CefHeader, cef_date, cef_line
from epm.syslog5424 import USER_FACILITY, Origin, message, priority

#: Severity of the syslog line. The samples have High 2, Unknown 5 and Low 6; those of Medium
#: and Very-High are an assumption.
_SYSLOG = {
    Severity.VERY_HIGH: 1,
    Severity.HIGH: 2,
    Severity.MEDIUM: 4,
    Severity.UNKNOWN: 5,
    Severity.LOW: 6,
}
#: What ``message: ""`` says. The vendor's own texts are not documented: an assumption.
_DEFAULT_TEXTS = {
    Action.ALLOW: "A socket operation has been allowed",
    Action.PROTECT: "A socket operation has been blocked",
    Action.DETECT: "A socket operation has been detected",
}
_ENGINE_LEVEL = "2.12"
STACKTRACE_SIZE = 16384

Pair = tuple[str, str | int]


class EventName(StrEnum):
    """What the Name field of a line may be."""

    EXECUTE = "Execute Rule"
    LOAD = "Load Rule"
    LINK = "Link Rule"
    UNLOAD = "Unload Rule"
    UNLINK = "Unlink Rule"
    RELOAD = "Reload Rules"
    SYNTAX_ERROR = "Syntax Error"


@dataclass(frozen=True, slots=True)
class PolicyEvent:
    """Something that befell a policy, or one rule of it.

    Attributes:
        mod: whose rule; ``None`` for an event of the engine itself.
        rule, kind: of the rule; ``None`` with ``mod``.
        text: what is said; empty where the name says it all.
        reason: why, for errors.
    """

    name: EventName
    severity: Severity
    text: str = ""
    reason: str = ""
    mod: Mod | None = None
    rule: str | None = None
    kind: str | None = None


def log_line(
    header: CefHeader, extension: Iterable[Pair], severity: Severity, origin: Origin, at: datetime
) -> str:
    """Return a syslog line with its CEF event, without line end.

    Args:
        header: of the event.
        extension: what follows ``rt``, ``dvchost`` and ``procid``, in order.
        severity: gives PRI.
        origin: who writes; host and process are part of the event too.
        at: when; it has an offset.

    Raises:
        ValueError: ``at`` has no offset of whole minutes.
    """
    head: list[Pair] = [
        ("rt", cef_date(at)),
        ("dvchost", origin.host),
        ("procid", origin.process),
    ]
    return syslog_line(cef_line(header, [*head, *extension]), severity, origin, at)


LineForm = Callable[[CefHeader, Iterable[Pair], Severity, Origin, datetime], str]
"""What makes a line of an event, as :func:`log_line` does."""


def syslog_line(text: str, severity: Severity, origin: Origin, at: datetime) -> str:
    """Return an event's text behind its syslog header.

    Raises:
        ValueError: ``at`` has no offset of whole minutes.
    """
    return message(priority(USER_FACILITY, _SYSLOG[severity]), at, origin, text)


def rule_header(mod: Mod, rule: str, name: EventName, severity: Severity) -> CefHeader:
    """Return the header of an event of a rule."""
    return CefHeader(f"ARMR:{mod.name}", mod.name, mod.level_text, rule, name, severity)


# --------------------------------------------------------------------------- socket events


def socket_line(
    decision: SocketDecision,
    origin: Origin,
    at: datetime,
    *,
    enforced: bool = True,
    form: LineForm = log_line,
) -> str | None:
    """Return the line of a socket decision; ``None`` where it leaves none.

    Args:
        decision: what was decided.
        origin: who writes.
        at: when it was decided.
        enforced: false where a block was only said, which is logged as what it did: detect.
        form: of the line; CEF by default.

    Raises:
        ValueError: ``at`` has no offset of whole minutes.
    """
    candidate = decision.candidate
    if candidate is None or not candidate.rule.reaction.is_logged:
        return None
    severity = candidate.rule.reaction.severity
    header = rule_header(candidate.mod, candidate.rule.name, EventName.EXECUTE, severity)
    return form(header, _socket_pairs(decision, enforced), severity, origin, at)


def _socket_pairs(decision: SocketDecision, enforced: bool) -> Iterator[Pair]:
    candidate, attempt = decision.candidate, decision.attempt
    assert candidate is not None
    reaction = candidate.rule.reaction
    action = reaction.action if enforced or not decision.blocked else Action.DETECT
    yield "appVersion", candidate.mod.version
    yield "ruleType", candidate.rule.kind
    yield "securityFeature", attempt.operation.feature
    yield "act", action
    yield "msg", reaction.message or _DEFAULT_TEXTS[action]
    if reaction.stacktrace and attempt.stacktrace:
        yield "stacktrace", attempt.stacktrace[:STACKTRACE_SIZE]
    # INVARIANT: last is a number, where a reader of CEF can lose no blank at the end.
    yield from _end_pairs(attempt.operation, format_address(attempt.address), attempt.port)


def _end_pairs(operation: Operation, address: str, port: int) -> Iterator[Pair]:
    side = "local" if operation.is_local else "remote"
    yield f"{side}IpAddress", address
    yield f"{side}Port", port


# --------------------------------------------------------------------------- policy events


def policy_line(
    event: PolicyEvent, origin: Origin, at: datetime, *, form: LineForm = log_line
) -> str:
    """Return the line of a policy event.

    Args:
        event: what befell the policy.
        origin: who writes.
        at: when.
        form: of the line; CEF by default.

    Raises:
        ValueError: ``at`` has no offset of whole minutes.
    """
    if event.mod is not None and event.rule is not None:
        header = rule_header(event.mod, event.rule, event.name, event.severity)
    else:
        header = CefHeader("ARMR:ARMR", "ARMR", _ENGINE_LEVEL, "Engine", event.name, event.severity)
    return form(header, _policy_pairs(event), event.severity, origin, at)


def _policy_pairs(event: PolicyEvent) -> Iterator[Pair]:
    if event.mod is not None:
        yield "appVersion", event.mod.version
    if event.text:
        yield "msg", event.text
    if event.reason:
        yield "reason", event.reason
    if event.kind is not None:  # last: a plain word
        yield "ruleType", event.kind
