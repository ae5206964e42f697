"""An ARMR policy as the panels show it. Pure: text in, lines out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from epm.armr.attempts import attempt_from_mapping
from epm.armr.engine import SocketEngine, host_names
from epm.armr.events import socket_line
from epm.armr.findings import ArmrError, Finding
from epm.armr.model import (
    Mod,
    OtherRule,
    PathPattern,
    Policy,
    PolicyRule,
    SanitizationRule,
    SocketRule,
)
from epm.armr.overlap import overlap_findings
from epm.armr.policy_reader import read_policy
from epm.conditions import Resolved
from epm.errors import CallError
from epm.fields import MAX_PORT
from epm.syslog5424 import Origin

if TYPE_CHECKING:
    from tui.services import PolicyFinding, PolicyRuleLine, PolicySummary, PolicyVerdict

_NOT_LINKED = "(not applied here: not linked)"
_ANY = "(any)"


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a file came to: its policy, empty where it is refused, and the findings."""

    policy: Policy
    findings: tuple[Finding, ...]
    error: ArmrError | None = None


def reading_of(text: str, name: str) -> Reading:
    """Read the text of a policy file."""
    try:
        read = read_policy(text, name)
    except ArmrError as error:
        return Reading(Policy(), error.findings, error)
    return Reading(read.policy, read.findings)


def summary_of(reading: Reading, name: str, changed: datetime) -> PolicySummary:
    """Return a policy as one line and its mods."""
    from tui.services import PolicyMod, PolicyState, PolicySummary

    mods = tuple(
        PolicyMod(
            mod.name,
            mod.level_text,
            mod.version,
            len(mod.rules),
            sum(not isinstance(rule, OtherRule) for rule in mod.rules),
        )
        for mod in reading.policy.mods
    )
    if reading.error is not None:
        state, error = PolicyState.REFUSED, str(reading.error)
    else:
        state, error = PolicyState.WARNED if reading.findings else PolicyState.VALID, ""
    return PolicySummary(name, state, mods, len(reading.findings), changed, error)


# --------------------------------------------------------------------------------- rules


def rule_lines(policy: Policy) -> list[PolicyRuleLine]:
    """Return every rule of a policy, in the order of the file."""
    rules = ((mod, rule) for mod in policy.mods for rule in mod.rules)
    return [_rule_line(number, mod, rule) for number, (mod, rule) in enumerate(rules, 1)]


def _rule_line(number: int, mod: Mod, rule: PolicyRule) -> PolicyRuleLine:
    from tui.services import PolicyRuleLine

    where = rule.position.line, rule.position.column
    if isinstance(rule, OtherRule):
        return PolicyRuleLine(
            number, mod.name, rule.kind, rule.name, "", _NOT_LINKED, "", "", False, *where
        )
    reaction = rule.reaction
    if isinstance(rule, SocketRule):
        event, endpoint = _socket_event(rule)
        details = tuple(_socket_details(rule))
    else:
        event, endpoint = "request", _paths(rule.paths)
        details = tuple(_sanitization_details(rule))
    message = "(none: no event)" if reaction.message is None else reaction.message
    logged = (
        ("Message", message or "(the default text)"),
        ("Stack trace", "full" if reaction.stacktrace else "(none)"),
    )
    return PolicyRuleLine(
        number,
        mod.name,
        rule.kind,
        rule.name,
        event,
        endpoint,
        str(reaction.action),
        str(reaction.severity),
        True,
        *where,
        (*details, *logged),
    )


def _socket_event(rule: SocketRule) -> tuple[str, str]:
    """Return event and endpoint: ``bind`` says which side each of its endpoints is of."""
    if not any(operation.is_local for operation, _ in rule.endpoints):
        return str(rule.endpoints[0][0]), rule.endpoints[0][1].text
    sides = (f"{str(op).removeprefix('bind-')} {end.text}" for op, end in rule.endpoints)
    return "bind", ", ".join(sides)


def _socket_details(rule: SocketRule) -> Iterator[tuple[str, str]]:
    if rule.api is not None:
        yield "API endpoints", _paths(rule.api)
    if rule.inputs:
        yield "Untrusted input", ", ".join(sorted(rule.inputs))


def _sanitization_details(rule: SanitizationRule) -> Iterator[tuple[str, str]]:
    yield "Undetermined", "safe" if rule.undetermined_safe else "unsafe"
    yield "Log undetermined", "*YES" if rule.log_undetermined else "*NO"
    for label, values in (
        ("Ignored payloads", rule.ignored_payloads),
        ("Ignored attributes", rule.ignored_attributes),
    ):
        if values:
            yield label, ", ".join(sorted(values))


def _paths(patterns: Iterable[PathPattern]) -> str:
    return ", ".join(map(_path, patterns)) or _ANY


def _path(pattern: PathPattern) -> str:
    literal = pattern.literal.replace("*", "\\*")
    return f"{'*' * pattern.before}{literal}{'*' * pattern.behind}"


# ------------------------------------------------------------------------------ findings


def finding_lines(reading: Reading) -> list[PolicyFinding]:
    """Return what was found, and where the vendor's order of rules is doubtful."""
    overlaps = () if reading.error is not None else overlap_findings(reading.policy)
    found = sorted(
        (*reading.findings, *overlaps), key=lambda f: (f.position.line, f.position.column)
    )
    return [_finding_line(number, finding) for number, finding in enumerate(found, 1)]


def _finding_line(number: int, finding: Finding) -> PolicyFinding:
    from tui.services import PolicyFinding

    names = (("mod", finding.mod), ("rule", finding.rule))
    about = ", ".join(f"{what} {name}" for what, name in names if name is not None)
    position = finding.position
    return PolicyFinding(
        number,
        position.line,
        position.column,
        str(finding.code),
        finding.is_error,
        about,
        finding.text,
    )


# ------------------------------------------------------------------------------- an event


def verdict_of(
    policy: Policy, event: Mapping[str, str], resolved: Resolved, origin: Origin, at: datetime
) -> PolicyVerdict:
    """Decide an event as it was typed.

    Args:
        policy: decides.
        event: ``op``, ``address``, ``port``, ``endpoint``, ``taint``.
        resolved: the addresses of the policy's host names.
        origin: who would log it.
        at: when; it has an offset.

    Raises:
        AttemptRefusedError: a part of it is not what it must be.
    """
    from tui.services import AttemptRefusedError, PolicyVerdict

    try:
        attempt = attempt_from_mapping(_attempt_fields(event))
    except CallError as error:
        field = str(error).replace(":", " ").partition(" ")[0]
        raise AttemptRefusedError(str(error), field) from None
    decision = SocketEngine(policy, resolved).decide(attempt)
    candidate = decision.candidate
    unresolved = tuple(name for name in host_names(policy) if name not in resolved)
    return PolicyVerdict(
        "none" if decision.action is None else str(decision.action),
        decision.blocked,
        "" if candidate is None else candidate.rule.name,
        "" if candidate is None else candidate.mod.name,
        socket_line(decision, origin, at) or "",
        unresolved,
    )


def _attempt_fields(event: Mapping[str, str]) -> dict[str, object]:
    port = event.get("port", "")
    plain = port.isascii() and port.isdigit() and len(port) <= len(str(MAX_PORT))
    return {
        "op": event.get("op", ""),
        "address": event.get("address", ""),
        "port": int(port) if plain else port,
        "endpoint": event.get("endpoint") or None,
        "taint": event.get("taint", "").replace(",", " ").split(),
    }
