"""A page of rows that are all at hand, by their places from 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def part_of(rows: Sequence[T], start: int, count: int, *, backward: bool) -> Sequence[T]:
    """Return at most ``count`` rows: from place ``start`` on, or those that end there."""
    if backward:
        end = max(0, min(start, len(rows)))
        return rows[max(0, end - count) : end]
    return rows[start - 1 : start - 1 + count]
