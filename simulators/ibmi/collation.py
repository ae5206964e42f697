"""How character columns compare: in the order of CCSID 37, blanks at the end without weight.

Db2 for i sorts by the bytes of a column (*HEX): small letters before capitals, digits last
(assumption A14: CCSID 37). Timestamps compare by what they mean, whatever their spelling.
"""

from __future__ import annotations

import re
import sqlite3

#: Any spelling of a timestamp or a date.
STAMP = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[- T](\d{1,2})[.:](\d{1,2})(?:[.:](\d{1,2})(?:\.(\d{1,12}))?)?)?",
    re.ASCII,
)
#: Latin-1 character -> character with the number of its byte in CCSID 37; the mapping is one to
#: one, and every other character sorts behind.
_ORDER = {
    ord(bytes([number]).decode("cp037")): chr(number)
    for number in range(256)
    if ord(bytes([number]).decode("cp037")) < 256
}


def _key(text: str) -> str:
    return text.rstrip(" ").translate(_ORDER)


def compare_text(left: str, right: str) -> int:
    """Compare two texts as a character column does: negative, 0 or positive."""
    if left == right:
        return 0
    first, second = _key(left), _key(right)
    return (first > second) - (first < second)


def compare_stamps(left: str, right: str) -> int:
    """Compare two texts as timestamps where both are, else as text."""
    first, second = STAMP.fullmatch(left.strip()), STAMP.fullmatch(right.strip())
    if first is None or second is None:
        return (left > right) - (left < right)
    one, other = _stamp_key(first), _stamp_key(second)
    return (one > other) - (one < other)


def _stamp_key(found: re.Match[str]) -> tuple[int, ...]:
    micro = (found[7] or "")[:6].ljust(6, "0")
    return (*(int(part or 0) for part in found.groups()[:6]), int(micro))


def install_collations(connection: sqlite3.Connection) -> None:
    """Give a connection the collations that columns are declared with."""
    connection.create_collation("DB2_TEXT", compare_text)
    connection.create_collation("DB2_TS", compare_stamps)


def collation(declared: str) -> str:
    """Return the collation clause of a column of a declared type."""
    kind = declared.split("(")[0].strip()
    if kind == "TIMESTAMP":
        return " COLLATE DB2_TS"
    return " COLLATE DB2_TEXT" if kind in ("CHAR", "VARCHAR", "GRAPHIC", "VARGRAPHIC") else ""
