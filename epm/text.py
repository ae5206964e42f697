"""Text that people and strangers write: what is refused, how names compare, wildcards."""

from __future__ import annotations

import unicodedata

from epm.errors import ConditionError, RuleError

#: Bidirectional controls: they make a screen show another text than the one that is stored.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp"})


def refuse_controls(text: str, what: str) -> str:
    """Return ``text``, or raise when a character in it could run a terminal or fake a line.

    Raises:
        RuleError: a control character, a line or paragraph separator, a lone surrogate or a
            bidirectional control.
    """
    if text.isascii() and text.isprintable():
        return text
    for character in text:
        if unicodedata.category(character) in _REFUSED or character in _BIDI:
            raise RuleError(f"{what}: character U+{ord(character):04X} is not allowed")
    return text


def folded(name: str) -> str:
    """Return a name as USER, JOB and GRPPRF compare it: in upper case."""
    return name.upper()


def like(text: str, pattern: str) -> bool:
    """Whether ``text`` matches ``pattern``: ``*`` is any run, ``?`` one character.

    Our own matcher, because a regular expression can be made to take for ever while a caller
    waits; this one is at worst len(text) x len(pattern).
    """
    t = p = 0
    star, retry = -1, 0
    while t < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, retry = p, t
            p += 1
        elif p < len(pattern) and pattern[p] in ("?", text[t]):
            t, p = t + 1, p + 1
        elif star >= 0:
            retry += 1
            t, p = retry, star + 1
        else:
            return False
    return all(c == "*" for c in pattern[p:])


def parse_number(text: str, low: int, high: int, what: str) -> int:
    """Return a plain decimal number: ASCII digits, no sign, no leading zero.

    Raises:
        ConditionError: ``int()`` would take ``+80``, ``8_0``, blanks and other scripts'
            digits; a rule must not.
    """
    plain = text.isascii() and text.isdigit() and (text == "0" or text[0] != "0")
    if not plain or len(text) > 10 or not low <= int(text) <= high:
        raise ConditionError(f"{what} {text!r} is not a plain number from {low} to {high}")
    return int(text)
