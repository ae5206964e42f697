"""A type as a statement writes it -> the type."""

from __future__ import annotations

from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.tokens import Token, matching, split
from simulators.ibmi.sql.types import NAMES, SqlType, type_of


def read_type(tokens: list[Token], at: int) -> tuple[SqlType, int]:
    """Read a type; return it and the index behind it.

    Raises:
        SqlFailedError: -104, it is none.
    """
    name = tokens[at].word if at < len(tokens) else ""
    at += 1
    while at < len(tokens) and tokens[at].word in ("VARYING", "LARGE", "OBJECT", "PRECISION"):
        name += f" {tokens[at].word}"
        at += 1
    numbers: list[int] = []
    if at < len(tokens) and tokens[at].is_("("):
        end = matching(tokens, at)
        numbers = [size_of(part) for part in split(tokens[at + 1 : end]) or [[]]]
        at = end + 1
    found = type_of(name, *numbers[:2]) if name in NAMES else None
    if found is None:
        raise failed(-104, "42601", name or "END-OF-STATEMENT")
    while at < len(tokens):
        word = tokens[at].word
        if word == "FOR" and [t.word for t in tokens[at + 1 : at + 3]] == ["BIT", "DATA"]:
            found = SqlType(f"{found.name} FOR BIT DATA", found.length)
            at += 3
        elif word == "FOR" and [t.word for t in tokens[at + 1 : at + 3]][1:] == ["DATA"]:
            at += 3
        elif word == "CCSID":
            at += 2
        else:
            break
    return found, at


def size_of(part: list[Token]) -> int:
    """Read a length such as ``10`` or ``2G``; -104 if it is none."""
    text = "".join(t.text for t in part)
    factor = {"K": 1024, "M": 1024**2, "G": 1024**3}.get(text[-1:], 1)
    digits = text.rstrip("KMG")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 10:
        raise failed(-104, "42601", text)
    return int(digits) * factor
