"""The compiled evaluator: rules become bits of an integer, one AND a dimension decides.

Theory of operation. A rule's conditions are already alternatives joined by OR, each a
conjunction: every alternative is one *box* (:mod:`epm.boxes`). Each dimension (a field that some
box asks about) gets an index from a value to the boxes that admit it. A call is looked up in
each dimension and the answers are ANDed; the boxes are numbered so that the first box of the
first rule is the highest bit, so the first match is ``bit_length()`` (isolating the lowest bit
instead makes two more integers of that width). Bit 0 is the default rule, which always holds.

Rules of this file:

* A box never spans servers: each server has its own indexes.
* Nothing here reads a clock, a file, a name service; there is no lock. Readers share it.
* It must agree with :mod:`epm.evaluate` on every call; the property tests hold it to that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from epm.boxes import LIMITS, Admitted, Box, Tests, boxes_of
from epm.evaluate import Plan, not_activated
from epm.fields import CALL_ATTRIBUTES, FIELD_TYPES, FieldType
from epm.indexes import Memo, NameIndex, NumberIndex
from epm.model import Call, Decision, Field


class CompiledServer:
    """One server's rules, compiled. Immutable but for its memos; safe to share."""

    def __init__(self, plan: Plan) -> None:
        """Compile ``plan``; the cost grows with rules x log(rules), see ``benchmarks/``."""
        self.plan = plan
        boxes = list(boxes_of(plan))
        default = plan.rules[-1].decision
        # Bit n is box len(boxes) - n: the first box is the highest bit.
        self._decisions = [default, *(plan.rules[b.rule].decision for b in reversed(boxes))]
        self._every = (1 << len(self._decisions)) - 1
        numbered = [(len(boxes) - i, box) for i, box in enumerate(boxes)]
        self._dimensions = list(_dimensions(numbered, self._every, len(self._decisions)))

    def decide(self, call: Call) -> Decision:
        """Decide one call. The decision of a rule is one shared value, made beforehand."""
        if not self.plan.evaluates:
            return not_activated(self.plan.server)
        bits = self._every
        for read, memo in self._dimensions:
            bits &= memo[read(call)]
        return self._decisions[bits.bit_length() - 1]


def _dimensions(
    boxes: list[tuple[int, Box]], every: int, width: int
) -> Iterator[tuple[Callable[[Call], Any], Memo[Any]]]:
    """Yield (how to read the value, its index) for each field that some box asks about."""
    asked: dict[Field, list[tuple[int, Tests]]] = defaultdict(list)
    for bit, box in boxes:
        for field, tests in box.tests.items():
            asked[field].append((bit, tests))
    for field in sorted(asked, key=lambda f: -len(asked[f])):
        free = every
        for bit, _ in asked[field]:
            free ^= 1 << bit
        yield _dimension(field, asked[field], free, width)


def _dimension(
    field: Field, boxes: list[tuple[int, Tests]], free: int, width: int
) -> tuple[Callable[[Call], Any], Memo[Any]]:
    kind = FIELD_TYPES[field]
    if kind in LIMITS:
        admitted = Admitted(field)
        numbers = NumberIndex(((bit, admitted.by(tests)) for bit, tests in boxes), free, width)
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
