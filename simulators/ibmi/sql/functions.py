"""Functions of Db2 for i that SQLite lacks or has with another meaning.

Timestamps are text of the form ``YYYY-MM-DD-HH.MM.SS.ffffff``; every spelling is read.
"""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

from simulators.ibmi.collation import STAMP
from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.strings import STRINGS
from simulators.ibmi.sql.types import DECIMALS, INTEGERS, TEXT, decimal_text
from simulators.xmlservice.host import SqlFailedError

UNITS = frozenset(
    {
        *("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "MICROSECOND"),
        *("YEARS", "MONTHS", "DAYS", "HOURS", "MINUTES", "SECONDS", "MICROSECONDS"),
    }
)


def stamp(value: object) -> datetime:
    """Read a timestamp or date in any of its spellings.

    Raises:
        SqlFailedError: -180, it is none.
    """
    found = STAMP.fullmatch(str(value).strip())
    if found is None:
        raise failed(-180, "22007", str(value)[:40])
    year, month, day, hour, minute, second = (int(p or 0) for p in found.groups()[:6])
    micro = int((found[7] or "0")[:6].ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, second, micro)
    except ValueError:
        raise failed(-180, "22007", str(value)[:40]) from None


def stamp_text(value: datetime) -> str:
    """Return a timestamp as Db2 for i shows it."""
    return f"{value:%Y-%m-%d-%H.%M.%S.%f}"


def add(value: object, amount: object, unit: str) -> str | None:
    """Add a labelled duration to a timestamp or date; the result has the form of the operand."""
    if value is None or amount is None:
        return None
    moment = stamp(value)
    number = Decimal(str(amount))
    unit = unit.rstrip("S") if unit != "S" else unit
    try:
        if unit in ("YEAR", "MONTH"):
            moment = _months(moment, int(number) * (12 if unit == "YEAR" else 1))
        else:
            moment += timedelta(**{f"{unit.lower()}s": float(number)})
    except (OverflowError, ValueError):
        raise failed(-183, "22008") from None
    is_date = len(str(value).strip()) == 10 and unit in ("YEAR", "MONTH", "DAY")
    return f"{moment:%Y-%m-%d}" if is_date else stamp_text(moment)


def _months(moment: datetime, months: int) -> datetime:
    total = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(total, 12)
    return moment.replace(
        year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1])
    )


def hex_of(value: object) -> str | None:
    """HEX(): characters count in CCSID 37, as the column's bytes do."""
    if value is None:
        return None
    data = value if isinstance(value, bytes) else str(value).encode("cp037", "replace")
    return data.hex().upper()


def interpret(value: object, kind: str, length: int, scale: int) -> object:
    """INTERPRET(bytes AS type): the bytes as a value of that type."""
    if value is None:
        return None
    data = value if isinstance(value, bytes) else str(value).encode("cp037", "replace")
    if kind in TEXT:
        return data.decode("cp037")
    if kind in INTEGERS:
        return int.from_bytes(data, "big", signed=True)
    if kind == "DECIMAL":
        text = data.hex()
        if not text[:-1].isdigit() or text[-1].isdigit():
            raise failed(-802, "22023", "decimal data")
        number = Decimal(int(text[:-1])).scaleb(-scale)
        return decimal_text(-number if text[-1] in "bd" else number, scale)
    raise failed(-171, "42815", 2, "INTERPRET")


def cast(value: object, kind: str, length: int, scale: int) -> object:
    """CAST(value AS type); ``kind`` is a canonical type name."""
    if value is None:
        return None
    if kind in TEXT:
        text = value.decode("cp037") if isinstance(value, bytes) else str(value)
        text = text[:length]
        return text.ljust(length) if kind == "CHAR" else text
    if kind.endswith("BIT DATA") or kind in ("BLOB", "BINARY", "VARBINARY"):
        data = value if isinstance(value, bytes) else str(value).encode("cp037", "replace")
        return data[:length]
    if kind == "TIMESTAMP":
        return stamp_text(stamp(value))
    if kind == "DATE":
        return f"{stamp(value):%Y-%m-%d}"
    if kind == "TIME":
        return str(value).strip().replace(":", ".")[-15:][:8]
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise failed(-420, "22018", str(value)[:20]) from None
    if kind in INTEGERS:
        return _whole(number, kind)
    if kind in DECIMALS:
        cut = number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_DOWN)
        if len(str(abs(int(cut)))) > max(length - scale, 1):
            raise failed(-433, "22001", str(value)[:20])
        return int(cut) if scale == 0 else float(cut)
    return float(number)


