"""The indexes: bounded whatever callers send, and right when they are thinned out."""

from __future__ import annotations

import random

import pytest

from epm import evaluate, indexes
from epm.compile import CompiledServer
from epm.evaluate import Mode, make_plan
from epm.indexes import MEMO_LIMIT, Memo, NumberIndex
from epm.model import Call, Server
from tests.support.builders import call, rule, rule_set


def test_a_memo_computes_once_and_never_grows_past_its_limit() -> None:
    asked: list[int] = []

    def compute(key: int) -> int:
        asked.append(key)
        return -key

    memo: Memo[int] = Memo(compute)
    assert [memo[5], memo[5]] == [-5, -5]
    assert asked == [5]
    for key in range(MEMO_LIMIT * 2 + 5):
        assert memo[key] == -key
        assert len(memo) <= MEMO_LIMIT


def test_the_edges_of_an_interval_are_in_it_and_their_neighbours_are_not() -> None:
    index = NumberIndex([(1, ((5, 9),)), (2, ((9, 9), (11, 20)))], free=0b1001, width=4)
    admitted = {v: index.admitting(v) for v in (None, 4, 5, 8, 9, 10, 11, 20, 21)}
    assert admitted == {
        None: 0b1001,
        4: 0b1001,
        5: 0b1011,
        8: 0b1011,
        9: 0b1111,
        10: 0b1001,
        11: 0b1101,
        20: 0b1101,
        21: 0b1001,
    }


@pytest.mark.parametrize("budget", [1, 500, 20_000, 12 << 20])
def test_a_thinned_index_answers_as_a_whole_one(
    budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "NUMBER_BUDGET", budget)
    randomness = random.Random(budget)
    made = [
        (bit, tuple((n, n + randomness.randrange(3)) for n in range(bit, 400, 5 + bit)))
        for bit in range(1, 40)
    ]
    index = NumberIndex(made, free=1, width=40)
    for value in range(-1, 410):
        expected = 1 + sum(
            1 << bit for bit, spans in made if any(low <= value <= high for low, high in spans)
        )
        assert index.admitting(value) == expected


def test_rules_that_share_a_condition_are_told_apart_by_the_others() -> None:
    shared = ("USER LIKE A?ICE", "USER LIKE Q*", "USER NE BOB", "USER LIST ALICE,QPGMR")
    rules = [
        rule(10 * n + port, text, f"AND LCLPORT EQ {port}")
        for n, text in enumerate(shared, start=1)
        for port in (1, 2, 3)
    ]
    plan = make_plan(rule_set(*rules), Server.ACCEPT, Mode.LIVE)
    compiled = CompiledServer(plan)
    for user, first in (("ALICE", 10), ("QPGMR", 20), ("CAROL", 30)):
        for port in (1, 2, 3):
            decision = compiled.decide(call(user=user, lclport=port))
            assert decision.rule is not None
            assert decision.rule.seq == first + port


def _conditions(randomness: random.Random) -> list[str]:
    """One condition each on address, port and user, so that few calls meet a rule."""
    users = [f"USER{n}" for n in range(20)]
    port = randomness.randrange(90)
    return [
        f"RMTADDR EQ 10.0.{randomness.randrange(4)}.0/{randomness.randrange(22, 26)}",
        randomness.choice((f"LCLPORT RANGE {port}-{port + 9}", f"LCLPORT LIST {port},{port + 3}")),
        randomness.choice(
            (
                f"USER LIKE USER{randomness.randrange(3)}*",
                f"USER NLIST {','.join(randomness.sample(users, 15))}",
                f"USER LIST {','.join(randomness.sample(users, 3))}",
            )
        ),
    ]


def _one_call(randomness: random.Random) -> Call:
    return call(
        rmtaddr=f"10.0.{randomness.randrange(5)}.{randomness.randrange(256)}",
        lclport=randomness.randrange(100),
        user=f"user{randomness.randrange(22)}",
    )


def test_the_first_of_very_many_rules_wins() -> None:
    """More rules than a machine word has bits, several conditions each."""
    randomness = random.Random(20)
    rules = [rule(n, *(f"AND {text}" for text in _conditions(randomness))) for n in range(1, 400)]
    plan = make_plan(rule_set(*rules), Server.ACCEPT, Mode.LIVE)
    compiled = CompiledServer(plan)
    decided = set()
    for _ in range(400):
        one = _one_call(randomness)
        expected = evaluate.decide(plan, one)
        assert compiled.decide(one) == expected
        assert expected.rule is not None
        decided.add(expected.rule.seq)
    assert len(decided) > 40  # the calls met many different rules
