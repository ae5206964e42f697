"""W-OVERLAP: found wherever the readings differ, and nowhere else."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.addresses import parse_address
from epm.armr.attempts import Attempt, RequestContext
from epm.armr.engine import SocketEngine
from epm.armr.model import Operation, TaintSource
from epm.armr.order import action_first, candidates, precedence, specific_first
from epm.armr.overlap import MAX_OVERLAPS, find_overlaps, overlap_findings
from tests.support.armr_text import policy

P, A, D = "protect()", "allow()", 'detect(message: "")'


def found(*bodies, resolved=None):
    overlaps, complete = find_overlaps(policy(*bodies), resolved)
    assert complete
    return overlaps


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([f'connect("0.0.0.0:0") {A}', f'connect("10.0.0.5:80") {P}'],
         "connect 10.0.0.5:80: protect, but allow by allow-first ('r0')"),
        ([f'connect("10.0.0.0/8:80") {A}', f'connect("10.1.2.3:80") {P}'],
         "connect 10.1.2.3:80: allow, but protect by narrowest-first ('r1')"),
        ([f'accept("10.0.0.5:1-90") {P}', f'accept("10.0.0.5:80") {D}'],
         "accept 10.0.0.5:80: protect, but detect by narrowest-first ('r1')"),
        ([f'bind(server: "0.0.0.0:0") {P}', f'bind(server: "10.0.0.5:80") {D}'],
         "bind-server 10.0.0.5:80: detect, but protect by allow-first ('r0')"),
        ([f'connect("0.0.0.0:0") api("/x") {P}', f'connect("10.0.0.5:80") {D}'],
         "connect 10.0.0.5:80 in a request of /x: detect, but protect by allow-first ('r0')"),
        ([f'connect("0.0.0.0:0") input(http) {P}', f'connect("10.0.0.5:80") {D}'],
         "connect 10.0.0.5:80 with input of http: detect, but protect by allow-first ('r0')"),
        ([f'connect("0.0.0.0:0") {A}', f'connect("db.example:80") {P}'],
         "connect db.example:80: protect, but allow by allow-first ('r0')"),
    ],
)  # fmt: skip
def test_a_difference_is_found_with_a_witness(rules, told):
    (finding,) = overlap_findings(policy(*rules))
    assert finding.text == told
    assert (str(finding.code), finding.is_error) == ("W-OVERLAP", False)


@pytest.mark.parametrize(
    "rules",
    [
        [f'connect("0.0.0.0:0") {P}', f'connect("127.0.0.1:5000") {A}'],
        [f'connect("10.0.0.0/8:80") {P}', f'connect("10.1.0.0/16:80") {P}'],
        [f'connect("10.0.0.5:80") {A}', f'connect("10.0.0.5:81") {P}'],
        [f'connect("10.0.0.5:80") {A}', f'accept("0.0.0.0:0") {P}'],
        [f'connect("0.0.0.0:80") {A}', f'connect("10.0.0.5:81") {P}'],
        [f'bind(client: "10.0.0.5:80") {P}', f'bind(server: "0.0.0.0:0") {A}'],
    ],
)
def test_where_the_readings_agree_nothing_is_said(rules):
    assert found(*rules) == ()


def test_a_rule_that_hides_the_difference_is_taken_into_account():
    rules = [f'connect("0.0.0.0:0") {A}', f'connect("10.0.0.5:80") {P}']
    assert len(found(*rules)) == 1
    assert found(*rules, f'connect("10.0.0.5:80") {A}') == ()


def test_resolved_names_are_where_they_are():
    rules = [f'connect("db.example:80") {A}', f'connect("10.0.0.0/8:80") {P}']
    assert found(*rules) == ()
    assert found(*rules, resolved={"db.example": {parse_address("10.0.0.5")}}) == ()
    narrow = [f'connect("db.example:80") {D}', f'connect("10.0.0.0/8:80") {P}']
    (overlap,) = found(*narrow, resolved={"db.example": {parse_address("10.0.0.5")}})
    assert overlap.witness.address == parse_address("10.0.0.5")


_ADDRESSES = ["0.0.0.0", "10.0.0.5", "10.0.0.4/30", "10.0.0.0/8"]
_PORTS = ["0", "80", "80-81", "1-65535"]
_CONTEXTS = ["", "api(any)", 'api("/x")', "input(http)"]
_RULES = st.lists(
    st.tuples(*map(st.sampled_from, (_ADDRESSES, _PORTS, [P, A, D], _CONTEXTS))),
    min_size=1, max_size=5,
)  # fmt: skip
#: One attempt, or more, of every region that these rules can make.
_GRID = [
    Attempt(Operation.CONNECT, parse_address(a), p, RequestContext(e, frozenset(t)))
    for a, p, e, t in product(
        ["9.0.0.1", "10.0.0.5", "10.0.0.6", "10.9.0.1"],
        [0, 79, 80, 81],
        [None, "/x", "/y"],
        [(), (TaintSource.HTTP,)],
    )
]


@settings(max_examples=80, deadline=None)
@given(_RULES)
def test_exactly_the_differences_of_a_dense_grid_are_found(rules):
    """By brute force: the rules that match alone, each in an engine of its own."""
    bodies = [f'connect("{a}:{p}") {x} {c if x != A else ""}' for a, p, x, c in rules]
    whole = policy(*bodies)
    engine = SocketEngine(whole)
    alone = [SocketEngine(policy(body)) for body in bodies]
    some = {c.place: c for c in candidates(whole)[Operation.CONNECT]}
    expected = set()
    for attempt in _GRID:
        matching = [some[i] for i, one in enumerate(alone) if one.decide(attempt).candidate]
        if matching:
            first, second, third = (
                min(matching, key=key) for key in (precedence, action_first, specific_first)
            )
            assert engine.decide(attempt).candidate == first
            if not first.rank == second.rank == third.rank:
                expected.add((first.place, second.place, third.place))
    assert {
        (o.adopted.place, o.by_action.place, o.by_specificity.place) for o in found(*bodies)
    } == expected


def test_a_search_that_would_take_too_long_ends_and_says_so():
    bodies = [f'connect("0.0.0.0:{n}-{n + 900}") {P if n % 2 else A}' for n in range(1, 120)]
    bodies += [f'connect("10.0.0.{n}:0") {D}' for n in range(1, 100)]
    some, complete = find_overlaps(policy(*bodies), limit=500)
    assert not complete
    many, complete = find_overlaps(policy(*bodies))
    assert len(some) < len(many) == MAX_OVERLAPS
    assert not complete
    last = overlap_findings(policy(*bodies))[-1]
    assert "there may be more" in last.text
