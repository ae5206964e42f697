"""What is known of one thing: a value behind each label, and Enter goes on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from tui.display import Display
from tui.kit.drawing import VALUE_COLUMN, continue_line, cut, output_line
from tui.kit.viewer import Line, Viewer, folded, page_of
from tui.services import Desk

#: Cells that the time takes on row 3, at its right.
_TIME = 9


class Facts(Viewer):
    """Labelled lines; a value too long for its line goes on below itself."""

    heads_row = 4

    def __init__(self, label: str, value: str) -> None:
        """Say on row 3 what it is about."""
        super().__init__()
        self._label = label
        self._value = value

    @abstractmethod
    def facts(self) -> Iterable[str]:
        """Return its lines, of :func:`tui.kit.drawing.output_text` or blank."""

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write what it is about, and how to go on."""
        width = display.columns - VALUE_COLUMN - _TIME
        output_line(display, 3, self._label, cut(self._value, width))
        continue_line(display)

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> list[Line]:
        """Return a page of its lines."""
        lines = folded(list(self.facts()), self._columns - 2, VALUE_COLUMN - 2)
        return page_of(lines, start, count, backward=backward)
