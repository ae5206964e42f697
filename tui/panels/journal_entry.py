"""Display Journal Entry: one entry, formatted, and its entry-specific data as it lies there."""

from __future__ import annotations

from collections.abc import Sequence

from tui.display import WHITE, Display
from tui.keys import Aid
from tui.kit.drawing import continue_line
from tui.kit.viewer import Line, Viewer, folded, page_of
from tui.services import Desk, EntryText
from tui.session import FunctionKey, Session

_TITLE = f"{'':11}Entry specific data"
#: Long values go on below themselves.
_INDENT = 28


class DisplayEntry(Viewer):
    """Header, details and data of an entry; F6 and F10 show one part, F11 the bytes."""

    name = "entry"
    title = "Display Journal Entry"
    heads_row = 4

    def __init__(self, entry: EntryText) -> None:
        """Show an entry whole, its data as characters."""
        super().__init__()
        self._entry = entry
        self._only = ""
        self._digits = False
        self._lines: Sequence[str] = ()

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw a page of the parts that were chosen."""
        self._lines = self._chosen(display.columns - 3)
        super().draw(display, desk)
        continue_line(display)

    def _chosen(self, width: int) -> Sequence[str]:
        entry = self._entry
        details = folded(entry.details, width, _INDENT)
        data = entry.digits if self._digits else entry.characters
        if self._only == "data":
            return [_TITLE, *data]
        if self._only == "details":
            return details or ["(This entry has no details.)"]
        return [*folded(entry.header, width, _INDENT), *details, "", _TITLE, *data]

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write which entry it is."""
        display.put(3, 2, f"Sequence {self._entry.sequence}", WHITE)

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[Line]:
        """Return lines of the parts that were chosen."""
        return page_of(self._lines, start, count, backward=backward)

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of a viewer, with F6, F10 and F11."""
        leave, cancel, *rest = super().function_keys()
        data = "Entire entry" if self._only == "data" else "Only data"
        details = "Entire entry" if self._only == "details" else "Only details"
        form = "Character" if self._digits else "Hexadecimal"
        return (
            leave,
            FunctionKey(Aid.F6, data, lambda session: self._choose(session, "data")),
            FunctionKey(Aid.F10, details, lambda session: self._choose(session, "details")),
            FunctionKey(Aid.F11, form, self._turn),
            cancel,
            *rest,
        )

    def _choose(self, session: Session, part: str) -> None:
        self._only = "" if self._only == part else part
        self.first, self.shift = 1, 0
        session.redraw()

    def _turn(self, session: Session) -> None:
        self._digits = not self._digits
        if self._only == "details":
            self._only = ""
        session.redraw()
