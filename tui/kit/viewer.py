"""A viewer: lines of text that are read by number, rolled up and down, shifted left and right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui.display import GREEN, Attr, Display
from tui.keys import Aid
from tui.kit.listing import PRINT_COLUMNS, ListPanel
from tui.outcomes import KeyRefusedError, Result
from tui.services import Desk
from tui.session import EXIT, FunctionKey, Session
from tui.text import broken

_TEXT = 2
#: F19 and F20 go so many columns.
SHIFT = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One line and its number, from 1."""

    number: int
    text: str
    attr: Attr = GREEN


class Viewer(ListPanel[Line]):
    """Lines of text; Enter goes on.

    Attributes:
        shift: how many columns are hidden on the left.
    """

    def __init__(self) -> None:
        """Begin at the first line and column."""
        super().__init__()
        self.shift = 0
        self._columns = 80

    def key_of(self, row: Line) -> int:
        """Return its number."""
        return row.number

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw one page."""
        self._columns = display.columns
        super().draw(display, desk)

    def draw_row(self, display: Display, at: int, row: Line) -> None:
        """Write what is in view of one line; ``<`` and ``>`` mark what is not."""
        width = display.columns - _TEXT
        text = row.text[self.shift : self.shift + width]
        if self.shift and row.text[: self.shift].strip():
            text = f"<{text[1:]}"
        if len(row.text) > self.shift + width:
            text = f"{text[: width - 1]}>"
        display.put(at, _TEXT, text, row.attr)

    def row_lines(self, rows: Sequence[Line]) -> list[str]:
        """Return lines to print whole, each cut at the width of the paper into as many."""
        return [part for row in rows for part in _pieces(row.text)]

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of a viewer."""
        _, _, cancel, *rest = super().function_keys()
        left = FunctionKey(Aid.F19, "Left", lambda session: self._move(session, -SHIFT))
        right = FunctionKey(Aid.F20, "Right", lambda session: self._move(session, SHIFT))
        return (EXIT, cancel, *rest[:-1], left, right, *rest[-1:])

    def _move(self, session: Session, columns: int) -> None:
        widest = max((len(row.text) for row in self._shown), default=0)
        if columns < 0 and not self.shift:
            raise KeyRefusedError("Already at the left of the text.")
        if columns > 0 and widest <= self.shift + self._columns - _TEXT:
            raise KeyRefusedError("Nothing further to the right on this page.")
        self.shift = max(0, self.shift + columns)
        session.redraw()

    def enter(self, session: Session) -> None:
        """Go on."""
        session.leave(Result(done=True))


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, max(1, len(text)), PRINT_COLUMNS):
        yield text[start : start + PRINT_COLUMNS]


def page_of(lines: Sequence[str], start: int, count: int, *, backward: bool) -> list[Line]:
    """Return some of a few lines as rows: ``count`` from number ``start`` on, or up to it."""
    if backward:
        end = max(0, min(start, len(lines)))
        first = max(0, end - count)
    else:
        first, end = start - 1, start - 1 + count
    return [Line(number, text) for number, text in enumerate(lines[first:end], first + 1)]


def folded(lines: Sequence[str], width: int, indent: int) -> list[str]:
    """Return lines none of which is longer than ``width``; what goes on is indented."""
    result = []
    for line in lines:
        first, rest = broken(line, width)
        result.append(first)
        while rest:
            part, rest = broken(rest, width - indent)
            result.append(" " * indent + part)
    return result
