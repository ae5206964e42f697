"""The parts that 5250 panels share: title block, leader dots, legends, windows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui.display import BLUE, GREEN, WHITE, Attr, Display
from tui.keys import Aid
from tui.services import Desk
from tui.session import FunctionKey

LABEL_COLUMN = 2
VALUE_COLUMN = 29
#: Column of the colon behind a label, and of the last dot of an input field's.
DOTS_END = 26


def title_block(display: Display, desk: Desk, title: str) -> None:
    """Write rows 1 to 3: title centred, system, user and date, time on the right."""
    now = desk.clock()
    display.put(1, (display.columns - len(title)) // 2 + 1, title, WHITE)
    right(display, 1, desk.system)
    right(display, 2, f"{desk.user[:10]}  {now:%Y-%m-%d}")
    right(display, 3, f"{now:%H:%M:%S}")


def right(display: Display, row: int, text: str, attr: Attr = GREEN) -> None:
    """Write text so that it ends one cell before the right edge."""
    display.put(row, display.columns - len(text), text, attr)


def leader(label: str, *, output: bool, width: int = DOTS_END - LABEL_COLUMN + 1) -> str:
    """Return a label with leader dots; an output field's ends in a colon."""
    dots = "".join("." if (width - 1 - i) % 2 == 0 else " " for i in range(width))
    text = (f"{label} " + dots[len(label) + 1 :])[:width]
    return text[:-1] + ":" if output else text


def cut(text: str, width: int) -> str:
    """Return text in so many cells; ``>`` marks that there is more of it."""
    return text if len(text) <= width else text[: width - 1] + ">"


def output_line(display: Display, row: int, label: str, value: str, attr: Attr = GREEN) -> None:
    """Write ``Label . . . :  value``; ``>`` marks a value that its row does not hold."""
    display.put(row, LABEL_COLUMN, leader(label, output=True))
    display.put(row, VALUE_COLUMN, cut(value, display.columns - VALUE_COLUMN + 1), attr)


def output_text(label: str, value: str) -> str:
    """Return ``Label . . . :  value`` as the text of a line that begins in column 2."""
    return f"{leader(label, output=True)}  {value}"


def continue_line(display: Display) -> None:
    """Write how to go on, below the lines and a blank row above the keys."""
    instruction(display, display.rows - 4, "Press Enter to continue.")


def instruction(display: Display, row: int, text: str) -> None:
    """Write a line that tells the operator what to do."""
    display.put(row, LABEL_COLUMN, text, BLUE)


def option_legend(display: Display, row: int, options: Iterable[tuple[str, str]]) -> None:
    """Write ``2=Change   3=Copy`` and so on; what does not fit goes on in the row below."""
    column = LABEL_COLUMN + 2
    lines = _legend_lines((f"{o}={text}" for o, text in options), display.columns - column)
    for at, line in zip((row, row + 1), lines, strict=False):
        display.put(at, column, line, BLUE)


def key_legend(display: Display, keys: Sequence[FunctionKey]) -> None:
    """Write the function keys on the two rows above the message line."""
    texts = ("F1=Help", *(f"{key.aid}={key.label}" for key in keys))
    lines = _legend_lines(texts, display.columns - LABEL_COLUMN - 1)
    for row, line in zip((display.rows - 2, display.rows - 1), lines, strict=False):
        display.put(row, LABEL_COLUMN, line, BLUE)


def _legend_lines(texts: Iterable[str], width: int) -> list[str]:
    """Return legend entries three blanks apart, on as many lines as they need."""
    lines = [""]
    for text in texts:
        longer = f"{lines[-1]}   {text}".lstrip()
        if len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(text)
    return lines


_LEGEND_ENTRY = re.compile(r"(F\d{1,2})=\S+(?: \S+)*")


def aid_at(display: Display, row: int, column: int) -> Aid | None:
    """Return the function key whose legend entry is at a place on the screen."""
    in_legend = [text for text, attr in display.runs(row) if attr == BLUE]
    line = display.line(row)
    for entry in _LEGEND_ENTRY.finditer(line):
        within = entry.start() < column <= entry.end()
        if within and any(entry.group() in text for text in in_legend):
            name = entry.group(1)
            return Aid(name) if name in Aid.__members__ else None
    return None


@dataclass(frozen=True, slots=True)
class Box:
    """Where a window stands: its border's first row and column, and its size in cells."""

    top: int
    left: int
    height: int
    width: int

    @property
    def column(self) -> int:
        """First column inside."""
        return self.left + 2

    @property
    def inside(self) -> int:
        """Cells that a line inside may have."""
        return self.width - 4


def window(display: Display, box: Box, title: str) -> None:
    """Clear a box and draw its border of dots and colons; the rest stays as bright as it was."""
    last = box.top + box.height - 1
    for row in range(box.top, last + 1):
        display.put(row, box.left - 1, " " * (box.width + 2))
        display.put(row, box.left, ":", BLUE)
        display.put(row, box.left + box.width - 1, ":", BLUE)
    display.put(box.top, box.left, "." * box.width, BLUE)
    display.put(last, box.left, ":" + "." * (box.width - 2) + ":", BLUE)
    display.put(box.top + 1, box.left + (box.width - len(title)) // 2, title, WHITE)
