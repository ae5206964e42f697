"""Numbers as requests write them: plain ASCII digits and nothing else; pure.

``str.isdigit`` also takes characters that ``int`` refuses (a superscript two), and ``int`` takes
signs, blanks and underscores: neither alone will do.
"""

from __future__ import annotations

#: More digits than any number of a request has a use for.
MAX_DIGITS = 18


def plain_number(text: str) -> int | None:
    """Return the number that plain digits are; None for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > MAX_DIGITS:
        return None
    return int(text)
