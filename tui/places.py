"""What stands at a place of a panel: a field, a column, an option, a key, a choice.

Read from the display as it was drawn, so that help at the cursor and the mouse know every
panel without being told about any. Rows and columns count from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from tui.display import BLUE, WHITE, Display
from tui.kit.drawing import aid_at


class PlaceKind(Enum):
    """What a place is part of."""

    FIELD = "an input field, or its label"
    KEY = "a function key in the legend"
    OPTION = "an option in the legend"
    COLUMN = "a column of a list, or its head"
    CHOICE = "a numbered choice of a menu"
    MORE = "the mark that the list goes on"


@dataclass(frozen=True, slots=True)
class Place:
    """What stands somewhere.

    Attributes:
        name: the field's name, ``F5``, the option's or choice's number, or the column's head.
        label: how a person calls it.
    """

    kind: PlaceKind
    name: str
    label: str


_OPTION = re.compile(r"(\d{1,2})=\S+(?: \S+)*")
_CHOICE = re.compile(r"(?:^|  ) *(\d{1,2})\. \S+(?: \S+)*")
_WORDS = re.compile(r"\S+(?: \S+)*")
_MORE = "More..."


def place_at(display: Display, row: int, column: int, heads_row: int = 0) -> Place | None:
    """Return what stands at a place, or ``None`` where nothing of its own does.

    Args:
        display: the panel as it was drawn.
        row: from 1.
        column: from 1.
        heads_row: row of the column heads; 0 for a panel without a list.
    """
    at = display.position(row, column)
    field = next((f for f in display.fields if f.holds(at)), None)
    if field is not None:
        return Place(PlaceKind.FIELD, field.name, _label(display, field.name))
    for find in (_key, _option, _choice, _more):
        place = find(display, row, column)
        if place is not None:
            return place
    if heads_row and heads_row <= row <= display.rows - 5:
        return _column(display, heads_row, column)
    return _beside(display, row, column)


def _key(display: Display, row: int, column: int) -> Place | None:
    aid = aid_at(display, row, column)
    return None if aid is None else Place(PlaceKind.KEY, str(aid), str(aid))


def _option(display: Display, row: int, column: int) -> Place | None:
    start = 0
    for text, attr in display.runs(row):
        if attr == BLUE:
            for found in _OPTION.finditer(text):
                if start + found.start() < column <= start + found.end():
                    return Place(PlaceKind.OPTION, found.group(1), f"Option {found.group()}")
        start += len(text)
    return None


def _choice(display: Display, row: int, column: int) -> Place | None:
    if display.field("selection") is None:
        return None
    for found in _CHOICE.finditer(display.line(row)):  # a menu may have two columns
        if column <= found.end():
            return Place(PlaceKind.CHOICE, found.group(1), f"Choice {found.group(1)}")
    return None


def _more(display: Display, row: int, column: int) -> Place | None:
    start = 0
    for text, attr in display.runs(row):
        within = start < column <= start + len(text)
        if within and attr == WHITE and text.strip() == _MORE:
            return Place(PlaceKind.MORE, _MORE, _MORE)
        start += len(text)
    return None


def columns_of(display: Display, heads_row: int) -> Iterator[tuple[int, str]]:
    """Yield the first column and the text of each column head, from the left.

    Heads are white and at least two blanks apart. One that was written with blanks before it
    stands over right-adjusted values, so its column begins with those blanks.
    """
    start = 1
    for text, attr in display.runs(heads_row):
        if attr == WHITE:
            for place, head in enumerate(_WORDS.finditer(text)):
                yield (start + head.start() if place else start), head.group()
        start += len(text)


def _column(display: Display, heads_row: int, column: int) -> Place | None:
    found = None
    for start, head in columns_of(display, heads_row):
        if start <= column:
            found = Place(PlaceKind.COLUMN, head, f"Column {head}")
    return found


def _beside(display: Display, row: int, column: int) -> Place | None:
    """Return the field that a label stands before, or else one that a hint stands behind."""
    first, last = display.position(row, 1), display.position(row, 1) + display.columns
    on_row = [f for f in display.fields if first <= f.start < last]
    if not on_row or not display.line(row).strip():
        return None
    behind = [f for f in on_row if f.start >= first + column - 1]
    field = min(behind, key=lambda f: f.start) if behind else max(on_row, key=lambda f: f.start)
    return Place(PlaceKind.FIELD, field.name, _label(display, field.name))


def _label(display: Display, name: str) -> str:
    """Return what stands before a field on its row, without the leader dots."""
    if name.startswith("opt"):
        return "Option"
    field = display.field(name)
    assert field is not None
    line = display.line(field.start // display.columns + 1)
    before = line[: field.start % display.columns].rstrip(" .>=").strip()
    return _WORDS.findall(before)[-1].rstrip(" .") if before else name.capitalize()
