"""C decides every call as Python does: the one promise that the whole folder stands on."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks import decide as sample
from epm.calls import call_from_mapping, decision_to_mapping
from epm.engine import Engine
from epm.errors import FormatError
from epm.evaluate import Mode
from epm.events import Job
from epm.model import Call, Decision, Field, Reason, RuleSet
from epm.rulefile.load import load_rules
from exitprograms.formats import block_of
from exitprograms.ile.evaluator import NativeEngine
from exitprograms.ile.image import Target, compile_image
from exitprograms.ile.marshal import decision_of
from exitprograms.ile.native import NativeProgram
from exitprograms.ile.space import space_of
from tests.ile.mixes import mixed_call, mixed_rules
from tests.support.builders import call, default_rule, groups, rule, rule_set
from tests.support.native import EBCDIC, UTF8, disagreements, scene_disagreements
from tests.support.strategies import Scene, field_scenes, scenes

usual = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
VECTORS = Path(__file__).parents[1] / "data" / "vectors"


@settings(usual, max_examples=40)
@given(scenes())
def test_c_and_python_agree_on_every_call_flag_and_mode(scene: Scene) -> None:
    assert scene_disagreements(scene, UTF8) == []


@settings(usual, max_examples=25)
@given(scenes())
def test_they_agree_in_the_characters_of_ibm_i(scene: Scene) -> None:
    assert scene_disagreements(scene, EBCDIC) == []


@pytest.mark.parametrize("field", list(Field))
def test_they_agree_on_every_operator_of_a_field(field: Field) -> None:
    @settings(usual, max_examples=12)
    @given(field_scenes(field))
    def agree(scene: Scene) -> None:
        assert scene_disagreements(scene, EBCDIC) == []

    agree()


@pytest.mark.heavy
@settings(usual, max_examples=3_000)
@given(scenes(max_rules=12, max_calls=20))
def test_they_agree_on_many_more(scene: Scene) -> None:
    assert scene_disagreements(scene, UTF8) == []
    assert scene_disagreements(scene, EBCDIC) == []


# --------------------------------------------------------------------- the contract's vectors


def _lines(name: str) -> list[dict[str, object]]:
    return [json.loads(x) for x in (VECTORS / name).read_text("utf-8").splitlines()]


def _same(at: datetime) -> datetime:
    raise AssertionError(f"no call of the vectors has an offset, but here is {at}")


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("number", ["rules-1", "rules-2", "rules-3"])
def test_c_gives_every_expected_decision(number: str, mode: Mode) -> None:
    text = (VECTORS / f"{number}.yaml").read_text("utf-8")
    native = NativeEngine(load_rules(text, number).ruleset, mode)
    given_calls = _lines(f"{number}.calls.jsonl")
    expected = _lines(f"{number}.{mode}.jsonl")
    assert len(given_calls) == len(expected) > 0
    for raw, wanted in zip(given_calls, expected, strict=True):
        one = call_from_mapping(raw, now=datetime(1999, 1, 1), localize=_same)
        got = decision_to_mapping(native.decide(one))
        assert {k: got[k] for k in wanted} == wanted, raw


# ------------------------------------------------------------------------ boundaries, by block


def _block_disagreements(
    ruleset: RuleSet, calls: Iterable[Call], ccsid: int, mode: Mode = Mode.LIVE
) -> list[str]:
    """Decide calls by their blocks; a line for each that differs."""
    engine = Engine(ruleset, mode)
    image = compile_image(ruleset, mode=mode, target=Target(ccsid))
    program = NativeProgram(space_of(image))
    found, left = [], iter(calls)
    while some := list(islice(left, 1000)):
        requests = [
            program.request(c.server, block_of(c), Job(c.job, c.user, 7, c.pgm, c.groups), c.at)
            for c in some
        ]
        for one, answer in zip(some, program.run_many(requests), strict=True):
            wanted, got = engine.decide(one), decision_of(answer.decision, one.server, {})
            if _facts(got) != _facts(wanted) or bool(answer.allow) != wanted.allowed:
                found.append(f"{mode} {one}: wanted {wanted}")
    return found


def _facts(decision: Decision) -> tuple[object, ...]:
    """Everything of a decision but the rule's name, which is no part of an answer."""
    seq = None if decision.rule is None else decision.rule.seq
    flags = (decision.audit, decision.message, decision.capture)
    return decision.verdict, decision.reason, seq, *flags


def _sample_calls(count: int, seed: int) -> Iterator[Call]:
    randomness = random.Random(seed)
    return (_near(one, randomness) for one in sample.calls(count, randomness))


