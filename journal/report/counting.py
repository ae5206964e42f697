"""Counting with bounded memory: the most frequent of many, and counts over time. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(slots=True)
class Frequent(Generic[T]):
    """The most frequent keys of a stream, in the manner of lossy counting.

    At most ``limit`` keys are kept. When all are taken, the less frequent half goes, and a new
    key begins with the largest count that went: so a count is at most ``error`` too high, and
    no key that came more often than ``error`` is missing. Below the limit counts are exact.
    """

    limit: int
    counts: dict[T, int] = field(default_factory=dict)
    error: int = 0

    def add(self, key: T) -> None:
        """Count ``key`` once more."""
        counts = self.counts
        if key in counts:
            counts[key] += 1
            return
        if len(counts) >= self.limit:
            self._make_room()
        self.counts[key] = self.error + 1

    def _make_room(self) -> None:
        """Drop the less frequent half: so many new keys cost one pass."""
        kept = self.top(self.limit // 2)
        gone = self.counts.keys() - {key for key, _ in kept}
        self.error = max(self.error, *(self.counts[key] for key in gone))
        self.counts = dict(kept)

    def top(self, number: int) -> list[tuple[T, int]]:
        """Return the ``number`` most frequent keys with their counts; ties in order of text."""
        ranked = sorted(self.counts.items(), key=lambda item: (-item[1], str(item[0])))
        return ranked[:number]


_DAY = 24 * 60
_STEPS = tuple(
    timedelta(minutes=minutes)
    for minutes in (1, 5, 15, 60, 360, _DAY, 7 * _DAY, 28 * _DAY, 364 * _DAY, 3640 * _DAY)
)
#: A Monday, so that stretches of weeks begin on one.
_EPOCH = datetime(2000, 1, 3)
#: Foreign records may say any time; what is earlier counts as this.
_EARLIEST = datetime(1970, 1, 1)


@dataclass(slots=True)
class OverTime:
    """How many events there were in each stretch of time; stretches grow so that few are kept.

    It begins with stretches of a minute and goes on to longer ones whenever more than
    ``limit`` are needed, up to some ten years.
    """

    limit: int = 240
    step: timedelta = _STEPS[0]
    counts: dict[datetime, int] = field(default_factory=dict)
    _first: datetime = datetime.max
    _last: datetime = datetime.min

    def add(self, at: datetime) -> None:
        """Count an event."""
        begin = self._begin(max(at, _EARLIEST))
        self.counts[begin] = self.counts.get(begin, 0) + 1
        if begin < self._first or begin > self._last:
            self._first, self._last = min(begin, self._first), max(begin, self._last)
            while self._stretches() > self.limit and self.step != _STEPS[-1]:
                self._coarsen()

    def _begin(self, at: datetime) -> datetime:
        return _EPOCH + (at - _EPOCH) // self.step * self.step

    def _stretches(self) -> int:
        return (self._last - self._first) // self.step + 1

    def _coarsen(self) -> None:
        self.step = _STEPS[_STEPS.index(self.step) + 1]
        finer, self.counts = self.counts, {}
        for begin, count in finer.items():
            wider = self._begin(begin)
            self.counts[wider] = self.counts.get(wider, 0) + count
        self._first, self._last = min(self.counts), max(self.counts)

    def series(self) -> list[tuple[datetime, int]]:
        """Return (begin, count) of every stretch from the first to the last, zeros included."""
        if not self.counts:
            return []
        begins = (self._first + self.step * n for n in range(self._stretches()))
        return [(begin, self.counts.get(begin, 0)) for begin in begins]
