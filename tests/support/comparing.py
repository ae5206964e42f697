"""One comparison of evaluators, for the property tests and for the proof that they can fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from epm import evaluate
from epm.compile import CompiledServer
from epm.evaluate import Mode, Plan, make_plan
from epm.model import Call, Decision, Outcome
from tests.support import oracle
from tests.support.strategies import Scene, is_invalid

#: Makes something that decides calls of a plan.
MakeEvaluator = Callable[[Plan], Callable[[Call], Decision]]


def compiled(plan: Plan) -> Callable[[Call], Decision]:
    """Return the compiled evaluator of a plan."""
    return CompiledServer(plan).decide


def reference(plan: Plan) -> Callable[[Call], Decision]:
    """Return the core's own reference evaluator of a plan."""
    return lambda call: evaluate.decide(plan, call)


def facts(decision: Decision) -> dict[str, Any]:
    """Return what two evaluators must agree on: verdict, reason, rule, every flag."""
    return {
        "verdict": str(decision.verdict),
        "reason": str(decision.reason),
        "rule": None if decision.rule is None else decision.rule.seq,
        "audit": decision.audit,
        "message": decision.message,
        "capture": decision.capture,
    }


def disagreements(make: MakeEvaluator, scene: Scene) -> list[str]:
    """Return a line for each call, in both modes, that ``make`` decides unlike the contract."""
    found = []
    server = scene.calls[0].server
    for mode in Mode:
        decide = make(make_plan(scene.ruleset, server, mode, scene.resolved))
        for call in scene.calls:
            wanted = oracle.decide(scene.ruleset, call, mode, scene.resolved, is_invalid)
            got = facts(decide(call))
            if got != wanted:
                found.append(f"{mode} {call}: wanted {wanted}, got {got}")
    return found


def matched(decision: Decision) -> list[int]:
    """Return the sequences of the rules that a trace says have matched."""
    assert decision.trace is not None
    return [step.seq for step in decision.trace if step.outcome is Outcome.MATCHED]