def _mixed_disagreements(size: int, count: int, seed: int, ccsid: int) -> list[str]:
    """Decide calls of :mod:`tests.ile.mixes`, in the mode that the seed says."""
    chance = random.Random(seed)
    ruleset = mixed_rules(size, chance)
    calls = (mixed_call(chance) for _ in range(count))
    return _block_disagreements(ruleset, calls, ccsid, list(Mode)[seed % 2])


def _near(one: Call, randomness: random.Random) -> Call:
    """Return a call moved to, or beside, a boundary that sample rules have."""
    address = one.rmtaddr or 0
    form = randomness.random()
    if form < 0.3:
        address = (address & ~0xFF) + randomness.choice((0, 255)) + randomness.choice((-1, 0, 1))
    elif form < 0.35:
        address = randomness.choice((0, 2**32 - 1, 2**32, 2**32 + 2**128 - 1))
    at = datetime(2026, 11, 16) + timedelta(
        days=randomness.randrange(7),
        seconds=randomness.choice((21599, 21600, 79199, 79200, 0, 86399)),
    )
    port = (one.lclport or 0) + randomness.choice((-1, 0, 0, 1))
    return Call(
        one.server, one.lcladdr, port, one.bndaddr, one.bndport, max(0, address), one.rmtport, None,
        one.user, one.groups, one.job, one.pgm, at,
    )  # fmt: skip


@pytest.mark.parametrize(("size", "ccsid"), [(20, EBCDIC), (300, EBCDIC), (2000, UTF8)])
def test_ten_thousand_blocks_are_decided_alike(size: int, ccsid: int) -> None:
    ruleset = sample.rule_set(size, random.Random(size))
    assert _block_disagreements(ruleset, _sample_calls(10_000, size), ccsid) == []


@pytest.mark.parametrize("ccsid", [37, 273, 500, 1140, UTF8])
def test_blocks_of_every_server_field_and_form_are_decided_alike(ccsid: int) -> None:
    for seed, size in enumerate((1, 3, 10, 40)):
        assert _mixed_disagreements(size, 500, ccsid * 10 + seed, ccsid) == []


@pytest.mark.heavy
@pytest.mark.parametrize("size", [10, 100, 1000, 10_000])
def test_a_million_blocks_are_decided_alike(size: int) -> None:
    for seed in range(5):
        ruleset = sample.rule_set(size, random.Random(seed * 31 + size))
        calls = _sample_calls(50_000, seed)
        assert _block_disagreements(ruleset, calls, EBCDIC) == []


@pytest.mark.heavy
@pytest.mark.parametrize("ccsid", [37, 273, 500, 1140, UTF8])
def test_a_million_mixed_blocks_are_decided_alike(ccsid: int) -> None:
    for seed in range(100):
        size = (1, 2, 5, 10, 20, 50, 100, 200)[seed % 8]
        assert _mixed_disagreements(size, 2_000, ccsid * 1000 + seed, ccsid) == []


# ------------------------------------------------------------------------- names and upper case


@pytest.mark.parametrize("ccsid", [37, 273, 500, 1140, UTF8])
def test_every_character_of_a_code_page_folds_as_the_engine_folds_it(ccsid: int) -> None:
    codec = "cp037" if ccsid == UTF8 else f"cp{ccsid:03}"
    letters = [c for c in bytes(range(256)).decode(codec) if c.isprintable() and c not in ",*? "]
    letters = [c for c in letters if c.strip()]
    rules = [rule(n, f"USER EQ {c}") for n, c in enumerate(letters, start=1)]
    rules += [rule(1000 + n, f"JOB LIKE *{c}?", f"USER NE {c}") for n, c in enumerate(letters)]
    calls = [call(user=c, job=f"x{c.lower()}{d}") for c in letters for d in "aß"]
    calls += [call(user=c.lower(), job=f"{c}ÿ") for c in letters]
    ruleset = rule_set(*rules)
    python, native = Engine(ruleset, Mode.LIVE), NativeEngine(ruleset, Mode.LIVE, ccsid=ccsid)
    assert native.decide_many(calls) == [python.decide(c) for c in calls]


def test_a_name_that_the_code_page_lacks_equals_no_other() -> None:
    ruleset = rule_set(
        rule(10, "USER LIST Ÿ,ПЕТР"), rule(20, "USER LIKE П*"), rule(30, "USER NE П")
    )
    native = NativeEngine(ruleset, Mode.LIVE, ccsid=EBCDIC)
    decided = [native.decide(call(user=u)).rule for u in ("ÿ", "Y", "?", "")]
    assert [r.seq for r in decided if r] == [10, 30, 30, 30]


def test_a_path_is_compared_exactly_whatever_its_length() -> None:
    ruleset = rule_set(rule(10, "PGM LIKE /usr/*d", "PGM NE /usr/bind"))
    paths = ("/usr/sbin/sshd", "/USR/x/d", "/usr/bind", "/usr/" + "x" * 4000 + "d", "/usr/\udcffd")
    assert disagreements(ruleset, tuple(call(pgm=p) for p in paths), {}) == []


