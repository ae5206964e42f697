"""Text that is longer than its line. Pure."""

from __future__ import annotations


def broken(text: str, width: int) -> tuple[str, str]:
    """Return what fits a line of so many cells, and the rest; text that fits has none.

    It is broken at the last blank of the line, which is left out; where the second half of the
    line has none, at its end.
    """
    if len(text) <= width:
        return text, ""
    blank = text.rfind(" ", width // 2, width + 1)
    return (text[:width], text[width:]) if blank < 0 else (text[:blank], text[blank + 1 :])
