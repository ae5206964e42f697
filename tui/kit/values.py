"""The list of values that F4=Prompt shows in a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.display import BLUE, WHITE, Display, Kind
from tui.kit.drawing import Box, window
from tui.outcomes import CANCELLED, FieldRefusedError, KeyRefusedError, Result
from tui.services import Desk
from tui.session import Panel, Session


@dataclass(frozen=True, slots=True)
class Choice:
    """A value and what it means."""

    value: str
    text: str = ""


class ValueList(Panel):
    """A window with a list of values; 1=Select takes one into the field."""

    name = "values"
    window = True

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        """List ``choices``, at least one."""
        self._title = title
        self._choices = choices
        self._first = 0
        self._page = 0
        self._typed: dict[int, str] = {}

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw one page of values."""
        self._page = min(len(self._choices), display.rows - 15)
        widest = max(len(c.value) + len(c.text) for c in self._choices) + 11
        width = min(max(widest, 44), display.columns - 8)
        box = Box(4, display.columns - width - 3, self._page + 8, width)
        window(display, box, self._title)
        column = box.column
        display.put(box.top + 2, column, "Type option, press Enter.", BLUE)
        display.put(box.top + 3, column, "  1=Select", BLUE)
        display.put(box.top + 4, column, "Opt  Value", WHITE)
        value_width = max(len(c.value) for c in self._choices)
        for offset, choice in enumerate(self._visible()):
            row, index = box.top + 5 + offset, self._first + offset
            display.add(f"opt{index}", row, column + 1, 1, self._typed.get(index, ""), Kind.UPPER)
            text = f"{choice.value:<{value_width}}  {choice.text}"
            display.put(row, column + 5, text[: box.inside - 5])
        below = box.top + 5 + self._page
        bottom = self._first + self._page >= len(self._choices)
        more = "Bottom" if bottom else "More..."
        display.put(below, box.left + width - 2 - len(more), more, WHITE)
        display.put(below + 1, column, "F12=Cancel", BLUE)

    def _visible(self) -> Sequence[Choice]:
        return self._choices[self._first : self._first + self._page]

    def keep(self, values: dict[str, str]) -> None:
        """Keep what was typed on this page."""
        for index in range(self._first, self._first + self._page):
            self._typed[index] = values.get(f"opt{index}", "")

    def roll(self, session: Session, *, up: bool) -> None:
        """Page forward or back."""
        first = self._first + (self._page if up else -self._page)
        if first >= len(self._choices) or (self._first == 0 and not up):
            raise KeyRefusedError("No more values in that direction.")
        self._first = max(0, first)
        session.redraw()

    def enter(self, session: Session) -> None:
        """Take the value that was chosen; with none typed, leave without one."""
        typed = [index for index, option in sorted(self._typed.items()) if option]
        for index in typed:
            if self._typed[index] != "1" or len(typed) > 1:
                text = "Select one value only." if len(typed) > 1 else "Option must be 1."
                self._first = index - index % self._page
                session.redraw()
                raise FieldRefusedError(text, f"opt{index}")
        if not typed:
            session.leave(CANCELLED)
            return
        session.leave(Result(done=True, value=self._choices[typed[0]].value))
