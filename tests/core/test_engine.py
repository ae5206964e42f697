"""The engine: one rule set compiled; errors answered by the fail mode; warnings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from epm.engine import Engine, host_names, warnings
from epm.evaluate import Mode, failed, with_trace
from epm.model import Call, Config, FailMode, Outcome, Reason, Server, Verdict
from tests.support.builders import call, condition, default_rule, groups, rule, rule_set

ALICE = call(user="ALICE")


def _broken(**fields: Any) -> Call:
    """A call that no adapter makes: a value of a type that its field cannot have."""
    return replace(ALICE, **fields)


@pytest.mark.parametrize(
    ("fail", "verdict"), [(FailMode.CLOSED, Verdict.REJECT), (FailMode.OPEN, Verdict.ALLOW)]
)
@pytest.mark.parametrize("trace", [False, True])
def test_an_error_inside_is_answered_by_the_fail_mode_and_is_journaled(
    fail: FailMode, verdict: Verdict, trace: bool
) -> None:
    ruleset = rule_set(rule(10, "USER EQ ALICE", authority="Y"), config=Config(fail=fail))
    engine = Engine(ruleset, Mode.LIVE)
    decision = engine.decide_or_fail(_broken(user=5), trace=trace)
    assert (decision.verdict, decision.reason, decision.rule) == (verdict, Reason.ERROR, None)
    assert decision.is_logged
    assert engine.fail is fail


def test_the_shipped_fail_mode_is_closed() -> None:
    assert Config().fail is FailMode.CLOSED
    assert failed(Server.LISTEN, Config().fail).verdict is Verdict.REJECT


def test_a_sound_call_is_not_answered_by_the_fail_mode() -> None:
    engine = Engine(rule_set(rule(10, "USER EQ ALICE")), Mode.LIVE)
    assert engine.decide_or_fail(ALICE) == engine.decide(ALICE)
    assert engine.decide(ALICE).trace is None
    traced = engine.decide_or_fail(ALICE, trace=True)
    assert replace(traced, trace=None) == engine.decide(ALICE)
    assert [t.outcome for t in traced.trace or ()] == [Outcome.MATCHED, Outcome.NOT_REACHED]


def test_decide_leaves_an_error_to_the_caller() -> None:
    engine = Engine(rule_set(rule(10, "USER EQ ALICE")), Mode.LIVE)
    with pytest.raises(AttributeError):
        engine.decide(_broken(user=5))


def test_a_trace_that_disagrees_with_its_decision_is_an_error() -> None:
    engine = Engine(rule_set(rule(10, "USER EQ ALICE")), Mode.LIVE)
    plan = engine.servers[Server.ACCEPT].plan
    of_another = engine.decide(call(user="BOB"))
    with pytest.raises(RuntimeError, match="disagree"):
        with_trace(plan, ALICE, of_another)


def test_the_activated_servers_and_the_revision_are_told() -> None:
    engine = Engine(rule_set(server=Server.LISTEN), Mode.LIVE, revision=7)
    assert engine.activated == (Server.LISTEN,)
    assert engine.revision == 7


# --------------------------------------------------------------------------------- warnings


def test_rules_that_are_not_enforced_as_they_look_are_warned_of() -> None:
    ruleset = rule_set(
        rule(10),
        rule(20, "LCLPORT EQ 65536", "OR USER GRP NOSUCH"),
        rule(30, "RMTADDR EQ a.example", "OR RMTADDR LIST 10.0.0.1,b.example"),
        rule(40, "USER EQ ALICE", active=False),
    )
    lines = list(warnings(ruleset, {"b.example": frozenset({1})}))
    assert len(lines) == 4
    assert lines[0] == "QSOACCEPT rule 10 has no conditions and is never enforced"
    assert lines[1].startswith("QSOACCEPT rule 20 is never enforced: condition 10: LCLPORT EQ: ")
    assert lines[2].startswith("QSOACCEPT rule 20 is never enforced: condition 20: USER GRP: ")
    assert lines[3].startswith("QSOACCEPT rule 30 condition 10 is false: a host name in ")
    assert "a.example" in lines[3]


def test_a_sound_rule_set_has_no_warnings() -> None:
    ruleset = rule_set(rule(10, "USER EQ ALICE"), default=default_rule("N"))
    assert list(warnings(ruleset)) == []


def test_the_warned_condition_is_named_by_its_own_sequence() -> None:
    stored = (condition("AND RMTADDR EQ a.example", 20), condition("USER EQ ALICE", 10))
    ruleset = rule_set(replace(rule(10), conditions=stored))
    (line,) = warnings(ruleset)
    assert line.startswith("QSOACCEPT rule 10 condition 20 is false")


def test_the_host_names_of_a_rule_set() -> None:
    ruleset = rule_set(
        rule(10, "RMTADDR EQ B.example", "OR RMTADDR LIST a.example, 10.0.0.1"),
        rule(20, "RMTADDR NE b.example", active=False),
        rule(30, "RMTADDR EQ 010.0.0.1", "OR LCLADDR GRP G", "OR USER EQ host.example"),
        groups=groups({"G": (["10.0.0.1"], [])}),
    )
    assert host_names(ruleset) == ("a.example", "b.example")


def test_a_resolution_counts_only_for_the_engine_that_was_given_it() -> None:
    ruleset = rule_set(rule(10, "RMTADDR EQ a.example"))
    one = call(rmtaddr="10.0.0.1")
    before = Engine(ruleset, Mode.LIVE)
    after = Engine(ruleset, Mode.LIVE, resolved={"a.example": frozenset({0x0A000001})})
    assert before.decide(one).reason is Reason.DEFAULT
    assert after.decide(one).reason is Reason.RULE
    assert before.decide(one).reason is Reason.DEFAULT
