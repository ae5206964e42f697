"""Where a display stands in a terminal of another size, and what is shown around it. Pure.

A display is in the middle of the terminal; a terminal that has a row to spare shows below it
what an emulator shows on its status line. One that is too small shows one line that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tui.display import GREEN, WHITE, Attr, Display, cells

#: Rows and columns that a 5250 may have; the first is the least that panels need.
SIZES = ((24, 80), (27, 132))
WORKING = "Working. What you type is kept."


@dataclass(frozen=True, slots=True)
class Run:
    """Cells that look the same; ``cursor`` is the one cell that the cursor is in."""

    text: str
    attr: Attr
    cursor: bool = False


@dataclass(frozen=True, slots=True)
class Viewport:
    """A terminal of so many rows and columns."""

    rows: int
    columns: int

    def fits(self, size: tuple[int, int]) -> bool:
        """Whether a display of so many rows and columns can be shown whole."""
        return self.rows >= size[0] and self.columns >= size[1]

    def best(self, wanted: tuple[int, int]) -> tuple[int, int] | None:
        """Return the size to show: the wanted one, else the least, else ``None``."""
        return next((size for size in (wanted, SIZES[0]) if self.fits(size)), None)

    def origin(self, display: Display) -> tuple[int, int] | None:
        """Return the display's first column and row, from 0; ``None`` when it does not fit."""
        if not self.fits((display.rows, display.columns)):
            return None
        return (self.columns - display.columns) // 2, max(0, (self.rows - display.rows - 1) // 2)

    def place(self, display: Display, x: int, y: int) -> tuple[int, int] | None:
        """Return the display's row and column, from 1, at a cell of the terminal, from 0."""
        origin = self.origin(display)
        if origin is None:
            return None
        column, row = x - origin[0] + 1, y - origin[1] + 1
        inside = 1 <= column <= display.columns and 1 <= row <= display.rows
        return (row, column) if inside else None

    def line(self, display: Display, y: int, *, waiting: bool) -> Iterator[Run]:
        """Yield what a line of the terminal shows, without the blanks at its end.

        Args:
            display: what is shown.
            y: the line, from 0.
            waiting: whether the keyboard waits for the program, which is then said.
        """
        origin = self.origin(display)
        if origin is None:
            said = cells(display.message)
            yield Run((self._notice(display), said, "")[min(y, 2)], WHITE)
            return
        left, top = origin
        row = y - top + 1
        yield Run(" " * left, GREEN)
        if row == display.rows and waiting:
            yield Run(f" {WORKING}", WHITE)
        elif 1 <= row <= display.rows:
            yield from _cells(display, row)
        elif row == display.rows + 1:
            yield Run(_status(display, waiting=waiting), WHITE)

    def _notice(self, display: Display) -> str:
        """Say what is needed: the least, or where that would do, what could not be left."""
        kept = self.fits(SIZES[0])
        rows, columns = (display.rows, display.columns) if kept else SIZES[0]
        return f"EPM needs {rows}x{columns}, this terminal is {self.rows}x{self.columns}"


def _cells(display: Display, row: int) -> Iterator[Run]:
    column = 1
    for text, attr in display.runs(row):
        at = display.column - column
        if row == display.row and 0 <= at < len(text):
            yield Run(text[:at], attr)
            yield Run(text[at], attr, cursor=True)
            yield Run(text[at + 1 :], attr)
        else:
            yield Run(text, attr)
        column += len(text)


def _status(display: Display, *, waiting: bool) -> str:
    """Return what an emulator shows: input inhibited, insert mode, the cursor's place."""
    left = f"{'X SYSTEM' if waiting else '':<10}{'^' if display.insert else ''}"
    place = f"{display.row:02}/{display.column:03}"
    return f" {left:<{display.columns - len(place) - 2}}{place}"
