"""Numeric dimensions of an image: elementary intervals, each with the row that admits it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from epm.addresses import V6_BASE
from epm.boxes import Admitted, Tests, by_intervals
from epm.fields import FIELD_TYPES, FieldType
from epm.model import Field
from exitprograms.ile.arena import Arena, check_size
from exitprograms.ile.bits import BitStore, Chunks, Sweep, chunks_of
from exitprograms.ile.layout import DIMENSION, FIELDS, Kind

_Start = tuple[int, int]


def number_dimension(
    store: BitStore,
    arena: Arena,
    field: Field,
    boxes: Iterable[tuple[int, Tests]],
    free: list[int],
    chunks: int,
) -> bytes:
    """Place the intervals of a numeric field and return its dimension record.

    Args:
        store: the image's rows.
        arena: the image's body.
        field: whose values they are.
        boxes: (box, its tests of the field).
        free: boxes that ask nothing of it.
        chunks: how many chunks the server's boxes take.

    Raises:
        RuleError: the image would be larger than a slot.
    """
    starts = _starts(store, field, boxes, free, chunks)
    number, free_row = FIELDS.index(field), store.row(free)
    if FIELD_TYPES[field] is not FieldType.ADDRESS:
        count, placed = len(starts), arena.place(_table(starts, 0, 4))
        return DIMENSION.pack(number, Kind.NUMBERS, 0, free_row, count, placed, *[0] * 8)
    below = [s for s in starts if s[0] < V6_BASE]
    above = [s for s in starts if s[0] >= V6_BASE]
    if not above or above[0][0] != V6_BASE:  # an interval may begin among the IPv4 addresses
        above.insert(0, (V6_BASE, below[-1][1]))
    numbers = (
        len(below),
        arena.place(_table(below, 0, 4)),
        len(above),
        arena.place(_table(above, V6_BASE, 16)),
    )
    return DIMENSION.pack(number, Kind.ADDRESSES, 0, free_row, *numbers, *[0] * 6)


def _starts(
    store: BitStore,
    field: Field,
    boxes: Iterable[tuple[int, Tests]],
    free: list[int],
    chunks: int,
) -> list[_Start]:
    """Return (first number, row) of each elementary interval; the first begins at 0."""
    toggles: dict[int, list[Chunks]] = defaultdict(list)
    admitted = Admitted(field)
    low, _ = admitted.limits
    for intervals, sharing in by_intervals((box, admitted.by(tests)) for box, tests in boxes):
        same = chunks_of(sharing)
        for first, last in intervals:
            toggles[first - low].append(same)
            toggles[last - low + 1].append(same)
    sweep = Sweep(store, chunks, free)
    starts: list[_Start] = []
    for start in sorted({0, *toggles}):
        sweep.toggle(toggles.get(start, ()))
        row = sweep.row()
        if not starts or starts[-1][1] != row:
            starts.append((start, row))
        check_size(store.size)
    return starts[: _within(starts, admitted.limits[1] - low)]


def _within(starts: list[_Start], highest: int) -> int:
    """Return how many starts are values; the one past the highest is not."""
    return len(starts) - (starts[-1][0] > highest)


def _table(starts: list[_Start], base: int, size: int) -> bytes:
    """Return the starts, each ``size`` bytes, and after them the rows."""
    firsts = b"".join((start - base).to_bytes(size, "big") for start, _ in starts)
    return firsts + b"".join(row.to_bytes(4, "big") for _, row in starts)
