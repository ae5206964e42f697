"""What a ``<pgm>`` element asks for: its parameters, return value and overlays as plain values.

Pure: elements in, a tree out. Attributes that it does not know stay in the start tag and are
echoed untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from epm.errors import FormatError
from simulators.xmlservice.datatypes import DataType, parse_type
from simulators.xmlservice.digits import plain_number
from simulators.xmlservice.document import Element, Text, Verbatim

#: Elements of one array.
MAX_DIM = 1_000_000
Direction = Literal["in", "out", "both", "omit"]
_DIRECTIONS: tuple[Direction, ...] = ("in", "out", "omit")


@dataclass(frozen=True, slots=True)
class Data:
    """One ``<data>``.

    Attributes:
        count, length, offset, following: the labels that ``enddo``, ``setlen``, ``offset`` and
            ``next`` name; empty for none.
    """

    start: str
    type: DataType
    value: str
    cdata: bool
    dim: int
    count: str
    length: str
    offset: str
    following: str


@dataclass(frozen=True, slots=True)
class Structure:
    """One ``<ds>``.

    Attributes:
        until: the label that ``dou`` names.
        measure: the label that ``len`` names.
        records: whether its values come in a ``<records>`` element.
    """

    start: str
    members: tuple[Item, ...]
    dim: int
    until: str
    measure: str
    records: bool


@dataclass(frozen=True, slots=True)
class Records:
    """One ``<records>``: values of the structures before it, between delimiters."""

    start: str
    delimiter: str
    value: str


@dataclass(frozen=True, slots=True)
class Echo:
    """Something that is not ours, echoed where it stands."""

    raw: str


Item = Data | Structure | Records | Echo


@dataclass(frozen=True, slots=True)
class Area:
    """One ``<parm>`` or ``<return>``.

    Attributes:
        by_value: passed by value; only service programs can take one.
    """

    name: Literal["parm", "return"]
    start: str
    direction: Direction
    by_value: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Overlay:
    """One ``<overlay>``: another view of storage that a parameter before it made.

    Attributes:
        offset: bytes, or the label of a value that gives them.
        top: ``on`` the first parameter, a number that parameter, else the last one seen.
        until: the label that ``dou`` names.
        following: the label that ``setnext`` names.
    """

    start: str
    direction: Direction
    offset: int | str
    top: int
    dim: int
    until: str
    following: str
    items: tuple[Item, ...]


Step = Area | Overlay | Echo


@dataclass(frozen=True, slots=True)
class Program:
    """One ``<pgm>``."""

    name: str
    lib: str
    function: str
    steps: tuple[Step, ...]


def _number(text: str, name: str) -> int:
    if not text.strip():
        return 1
    number = plain_number(text.strip())
    if number is None or number > MAX_DIM:
        raise FormatError(f"{name} {text[:20]!r} is not a number up to {MAX_DIM}", 0)
    return max(1, number)


def parse_items(element: Element) -> tuple[Item, ...]:
    """Return what stands in a parameter, structure or overlay.

    Raises:
        FormatError: a type or a dimension is not valid.
    """
    items: list[Item] = []
    for part in element.children:
        match part:
            case Element(name="data"):
                items.append(_data(part))
            case Element(name="ds"):
                items.append(_structure(part))
            case Element(name="records"):
                items.append(Records(part.start, part.get("delimit", ":")[:1] or ":", part.text))
            case Element():
                items.append(Echo(part.echo))
            case Text() | Verbatim():
                pass
    return tuple(items)


def _data(element: Element) -> Data:
    return Data(
        element.start,
        parse_type(element.attributes),
        element.text,
        element.cdata,
        _number(element.get("dim"), "dim"),
        element.get("enddo") or element.get("enddou"),
        element.get("setlen"),
        element.get("offset"),
        element.get("next"),
    )


def _structure(element: Element) -> Structure:
    return Structure(
        element.start,
        parse_items(element),
        _number(element.get("dim"), "dim"),
        element.get("dou"),
        element.get("len"),
        element.get("data").lower() == "records",
    )


def has_data(items: Sequence[Item]) -> bool:
    """Whether there is a value among items, or in a structure of them."""
    return any(
        isinstance(item, Data) or (isinstance(item, Structure) and has_data(item.members))
        for item in items
    )


def _direction(element: Element) -> Direction:
    """Return what ``io`` begins with, as XMLSERVICE reads it: ``inout`` is ``in``."""
    io = element.get("io", "both").strip()
    for direction in _DIRECTIONS:
        if io.startswith(direction):
            return direction
    return "both"


def parse_step(element: Element) -> Step:
    """Return a ``<parm>``, ``<return>`` or ``<overlay>`` of a ``<pgm>``.

    Raises:
        FormatError: a type, a dimension or an offset is not valid.
    """
    match element.name:
        case "parm":
            direction = _direction(element)
            items = () if direction == "omit" else parse_items(element)
            by_value = element.get("by").strip().startswith("val")
            return Area("parm", element.start, direction, by_value, items)
        case "return":
            return Area("return", element.start, "both", False, parse_items(element))
        case _:
            return _overlay(element)


def _overlay(element: Element) -> Overlay:
    offset = element.get("offset", "0").strip() or "0"
    at = plain_number(offset)
    top = element.get("top", "off").strip().lower()
    return Overlay(
        element.start,
        _direction(element),
        offset if at is None else at,
        1 if top == "on" else plain_number(top) or 0,
        _number(element.get("dim"), "dim"),
        element.get("dou"),
        element.get("setnext"),
        parse_items(element),
    )
