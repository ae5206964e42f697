"""From the receivers that are there and a place to go on from: what to read, what is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.ibmi.chain import Span, plan
from db.ibmi.values import Gap, Position, Receiver


def chain(*numbers):
    return [Receiver("LIB", f"R{n}", first, last) for n, (first, last) in enumerate(numbers, 1)]


def at(receiver, sequence):
    return Position("LIB", receiver, sequence)


def said(chain, start, *, whole=True):
    """A plan in short: ``(receiver, after)`` for a span, ``(first, last)`` for a known gap."""
    return [
        (step.receiver.name, step.after) if isinstance(step, Span) else (step.first, step.last)
        for step in plan(chain, start, whole=whole)
    ]


CASES = {
    "nothing yet": (chain((1, 50), (51, 60)), None, [("R1", None), ("R2", None)]),
    "within a receiver": (chain((1, 50), (51, 60)), at("R1", 7), [("R1", 7), ("R2", None)]),
    "at the end of one": (chain((1, 50), (51, 60)), at("R1", 50), [("R2", None)]),
    "at the end of all": (chain((1, 50), (51, 60)), at("R2", 60), []),
    "before the first entry": (chain((5, 50)), at("R1", 4), [("R1", None)]),
    "deleted, read to its end": (chain((51, 60)), at("GONE", 50), [("R1", None)]),
    "deleted, not read to its end": (chain((51, 60)), at("GONE", 40), [(41, 50), ("R1", None)]),
    "deleted, and begun anew": (chain((1, 60)), at("GONE", 40), [(None, None), ("R1", None)]),
    "a receiver missing in between": (
        chain((1, 10), (31, 40)), None, [("R1", None), (11, 30), ("R2", None)]),
    "one entry missing in between": (
        chain((1, 10), (12, 40)), None, [("R1", None), (11, 11), ("R2", None)]),
    "begun anew in between": (
        chain((1, 10), (1, 40)), at("R1", 5), [("R1", 5), (None, None), ("R2", None)]),
    "replaced under its name, shorter": (
        chain((1, 10)), at("R1", 50), [(None, None), ("R1", None)]),
    "replaced under its name, later": (
        chain((90, 99)), at("R1", 50), [(None, None), ("R1", None)]),
    "no receiver at all": ([], at("R1", 50), []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_journal_is_read_on_from_a_place(case):
    receivers, start, wanted = case
    assert said(receivers, start) == wanted


def test_an_outfile_lacks_numbers_without_losing_them():
    receivers = chain((3, 9), (31, 40))
    assert said(receivers, None, whole=False) == [("R1", None), ("R2", None)]
    assert said(receivers, at("GONE", 1), whole=False) == [("R1", None), ("R2", None)]
    begun_anew = chain((3, 9), (2, 40))
    assert said(begun_anew, at("R1", 9), whole=False) == [(None, None), ("R2", None)]


@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=6),
    st.sets(st.integers(0, 5), max_size=5),
    st.integers(0, 120),
)
def test_every_number_after_the_place_is_either_read_or_said_to_be_lost(sizes, gone, place):
    """Of one unbroken series of numbers, however its receivers were deleted."""
    whole, first = [], 1
    for n, size in enumerate(sizes):
        whole.append(Receiver("LIB", f"R{n}", first, first + size - 1))
        first += size
    place = min(place, first - 1)
    start = next(at(r.name, place) for r in whole if r.first - 1 <= place <= r.last)
    # The newest is attached and cannot be deleted.
    left = [r for n, r in enumerate(whole) if n not in gone or n == len(whole) - 1]
    covered, vague = [], False
    for step in plan(left, start, whole=True):
        if isinstance(step, Gap):
            vague |= step.first is None
            covered += [] if step.first is None else range(step.first, step.last + 1)
        else:
            begin = step.receiver.first if step.after is None else step.after + 1
            covered += range(begin, step.receiver.last + 1)
    if not vague:
        assert covered == list(range(place + 1, first))
    else:
        assert set(covered) >= {n for r in left for n in range(r.first, r.last + 1)}
