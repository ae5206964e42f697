"""SQL types: as declared, as SQLite keeps them, and values as Db2 for i shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal, InvalidOperation

from simulators.xmlservice.host import Column


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type; ``length`` is characters, bytes or digits."""

    name: str
    length: int
    scale: int = 0

    def column(self, name: str, *, nullable: bool = True) -> Column:
        """Return a column of this type."""
        return Column(name, self.name, self.length, self.scale, nullable)

    @property
    def is_binary(self) -> bool:
        """Whether values are bytes."""
        return self.name in BINARY

    @property
    def is_text(self) -> bool:
        """Whether values are characters."""
        return self.name in TEXT


TEXT = frozenset(
    {"CHAR", "VARCHAR", "CLOB", "GRAPHIC", "VARGRAPHIC", "DBCLOB", "NCHAR", "NVARCHAR"}
)
BINARY = frozenset({"BINARY", "VARBINARY", "BLOB", "CHAR FOR BIT DATA", "VARCHAR FOR BIT DATA"})
INTEGERS = {"SMALLINT": 5, "INTEGER": 10, "BIGINT": 19}
DECIMALS = frozenset({"DECIMAL", "NUMERIC"})
TEMPORAL = {"DATE": 10, "TIME": 8, "TIMESTAMP": 26}

_ALIASES = {
    "INT": "INTEGER",
    "DEC": "DECIMAL",
    "CHARACTER": "CHAR",
    "CHARACTER VARYING": "VARCHAR",
    "CHAR VARYING": "VARCHAR",
    "DOUBLE PRECISION": "DOUBLE",
    "FLOAT": "DOUBLE",
    "BINARY VARYING": "VARBINARY",
    "BINARY LARGE OBJECT": "BLOB",
    "CHARACTER LARGE OBJECT": "CLOB",
}
_DEFAULT_LENGTHS = {
    **INTEGERS,
    **TEMPORAL,
    "CHAR": 1,
    "GRAPHIC": 1,
    "BINARY": 1,
    "NCHAR": 1,
    "DECIMAL": 5,
    "NUMERIC": 5,
    "DECFLOAT": 34,
    "DOUBLE": 53,
    "REAL": 24,
    "CLOB": 1_048_576,
    "DBCLOB": 1_048_576,
    "BLOB": 1_048_576,
}
_NEEDS_LENGTH = frozenset({"VARCHAR", "VARGRAPHIC", "VARBINARY", "NVARCHAR"})
NAMES = frozenset(_DEFAULT_LENGTHS) | _NEEDS_LENGTH | frozenset(_ALIASES)

_DECLARED = re.compile(r"([A-Z ]+?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?")


def type_of(name: str, length: int | None = None, scale: int | None = None) -> SqlType | None:
    """Return a type by name and length; None if there is no such type."""
    name = _ALIASES.get(name, name)
    if name not in _DEFAULT_LENGTHS and name not in _NEEDS_LENGTH:
        return None
    if name in TEMPORAL:
        return SqlType(name, TEMPORAL[name], 6 if name == "TIMESTAMP" else 0)
    if name in INTEGERS:
        return SqlType(name, INTEGERS[name])
    return SqlType(name, length or _DEFAULT_LENGTHS.get(name, 255), scale or 0)


def declared(text: str) -> SqlType | None:
    """Read a type as SQLite keeps it, such as ``DECIMAL(12, 2)``; None for what is none.

    FOR BIT DATA is kept as ``VARCHARBIT(n)``: SQLite's own syntax has no words behind a length.
    """
    found = _DECLARED.fullmatch(text.strip().upper())
    if found is None:
        return None
    name = found[1].strip()
    bits = name.endswith("BIT")
    made = type_of(
        name.removesuffix("BIT"),
        int(found[2]) if found[2] else None,
        int(found[3]) if found[3] else None,
    )
    if made is not None and bits:
        return SqlType(f"{made.name} FOR BIT DATA", made.length)
    return made


def inferred(values: list[object]) -> SqlType:
    """Return the type of an expression by the values that it gave."""
    found = [v for v in values if v is not None]
    if not found:
        return SqlType("VARCHAR", 1)
    if all(isinstance(v, int) for v in found):
        wide = any(abs(int(str(v))) > 2**31 - 1 for v in found)
        return SqlType("BIGINT", 19) if wide else SqlType("INTEGER", 10)
    if all(isinstance(v, int | float) for v in found):
        return SqlType("DOUBLE", 53)
    if all(isinstance(v, bytes) for v in found):
        return SqlType("VARBINARY", max(1, *(len(v) for v in found if isinstance(v, bytes)), 1))
    return SqlType("VARCHAR", max(1, *(len(str(v)) for v in found), 1))


def shown(value: object, kind: SqlType) -> str | bytes | None:
    """Return a value as Db2 for i shows it in a column of that type."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.ljust(kind.length, b"\0") if kind.name == "BINARY" else value
    if kind.is_binary and isinstance(value, str):
        return _as_bytes(value, kind)
    if kind.name in DECIMALS:
        return decimal_text(value, kind.scale)
    if isinstance(value, float) and kind.name in INTEGERS:
        return str(int(value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).upper()
    text = str(value)
    return text.ljust(kind.length) if kind.name in ("CHAR", "GRAPHIC", "NCHAR") else text


def _as_bytes(text: str, kind: SqlType) -> bytes:
    """Return the bytes of text in a binary column.

    Db2 assigns no characters to BLOB, BINARY and VARBINARY: what is there came as the hex of a
    parameter. Characters FOR BIT DATA are those of the job.
    """
    if "BIT" not in kind.name:
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass
    return text.encode("cp037", "replace")


_WIDE = Context(prec=80, rounding=ROUND_DOWN)


def decimal_text(value: object, scale: int) -> str:
    """Return a decimal number with all digits of its scale and no zero before the point."""
    if isinstance(value, int) and scale == 0:
        return str(value) if value else "0"
    # A sum of binary fractions is decimal in its first fifteen digits.
    exact = f"{value:.15g}" if isinstance(value, float) else str(value)
    try:
        number = _WIDE.quantize(Decimal(exact), Decimal(1).scaleb(-scale))
    except InvalidOperation:
        return str(value)
    text = f"{number:f}"
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    return sign + (digits[1:] if digits.startswith("0.") else digits)
