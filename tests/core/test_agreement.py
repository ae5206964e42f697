"""Every evaluator decides every call alike: compiled, reference, and one written apart.

The last test of this file shows that the comparison can fail: evaluators that are wrong in
ways that were made before are each caught by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from epm import evaluate
from epm.compile import CompiledServer
from epm.conditions import Test as Question
from epm.conditions import field_value
from epm.evaluate import Mode, Plan, PlannedRule, make_plan, with_trace
from epm.model import Call, Decision, Field, Reason
from tests.support.comparing import MakeEvaluator, compiled, disagreements, matched, reference
from tests.support.strategies import Scene, field_scenes, scenes

usual = settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
many = settings(usual, max_examples=5_000)
hunt = settings(usual, max_examples=3_000, phases=[Phase.generate], database=None, derandomize=True)


@settings(usual, max_examples=150)
@given(scenes())
def test_both_agree_with_the_contract_on_every_call_and_flag(scene: Scene) -> None:
    assert disagreements(compiled, scene) == []
    assert disagreements(reference, scene) == []


@pytest.mark.parametrize("field", list(Field))
def test_both_agree_with_the_contract_on_every_operator_of_a_field(field: Field) -> None:
    @settings(usual, max_examples=60)
    @given(field_scenes(field))
    def agree(scene: Scene) -> None:
        assert disagreements(compiled, scene) == []
        assert disagreements(reference, scene) == []

    agree()


@pytest.mark.heavy
@many
@given(scenes(max_rules=10, max_calls=20))
def test_all_agree_on_many_more(scene: Scene) -> None:
    assert disagreements(compiled, scene) == []
    assert disagreements(reference, scene) == []


@usual
@given(scenes())
def test_the_matched_rule_of_the_trace_is_the_deciding_rule(scene: Scene) -> None:
    for mode in Mode:
        plan = make_plan(scene.ruleset, scene.calls[0].server, mode, scene.resolved)
        server = CompiledServer(plan)
        for call in scene.calls:
            decision = with_trace(plan, call, server.decide(call))
            assert replace(decision, trace=None) == server.decide(call)
            if decision.reason is Reason.NOT_ACTIVATED:
                assert decision.trace == ()
            else:
                assert decision.rule is not None
                assert matched(decision) == [decision.rule.seq]


# ----------------------------------------------------------------- the comparison can fail


def _walk(
    plan: Plan, holds: Callable[[PlannedRule, Call], bool], *, last: bool = False
) -> Callable[[Call], Decision]:
    def decide(call: Call) -> Decision:
        if not plan.evaluates:
            return evaluate.not_activated(plan.server)
        rules = plan.rules[-2::-1] if last else plan.rules[:-1]
        for planned in rules:
            if planned.why is None and holds(planned, call):
                return planned.decision
        return plan.rules[-1].decision

    return decide


def _or_binds_tighter(plan: Plan) -> Callable[[Call], Decision]:
    def holds(planned: PlannedRule, call: Call) -> bool:
        factors: list[bool] = []
        conditions = sorted(planned.rule.conditions, key=lambda c: c.seq)
        for condition, test in zip(conditions, planned.tests, strict=True):
            result = test is not None and test.holds(call)
            if factors and condition.connector == "OR":
                factors[-1] = factors[-1] or result
            else:
                factors.append(result)
        return all(factors)

    return _walk(plan, holds)


def _by_test(plan: Plan, wrong: Callable[[Question, Call], bool]) -> Callable[[Call], Decision]:
    return _walk(plan, lambda p, call: any(all(wrong(t, call) for t in term) for term in p.terms))


def _missing_field_satisfies_a_negation(plan: Plan) -> Callable[[Call], Decision]:
    def wrong(test: Question, call: Call) -> bool:
        missing = field_value(test.field, call) is None
        return test.negated if missing else test.holds(call)

    return _by_test(plan, wrong)


def _unresolved_host_satisfies_a_negation(plan: Plan) -> Callable[[Call], Decision]:
    return _by_test(plan, lambda test, call: replace(test, resolved=True).holds(call))


def _last_match_wins(plan: Plan) -> Callable[[Call], Decision]:
    return _walk(plan, lambda planned, call: planned.holds(call), last=True)


def _audit_is_never_inherited(plan: Plan) -> Callable[[Call], Decision]:
    def decide(call: Call) -> Decision:
        decision = evaluate.decide(plan, call)
        own = next((p.rule for p in plan.rules if matches(p, decision)), None)
        return decision if own is None else replace(decision, audit=own.audit == "Y")

    def matches(planned: PlannedRule, decision: Decision) -> bool:
        return decision.rule is not None and planned.rule.seq == decision.rule.seq

    return decide


@pytest.mark.parametrize(
    ("wrong", "only"),
    [
        (_or_binds_tighter, ()),
        (_missing_field_satisfies_a_negation, ()),
        (_unresolved_host_satisfies_a_negation, ("LCLADDR",)),
        (_last_match_wins, ()),
        (_audit_is_never_inherited, ()),
    ],
)
def test_a_wrong_evaluator_is_caught(wrong: MakeEvaluator, only: tuple[str, ...]) -> None:
    caught = find(scenes(only=only), lambda scene: disagreements(wrong, scene) != [], settings=hunt)
    assert disagreements(compiled, caught) == []
