"""Help: a window over the panel, about the field that the cursor is in."""

from __future__ import annotations

import textwrap

from tui.display import BLUE, WHITE, Display
from tui.helptext import TOPICS, topic_of
from tui.keys import Aid
from tui.kit.drawing import Box, window
from tui.services import Desk
from tui.session import (
    CANCEL,
    CANCELLED,
    EXIT,
    FunctionKey,
    KeyRefusedError,
    Panel,
    Session,
)

_KEYS = (
    "Keys: Enter processes, F1 helps, F3 leaves the function, F4 lists values, F5 reads again, "
    "F12 goes one step back. Page Down and Page Up roll. Tab, Shift+Tab and Ctrl+J go from field "
    "to field; Ctrl+K is Field Exit, Ctrl+X Field+, Ctrl+Y Field-, Ctrl+E Erase Input, Ctrl+O "
    "Home, Insert changes between insert and replace. Where a function key does not arrive: Esc, "
    "then 1 to = for F1 to F12, Esc, then ! to + for F13 to F24."
)


class Help(Panel):
    """One topic; F2=Extended help adds the whole panel's and the keys."""

    name = "help"
    window = True

    def __init__(self, panel: str, field: str | None, label: str) -> None:
        """Show what there is about a field of a panel, or about the panel."""
        self._panel = panel
        self._label = label
        self._texts = [TOPICS.get(topic_of(panel, field), _KEYS)]
        self._first = 0
        self._page = 0
        self._lines: list[str] = []

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw one page of the text."""
        width = min(72, display.columns - 8)
        box_page = display.rows - 13
        self._lines = []
        for text in self._texts:
            self._lines += [*textwrap.wrap(text, width - 4), ""]
        self._lines.pop()
        self._page = min(len(self._lines), box_page)
        box = Box(4, 4, self._page + 6, width)
        window(display, box, f"{self._label} - Help")
        for at, line in enumerate(self._lines[self._first : self._first + self._page]):
            display.put(box.top + 3 + at, box.column, line)
        if len(self._lines) > self._page:
            bottom = self._first + self._page >= len(self._lines)
            more = "Bottom" if bottom else "More..."
            display.put(box.top + 3 + self._page, box.left + width - 9, more, WHITE)
        legend = "   ".join(f"{k.aid}={k.label}" for k in self.function_keys())
        display.put(box.top + 4 + self._page, box.column, legend, BLUE)
        display.cursor = display.position(box.top + 3, box.column)

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of help."""
        return (FunctionKey(Aid.F2, "Extended help", self._extend), EXIT, CANCEL)

    def _extend(self, session: Session) -> None:
        self._texts = [TOPICS[self._panel], _KEYS] if self._panel in TOPICS else [_KEYS]
        self._label, self._first = "Extended", 0
        session.redraw()

    def roll(self, session: Session, *, up: bool) -> None:
        """Page forward or back."""
        first = self._first + (self._page if up else -self._page)
        if first >= len(self._lines) or (self._first == 0 and not up):
            raise KeyRefusedError("No more help in that direction.")
        self._first = max(0, first)
        session.redraw()

    def enter(self, session: Session) -> None:
        """Go back."""
        session.leave(CANCELLED)


def help_for(panel: Panel, display: Display) -> Panel:
    """Return the help panel for the cursor's place."""
    field = display.field_at_cursor()
    if field is None:
        return Help(panel.name, None, "Panel")
    return Help(panel.name, field.name, _labels(display, field.name))


def _labels(display: Display, name: str) -> str:
    """Return what stands before a field on its row, without the leader dots."""
    if name.startswith("opt"):
        return "Option"
    field = display.field(name)
    assert field is not None
    line = display.lines()[field.start // display.columns]
    return line[: field.start % display.columns].rstrip(" .").strip() or name
