"""From one value of one dimension to the boxes that admit it, as the bits of an integer.

A *box* is one alternative of a rule (the conditions joined by AND). Each index answers a
value with an integer whose set bits are the boxes that admit it; the AND over all dimensions
leaves the boxes that hold. Answers are memoised per value, bounded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, NamedTuple, TypeVar

from epm.boxes import Tests, by_intervals, names_of, tabulated
from epm.conditions import Test
from epm.intervals import Intervals

#: Entries a memo holds before it is emptied; values are mostly shared integers.
MEMO_LIMIT = 16384
#: Bytes that the bit sets of one numeric dimension may take before they are thinned out.
NUMBER_BUDGET = 12 << 20


K = TypeVar("K", bound=Hashable)


class Memo(dict[K, int], Generic[K]):
    """Value -> bits, computed on first sight, emptied when full.

    A hostile caller who never repeats a value costs time, never memory.
    """

    def __init__(self, compute: Callable[[K], int]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, key: K) -> int:
        if len(self) >= MEMO_LIMIT:
            self.clear()
        bits = self[key] = self._compute(key)
        return bits


class _Toggle(NamedTuple):
    """The boxes that begin or end at an edge: one bit, or the bits of several that share it."""

    bit: int
    several: int


class NumberIndex:
    """Elementary intervals of a numeric dimension and the boxes that admit each."""

    def __init__(self, boxes: Iterable[tuple[int, Intervals]], free: int, width: int) -> None:
        """Build the index.

        Args:
            boxes: (bit number, admitted intervals) of each box with a condition here.
            free: bits of the boxes without one, which admit every value and a missing one.
            width: how many bits a set has, to know what it takes.
        """
        toggles: dict[int, list[_Toggle]] = defaultdict(list)
        for intervals, bits in by_intervals(boxes):
            # A set for each box would take as many bits as there are boxes, squared.
            toggle = _Toggle(bits[0], sum(1 << b for b in bits) if len(bits) > 1 else 0)
            for low, high in intervals:
                toggles[low].append(toggle)
                toggles[high + 1].append(toggle)
        self._free = free
        self._edges = sorted(toggles)
        self._toggles = [toggles[e] for e in self._edges]
        # Every set at hand takes edges x width / 8 bytes; beyond the budget only every
        # n-th is kept, and those between are made from it by their toggles.
        self._step = 1 + len(self._edges) * (width // 8 + 32) // NUMBER_BUDGET
        self._kept = list(self._sets())

    def _sets(self) -> Iterable[int]:
        bits = self._free
        shared: dict[int, int] = {}
        for position, toggled in enumerate(self._toggles):
            for bit, several in toggled:
                bits ^= several or 1 << bit
            if position % self._step == 0:
                yield shared.setdefault(bits, bits)

    def admitting(self, value: int | None) -> int:
        """Return the bits of the boxes that admit ``value``; ``None`` is a missing value."""
        at = bisect_right(self._edges, value) - 1 if value is not None else -1
        if at < 0:
            return self._free
        bits = self._kept[at // self._step]
        for toggled in self._toggles[at - at % self._step + 1 : at + 1]:
            for bit, several in toggled:
                bits ^= several or 1 << bit
        return bits


class NameIndex:
    """Names, prefixes and patterns of a name dimension and the boxes that admit a name.

    A box with one condition here goes into tables: a positive one is added when a member is
    met, a negative one is taken away. Several conditions, and patterns that are no prefix,
    are tested one by one, but each distinct set of tests only once for a name.
    """

    def __init__(self, boxes: Iterable[tuple[int, Tests]], free: int, *, fold: bool) -> None:
        """Build the index; ``free`` as in :class:`NumberIndex`."""
        self._fold = fold
        self._free = free
        self._base = free
        self._exact: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self._prefix: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self._tested: dict[Tests, int] = {}
        for bit, tests in boxes:
            self._add(1 << bit, tests)
        lengths = {len(p) for table in self._prefix for p in table}
        self._lengths = sorted(lengths)

    def _add(self, mask: int, tests: Tests) -> None:
        members = tabulated(tests)
        if members is None:
            self._tested[tests] = self._tested.get(tests, 0) | mask
            return
        negated = tests[0].negated
        if negated:
            self._base |= mask
        for table, keys in ((self._exact, members.exact), (self._prefix, members.prefixes)):
            for key in keys:
                table[negated][key] = table[negated].get(key, 0) | mask

    def admitting(self, names: tuple[str, ...] | None) -> int:
        """Return the bits of the boxes that admit this set of names; ``None`` is missing.

        A single-valued field is a set of one name.
        """
        if names is None:
            return self._free
        met, denied = 0, 0
        for name in names:
            key = name.upper() if self._fold else name
            met |= self._exact[0].get(key, 0)
            denied |= self._exact[1].get(key, 0)
            for length in self._lengths:
                prefix = key[:length]
                if len(prefix) == length:
                    met |= self._prefix[0].get(prefix, 0)
                    denied |= self._prefix[1].get(prefix, 0)
        bits = (self._base | met) & ~denied
        for tests, mask in self._tested.items():
            if all(_holds(test, names) for test in tests):
                bits |= mask
        return bits


def _holds(test: Test, names: tuple[str, ...]) -> bool:
    return names_of(test).hold_any(names) != test.negated
