"""From a condition as written to a test that can be applied to a call.

A :class:`Test` is what one condition asks: the members that make its positive form true, and
whether it is negated. Both evaluators start from it: :mod:`epm.evaluate` applies it as the
contract reads, :mod:`epm.compile` turns its members into indexes.

INVARIANT: a test on a field that the call does not carry is false, whatever its operator.
INVARIANT: a test that names a host never resolved is false, whatever its operator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from epm.addresses import Span
from epm.fields import (
    CALL_ATTRIBUTES,
    FIELD_TYPES,
    FieldType,
)
from epm.model import Call, Field
from epm.text import folded, like

#: Host name in lower case -> axis numbers of its last resolved addresses.
Resolved = Mapping[str, frozenset[int]]
Value = int | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Members of a numeric dimension: any of the spans."""

    spans: tuple[Span, ...]

    def hold(self, value: int) -> bool:
        """Whether ``value`` is a member."""
        return any(s.low <= value <= s.high for s in self.spans)


@dataclass(frozen=True, slots=True)
class GroupLines:
    """Members of an address group: the line with the fewest addresses decides."""

    include: tuple[Span, ...]
    exclude: tuple[Span, ...]

    def hold(self, value: int) -> bool:
        """Whether ``value`` is a member; on a tie the exclude line wins."""
        included = [s.size for s in self.include if s.low <= value <= s.high]
        excluded = [s.size for s in self.exclude if s.low <= value <= s.high]
        return bool(included) and (not excluded or min(included) < min(excluded))


@dataclass(frozen=True, slots=True)
class Names:
    """Members of a name dimension: exact names, prefixes, patterns with ``*`` and ``?``.

    Attributes:
        fold: whether values compare in upper case (the members already are).
    """

    exact: frozenset[str]
    prefixes: tuple[str, ...]
    patterns: tuple[str, ...]
    fold: bool

    def hold(self, value: str) -> bool:
        """Whether ``value`` is a member."""
        name = folded(value) if self.fold else value
        return (
            name in self.exact
            or name.startswith(self.prefixes)
            or any(like(name, p) for p in self.patterns)
        )

    def hold_any(self, values: tuple[str, ...]) -> bool:
        """Whether any of a set of names is a member."""
        return any(self.hold(v) for v in values)


Members = Numbers | GroupLines | Names


@dataclass(frozen=True, slots=True)
class Test:
    """What one condition asks of a call.

    Attributes:
        resolved: false when the value names a host that was never resolved.
    """

    field: Field
    members: Members
    negated: bool
    resolved: bool = True

    def holds(self, call: Call) -> bool:
        """Whether the condition is true for ``call``."""
        value = field_value(self.field, call)
        if value is None or not self.resolved:
            return False
        return self._is_member(value) != self.negated

    def _is_member(self, value: Value) -> bool:
        match self.members, value:
            case Names() as names, tuple():
                return names.hold_any(value)
            case Names() as names, str():
                return names.hold(value)
            case (Numbers() | GroupLines()) as numbers, int():
                return numbers.hold(value)
        raise TypeError(f"{self.field} cannot hold {value!r}")


_GETTERS: dict[Field, Callable[[Call], object]] = {
    f: attrgetter(name) for f, name in CALL_ATTRIBUTES.items()
}


def field_value(field: Field, call: Call) -> Value | None:
    """Return the value of a field as its tests read it, or ``None`` when it is missing.

    TIME is the second of the day, DAY is 0 for Monday.
    """
    if FIELD_TYPES[field] is FieldType.TIME:
        at = call.at
        return None if at is None else at.hour * 3600 + at.minute * 60 + at.second
    if FIELD_TYPES[field] is FieldType.DAY:
        return None if call.at is None else call.at.weekday()
    value = _GETTERS[field](call)
    assert value is None or isinstance(value, (int, str, tuple))
    return value
