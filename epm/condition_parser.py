"""From a condition as written to the test that it asks (contract, section 2: values)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeVar

from epm import addresses
from epm.addresses import Host, Span
from epm.conditions import GroupLines, Members, Names, Numbers, Resolved, Test
from epm.errors import ConditionError, RuleError
from epm.fields import (
    DAY_NAMES,
    FIELD_SERVERS,
    FIELD_TYPES,
    MAX_BACKLOG,
    MAX_PORT,
    MIN_BACKLOG,
    NEGATIVE,
    OPERATORS,
    SECONDS_A_DAY,
    FieldType,
)
from epm.model import AddressGroup, Condition, Field, Groups, Operator, Server
from epm.text import folded, parse_number, refuse_controls

T = TypeVar("T")


def parse_test(
    condition: Condition, server: Server, groups: Groups, resolved: Resolved | None = None
) -> Test:
    """Return the test that ``condition`` asks.

    Raises:
        ConditionError: the server lacks the field, the field lacks the operator, the value is
            malformed, or the group does not exist. The text names field, operator and why.
    """
    field, op, value = condition.field, condition.op, condition.value
    try:
        if server not in FIELD_SERVERS[field]:
            raise ConditionError(f"{server} has no such field")
        kind = FIELD_TYPES[field]
        if op not in OPERATORS[kind]:
            raise ConditionError(f"a field of type {kind} takes {' '.join(OPERATORS[kind])}")
        refuse_controls(value, "value")
        if not value.strip():
            raise ConditionError("the value is empty")
        if kind is FieldType.ADDRESS:
            return _address_test(field, op, value, groups, resolved or {})
        return Test(field, _PARSERS[kind](op, value, groups), op in NEGATIVE)
    except RuleError as error:
        raise ConditionError(f"{field} {op}: {error}") from None


def hosts_in(condition: Condition) -> tuple[str, ...]:
    """Return the host names that the value of a sound condition holds."""
    if FIELD_TYPES[condition.field] is not FieldType.ADDRESS or condition.op in _GROUPS:
        return ()
    parts = (addresses.parse_span_or_host(x) for x in _items(condition))
    return tuple(p.name for p in parts if isinstance(p, Host))


_GROUPS = (Operator.GRP, Operator.NGRP)


_LISTS = (Operator.LIST, Operator.NLIST)


def _items(condition: Condition) -> list[str]:
    if condition.op in _LISTS:
        return split_list(condition.value)
    return [condition.value.strip()]


def split_list(value: str) -> list[str]:
    """Return the items of a comma list, without blanks around them.

    Raises:
        ConditionError: an item is empty.
    """
    items = [x.strip() for x in value.split(",")]
    if not all(items):
        raise ConditionError(f"list {value!r} has an empty item")
    return items


def _address_test(
    field: Field, op: Operator, value: str, groups: Groups, resolved: Resolved
) -> Test:
    negated = op in NEGATIVE
    if op in _GROUPS:
        return Test(field, group_lines(_named(groups.addresses, value, "address")), negated)
    items = split_list(value) if op in _LISTS else [value.strip()]
    spans: list[Span] = []
    known = True
    for part in map(addresses.parse_span_or_host, items):
        if isinstance(part, Span):
            spans.append(part)
        elif op is Operator.NLIST:
            raise ConditionError(f"host name {part.name!r}: names are for EQ, NE and LIST only")
        elif resolved.get(part.name):  # a name without any address is as good as unresolved
            spans.extend(Span(n, n) for n in sorted(resolved[part.name]))
        else:
            known = False
    return Test(field, Numbers(tuple(spans)), negated, known)


def _named(groups: Mapping[str, T], name: str, kind: str) -> T:
    if name.strip() not in groups:
        raise ConditionError(f"there is no {kind} group {name.strip()!r}")
    return groups[name.strip()]


@lru_cache(maxsize=1024)  # a group that many rules name is parsed once
def group_lines(group: AddressGroup) -> GroupLines:
    """Return the parsed lines of an address group; host names are not allowed in one."""
    return GroupLines(
        tuple(addresses.parse_span(x) for x in group.include),
        tuple(addresses.parse_span(x) for x in group.exclude),
    )


def _numbers(op: Operator, value: str, high: int, what: str, floor: int = 0) -> Numbers:
    """Parse a value of plain numbers 0..high; a call's value may be as low as ``floor``."""
    text = value.strip()
    if op in _LISTS:
        return Numbers(tuple(number_span(x, 0, high, what) for x in split_list(value)))
    if op in (Operator.RANGE, Operator.NRANGE):
        if "-" not in text:
            raise ConditionError(f"{what} {text!r} is not a range lo-hi")
        return Numbers((number_span(text, 0, high, what),))
    return Numbers(_ordered(op, parse_number(text, 0, high, what), floor, high))


