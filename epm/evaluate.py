"""The evaluation of the contract, section 3, written to be read beside it.

This is the reference: :mod:`epm.compile` must give the same decision for every call, which
``tests/core/test_agreement.py`` holds it to, and the trace of a compiled decision is made here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from epm.condition_parser import parse_test
from epm.conditions import Resolved, Test
from epm.errors import ConditionError
from epm.model import (
    Call,
    Condition,
    ConditionTrace,
    Config,
    Connector,
    Decision,
    FailMode,
    Flag,
    NotEnforced,
    Outcome,
    Reason,
    Rule,
    RuleName,
    RuleSet,
    RuleTrace,
    Server,
    Verdict,
)


class Mode(StrEnum):
    """Which flag says that a rule is enforced."""

    LIVE = "live"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class PlannedRule:
    """A rule made ready: its tests, its alternatives, and what it answers when it decides.

    Attributes:
        tests: one for each condition in order; ``None`` where the condition is invalid.
        terms: the rule holds when every test of any one term holds (AND binds tighter).
        why: why the rule is not enforced, or ``None`` when it is.
        problems: what is wrong with its conditions, one line each.
    """

    rule: Rule
    tests: tuple[Test | None, ...]
    terms: tuple[tuple[Test, ...], ...]
    why: NotEnforced | None
    problems: tuple[str, ...]
    decision: Decision

    def holds(self, call: Call) -> bool:
        """Whether the rule's conditions hold; those of the default rule always do."""
        if self.rule.is_default:
            return True
        return any(all(test.holds(call) for test in term) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Plan:
    """One server's rules made ready for one mode, in ascending sequence."""

    server: Server
    rules: tuple[PlannedRule, ...]
    activated: bool
    mode: Mode

    @property
    def evaluates(self) -> bool:
        """Whether rules are tried at all: the test facility ignores activation."""
        return self.activated or self.mode is Mode.TEST


def make_plan(
    ruleset: RuleSet, server: Server, mode: Mode, resolved: Resolved | None = None
) -> Plan:
    """Return the plan of one server. Invalid conditions make their rule not enforced."""
    rules = ruleset.servers[server]
    planned = tuple(
        _plan_rule(rule, ruleset, server, mode, resolved)
        for rule in sorted(rules.rules, key=lambda r: r.seq)
    )
    return Plan(server, planned, rules.activated, mode)


def _plan_rule(
    rule: Rule, ruleset: RuleSet, server: Server, mode: Mode, resolved: Resolved | None
) -> PlannedRule:
    tests: list[Test | None] = []
    problems: list[str] = []
    conditions = () if rule.is_default else sorted(rule.conditions, key=lambda c: c.seq)
    for condition in conditions:
        try:
            tests.append(parse_test(condition, server, ruleset.groups, resolved))
        except ConditionError as error:
            tests.append(None)
            problems.append(f"condition {condition.seq}: {error}")
    why = _why_not_enforced(rule, mode, invalid=bool(problems))
    default = ruleset.servers[server].default
    return PlannedRule(
        rule=rule,
        tests=tuple(tests),
        terms=_terms(conditions, tests),
        why=why,
        problems=tuple(problems),
        decision=_decision_of(rule, default, ruleset.config, server),
    )


def _why_not_enforced(rule: Rule, mode: Mode, *, invalid: bool) -> NotEnforced | None:
    if rule.is_default:
        return None
    if mode is Mode.LIVE and not rule.active:
        return NotEnforced.INACTIVE
    if mode is Mode.TEST and not rule.test:
        return NotEnforced.NOT_TEST
    if not rule.conditions:
        return NotEnforced.NO_CONDITIONS
    return NotEnforced.INVALID if invalid else None


def _terms(
    conditions: Iterable[Condition], tests: list[Test | None]
) -> tuple[tuple[Test, ...], ...]:
    """Split at each OR; the first condition's connector is ignored."""
    terms: list[list[Test]] = []
    for condition, test in zip(conditions, tests, strict=True):
        if test is None:
            return ()
        if not terms or condition.connector is Connector.OR:
            terms.append([])
        terms[-1].append(test)
    return tuple(tuple(t) for t in terms)


def _decision_of(rule: Rule, default: Rule, config: Config, server: Server) -> Decision:
    """Resolve ``*``: from the default rule, then (flags only) from the configuration."""

    def flag(own: Flag, inherited: Flag, shipped: bool) -> bool:
        for value in (own, inherited):
            if value is not Flag.INHERIT:
                return value is Flag.YES
        return shipped

    authority = default.authority if rule.authority is Flag.INHERIT else rule.authority
    return Decision(
        server=server,
        # INVARIANT: only an explicit Y allows; a default rule without one rejects.
        verdict=Verdict.ALLOW if authority is Flag.YES else Verdict.REJECT,
        reason=Reason.DEFAULT if rule.is_default else Reason.RULE,
        rule=RuleName(rule.seq, rule.name),
        audit=flag(rule.audit, default.audit, config.audit),
        message=flag(rule.message, default.message, config.message),
        capture=flag(rule.capture, default.capture, config.capture),
    )


def not_activated(server: Server) -> Decision:
    """Return the decision for a server that is not activated: allowed, nothing recorded."""
    return Decision(
        server, Verdict.ALLOW, Reason.NOT_ACTIVATED, None, audit=False, message=False, capture=False
    )


def failed(server: Server, fail: FailMode) -> Decision:
    """Return the decision for an error inside the decision path; it is always journaled."""
    verdict = Verdict.ALLOW if fail is FailMode.OPEN else Verdict.REJECT
    return Decision(server, verdict, Reason.ERROR, None, audit=True, message=False, capture=False)


def decide(plan: Plan, call: Call) -> Decision:
    """Decide one call by trying the rules in ascending sequence."""
    if not plan.evaluates:
        return not_activated(plan.server)
    return _deciding(plan, call).decision


def _deciding(plan: Plan, call: Call) -> PlannedRule:
    for planned in plan.rules:
        if planned.why is None and planned.holds(call):
            return planned
    raise AssertionError("the default rule always holds")


def with_trace(plan: Plan, call: Call, decision: Decision) -> Decision:
    """Return ``decision`` with the trace of ``call``: every rule, every condition.

    Raises:
        RuntimeError: the walk comes to another rule than the decision names.
    """
    if not plan.evaluates:
        return replace(decision, trace=())
    deciding = _deciding(plan, call)
    if deciding.decision != replace(decision, trace=None):
        raise RuntimeError(f"two evaluations disagree: {decision} and {deciding.decision}")
    return replace(decision, trace=tuple(_traces(plan, call, deciding)))


def _traces(plan: Plan, call: Call, deciding: PlannedRule) -> Iterable[RuleTrace]:
    reached = True
    for planned in plan.rules:
        if planned.why is not None:
            outcome = Outcome.NOT_ENFORCED
        elif not reached:
            outcome = Outcome.NOT_REACHED
        else:
            outcome = Outcome.MATCHED if planned is deciding else Outcome.NOT_MATCHED
        reached = reached and planned is not deciding
        yield RuleTrace(planned.rule.seq, outcome, planned.why, _results(planned, call))


def _results(planned: PlannedRule, call: Call) -> tuple[ConditionTrace, ...]:
    if planned.rule.is_default:
        return ()
    conditions = sorted(planned.rule.conditions, key=lambda c: c.seq)
    return tuple(
        ConditionTrace(condition.seq, test is not None and test.holds(call))
        for condition, test in zip(conditions, planned.tests, strict=True)
    )
