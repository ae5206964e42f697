"""From a row of a query to an entry. Pure.

A row of ODBC holds values: numbers, timestamps, bytes where a column is not text. A row of
XMLSERVICE holds texts, with bytes in hexadecimal. Both are hostile: every value is checked.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from db.ibmi.columns import SK_PREFIX, Roles
from db.ibmi.query import Row
from db.ibmi.values import MAX_SEQUENCE, FetchedEntry, Receiver, Unreadable
from epm.errors import RemoteError
from epm.events import SkData

#: Bytes of the entry-specific data of one entry, at most; an SK entry has about 1,100.
MAX_DATA = 65_536
_MAX_TEXT = 2_048
#: EBCDIC of columns that are not translated (assumption A14).
_CCSID = "cp037"
#: IBM documentation: *TYPE5 (QJORDJE5), 1-based: 1 length, 6 number, 26 code, 27 type, 29
#: timestamp, 241 receiver, 251 its library, 610 entry-specific data.
_RECORD_DATA = 609
_RECORD = {
    "sequence": slice(5, 25),
    "code": slice(25, 26),
    "entry_type": slice(26, 28),
    "timestamp": slice(28, 54),
    "receiver": slice(240, 250),
    "receiver_library": slice(250, 260),
}
#: What a number of an SK entry may be.
_NUMBERS = {
    "local_port": (0, 65_535),
    "remote_port": (0, 65_535),
    "descriptor": (-(2**31), 2**31 - 1),
}


class _BadValueError(ValueError):
    """A value that its column cannot have; the text says which and why."""


def entry_of(
    row: Row, roles: Roles, *, code: str = "", entry_type: str = ""
) -> FetchedEntry | Unreadable:
    """Return the entry that a row holds.

    Args:
        row: of a query.
        roles: which column says what.
        code: journal code, where no column has it.
        entry_type: of the entries, where no column has it.
    """
    values = {role: row.get(column) for role, column in roles.items()}
    number = None
    try:
        number = _sequence(values.get("sequence"))
        return _entry(values, number, code, entry_type)
    except _BadValueError as error:
        return Unreadable(number, str(error))


def _entry(values: dict[str, Any], number: int, code: str, entry_type: str) -> FetchedEntry:
    job, job_user, job_number = _job(values)
    data = _data(values)

    def text(role: str) -> str | None:
        return _text(values.get(role), role.replace("_", " "))

    return FetchedEntry(
        number,
        _timestamp(values.get("timestamp")),
        text("code") or code or None,
        text("entry_type") or entry_type or None,
        job,
        job_user,
        job_number,
        text("program"),
        text("program_library"),
        text("user"),
        text("system"),
        text("receiver"),
        text("receiver_library"),
        text("remote_address"),
        data,
        sk=_sk(values) if data is None else None,
    )


def record_of(value: Any) -> FetchedEntry | Unreadable:
    """Return the entry that a whole *TYPE5 record is, in EBCDIC."""
    try:
        record = _bytes(value, "record", _RECORD_DATA + MAX_DATA)
        if len(record) < _RECORD_DATA:
            raise _BadValueError(
                f"a record of {len(record)} bytes, at least {_RECORD_DATA} expected"
            )
        text = {role: record[place].decode(_CCSID) for role, place in _RECORD.items()}
        number = _sequence(text.pop("sequence"))
    except _BadValueError as error:
        return Unreadable(None, str(error))
    plain = {role: value.strip() or None for role, value in text.items()}
    return FetchedEntry(number, **plain, record=record)  # type: ignore[arg-type]  # by their names


def receiver_of(row: Row, names: tuple[str, str, str, str]) -> Receiver | None:
    """Return the receiver that a row names; ``None`` where it holds no entry.

    Args:
        row: of a query.
        names: its columns: library, name, first and last number.

    Raises:
        RemoteError: a value is not one that a receiver has.
    """
    library, name, first, last = (row.get(column) for column in names)
    if first is None or last is None:
        return None
    try:
        return Receiver(
            _text(library, "library") or "",
            _text(name, "receiver") or "",
            _sequence(first),
            _sequence(last),
        )
    except _BadValueError as error:
        raise RemoteError(f"the list of receivers: {error}") from None


def _job(values: dict[str, Any]) -> tuple[str | None, str | None, int | None]:
    """Return name, user and number, also of a qualified name ``number/user/name``."""
    qualified = _text(values.get("qualified_job"), "job")
    if qualified is not None and not values.get("job"):
        parts = qualified.split("/")
        if len(parts) != 3:
            raise _BadValueError(f"{qualified!r} is not a qualified job name")
        return parts[2], parts[1], _integer(parts[0], "job number", 0, 999_999)
    return (
        _text(values.get("job"), "job"),
        _text(values.get("job_user"), "job user"),
        _number(values.get("job_number"), "job number", 999_999),
    )


def _data(values: dict[str, Any]) -> bytes | None:
    if "data" not in values:
        return None
    data = _bytes(values["data"], "entry data", MAX_DATA)
    # A column of fixed length is longer than a short entry: the entry's own length counts.
    length = _number(values.get("entry_length"), "entry length", 99_999)
    return data if length is None else data[: max(0, length - _RECORD_DATA)]


def _sk(values: dict[str, Any]) -> SkData:
    own = {
        role.removeprefix(SK_PREFIX): v for role, v in values.items() if role.startswith(SK_PREFIX)
    }
    kind = _text(own.pop("type", None), "SK type")
    if kind is None or len(kind) != 1:
        raise _BadValueError(f"{kind!r} is not an SK entry type")
    found: dict[str, Any] = {}
    for role, value in own.items():
        bounds = _NUMBERS.get(role)
        if bounds is None:
            found[role] = _text(value, role.replace("_", " "))
        elif not _blank(value):
            found[role] = _integer(value, role.replace("_", " "), *bounds)
    return SkData(kind, **found)


def _number(value: Any, what: str, most: int) -> int | None:
    return None if _blank(value) else _integer(value, what, 0, most)


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _text(value: Any, what: str) -> str | None:
    if isinstance(value, bytes | bytearray):
        value = bytes(value).decode(_CCSID)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise _BadValueError(f"{what} is not a text of at most {_MAX_TEXT} characters")
    return value.strip() or None


def _sequence(value: Any) -> int:
    return _integer(value, "sequence number", 0, MAX_SEQUENCE)


def _integer(value: Any, what: str, least: int, most: int) -> int:
    number: int | None = None
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        number = int(value) if value.adjusted() < 40 else None
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str):
        digits = value.strip().removesuffix(".")
        sign = digits.startswith("-")
        plain = digits[1:] if sign else digits
        if plain.isascii() and plain.isdigit() and len(plain) <= 40:
            number = -int(plain) if sign else int(plain)
    if number is None or not least <= number <= most:
        raise _BadValueError(f"{what} is not a number from {least} to {most}")
    return number


def _timestamp(value: Any) -> str | None:
    """Return a timestamp as SAA text: that of an outfile, of ODBC or of SQL."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d-%H.%M.%S.%f")
    text = _text(value, "timestamp")
    if text is None or len(text) < 19 or text[10] not in " T":
        return text
    return f"{text[:10]}-{text[11:].replace(':', '.')}"


def _bytes(value: Any, what: str, most: int) -> bytes:
    if isinstance(value, str):
        try:
            value = bytes.fromhex(value)
        except ValueError:
            raise _BadValueError(f"{what} is not hexadecimal") from None
    if not isinstance(value, bytes | bytearray | memoryview):
        raise _BadValueError(f"{what} is missing")
    if len(value) > most:
        raise _BadValueError(f"{what} of {len(value)} bytes, at most {most} are taken")
    return bytes(value)
