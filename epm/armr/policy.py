"""A policy put in force, put anew, taken out of force: what changes, and the events of it.

Pure: whoever holds the policy in force swaps one reference for the other. A file that is not
good changes nothing but leaves its events.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from epm.armr.events import EventName, PolicyEvent
from epm.armr.findings import ArmrError, Code, Finding
from epm.armr.model import Mod, OtherRule, Policy, PolicyRule, Severity
from epm.armr.policy_reader import read_policy

_DUPLICATE = "duplicate app name detected in rules file. Offending app name: "
_SYNTAX = "the rules file is not valid"


@dataclass(frozen=True, slots=True)
class Transition:
    """From one policy to the next.

    Attributes:
        policy: in force from now on; the previous one where the file was refused.
        events: what is to be logged, in order.
        findings: of the file, errors too.
        error: why the file was refused; ``None`` where it was taken.
    """

    policy: Policy
    events: tuple[PolicyEvent, ...]
    findings: tuple[Finding, ...] = ()
    error: ArmrError | None = None


def load(previous: Policy | None, text: str, source: str) -> Transition:
    """Return what loading a file's text comes to.

    Args:
        previous: the policy in force; ``None`` before the first.
        text: the whole file.
        source: its name, for error lines.
    """
    try:
        read = read_policy(text, source)
    except ArmrError as error:
        kept = previous or Policy()
        return Transition(kept, tuple(_errors(error, source)), error.findings, error)
    events = tuple(_changes(previous, read.policy))
    return Transition(read.policy, events, read.findings)


def unload(previous: Policy) -> Transition:
    """Return what taking a policy out of force comes to: no rule applies any more."""
    return Transition(Policy(), tuple(_gone(previous, Policy())))


def _changes(previous: Policy | None, policy: Policy) -> Iterator[PolicyEvent]:
    if previous is not None:
        text = f"mods: {len(policy.mods)}"
        yield PolicyEvent(EventName.RELOAD, Severity.LOW, text)
        yield from _gone(previous, policy)
    known = set(_rules(previous or Policy()))
    for mod, rule in _rules(policy):
        if (mod, rule) not in known:
            yield from _come(mod, rule)


def _gone(previous: Policy, policy: Policy) -> Iterator[PolicyEvent]:
    """Yield the events of rules that are no more, or not as they were."""
    staying = set(_rules(policy))
    for mod, rule in _rules(previous):
        if (mod, rule) in staying:
            continue
        if not isinstance(rule, OtherRule):
            yield _of_rule(EventName.UNLINK, mod, rule)
        yield _of_rule(EventName.UNLOAD, mod, rule)


def _come(mod: Mod, rule: PolicyRule) -> Iterator[PolicyEvent]:
    if isinstance(rule, OtherRule):
        text = f"rule kind {rule.kind} is not applied here: loaded, not linked"
        yield _of_rule(EventName.LOAD, mod, rule, Severity.MEDIUM, text)
        return
    yield _of_rule(EventName.LOAD, mod, rule)
    yield _of_rule(EventName.LINK, mod, rule)


def _of_rule(
    name: EventName, mod: Mod, rule: PolicyRule, severity: Severity = Severity.LOW, text: str = ""
) -> PolicyEvent:
    return PolicyEvent(name, severity, text, "", mod, rule.name, rule.kind)


def _rules(policy: Policy) -> Iterator[tuple[Mod, PolicyRule]]:
    """Yield each rule with its mod's head: the other rules of a mod do not change a rule."""
    for mod in policy.mods:
        head = Mod(mod.name, mod.level, mod.version, ())
        for rule in mod.rules:
            yield head, rule


def _errors(error: ArmrError, source: str) -> Iterator[PolicyEvent]:
    """Yield one event for each mod that is wrong, and for what belongs to none."""
    told: set[str | None] = set()
    findings: Sequence[Finding] = [f for f in error.findings if f.is_error]
    for finding in findings:
        if finding.mod in told:
            continue
        told.add(finding.mod)
        text = _SYNTAX
        if finding.code is Code.NAMES and finding.rule is None:
            text = f'{_DUPLICATE}"{finding.mod}"'
        yield PolicyEvent(EventName.SYNTAX_ERROR, Severity.VERY_HIGH, text, finding.line(source))
