"""From a plan to boxes: the alternatives of its enforced rules, field by field.

A *box* is one alternative of a rule (its conditions joined by AND). Whoever turns rules into
tables begins here: :mod:`epm.compile` in memory, the rule image of the exit programs in bytes.
Both number the boxes in the order they are tried, so the first box that holds decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from epm.addresses import AXIS_END
from epm.conditions import GroupLines, Names, Numbers, Test
from epm.evaluate import Plan
from epm.fields import (
    FIELD_TYPES,
    MAX_BACKLOG,
    MAX_PORT,
    MIN_BACKLOG,
    SECONDS_A_DAY,
    FieldType,
)
from epm.intervals import Intervals, best_fit, complement, intersection, union
from epm.model import Field

Tests = tuple[Test, ...]

#: Lowest and highest value of each numeric type; a type that is not here holds names.
LIMITS: Mapping[FieldType, tuple[int, int]] = {
    FieldType.ADDRESS: (0, AXIS_END),
    FieldType.PORT: (0, MAX_PORT),
    FieldType.NUMBER: (MIN_BACKLOG, MAX_BACKLOG),
    FieldType.TIME: (0, SECONDS_A_DAY - 1),
    FieldType.DAY: (0, 6),
}


@dataclass(frozen=True, slots=True)
class Box:
    """One alternative.

    Attributes:
        rule: index of its rule in the plan.
        tests: by field, all of which are to hold.
    """

    rule: int
    tests: Mapping[Field, Tests]


def boxes_of(plan: Plan) -> Iterator[Box]:
    """Yield the boxes of a plan in the order that they are tried.

    Rules that are not enforced give none, nor do alternatives that name a host never resolved,
    which are false.
    """
    for index, planned in enumerate(plan.rules):
        if planned.why is not None or planned.rule.is_default:
            continue
        for term in planned.terms:
            if all(test.resolved for test in term):
                tests: dict[Field, Tests] = {}
                for test in term:
                    tests[test.field] = (*tests.get(test.field, ()), test)
                yield Box(index, tests)


class Admitted:
    """What tests of one numeric field admit, as intervals; a group's are worked out once.

    Keyed by identity: the tests of the plan outlive this, and a group that many rules name is
    one value (:func:`epm.condition_parser.group_lines` remembers it).

    Attributes:
        field: what the tests are of.
        limits: its lowest and highest value.
    """

    def __init__(self, field: Field) -> None:
        """Take the field that the tests are of.

        Raises:
            KeyError: the field is not numeric.
        """
        self.field = field
        self.limits = LIMITS[FIELD_TYPES[field]]
        self._known: dict[tuple[int, bool], Intervals] = {}

    def by(self, tests: Iterable[Test]) -> Intervals:
        """Return what every one of ``tests`` admits; one test gives the same value each time."""
        admitted: Intervals | None = None
        for test in tests:
            held = self._by_one(test)
            admitted = held if admitted is None else intersection(admitted, held)
        return (self.limits,) if admitted is None else admitted

    def _by_one(self, test: Test) -> Intervals:
        key = (id(test.members), test.negated)
        if key not in self._known:
            held = intersection((self.limits,), _held(test))
            self._known[key] = complement(held, *self.limits) if test.negated else held
        return self._known[key]


def _held(test: Test) -> Intervals:
    match test.members:
        case Numbers(spans):
            return union(spans)
        case GroupLines(include, exclude):
            return best_fit(include, exclude)
        case Names():
            raise TypeError(f"{test.field} is not numeric")


def by_intervals(boxes: Iterable[tuple[int, Intervals]]) -> list[tuple[Intervals, list[int]]]:
    """Return each value of intervals once, with the boxes that have it.

    Told apart by identity, which :class:`Admitted` keeps: a group of ten thousand lines that a
    thousand rules name is swept once, not a thousand times.
    """
    found: dict[int, tuple[Intervals, list[int]]] = {}
    for box, intervals in boxes:
        found.setdefault(id(intervals), (intervals, []))[1].append(box)
    return list(found.values())


def names_of(test: Test) -> Names:
    """Return the members of a test of a name field.

    Raises:
        TypeError: the field is numeric.
    """
    if not isinstance(test.members, Names):
        raise TypeError(f"{test.field} holds no names")
    return test.members


def tabulated(tests: Tests) -> Names | None:
    """Return the members of tests that a table of whole names and prefixes can answer.

    That is one test whose patterns are all prefixes; they are among ``prefixes`` in the answer.
    ``None``: the tests have to be tried one by one.
    """
    members = names_of(tests[0])
    if len(tests) > 1 or not all(map(_is_prefix, members.patterns)):
        return None
    prefixes = (*members.prefixes, *(pattern[:-1] for pattern in members.patterns))
    return Names(members.exact, prefixes, (), members.fold)


def _is_prefix(pattern: str) -> bool:
    return pattern.endswith("*") and "*" not in pattern[:-1] and "?" not in pattern
