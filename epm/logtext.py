"""What no line of a log may hold, whatever its format. Pure text.

What separates fields is each format's own affair; what ends a line, moves a terminal or is no
Unicode text at all is the same for every one of them and is said here.
"""

from __future__ import annotations

import re

CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029"
"""Control characters (C0, DEL, C1), and what some readers take for a line end (U+2028, U+2029);
written as they stand between the brackets of a regular expression."""

_CONTROL = re.compile(f"[{CONTROLS}]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def sound(text: str) -> str:
    """Return a text that can be encoded: a lone surrogate becomes U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Return a sound text in which every control character is a blank."""
    return _CONTROL.sub(" ", sound(text))
