"""Sets of integers as sorted, disjoint, non-adjacent closed intervals."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Sequence

from epm.addresses import Span

Intervals = tuple[tuple[int, int], ...]


def union(spans: Iterable[Span]) -> Intervals:
    """Return the union of ``spans``, merged."""
    return merged(sorted((s.low, s.high) for s in spans))


def merged(pairs: Iterable[tuple[int, int]]) -> Intervals:
    """Return pairs that are sorted by their low end as disjoint intervals."""
    out: list[tuple[int, int]] = []
    for low, high in pairs:
        if out and low <= out[-1][1] + 1:
            if high > out[-1][1]:
                out[-1] = (out[-1][0], high)
        else:
            out.append((low, high))
    return tuple(out)


def complement(intervals: Intervals, low: int, high: int) -> Intervals:
    """Return what of ``low`` to ``high`` is in no interval."""
    out = []
    start = low
    for a, b in intervals:
        if start < a:
            out.append((start, a - 1))
        start = max(start, b + 1)
    if start <= high:
        out.append((start, high))
    return tuple(out)


def intersection(left: Intervals, right: Intervals) -> Intervals:
    """Return what is in both."""
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        low, high = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if low <= high:
            out.append((low, high))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(out)


def best_fit(include: Sequence[Span], exclude: Sequence[Span]) -> Intervals:
    """Return what a group holds when the line with the fewest numbers wins, ties exclude.

    One sweep over the lines' ends; a heap holds the lines that are open, smallest first.
    """
    lines = [(s.low, s.high, s.size, 1) for s in include]
    lines += [(s.low, s.high, s.size, 0) for s in exclude]  # 0 sorts first: a tie excludes
    lines.sort()
    edges = sorted({x for low, high, *_ in lines for x in (low, high + 1)})
    held: list[tuple[int, int]] = []
    open_lines: list[tuple[int, int, int]] = []
    at = 0
    for low, following in itertools.pairwise(edges):
        while at < len(lines) and lines[at][0] == low:
            _, high, size, included = lines[at]
            heapq.heappush(open_lines, (size, included, high))
            at += 1
        while open_lines and open_lines[0][2] < low:
            heapq.heappop(open_lines)
        if open_lines and open_lines[0][1]:
            held.append((low, following - 1))
    return merged(held)
