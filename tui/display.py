"""A 5250 display: cells, attributes, input fields and a cursor. Pure; draws nothing itself.

Positions are linear, 0-based (``(row - 1) * columns + column - 1``), as in the data stream of
the real device; rows and columns count from 1, as on panel design sheets. A field may run over
the end of a row into the next, as on the real device. What the operator's keys do to it is in
:mod:`tui.keyboard`.

INVARIANT: the cursor is on the screen; a field's value never exceeds its length.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import lru_cache

from epm.errors import EpmError

#: Shown for a character that does not fill exactly one cell, or that a terminal would obey.
SUBSTITUTE = "\u2592"


class Colour(StrEnum):
    """The colours of a 5250 (DDS keyword COLOR)."""

    GREEN = "green"
    WHITE = "white"
    RED = "red"
    TURQUOISE = "turquoise"
    YELLOW = "yellow"
    PINK = "pink"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Attr:
    """How a cell looks (DDS keywords COLOR and DSPATR: UL, RI)."""

    colour: Colour = Colour.GREEN
    underline: bool = False
    reverse: bool = False


GREEN = Attr()
WHITE = Attr(Colour.WHITE)
BLUE = Attr(Colour.BLUE)
TURQUOISE = Attr(Colour.TURQUOISE)
PINK = Attr(Colour.PINK)
RED = Attr(Colour.RED)
ENTRY = Attr(underline=True)
ERROR = Attr(Colour.WHITE, reverse=True)


class Kind(Enum):
    """What may be typed into a field (the shift of its DDS definition)."""

    TEXT = "any character, kept as typed"
    UPPER = "any character, made upper case"
    DIGITS = "digits only"
    SIGNED = "digits and a minus sign"


@dataclass(slots=True)
class Field:
    """An input field.

    Attributes:
        start: linear position of its first cell.
        length: cells it has; it may run over the end of a row.
        value: what it holds; never ends in blanks, never longer than ``length``.
        modified: whether the operator changed it (the modified data tag).
        error: shown in reverse image.
    """

    name: str
    start: int
    length: int
    kind: Kind = Kind.TEXT
    value: str = ""
    modified: bool = False
    error: bool = False

    def holds(self, position: int) -> bool:
        """Whether a linear position is in the field."""
        return self.start <= position < self.start + self.length


class FieldTooShortError(EpmError, ValueError):
    """A value that its field cannot hold at the size of this display.

    To cut it would lose the rest at the next change.
    """

    def __init__(self, field: str, cells: int, characters: int) -> None:
        """Take the field's name, the cells that it has, and the characters of its value."""
        super().__init__(f"field {field} is too short here: {cells} cells for {characters}")


#: What terminals draw in none or two cells, whatever the tables here say: Hangul letters that join
#: the one before, symbols that newer tables have made wide, and the halves of flags.
_UNEVEN = (
    range(0x1160, 0x1200),
    range(0x2630, 0x2638),
    range(0x268A, 0x2690),
    range(0x4DC0, 0x4E00),
    range(0xD7B0, 0xD800),
    range(0xFFA0, 0xFFA1),
    range(0x1D300, 0x1D380),
    range(0x1F1E6, 0x1F200),
)


@lru_cache(maxsize=4096)
def cell(character: str) -> str:
    """Return what one cell shows for a character: itself, or a substitute.

    Wide and combining characters would shift every column behind them; controls and
    bidirectional marks could make a terminal show another text than the one that is stored.
    """
    if character == " " or "!" <= character <= "~":
        return character
    plain = character.isprintable() and not unicodedata.combining(character)
    wide = unicodedata.east_asian_width(character) in ("W", "F")
    marks = unicodedata.category(character) in ("Cf", "Mn", "Me", "Mc")
    uneven = any(ord(character) in part for part in _UNEVEN)
    return character if plain and not (wide or marks or uneven) else SUBSTITUTE


