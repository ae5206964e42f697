"""Interval sets obey the laws of sets, and best fit is the group rule read line by line."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from epm.addresses import Span
from epm.conditions import GroupLines
from epm.intervals import Intervals, best_fit, complement, intersection, merged, union

LOW, HIGH = -3, 20
UNIVERSE = range(LOW, HIGH + 1)

spans = st.tuples(st.integers(LOW, HIGH), st.integers(LOW, HIGH)).map(lambda p: Span(*sorted(p)))
span_lists = st.lists(spans, max_size=6)


def _numbers(intervals: Intervals) -> set[int]:
    return {n for low, high in intervals for n in range(low, high + 1)}


def _held(lines: list[Span]) -> set[int]:
    return {n for n in UNIVERSE if any(s.low <= n <= s.high for s in lines)}


def _is_normal(intervals: Intervals) -> bool:
    """Sorted, disjoint, not adjacent, none empty."""
    ordered = all(low <= high for low, high in intervals)
    return ordered and all(a[1] + 1 < b[0] for a, b in pairwise(intervals))


@given(span_lists)
def test_union_holds_what_any_span_holds(lines: list[Span]) -> None:
    result = union(lines)
    assert _numbers(result) == _held(lines)
    assert _is_normal(result)


@given(span_lists)
def test_complement_holds_the_rest_of_the_limits(lines: list[Span]) -> None:
    result = complement(union(lines), LOW, HIGH)
    assert _numbers(result) == set(UNIVERSE) - _held(lines)
    assert _is_normal(result)


@given(span_lists)
def test_complement_twice_is_the_set_itself(lines: list[Span]) -> None:
    own = union(lines)
    assert complement(complement(own, LOW, HIGH), LOW, HIGH) == own


@given(span_lists, span_lists)
def test_intersection_holds_what_both_hold(left: list[Span], right: list[Span]) -> None:
    result = intersection(union(left), union(right))
    assert _numbers(result) == _held(left) & _held(right)
    assert _is_normal(result)
    assert result == intersection(union(right), union(left))


@given(span_lists, span_lists)
def test_best_fit_is_the_group_rule_for_every_number(
    include: list[Span], exclude: list[Span]
) -> None:
    result = best_fit(include, exclude)
    group = GroupLines(tuple(include), tuple(exclude))
    assert _numbers(result) == {n for n in UNIVERSE if group.hold(n)}
    assert _is_normal(result)


def test_adjacent_spans_merge() -> None:
    assert merged([(1, 2), (3, 4), (6, 6), (6, 9)]) == ((1, 4), (6, 9))


def test_empty_sets() -> None:
    assert union([]) == best_fit([], []) == best_fit([], [Span(1, 2)]) == ()
    assert complement((), 1, 5) == ((1, 5),)
    assert complement(((1, 5),), 1, 5) == ()
    assert intersection(((1, 5),), ()) == ()