def _ordered(op: Operator, n: int, floor: int, high: int) -> tuple[Span, ...]:
    """Return what EQ, NE and the order operators admit; empty where nothing can be."""
    low, high = {
        Operator.LT: (floor, n - 1),
        Operator.LE: (floor, n),
        Operator.GT: (n + 1, high),
        Operator.GE: (n, high),
    }.get(op, (n, n))
    return (Span(low, high),) if low <= high else ()


def number_span(text: str, low: int, high: int, what: str) -> Span:
    """Return ``n`` or ``lo-hi`` as a span.

    Raises:
        ConditionError: not plain numbers, out of range, or reversed.
    """
    first_text, dash, last_text = text.partition("-")
    first = parse_number(first_text, low, high, what)
    last = parse_number(last_text, low, high, what) if dash else first
    if first > last:
        raise ConditionError(f"{what} range {text!r} is reversed")
    return Span(first, last)


def port_span(text: str) -> Span:
    """Return one line of a port group or list: a port or a range."""
    return number_span(text, 0, MAX_PORT, "port")


def _port(op: Operator, value: str, groups: Groups) -> Numbers:
    if op in _GROUPS:
        return Numbers(tuple(port_span(x) for x in _named(groups.ports, value, "port")))
    return _numbers(op, value, MAX_PORT, "port")


def _backlog(op: Operator, value: str, _groups: Groups) -> Numbers:
    return _numbers(op, value, MAX_BACKLOG, "backlog", floor=MIN_BACKLOG)


def _name(op: Operator, value: str, groups: Groups) -> Names:
    if op in _GROUPS:
        return name_members(_named(groups.names, value, "name"))
    return _text_members(op, folded(value), fold=True)


def _text(op: Operator, value: str, _groups: Groups) -> Names:
    return _text_members(op, value, fold=False)


def _text_members(op: Operator, value: str, *, fold: bool) -> Names:
    if op in (Operator.LIKE, Operator.NLIKE):
        return Names(frozenset(), (), (value.strip(),), fold)
    items = split_list(value) if op in _LISTS else [value.strip()]
    return Names(frozenset(items), (), (), fold)


@lru_cache(maxsize=1024)
def name_members(lines: tuple[str, ...]) -> Names:
    """Return the members of a name group; a line may be generic (``QPG*``).

    Raises:
        ConditionError: a ``*`` that is not the last character.
    """
    exact, prefixes = set(), []
    for line in lines:
        name = folded(refuse_controls(line, "name").strip())
        if not name or "*" in name[:-1]:
            raise ConditionError(f"{line!r} is not a name or a generic name such as QPG*")
        if name.endswith("*"):
            prefixes.append(name[:-1])
        else:
            exact.add(name)
    return Names(frozenset(exact), tuple(prefixes), (), fold=True)


def _time(op: Operator, value: str, _groups: Groups) -> Numbers:
    text = value.strip()
    last = SECONDS_A_DAY - 1
    if op not in (Operator.RANGE, Operator.NRANGE):
        return Numbers(_ordered(op, _seconds(text), 0, last))
    start_text, dash, end_text = text.partition("-")
    if not dash:
        raise ConditionError(f"{text!r} is not a range HH:MM-HH:MM")
    start, end = _seconds(start_text), _seconds(end_text)
    if start < end:
        return Numbers((Span(start, end - 1),))
    # It wraps midnight; where both are the same it is the whole day.
    return Numbers((Span(start, last), *((Span(0, end - 1),) if end else ())))


def _seconds(text: str) -> int:
    shaped = len(text) == 5 and text[2] == ":" and text.isascii()
    hours, minutes = text[:2], text[3:]
    if not (shaped and hours.isdigit() and minutes.isdigit()):
        raise ConditionError(f"{text!r} is not a time HH:MM")
    if int(hours) > 23 or int(minutes) > 59:
        raise ConditionError(f"{text!r} is not a time from 00:00 to 23:59")
    return int(hours) * 3600 + int(minutes) * 60


def _day(op: Operator, value: str, _groups: Groups) -> Numbers:
    items = split_list(value) if op in _LISTS else [value.strip()]
    for item in items:
        if item.upper() not in DAY_NAMES:
            raise ConditionError(f"{item!r} is not a day: {' '.join(DAY_NAMES)}")
    days = sorted({DAY_NAMES.index(x.upper()) for x in items})
    return Numbers(tuple(Span(d, d) for d in days))


_PARSERS: dict[FieldType, Callable[[Operator, str, Groups], Members]] = {
    FieldType.PORT: _port,
    FieldType.NUMBER: _backlog,
    FieldType.NAME: _name,
    FieldType.NAMES: _name,
    FieldType.TEXT: _text,
    FieldType.TIME: _time,
    FieldType.DAY: _day,
}
