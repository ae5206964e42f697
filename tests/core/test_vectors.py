"""The contract as data: rule files, calls, and the decision of each, in both modes."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from epm import evaluate
from epm.calls import call_from_mapping, decision_to_mapping
from epm.engine import Engine
from epm.evaluate import Mode
from epm.model import Call
from epm.rulefile.dump import dump_rules
from epm.rulefile.load import RuleFile, load_rules

VECTORS = Path(__file__).parent.parent / "data" / "vectors"
NUMBERS = sorted(path.stem for path in VECTORS.glob("rules-*.yaml"))
FLAGS = ("audit", "message", "capture")


def test_the_vectors_are_there() -> None:
    assert NUMBERS == ["rules-1", "rules-2", "rules-3"]


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(x) for x in (VECTORS / name).read_text("utf-8").splitlines()]


def _rules(number: str) -> RuleFile:
    name = f"{number}.yaml"
    return load_rules((VECTORS / name).read_text("utf-8"), name)


def _localize(at: datetime) -> datetime:
    raise AssertionError(f"no call of the vectors has an offset, but here is {at}")


def _calls(number: str) -> list[Call]:
    now = datetime(1999, 1, 1)
    return [
        call_from_mapping(x, now=now, localize=_localize) for x in _lines(f"{number}.calls.jsonl")
    ]


def _comparable(decision: dict[str, Any]) -> dict[str, Any]:
    """Drop the flags of a decision that was not made: the vectors leave them out."""
    if decision["reason"] == "not-activated":
        return {k: v for k, v in decision.items() if k not in FLAGS}
    return decision


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("number", NUMBERS)
def test_both_evaluators_give_every_expected_decision(number: str, mode: Mode) -> None:
    engine = Engine(_rules(number).ruleset, mode)
    expected = [_comparable(x) for x in _lines(f"{number}.{mode}.jsonl")]
    calls = _calls(number)
    assert len(calls) == len(expected) > 0
    for line, (one, wanted) in enumerate(zip(calls, expected, strict=True), start=1):
        where = f"{number} {mode} line {line}"
        compiled = _comparable(decision_to_mapping(engine.decide(one)))
        plan = engine.servers[one.server].plan
        reference = _comparable(decision_to_mapping(evaluate.decide(plan, one)))
        assert compiled == wanted, where
        assert reference == wanted, where


@pytest.mark.parametrize("number", NUMBERS)
def test_export_import_export_gives_the_same_bytes(number: str) -> None:
    first = _rules(number)
    exported = dump_rules(first.ruleset, first.tests)
    again = load_rules(exported, "export")
    assert again.ruleset == first.ruleset
    assert dump_rules(again.ruleset, again.tests).encode() == exported.encode()
