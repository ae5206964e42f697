"""Additional Message Information: what F1 on the message line shows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from tui.display import Display
from tui.helptext import TOPICS
from tui.kit.drawing import VALUE_COLUMN, continue_line, output_text
from tui.kit.viewer import Line, Viewer, page_of
from tui.messages import MessageLine
from tui.services import Desk

#: A message of the display itself, about a key pressed where it has no place.
_OPERATOR = "operator"


class MessageDetails(Viewer):
    """Every message that the line has to say, whole, with cause and recovery."""

    name = "message-details"
    title = "Additional Message Information"
    aside = True
    heads_row = 4

    def __init__(self, shown: str, said: MessageLine) -> None:
        """Tell of a message.

        Args:
            shown: what stands on the message line.
            said: what the program had to say; anything else that is shown, the display said.
        """
        super().__init__()
        by_program = any(text[:20] in shown or shown[:20] in text for text in said.texts)
        self._texts = said.texts if by_program else (shown.strip(),)
        self._kind = str(said.kind) if by_program else _OPERATOR

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write how to go on."""
        continue_line(display)

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> list[Line]:
        """Return a page of its lines."""
        return page_of(list(self._lines()), start, count, backward=backward)

    def _lines(self) -> Iterator[str]:
        for text in self._texts:
            yield from self._part("Message", text)
            yield ""
        yield from self._part("Cause", TOPICS[f"message-details.{self._kind}.cause"])
        yield ""
        yield from self._part("Recovery", TOPICS[f"message-details.{self._kind}.recovery"])

    def _part(self, label: str, text: str) -> Iterator[str]:
        """Yield a labelled text, broken between words."""
        first, *more = textwrap.wrap(text, self._columns - VALUE_COLUMN - 1) or [""]
        yield output_text(label, first)
        for line in more:
            yield " " * (VALUE_COLUMN - 2) + line