@pytest.mark.parametrize("text", ["é", "éx", "xéx", "éé", "a\U0001f600", "", "x"])
def test_a_question_mark_is_one_character_not_one_byte(text: str) -> None:
    ruleset = rule_set(
        rule(10, "PGM LIKE *??", "PGM NLIKE ??"), rule(20, "PGM LIKE ?"), rule(30, "PGM LIKE *??")
    )
    assert disagreements(ruleset, (call(pgm=text),), {}) == []


def test_a_name_too_long_to_fold_is_an_error_not_an_answer() -> None:
    native = NativeEngine(rule_set(rule(10, "USER EQ A")), Mode.LIVE, ccsid=EBCDIC)
    with pytest.raises(FormatError, match="limit"):
        native.decide(call(user="a" * 769))
    assert native.decide(call(user="a" * 768)).reason is Reason.DEFAULT


# ------------------------------------------------------------------------------ many of each


def test_a_set_of_hundreds_of_groups_is_tried_whole() -> None:
    ruleset = rule_set(
        rule(10, "GRPPRF EQ LAST"), rule(20, "GRPPRF LIKE *X*Y", "GRPPRF NE G1"),
        rule(30, "GRPPRF NGRP TEAM"), groups=groups(names={"TEAM": ["G1*", "H"]}),
    )  # fmt: skip
    many = [f"G{n}" for n in range(600)]
    sets = (many, [*many, "last"], ["aXbY"], ["aXbY", "g1"], [], ["H"], None)
    assert disagreements(ruleset, tuple(call(groups=g) for g in sets), {}) == []


def test_a_large_group_that_many_rules_name_with_others_is_tried_alike() -> None:
    # Each is a set of tests; what the group says is remembered from one to the next.
    team = [f"USER{n}" for n in range(40)]
    other = [f"JOB{n}" for n in range(40)]
    rules = [
        rule(n, f"USER {op} TEAM", f"USER NE X{n}", f"JOB NGRP {'OTHER' if n % 3 else 'TEAM'}",
             f"JOB NE Y{n}", f"RMTPORT EQ {n // 2}")
        for n in range(1, 120)
        for op in ("GRP" if n % 2 else "NGRP",)
    ]  # fmt: skip
    ruleset = rule_set(*rules, groups=groups(names={"TEAM": team, "OTHER": other}))
    calls = tuple(
        call(user=user, job=job, rmtport=port)
        for user in ("user7", "X3", "none") for job in ("USER39", "job39", "Y4", "none")
        for port in range(0, 60, 7)
    )  # fmt: skip
    assert disagreements(ruleset, calls, {}) == []


def test_boxes_beyond_one_chunk_decide_in_order() -> None:
    rules = [rule(n, f"RMTPORT EQ {n}", f"OR LCLPORT EQ {n}") for n in range(1, 1500)]
    ruleset = rule_set(*rules, default=default_rule("N"))
    calls = tuple(
        call(rmtport=a, lclport=b) for a in (1, 511, 512, 513, 1024, 1499, 1500) for b in (1, 700)
    )
    assert disagreements(ruleset, calls, {}) == []


def test_the_first_matching_rule_decides_with_its_own_flags() -> None:
    ruleset = rule_set(
        rule(10, "RMTADDR EQ 10.0.0.0/8", authority="Y", audit="Y"),
        rule(20, "RMTADDR EQ 10.0.0.0/8", message="Y"),
    )
    decided = NativeEngine(ruleset, Mode.LIVE).decide(call(rmtaddr="10.1.2.3"))
    assert decided.rule is not None
    assert decided.rule.seq == 10
    assert (decided.allowed, decided.audit, decided.message) == (True, True, False)


def test_a_server_that_is_not_activated_is_not_evaluated() -> None:
    ruleset = rule_set(rule(10, "RMTPORT GE 0"), activated=False)
    decided = NativeEngine(ruleset, Mode.LIVE).decide(call(rmtport=1))
    assert decided.reason is Reason.NOT_ACTIVATED
    assert NativeEngine(ruleset, Mode.TEST).decide(call(rmtport=1)).reason is Reason.RULE


def test_the_comparison_can_fail() -> None:
    right = rule_set(rule(10, "RMTPORT EQ 5", "OR LCLPORT EQ 6"))
    wrong = rule_set(rule(10, "RMTPORT EQ 5", "AND LCLPORT EQ 6"))
    one = call(rmtport=5, lclport=7)
    assert Engine(right, Mode.LIVE).decide(one) != NativeEngine(wrong, Mode.LIVE).decide(one)