def _whole(number: Decimal, kind: str) -> int:
    value = int(number)
    bits = {"SMALLINT": 15, "INTEGER": 31, "BIGINT": 63}[kind]
    if not -(2**bits) <= value < 2**bits:
        raise failed(-405, "22003", kind)
    return value


def _char(value: object, *_: object) -> object:
    if isinstance(value, bytes):
        return value.decode("cp037")
    return None if value is None else str(value)


def _part(place: int) -> Callable[[object], int | None]:
    def part(value: object) -> int | None:
        return None if value is None else stamp(value).timetuple()[place]

    return part


def _last_day(moment: datetime) -> str:
    return f"{moment:%Y-%m}-{monthrange(moment.year, moment.month)[1]}"


def _remainder(value: object, divisor: object) -> int | float | None:
    """MOD(): the remainder has the sign of the dividend.

    Raises:
        SqlFailedError: -802, division by zero.
    """
    if value is None or divisor is None:
        return None
    by = Decimal(str(divisor))
    if not by:
        raise failed(-802, "22012", "division by zero")
    rest = Decimal(str(value)) % by
    return int(rest) if rest == int(rest) else float(rest)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **STRINGS,
    "DB2_ADD": add,
    "DB2_CAST": cast,
    "DB2_INTERPRET": interpret,
    "DB2_HEX": hex_of,
    "DB2_CHAR": _char,
    "VALUE": lambda *v: next((x for x in v if x is not None), None),
    "TIMESTAMP": lambda v, *t: None if v is None else stamp_text(stamp(f"{v} {t[0]}" if t else v)),
    "DATE": lambda v: None if v is None else f"{stamp(v):%Y-%m-%d}",
    "DAYS": lambda v: None if v is None else stamp(v).toordinal(),
    "YEAR": _part(0),
    "MONTH": _part(1),
    "DAY": _part(2),
    "HOUR": _part(3),
    "MINUTE": _part(4),
    "SECOND": _part(5),
    "MICROSECOND": lambda v: None if v is None else stamp(v).microsecond,
    "DAYOFYEAR": _part(7),
    "DAYOFWEEK": lambda v: None if v is None else stamp(v).isoweekday() % 7 + 1,
    "DAYOFWEEK_ISO": lambda v: None if v is None else stamp(v).isoweekday(),
    "WEEK_ISO": lambda v: None if v is None else stamp(v).isocalendar()[1],
    "QUARTER": lambda v: None if v is None else (stamp(v).month + 2) // 3,
    "DAYNAME": lambda v: None if v is None else f"{stamp(v):%A}",
    "MONTHNAME": lambda v: None if v is None else f"{stamp(v):%B}",
    "LAST_DAY": lambda v: None if v is None else _last_day(stamp(v)),
    "VARCHAR_FORMAT": lambda v, f="YYYY-MM-DD HH24:MI:SS": _formatted(v, f),
    "TO_CHAR": lambda v, f="YYYY-MM-DD HH24:MI:SS": _formatted(v, f),
    "MOD": _remainder,
    "BITAND": lambda a, b: int(a) & int(b),
    "BITOR": lambda a, b: int(a) | int(b),
}


def _formatted(value: object, form: str) -> str | None:
    if value is None:
        return None
    moment = stamp(value)
    for mark, code in (
        *(("YYYY", "%Y"), ("MM", "%m"), ("DD", "%d"), ("HH24", "%H"), ("MI", "%M"), ("SS", "%S")),
        ("NNNNNN", "%f"),
    ):
        form = form.replace(mark, f"{moment:{code}}")
    return form


def install(connection: sqlite3.Connection, raised: Callable[[SqlFailedError], None]) -> None:
    """Give a connection the functions.

    Args:
        connection: SQLite's.
        raised: told of an error that a function raises; SQLite itself loses its text.
    """
    for name, function in FUNCTIONS.items():
        connection.create_function(name, -1, guarded(name, function, raised), deterministic=True)


def guarded(
    name: str, function: Callable[..., Any], raised: Callable[[SqlFailedError], None]
) -> Callable[..., Any]:
    """Return a function for SQLite whose errors are kept."""

    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except SqlFailedError as error:
            raised(error)
            raise
        except (TypeError, ValueError, InvalidOperation, ArithmeticError) as error:
            problem = failed(-171, "42815", 1, name)
            raised(problem)
            raise problem from error

    return call
