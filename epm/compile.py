"""The compiled evaluator: rules become bits of an integer, one AND a dimension decides.

Theory of operation. A rule's conditions are already alternatives joined by OR, each a
conjunction: every alternative is one *box*. Each dimension (a field that some box asks about)
gets an index from a value to the boxes that admit it. A call is looked up in each dimension
and the answers are ANDed; the boxes are numbered so that the first box of the first rule is
the highest bit, so the first match is ``bit_length()`` (isolating the lowest bit instead makes
two more integers of that width). Bit 0 is the default rule, which always holds.

Rules of this file:

* A box never spans servers: each server has its own indexes.
* Nothing here reads a clock, a file, a name service; there is no lock. Readers share it.
* It must agree with :mod:`epm.evaluate` on every call; the property tests hold it to that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any

from epm.addresses import AXIS_END
from epm.conditions import GroupLines, Names, Numbers, Test
from epm.evaluate import Plan, not_activated, with_trace
from epm.fields import (
    CALL_ATTRIBUTES,
    FIELD_TYPES,
    MAX_BACKLOG,
    MAX_PORT,
    MIN_BACKLOG,
    SECONDS_A_DAY,
    FieldType,
)
from epm.indexes import Memo, NameIndex, NumberIndex
from epm.intervals import Intervals, best_fit, complement, intersection, union
from epm.model import Call, Decision, Field

Box = dict[Field, tuple[Test, ...]]

_LIMITS: dict[FieldType, tuple[int, int]] = {
    FieldType.ADDRESS: (0, AXIS_END),
    FieldType.PORT: (0, MAX_PORT),
    FieldType.NUMBER: (MIN_BACKLOG, MAX_BACKLOG),
    FieldType.TIME: (0, SECONDS_A_DAY - 1),
    FieldType.DAY: (0, 6),
}


class CompiledServer:
    """One server's rules, compiled. Immutable but for its memos; safe to share."""

    def __init__(self, plan: Plan) -> None:
        """Compile ``plan``; the cost grows with rules x log(rules), see ``benchmarks/``."""
        self.plan = plan
        boxes = list(_boxes(plan))
        default = plan.rules[-1].decision
        # Bit n is box len(boxes) - n: the first box is the highest bit.
        self._decisions = [default, *(decision for _, decision in reversed(boxes))]
        self._every = (1 << len(self._decisions)) - 1
        numbered = [(len(boxes) - i, box) for i, (box, _) in enumerate(boxes)]
        self._dimensions = list(_dimensions(numbered, self._every, len(self._decisions)))

    def decide(self, call: Call) -> Decision:
        """Decide one call. The decision of a rule is one shared value, made beforehand."""
        if not self.plan.evaluates:
            return not_activated(self.plan.server)
        bits = self._every
        for read, memo in self._dimensions:
            bits &= memo[read(call)]
        return self._decisions[bits.bit_length() - 1]

    def decide_with_trace(self, call: Call) -> Decision:
        """Decide one call and give every rule's outcome and every condition's result."""
        return with_trace(self.plan, call, self.decide(call))


def _boxes(plan: Plan) -> Iterator[tuple[Box, Decision]]:
    """Yield the alternatives of the enforced rules, in the order they are tried."""
    for planned in plan.rules:
        if planned.why is not None or planned.rule.is_default:
            continue
        for term in planned.terms:
            # A test on a host never resolved is false, so its box never holds.
            if all(test.resolved for test in term):
                box: dict[Field, list[Test]] = defaultdict(list)
                for test in term:
                    box[test.field].append(test)
                yield {f: tuple(tests) for f, tests in box.items()}, planned.decision


def _dimensions(
    boxes: list[tuple[int, Box]], every: int, width: int
) -> Iterator[tuple[Callable[[Call], Any], Memo[Any]]]:
    """Yield (how to read the value, its index) for each field that some box asks about."""
    asked: dict[Field, list[tuple[int, tuple[Test, ...]]]] = defaultdict(list)
    for bit, box in boxes:
        for field, tests in box.items():
            asked[field].append((bit, tests))
    for field in sorted(asked, key=lambda f: -len(asked[f])):
        free = every
        for bit, _ in asked[field]:
            free ^= 1 << bit
        yield _dimension(field, asked[field], free, width)


def _dimension(
    field: Field, boxes: list[tuple[int, tuple[Test, ...]]], free: int, width: int
) -> tuple[Callable[[Call], Any], Memo[Any]]:
    kind = FIELD_TYPES[field]
    if kind in _LIMITS:
        limits = _LIMITS[kind]
        intervals = _Intervals(limits)
        numbers = NumberIndex(((bit, intervals.of(tests)) for bit, tests in boxes), free, width)
        return _reader(field), Memo(numbers.admitting)
    names = NameIndex(boxes, free, fold=kind is not FieldType.TEXT)
    if kind is FieldType.NAMES:
        return _reader(field), Memo(names.admitting)
    return _reader(field), Memo(lambda n: names.admitting(None if n is None else (n,)))


def _reader(field: Field) -> Callable[[Call], Any]:
    return _CLOCK_READERS.get(field) or attrgetter(CALL_ATTRIBUTES[field])


def _second_of_day(call: Call) -> int | None:
    at = call.at
    return None if at is None else at.hour * 3600 + at.minute * 60 + at.second


def _weekday(call: Call) -> int | None:
    return None if call.at is None else call.at.weekday()


#: What :func:`epm.conditions.field_value` gives for these, without its look-ups.
_CLOCK_READERS: dict[Field, Callable[[Call], int | None]] = {
    Field.TIME: _second_of_day,
    Field.DAY: _weekday,
}


class _Intervals:
    """From tests of one numeric dimension to intervals; a group's are worked out once.

    Keyed by identity: the tests of the plan outlive this, and a group that many rules name is
    one value (:func:`epm.condition_parser.group_lines` remembers it).
    """

    def __init__(self, limits: tuple[int, int]) -> None:
        self._limits = limits
        self._known: dict[tuple[int, bool], Intervals] = {}

    def of(self, tests: Iterable[Test]) -> Intervals:
        """Return what every one of ``tests`` admits."""
        admitted: Intervals = (self._limits,)
        for test in tests:
            key = (id(test.members), test.negated)
            if key not in self._known:
                self._known[key] = self._admitted(test)
            admitted = intersection(admitted, self._known[key])
        return admitted

    def _admitted(self, test: Test) -> Intervals:
        match test.members:
            case Numbers(spans):
                held = union(spans)
            case GroupLines(include, exclude):
                held = best_fit(include, exclude)
            case Names():
                raise TypeError(f"{test.field} is not numeric")
        return complement(held, *self._limits) if test.negated else held
