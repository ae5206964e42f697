"""The evaluation of the contract, section 3, sentence by sentence, by both evaluators."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from epm.evaluate import Mode
from epm.model import (
    Call,
    Condition,
    Config,
    Connector,
    Decision,
    Field,
    Flag,
    NotEnforced,
    Operator,
    Outcome,
    Reason,
    Rule,
    RuleName,
    RuleTrace,
    Server,
    ServerRules,
    Verdict,
    shipped_default,
)
from tests.support.builders import (
    call,
    condition,
    decide,
    deciding,
    default_rule,
    holds,
    rule,
    rule_set,
)

TRUE, FALSE = "USER EQ ALICE", "USER EQ BOB"
ALICE = call(user="ALICE")


# ------------------------------------------------------------------------- AND, OR, sequences


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("F AND T OR T", True),
        ("T OR T AND F", True),
        ("T AND F OR F", False),
        ("F OR T AND F", False),
        ("F OR T AND T", True),
        ("T AND T OR F", True),
        ("F AND F OR T AND T", True),
        ("F AND T OR T AND F", False),
        ("T OR F AND F OR F", True),
        ("F OR F OR T", True),
        ("T AND T AND F", False),
        ("F OR F", False),
        ("T", True),
        ("F", False),
    ],
)
def test_and_binds_tighter_than_or(formula: str, expected: bool) -> None:
    first, *rest = formula.split()
    words = {"T": TRUE, "F": FALSE}
    pairs = zip(rest[::2], rest[1::2], strict=True)
    conditions = [words[first], *(f"{connector} {words[x]}" for connector, x in pairs)]
    assert holds(*conditions, user="ALICE") is expected


@pytest.mark.parametrize("connector", ["AND", "OR"])
def test_the_first_conditions_connector_is_ignored(connector: str) -> None:
    assert holds(f"{connector} {TRUE}", f"AND {TRUE}", user="ALICE")
    assert not holds(f"{connector} {FALSE}", f"AND {TRUE}", user="ALICE")
    assert not holds(f"{connector} {TRUE}", f"AND {FALSE}", user="ALICE")


def test_conditions_combine_in_condition_sequence_order_however_they_are_stored() -> None:
    # In sequence: F (first), AND T, OR T. In other orders the formula would be another.
    made = (condition(FALSE, 1), condition(f"AND {TRUE}", 2), condition(f"OR {TRUE}", 3))
    wrong = (condition(TRUE, 1), condition(f"OR {TRUE}", 2), condition(f"AND {FALSE}", 3))
    for stored in permutations(made):
        own = replace(rule(10), conditions=stored)
        assert deciding(rule_set(own), ALICE) == 10
    for stored in permutations(wrong):
        own = replace(rule(10), conditions=stored)
        decision = decide(rule_set(own), ALICE)
        assert decision.rule == RuleName(10, None)  # T OR (T AND F)
        assert [c.seq for c in _step(decision, 10).conditions] == [1, 2, 3]


def _step(decision: Decision, seq: int) -> RuleTrace:
    assert decision.trace is not None
    return next(step for step in decision.trace if step.seq == seq)


def test_two_conditions_on_one_field_must_both_hold() -> None:
    both = ("LCLPORT GE 20", "AND LCLPORT LE 22", "AND LCLPORT NE 21")
    assert [p for p in range(18, 25) if holds(*both, lclport=p)] == [20, 22]
    names = ("USER LIKE A*", "AND USER NE ALICE", "AND USER NLIKE *X")
    assert [n for n in ("ALICE", "ANNA", "AX", "BOB") if holds(*names, user=n)] == ["ANNA"]


# ------------------------------------------------------------------------------- order of rules


def test_rules_are_tried_in_ascending_sequence_and_the_first_that_holds_decides() -> None:
    stored = (rule(30, TRUE), rule(10, FALSE), rule(20, TRUE, authority="Y"))
    decision = decide(rule_set(*stored), ALICE)
    assert (decision.rule, decision.verdict) == (RuleName(20, None), Verdict.ALLOW)
    assert [s.outcome for s in decision.trace or ()] == [
        Outcome.NOT_MATCHED,
        Outcome.MATCHED,
        Outcome.NOT_REACHED,
        Outcome.NOT_REACHED,
    ]


def test_the_default_rule_decides_where_no_other_does() -> None:
    decision = decide(rule_set(rule(10, FALSE), default=default_rule("N", name="Last")), ALICE)
    assert decision.reason is Reason.DEFAULT
    assert decision.verdict is Verdict.REJECT
    assert decision.rule == RuleName(99999, "Last")


def test_the_default_rule_decides_a_call_without_any_field() -> None:
    assert deciding(rule_set(), Call(Server.ACCEPT)) == 99999


def test_servers_do_not_mix() -> None:
    ruleset = rule_set(rule(10, TRUE), server=Server.CONNECT)
    assert deciding(ruleset, call(Server.CONNECT, user="ALICE")) == 10
    assert deciding(ruleset, call(Server.LISTEN, user="ALICE"), Mode.TEST) == 99999


# ------------------------------------------------------------------------ what is enforced


@pytest.mark.parametrize(
    ("active", "test", "live_decides", "test_decides"),
    [
        (True, True, 10, 10),
        (True, False, 10, 99999),
        (False, True, 99999, 10),
        (False, False, 99999, 99999),
    ],
)
def test_active_counts_live_and_test_counts_in_the_test_facility(
    active: bool, test: bool, live_decides: int, test_decides: int
) -> None:
    ruleset = rule_set(rule(10, TRUE, active=active, test=test))
    assert deciding(ruleset, ALICE, Mode.LIVE) == live_decides
    assert deciding(ruleset, ALICE, Mode.TEST) == test_decides


BAD = "LCLPORT EQ 65536"


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "conditions",
    [
        (),
        (BAD,),
        (TRUE, f"AND {BAD}"),
        (TRUE, f"OR {BAD}"),
        (BAD, f"OR {TRUE}"),
        (TRUE, "OR BACKLOG EQ 5"),
        (TRUE, "OR USER GRP NOSUCH"),
    ],
)
def test_a_rule_without_conditions_or_with_an_invalid_one_is_never_enforced(
    mode: Mode, conditions: tuple[str, ...]
) -> None:
    decision = decide(rule_set(rule(10, *conditions)), ALICE, mode)
    assert decision.rule == RuleName(99999, None)
    step = _step(decision, 10)
    assert step.outcome is Outcome.NOT_ENFORCED
    assert step.why is (NotEnforced.INVALID if conditions else NotEnforced.NO_CONDITIONS)


@pytest.mark.parametrize(
    ("mode", "flags", "conditions", "why"),
    [
        (Mode.LIVE, {"active": False}, (TRUE,), NotEnforced.INACTIVE),
        (Mode.LIVE, {"active": False, "test": False}, (), NotEnforced.INACTIVE),
        (Mode.LIVE, {"active": False}, (BAD,), NotEnforced.INACTIVE),
        (Mode.LIVE, {"test": False}, (), NotEnforced.NO_CONDITIONS),
        (Mode.TEST, {"test": False}, (TRUE,), NotEnforced.NOT_TEST),
        (Mode.TEST, {"test": False, "active": False}, (), NotEnforced.NOT_TEST),
        (Mode.TEST, {"test": False}, (BAD,), NotEnforced.NOT_TEST),
        (Mode.TEST, {"active": False}, (BAD,), NotEnforced.INVALID),
        (Mode.LIVE, {}, (TRUE,), None),
    ],
)
def test_why_a_rule_is_not_enforced(
    mode: Mode, flags: dict[str, Any], conditions: tuple[str, ...], why: NotEnforced | None
) -> None:
    step = _step(decide(rule_set(rule(10, *conditions, **flags)), ALICE, mode), 10)
    assert step.why is why
    assert (step.outcome is Outcome.NOT_ENFORCED) is (why is not None)


def test_the_default_rule_holds_whatever_is_stored_of_it() -> None:
    never = condition("USER EQ NOBODY")
    odd = replace(default_rule("N"), active=False, test=False, conditions=(never,))
    for mode in Mode:
        decision = decide(rule_set(default=odd), ALICE, mode)
        assert decision.reason is Reason.DEFAULT
        assert _step(decision, 99999).outcome is Outcome.MATCHED


# ------------------------------------------------------------------------------ activation


def test_a_server_that_is_not_activated_allows_without_evaluation() -> None:
    default = default_rule("N", audit="Y", message="Y", capture="Y")
    ruleset = rule_set(rule(10, TRUE), default=default, activated=False)
    decision = decide(ruleset, ALICE, Mode.LIVE)
    assert (decision.verdict, decision.reason) == (Verdict.ALLOW, Reason.NOT_ACTIVATED)
    assert decision.rule is None
    assert (decision.audit, decision.message, decision.capture) == (False, False, False)
    assert decision.trace == ()
    assert not decision.is_logged


def test_the_test_facility_ignores_activation() -> None:
    ruleset = rule_set(rule(10, TRUE), activated=False)
    assert deciding(ruleset, ALICE, Mode.TEST) == 10


# --------------------------------------------------------------------- inherited flags


@pytest.mark.parametrize(
    ("own", "default", "expected"),
    [
        ("Y", "N", Verdict.ALLOW),
        ("N", "Y", Verdict.REJECT),
        ("*", "Y", Verdict.ALLOW),
        ("*", "N", Verdict.REJECT),
        ("*", "*", Verdict.REJECT),  # no sound rule set has it: it must not allow
    ],
)
def test_authority_inherits_from_the_default_rule(
    own: str, default: str, expected: Verdict
) -> None:
    ruleset = rule_set(rule(10, TRUE, authority=own), default=default_rule(default))
    decision = decide(ruleset, ALICE)
    assert (decision.rule, decision.verdict) == (RuleName(10, None), expected)
    assert decision.allowed is (expected is Verdict.ALLOW)


def _configured(flag: str, value: bool) -> Config:
    values: dict[str, Any] = {flag: value}
    return Config(**values)


@pytest.mark.parametrize("flag", ["audit", "message", "capture"])
@pytest.mark.parametrize("own", list("YN*"))
@pytest.mark.parametrize("default", list("YN*"))
@pytest.mark.parametrize("configured", [True, False])
def test_a_flag_inherits_from_the_default_rule_then_from_the_configuration(
    flag: str, own: str, default: str, configured: bool
) -> None:
    expected = {"Y": True, "N": False}.get(own, {"Y": True, "N": False}.get(default, configured))
    ruleset = rule_set(
        rule(10, TRUE, **{flag: own}),
        default=default_rule(**{flag: default}),
        config=_configured(flag, configured),
    )
    decided = decide(ruleset, ALICE)
    by_default = decide(ruleset, call(user="BOB"))
    others = [f for f in ("audit", "message", "capture") if f != flag]
    assert getattr(decided, flag) is expected
    assert getattr(by_default, flag) is {"Y": True, "N": False}.get(default, configured)
    assert not any(getattr(decided, other) for other in others)


@pytest.mark.parametrize(
    ("authority", "audit", "logged"),
    [("N", "N", True), ("N", "Y", True), ("Y", "Y", True), ("Y", "N", False)],
)
def test_audit_n_logs_only_rejections(authority: str, audit: str, logged: bool) -> None:
    ruleset = rule_set(rule(10, TRUE, authority=authority, audit=audit))
    assert decide(ruleset, ALICE).is_logged is logged


def test_as_shipped() -> None:
    default = shipped_default()
    assert (default.seq, default.name, default.authority) == (99999, None, Flag.YES)
    assert {default.audit, default.message, default.capture} == {Flag.INHERIT}
    assert (default.active, default.test, default.conditions) == (True, True, ())
    assert ServerRules() == ServerRules(False, (default,))
    assert [Config().audit, Config().message, Config().capture] == [False] * 3
    new = Rule(10, None, Flag.NO)
    assert (new.audit, new.message, new.capture) == (Flag.INHERIT,) * 3
    assert (new.active, new.test) == (False, True)


# -------------------------------------------------------------------------------- the trace


def test_the_trace_gives_every_rule_and_every_conditions_result() -> None:
    ruleset = rule_set(
        rule(10, TRUE, f"AND {FALSE}"),
        rule(20, TRUE, active=False),
        rule(30, FALSE, f"OR {TRUE}"),
        rule(40, TRUE, f"AND {BAD}"),
        rule(50, FALSE),
    )
    trace = decide(ruleset, ALICE).trace
    assert trace is not None
    assert [(s.seq, str(s.outcome), s.why and str(s.why)) for s in trace] == [
        (10, "not-matched", None),
        (20, "not-enforced", "inactive"),
        (30, "matched", None),
        (40, "not-enforced", "invalid"),
        (50, "not-reached", None),
        (99999, "not-reached", None),
    ]
    results = {s.seq: [(c.seq, c.result) for c in s.conditions] for s in trace}
    assert results[10] == [(10, True), (20, False)]
    assert results[30] == [(10, False), (20, True)]
    assert results[40] == [(10, True), (20, False)]
    assert results[99999] == []


def test_a_condition_keeps_what_was_written() -> None:
    asked = Condition(5, Connector.OR, Field.PGM, Operator.EQ, " /bin/sh ")
    assert condition("OR PGM EQ  /bin/sh ", 5) == asked
