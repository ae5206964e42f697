"""Functions of Db2 for i over characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from epm.text import like
from simulators.ibmi.sql.errors import failed

#: The longest VARCHAR, and the longest text that a function makes here.
MAX_VARCHAR = 32_739
MAX_TEXT = 2_097_152

#: Wildcards of LIKE as those of the pattern matcher, whose own are ordinary characters here.
_LITERALS = str.maketrans({"*": "\ue000", "?": "\ue001"})
_WILDCARDS = {"%": "*", "_": "?"}


def matches(pattern: object, text: object, escape: object = None) -> int | None:
    """``text LIKE pattern ESCAPE escape``, small letters and capitals told apart.

    SQLite passes the pattern first. What it takes is at worst the product of both lengths.

    Raises:
        SqlFailedError: -130, the escape character is none or stands before another character.
    """
    if pattern is None or text is None:
        return None
    mark = "" if escape is None else str(escape)
    if len(mark) > 1:
        raise failed(-130, "22019", mark[:20])
    made, characters = "", iter(str(pattern))
    for character in characters:
        if mark and character == mark:
            character = next(characters, "")
            if character not in ("%", "_", mark):
                raise failed(-130, "22025", mark)
            made += character.translate(_LITERALS)
        else:
            made += _WILDCARDS.get(character, character.translate(_LITERALS))
    return int(like(str(text).translate(_LITERALS), made))


def substring(value: object, start: object, length: object = None) -> object:
    """SUBSTR(): 1-based, over characters or bytes; refuses a place outside.

    Raises:
        SqlFailedError: -138.
    """
    if value is None or start is None:
        return None
    first, data = int(str(start)), value if isinstance(value, bytes) else str(value)
    size = len(data) if length is None else int(str(length))
    if first < 1 or size < 0:
        raise failed(-138, "22011", "SUBSTR position or length is out of range")
    return data[first - 1 :] if length is None else data[first - 1 : first - 1 + size]


def _locate(wanted: object, text: object, start: object = 1) -> int | None:
    if wanted is None or text is None:
        return None
    return str(text).find(str(wanted), max(int(str(start)), 1) - 1) + 1


def _strip(value: object, side: str = "B", character: str = " ") -> str | None:
    if value is None:
        return None
    text = str(value)
    if side in ("B", "BOTH", "L", "LEADING"):
        text = text.lstrip(character)
    return text.rstrip(character) if side in ("B", "BOTH", "T", "TRAILING") else text


def _pad(value: object, size: object, fill: str, *, left: bool) -> str | None:
    if value is None:
        return None
    width = min(int(str(size)), MAX_VARCHAR)
    if width < 0:
        raise failed(-138, "22011", "the length of padded text is out of range")
    text = str(value)[:width]
    padding = (fill * width)[: width - len(text)] if fill else ""
    return padding + text if left else text + padding


def _end(value: Any, size: object, *, left: bool) -> Any:
    """LEFT() and RIGHT()."""
    if value is None or size is None:
        return None
    length, data = int(str(size)), value if isinstance(value, bytes) else str(value)
    if length < 0:
        raise failed(-138, "22011", "the length of a part is out of range")
    return data[:length] if left else data[max(len(data) - length, 0) :]


def _repeat(value: object, count: object) -> str | None:
    if value is None or count is None:
        return None
    text, times = str(value), int(str(count))
    if times < 0 or len(text) * times > MAX_TEXT:
        raise failed(-137, "54006", "REPEAT")
    return text * times


def _cased(change: Callable[[str], str]) -> Callable[[object], str | None]:
    return lambda value: None if value is None else change(str(value))


def _digits(value: object) -> str | None:
    return None if value is None else re.sub(r"[^0-9]", "", str(value)).zfill(10)


def _concat(first: object, second: object) -> str | None:
    return None if first is None or second is None else str(first) + str(second)


#: By the name that the translation gives them.
STRINGS: Mapping[str, Callable[..., Any]] = {
    "LIKE": matches,
    "DB2_SUBSTR": substring,
    "DB2_LEFT": lambda v, n: _end(v, n, left=True),
    "DB2_RIGHT": lambda v, n: _end(v, n, left=False),
    "LOCATE": _locate,
    "POSSTR": lambda text, wanted: _locate(wanted, text),
    "LOCATE_IN_STRING": lambda text, wanted, start=1: _locate(wanted, text, start),
    "STRIP": _strip,
    "LPAD": lambda v, n, f=" ": _pad(v, n, f, left=True),
    "RPAD": lambda v, n, f=" ": _pad(v, n, f, left=False),
    "UPPER": _cased(str.upper),
    "UCASE": _cased(str.upper),
    "LOWER": _cased(str.lower),
    "LCASE": _cased(str.lower),
    "CONCAT": _concat,
    "REPEAT": _repeat,
    "SPACE": lambda n: " " * min(max(int(str(n)), 0), MAX_VARCHAR),
    "DIGITS": _digits,
}
