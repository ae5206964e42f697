"""What *TYPE5 and *TYPE4 headers have in common: how a decoder reads them, fast.

A decoder takes the few fields that a row shows straight from their places; the full table of
each format is in its own module and serves encoding and display.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from unicodedata import category

from epm.errors import FormatError
from journal.layouts.ccsid import ZERO
from journal.layouts.kit import MEMO_LIMIT, Layout, Memo, char_value, zoned_value

#: Digits to 0, everything else as it is: ``2026-11-21-08.00.00.285107`` in EBCDIC.
_SHAPE = bytes(ZERO if ZERO <= i <= ZERO + 9 else i for i in range(256))
_DASH, _DOT = b"\x60", b"\x4b"
_Z2 = bytes([ZERO, ZERO])
_TIMESTAMP = (
    _Z2 + _Z2 + _DASH + _Z2 + _DASH + _Z2 + _DASH + _Z2 + _DOT + _Z2 + _DOT + _Z2 + _DOT + _Z2 * 3
)
_WANTED = (
    "length",
    "sequence",
    "code",
    "entry_type",
    "timestamp",
    "job",
    "job_user",
    "job_number",
    "program",
    "program_library",
    "user",
    "system",
    "esd_length",
)


def looks_like_timestamp(raw: bytes) -> bool:
    """Whether 26 bytes have the shape of an SAA timestamp (assumption A22) in EBCDIC."""
    return raw.translate(_SHAPE) == _TIMESTAMP


@dataclass(frozen=True, slots=True)
class HeaderLayout:
    """Where a format keeps what a row shows.

    Attributes:
        name: as the parser's format is called.
        layout: the whole header.
    """

    name: str
    layout: Layout

    @property
    def size(self) -> int:
        """Bytes before the entry-specific data."""
        return self.layout.length


class HeaderDecoder:
    """Decodes one format's headers in one CCSID; remembers the names it has seen."""

    def __init__(self, header: HeaderLayout, codec: str) -> None:
        """Decode ``header`` by Python's EBCDIC codec ``codec``."""
        self._header = header
        self._codec = codec
        self._names = _Names(codec)
        self._offsets = {field.name: field.start for field in header.layout.fields}
        self._struct = _struct_of(header)

    def values(self, data: bytes, start: int = 0) -> tuple[list[object], int]:
        """Return (the values of :class:`HeaderData` in its order, bytes of specific data).

        Args:
            data: bytes that hold the record from ``start`` on.
            start: of the record.

        Raises:
            FormatError: a field is not what the layout says; its offset counts from the
                beginning of the record.
        """
        if len(data) - start < self._header.size:
            text = f"{len(data) - start} bytes, a header of {self._header.size} expected"
            raise FormatError(text, len(data) - start)
        (
            total, number, code, kind, at, job, owner, job_number, program, library, user, system,
            size,
        ) = self._struct.unpack_from(data, start)  # fmt: skip
        length = self._number("length", total)
        if length != self._header.size + size:
            text = f"total length {length} does not agree with {size} bytes of specific data"
            raise FormatError(text, 0)
        if not looks_like_timestamp(at):
            raise FormatError("the timestamp is not one", self._offsets["timestamp"])
        names = self._names
        field = "code"
        try:
            what = (names[code], names[kind])
            field = "job"
            whose = (names[job], names[owner])
            field = "program"
            which = (names[program], names[library])
            field = "user"
            who = (names[user], names[system])
        except ValueError as error:
            raise FormatError(f"{field}: {error}", self._offsets[field]) from None
        sequence = self._number("sequence", number)
        numbered = self._number("job_number", job_number)
        stamp = at.decode(self._codec)
        return [sequence, stamp, *what, *whose, numbered, *which, *who], size

    def _number(self, field: str, raw: bytes) -> int:
        number = zoned_value(raw)
        if number is None:
            raise FormatError(f"{field} holds no zoned number", self._offsets[field])
        return number


class _Names(Memo):
    def __missing__(self, raw: bytes) -> str | None:
        """Return the name.

        Raises:
            ValueError: it holds control characters, so it is not what a system wrote.
        """
        text = char_value(raw, self._codec)
        if text is not None and any(category(c) == "Cc" for c in text):
            raise ValueError("the name holds control characters")
        if len(self) >= MEMO_LIMIT:
            self.clear()
        self[raw] = text
        return text


def _struct_of(header: HeaderLayout) -> struct.Struct:
    """Return a struct that takes the wanted fields and passes over the rest.

    A field that the format lacks is taken as no bytes, which read as blank.
    """
    parts, position = [], 0
    for name in _WANTED:
        field = header.layout.by_name.get(name)
        if field is None:
            parts.append("0s")
            continue
        parts.append(f"{field.start - position}x")
        parts.append("i" if name == "esd_length" else f"{field.length}s")
        position = field.end
    return struct.Struct(">" + "".join(parts))