def cells(text: str) -> str:
    """Return text as its cells show it; exactly as many cells as characters."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(cell, text))


class Display:
    """A screen of cells with input fields and a cursor."""

    def __init__(self, rows: int = 24, columns: int = 80) -> None:
        """Make an empty screen.

        Raises:
            ValueError: smaller than 24 x 80, which no panel could be drawn on.
        """
        if rows < 24 or columns < 80:
            raise ValueError(f"a display has at least 24 x 80 cells, not {rows} x {columns}")
        self.rows = rows
        self.columns = columns
        self.fields: list[Field] = []
        self.cursor = 0
        self.insert = False
        self.message = ""
        self._text = [" "] * (rows * columns)
        self._attrs = [GREEN] * (rows * columns)

    @property
    def size(self) -> int:
        """How many cells there are."""
        return self.rows * self.columns

    @property
    def row(self) -> int:
        """The cursor's row, from 1."""
        return self.cursor // self.columns + 1

    @property
    def column(self) -> int:
        """The cursor's column, from 1."""
        return self.cursor % self.columns + 1

    def position(self, row: int, column: int) -> int:
        """Return the linear position of a row and column, wrapped onto the screen."""
        return ((row - 1) * self.columns + column - 1) % self.size

    # ------------------------------------------------------------------------- writing

    def put(self, row: int, column: int, text: str, attr: Attr = GREEN) -> None:
        """Write text; what would leave its row on the right is cut off."""
        start = self.position(row, column)
        shown = cells(text[: max(0, self.columns - column + 1)])
        self._text[start : start + len(shown)] = shown
        self._attrs[start : start + len(shown)] = [attr] * len(shown)

    def add(
        self,
        name: str,
        row: int,
        column: int,
        length: int,
        value: str = "",
        kind: Kind = Kind.TEXT,
    ) -> Field:
        """Add an input field and return it; the first one gets the cursor.

        Raises:
            ValueError: it would leave the screen or overlap another.
            FieldTooShortError: it cannot hold its value, which is never cut.
        """
        start = self.position(row, column)
        value = value.rstrip()
        if length < 1 or start + length > self.size:
            raise ValueError(f"field {name} does not fit the screen: {length} cells")
        if len(value) > length:
            raise FieldTooShortError(name, length, len(value))
        if any(f.start < start + length and start < f.start + f.length for f in self.fields):
            raise ValueError(f"field {name} overlaps another")
        field = Field(name, start, length, kind, value)
        if not self.fields:
            self.cursor = start
        self.fields.append(field)
        return field

    def backdrop(self) -> Display:
        """Return a display that shows the same, its fields as plain text, to put a window on."""
        copy = Display(self.rows, self.columns)
        for row in range(1, self.rows + 1):
            column = 1
            for text, attr in self._row_runs(row):
                copy.put(row, column, text, attr)
                column += len(text)
        copy.put(copy.rows, 1, " " * copy.columns)
        return copy

    # ------------------------------------------------------------------------- reading

    def field(self, name: str) -> Field | None:
        """Return the field of that name."""
        return next((f for f in self.fields if f.name == name), None)

    def field_at_cursor(self) -> Field | None:
        """Return the field that the cursor is in."""
        return next((f for f in self.fields if f.holds(self.cursor)), None)

    def values(self) -> dict[str, str]:
        """Return what the fields hold, without blanks on either side, by name."""
        return {f.name: f.value.strip() for f in self.fields}

    def runs(self, row: int) -> list[tuple[str, Attr]]:
        """Return a row as runs of cells that look the same, its message laid over it."""
        return list(self._row_runs(row))

    def _row_runs(self, row: int) -> Iterator[tuple[str, Attr]]:
        first, last = (row - 1) * self.columns, row * self.columns
        text, attrs = self._text[first:last], self._attrs[first:last]
        for field in self.fields:
            if field.start < last and first < field.start + field.length:
                self._overlay(field, first, last, text, attrs)
        if row == self.rows and self.message:
            shown = cells(self.message[: self.columns - 2])
            text[1 : 1 + len(shown)] = shown
            attrs[1 : 1 + len(shown)] = [WHITE] * len(shown)
        start = 0
        for end in range(1, self.columns + 1):
            if end == self.columns or attrs[end] is not attrs[start]:
                yield "".join(text[start:end]), attrs[start]
                start = end

    def _overlay(
        self, field: Field, first: int, last: int, text: list[str], attrs: list[Attr]
    ) -> None:
        low, high = max(field.start, first), min(field.start + field.length, last)
        shown = cells(field.value.ljust(field.length)[low - field.start : high - field.start])
        text[low - first : high - first] = shown
        attrs[low - first : high - first] = [ERROR if field.error else ENTRY] * (high - low)

    def line(self, row: int) -> str:
        """Return a row as text, without blanks at its end."""
        return "".join(text for text, _ in self._row_runs(row)).rstrip()

    def lines(self) -> list[str]:
        """Return the screen as text, a line for each row."""
        return [self.line(row) for row in range(1, self.rows + 1)]
