"""Help: a window over the panel, about what the cursor is on."""

from __future__ import annotations

import textwrap

from tui.display import BLUE, WHITE, Display
from tui.helptext import TOPICS, topic_of
from tui.keys import Aid
from tui.kit.drawing import Box, window
from tui.messages import MessageLine
from tui.outcomes import CANCELLED, KeyRefusedError
from tui.panels.message_details import MessageDetails
from tui.places import Place, PlaceKind, place_at
from tui.services import Desk
from tui.session import CANCEL, EXIT, FunctionKey, Panel, Session


class Help(Panel):
    """One topic; F2=Extended help adds the whole panel's and the keys."""

    name = "help"
    window = True
    aside = True

    def __init__(self, panel: str, topic: str, label: str) -> None:
        """Show a topic of a panel.

        Args:
            panel: the panel's name.
            topic: the topic's name; one that there is no text for shows that of the keys.
            label: what it is about, for the title.
        """
        self._panel = panel
        self._label = label
        self._texts = [TOPICS.get(topic, TOPICS["keys"])]
        self._first = 0
        self._page = 0
        self._lines: list[str] = []

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw one page of the text."""
        width = min(72, display.columns - 8)
        self._lines = []
        for text in self._texts:
            self._lines += [*textwrap.wrap(text, width - 4), ""]
        self._lines.pop()
        self._page = min(len(self._lines), display.rows - 13)
        self._first = min(self._first, len(self._lines) - 1)
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
        extended = FunctionKey(Aid.F2, "Extended help", self._extend)
        return (extended, FunctionKey(Aid.F3, "Exit help", EXIT.action), CANCEL)

    def _extend(self, session: Session) -> None:
        about = [TOPICS[self._panel]] if self._panel in TOPICS else []
        self._texts = [*about, TOPICS["keys"]]
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


def help_for(panel: Panel, display: Display, said: MessageLine) -> Panel:
    """Return the panel that helps with the cursor's place; on the message line, its details."""
    if display.message and display.row == display.rows:
        return MessageDetails(display.message, said)
    place = place_at(display, display.row, display.column, panel.heads_row)
    if place is None:
        return Help(panel.name, panel.name, "Panel")
    return Help(panel.name, topic_at(panel.name, place), place.label)


def topic_at(panel: str, place: Place) -> str:
    """Return the name of the topic for what stands at a place; the panel's, if it has none."""
    if place.kind is PlaceKind.FIELD:
        return topic_of(panel, place.name)
    option = f"{panel}.opt"
    topics = {
        PlaceKind.COLUMN: (option if place.name == "Opt" else f"{panel}.column.{place.name}",),
        PlaceKind.OPTION: (f"{panel}.option.{place.name}", option),
        PlaceKind.CHOICE: (f"{panel}.choice.{place.name}",),
        PlaceKind.KEY: (f"{panel}.key.{place.name}", f"key.{place.name}", "keys"),
        PlaceKind.MORE: ("keys",),
    }
    return next((topic for topic in topics[place.kind] if topic in TOPICS), panel)
