"""A small kit for records of fixed fields: character, zoned and binary, in EBCDIC.

A layout is a table; both directions follow from it. Offsets are 1-based, as IBM's
documentation counts them; binary numbers are big-endian and signed; a zoned digit is F0..F9
(assumption A23).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from epm.errors import FormatError
from journal.layouts.ccsid import BLANK, ZERO, encode_text

#: Zoned digits to ASCII digits, everything else to a letter that ``isdigit`` refuses.
_DIGITS = bytes(i - ZERO + 48 if ZERO <= i <= ZERO + 9 else 88 for i in range(256))
_BLANK = bytes([BLANK])
_TO_ZONED = bytes(i - 48 + ZERO if 48 <= i <= 57 else 0 for i in range(256))

#: Distinct raw values that a decoder remembers; journals repeat addresses, ports and names.
MEMO_LIMIT = 1 << 16


class FieldKind(Enum):
    """How a field holds its value."""

    CHAR = "char"
    ZONED = "zoned"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class FixedField:
    """One field of a layout.

    Attributes:
        name: the value's name.
        offset: of its first byte, from 1.
        length: bytes.
    """

    name: str
    offset: int
    length: int
    kind: FieldKind = FieldKind.CHAR

    @property
    def start(self) -> int:
        """Offset of the first byte, from 0."""
        return self.offset - 1

    @property
    def end(self) -> int:
        """Offset past the last byte, from 0."""
        return self.offset - 1 + self.length


class Layout:
    """A record's fields in order.

    INVARIANT: they lie without gap or overlap, and add up to ``length``.
    """

    def __init__(self, name: str, length: int, fields: Sequence[FixedField]) -> None:
        """Check and keep the table.

        Raises:
            AssertionError: the table has a gap, an overlap or another length.
        """
        position = 0
        for field in fields:
            assert field.start == position, f"{name}: {field.name} is not at {position + 1}"
            position = field.end
        assert position == length, f"{name}: the fields end at {position}, not {length}"
        self.name = name
        self.length = length
        self.fields = tuple(fields)
        self.by_name = {field.name: field for field in fields}
        self._blank = b"".join(_missing(field) for field in fields)

    def encode(self, values: Mapping[str, str | int | None], codec: str) -> bytes:
        """Return the record; missing character fields are blank, missing numbers zero.

        Text is cut to its field; a zoned number keeps its last digits.

        Raises:
            FormatError: a binary number does not fit.
            KeyError: there is no field of a name.
        """
        record = bytearray(self._blank)
        for name, value in values.items():
            field = self.by_name[name]
            if value is not None:
                record[field.start : field.end] = self._encoded(field, value, codec)
        return bytes(record)

    def _encoded(self, field: FixedField, value: str | int, codec: str) -> bytes:
        if field.kind is FieldKind.CHAR:
            return encode_text(str(value), codec)[: field.length].ljust(field.length, _BLANK)
        number = int(value)
        if field.kind is FieldKind.ZONED:
            digits = f"{number % 10**field.length:0{field.length}d}"
            return digits.encode("ascii").translate(_TO_ZONED)
        try:
            return number.to_bytes(field.length, "big", signed=True)
        except OverflowError:
            text = f"{self.name}: {field.name} {number} does not fit {field.length} bytes"
            raise FormatError(text, field.start) from None

    def decode(self, record: bytes, codec: str) -> dict[str, str | int | None]:
        """Return every field; blank character fields are ``None``, trailing blanks go.

        Raises:
            FormatError: the record is too short, or a zoned field holds no digits.
        """
        if len(record) < self.length:
            raise FormatError(
                f"{self.name}: {len(record)} bytes, at least {self.length} expected", len(record)
            )
        return {f.name: self._decoded(f, record, codec) for f in self.fields}

    def _decoded(self, field: FixedField, record: bytes, codec: str) -> str | int | None:
        raw = record[field.start : field.end]
        if field.kind is FieldKind.CHAR:
            return char_value(raw, codec)
        if field.kind is FieldKind.BINARY:
            return int.from_bytes(raw, "big", signed=True)
        number = zoned_value(raw)
        if number is None:
            raise FormatError(f"{self.name}: {field.name} holds no zoned number", field.start)
        return number


def _missing(field: FixedField) -> bytes:
    filler = {FieldKind.CHAR: BLANK, FieldKind.ZONED: ZERO, FieldKind.BINARY: 0}
    return bytes([filler[field.kind]]) * field.length


def char_value(raw: bytes, codec: str) -> str | None:
    """Return the text of a character field without trailing blanks; ``None`` if it is blank.

    Trailing x'00' counts as blank: fields of entries that the system itself writes may hold it.
    """
    return raw.decode(codec).rstrip(" \0") or None


def zoned_value(raw: bytes) -> int | None:
    """Return the number of a zoned field, or ``None`` if it holds other bytes than F0..F9."""
    digits = raw.translate(_DIGITS)
    return int(digits) if digits.isdigit() else None


class Memo(dict[bytes, str | None]):
    """Text of a character field by its raw bytes, each distinct value decoded once.

    Bounded: it starts afresh when it is full, so a hostile file cannot fill the memory.
    """

    def __init__(self, codec: str) -> None:
        super().__init__()
        self._codec = codec

    def __missing__(self, raw: bytes) -> str | None:
        if len(self) >= MEMO_LIMIT:
            self.clear()
        value = self[raw] = char_value(raw, self._codec)
        return value
