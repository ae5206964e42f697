"""One change of the history: an object before and after, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from tui.display import GREEN, PINK, WHITE, Display
from tui.kit.drawing import VALUE_COLUMN, continue_line, cut, output_line
from tui.kit.listing import HEADS_ROW
from tui.kit.pages import part_of
from tui.kit.viewer import Line, Viewer
from tui.panels.comparing import Compared, compared
from tui.services import Desk, Difference


def what_happened(difference: Difference) -> str:
    """Return what was done to an object."""
    if difference.before is None:
        return "Added"
    return "Deleted" if difference.after is None else "Changed"


class DisplayChange(Viewer):
    """One object before and after, side by side; ``*`` marks what changed."""

    name = "change"
    title = "Display Change"

    def __init__(self, difference: Difference, of: str) -> None:
        """Show a difference."""
        super().__init__()
        self._difference = difference
        self._of = of
        self._parts = tuple(compared(difference.before, difference.after))
        self._lines: tuple[int, list[Line]] = (0, [])

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the object and the heads."""
        width = display.columns - VALUE_COLUMN
        output_line(display, 3, "Object", cut(self._difference.subject, width - 10))
        output_line(display, 4, "Changes of", self._of)
        output_line(display, 5, "Change", what_happened(self._difference))
        label, side = _widths(display.columns)
        display.put(HEADS_ROW, 4, "Part", WHITE)
        display.put(HEADS_ROW, 4 + label, "Before", WHITE)
        display.put(HEADS_ROW, 4 + label + side + 1, "After", WHITE)
        if any(part.changed for part in self._parts):
            display.put(7, 2, "* = changed", PINK)
        continue_line(display)

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[Line]:
        """Return a page of parts."""
        if self._lines[0] != self._columns:  # made once for each width
            texts = (line for part in self._parts for line in _side_by_side(part, self._columns))
            numbered = enumerate(texts, 1)
            lines = [Line(n, text, WHITE if changed else GREEN) for n, (text, changed) in numbered]
            self._lines = (self._columns, lines)
        return part_of(self._lines[1], start, count, backward=backward)


def _widths(columns: int) -> tuple[int, int]:
    """Return how wide labels and each side are."""
    label = 17
    return label, (columns - 4 - label) // 2


def _side_by_side(part: Compared, columns: int) -> list[tuple[str, bool]]:
    """Return a part as lines; a text that is wider than its side goes on below itself."""
    label, side = _widths(columns)
    cells = side - 1
    before, after = (_cells(text, cells) for text in (part.before, part.after))
    rows = max(len(before), len(after))
    lines = []
    for at in range(rows):
        was = before[at] if at < len(before) else ""
        now = after[at] if at < len(after) else ""
        mark = "*" if part.changed and at == 0 else " "
        head = part.label if at == 0 else ""
        text = f"{mark} {head:<{label}}{was:<{cells}}  {now}"
        lines.append((text.rstrip(), part.changed))
    return lines


def _cells(text: str | None, width: int) -> list[str]:
    if text is None:
        return ["-"]
    return [text[at : at + width] for at in range(0, max(1, len(text)), width)]
