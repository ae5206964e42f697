"""The forms of fixed-length records: how one is read, and what the beginning of one looks like.

Finding the next record after damage must not depend on the damaged one's length field. Every
form has a pattern that holds where a sound record begins: digits and a timestamp at their
places, or, for bare entry-specific data, the address family at its place.
"""

from __future__ import annotations

import re
from typing import Protocol

from epm.errors import FormatError
from journal.layouts import esd, type4, type5, u_entries
from journal.layouts.ccsid import codec_of
from journal.layouts.esd import ESD_BYTES, TYPE4_BYTES, EsdDecoder
from journal.layouts.header import HeaderDecoder, HeaderLayout
from journal.layouts.values import SkType
from journal.parsing.rows import NO_HEADER, NO_SK, Row, make_row

MAX_RECORD = 99_999
_DIGIT = rb"[\xf0-\xf9]"
_STAMP = (
    _DIGIT + rb"{4}\x60" + _DIGIT + rb"{2}\x60" + _DIGIT + rb"{2}\x60" + _DIGIT + rb"{2}\x4b"
    + _DIGIT + rb"{2}\x4b" + _DIGIT + rb"{2}\x4b" + _DIGIT + rb"{6}"
)  # fmt: skip
_FAMILY = rb"\x5c\xc9\xd7\xe5[\xf4\xf6]\x40{5}"


class Form(Protocol):
    """One form of fixed-length record."""

    name: str
    #: Length of a record where no other is known.
    usual: int

    def read(self, data: bytes, start: int, all_entries: bool) -> tuple[Row | None, int]:
        """Return (row, length) of the record at ``start``; no row for an entry left out.

        Raises:
            FormatError: it is damaged; its offset counts from the record's first byte.
        """
        ...

    def begins(self, data: bytes, start: int) -> bool:
        """Whether a record seems to begin at ``start``."""
        ...

    def find(self, data: bytes, start: int) -> int:
        """Return the first place from ``start`` on where one seems to begin; -1 if none."""
        ...

    def stated_length(self, data: bytes, start: int) -> int:
        """Return the length of the damaged record at ``start``, if it says so soundly; else 0."""
        ...


class HeaderedForm:
    """*TYPE5 and *TYPE4 records."""

    def __init__(self, header: HeaderLayout, usual: int, sequence_digits: int, ccsid: int) -> None:
        """Read records of ``header``'s format in ``ccsid``.

        Raises:
            SettingsError: the CCSID is not supported.
        """
        self.name = header.name
        self.usual = usual
        self._ccsid = ccsid
        self._codec = codec_of(ccsid)
        self._size = header.size
        self._header = HeaderDecoder(header, self._codec)
        self._esd = EsdDecoder(self._codec)
        digits = _DIGIT + rb"{%d}" % (5 + sequence_digits)
        self._pattern = re.compile(digits + rb".{3}" + _STAMP, re.DOTALL)

    def read(self, data: bytes, start: int, all_entries: bool) -> tuple[Row | None, int]:
        """See :class:`Form`."""
        header, size = self._header.values(data, start)
        length = self._size + size
        if size < 0 or start + length > len(data):
            raise FormatError(f"{len(data) - start} bytes, {length} expected", len(data) - start)
        if header[2] == "T" and header[3] == "SK":
            try:
                values = self._esd.values(data, start + self._size, size)
            except FormatError as error:
                raise FormatError(_reason(error), self._size + error.offset) from None
            return make_row(header, values), length
        if not all_entries:
            return None, length
        specific = data[start + self._size : start + length]
        return make_row(header, _other_values(header, specific, self._ccsid)), length

    def begins(self, data: bytes, start: int) -> bool:
        """See :class:`Form`."""
        return self._pattern.match(data, start) is not None

    def find(self, data: bytes, start: int) -> int:
        """See :class:`Form`."""
        match = self._pattern.search(data, start)
        return -1 if match is None else match.start()

    def stated_length(self, data: bytes, start: int) -> int:
        """See :class:`Form`."""
        try:
            _, size = self._header.values(data, start)
        except FormatError:
            return 0
        return self._size + max(size, 0)


def _reason(error: FormatError) -> str:
    """Return a format error's text without its own offset."""
    return str(error).partition(": ")[2]


def _other_values(header: list[object], specific: bytes, ccsid: int) -> tuple[object, ...]:
    """Return SK values for the row of another entry: addresses, where it is one of ours."""
    if header[2] != "U" or header[3] not in ("NA", "NR"):
        return NO_SK
    try:
        fixed, _ = u_entries.decode_u(str(header[3]), specific, ccsid)
    except FormatError:
        return NO_SK  # Another product's entry of the same type.
    ports = [int(p) if p and p.isdigit() else None for p in (fixed["local_port"], fixed["remote_port"])]  # fmt: skip  # noqa: E501
    return (None, fixed["local_address"], ports[0], fixed["remote_address"], ports[1], *NO_SK[5:])


class EsdForm:
    """Bare SK entry-specific data: 1,070 bytes each, or 960 where it came from *TYPE4."""

    name = "esd"

    def __init__(self, ccsid: int) -> None:
        """Read records in ``ccsid``.

        Raises:
            SettingsError: the CCSID is not supported.
        """
        self.usual = ESD_BYTES
        self._settled = False
        codec = codec_of(ccsid)
        self._decoder = EsdDecoder(codec)
        self._types = frozenset(t.value.encode(codec)[0] for t in SkType)
        self._family = re.compile(_FAMILY)
        self._family_offset = esd.LAYOUT.by_name["address_family"].start

    def read(self, data: bytes, start: int, all_entries: bool) -> tuple[Row | None, int]:
        """See :class:`Form`."""
        if not self._settled:
            self._settle(data, start)
        if len(data) - start < self.usual:
            have = len(data) - start
            raise FormatError(f"{have} bytes, {self.usual} expected", have)
        # A record without an address family looks like any bytes: it counts only in its place.
        end = start + self.usual
        if not (self.begins(data, start) or end == len(data) or self.begins(data, end)):
            raise FormatError("no SK entry type, or no address family", self._family_offset)
        return make_row(NO_HEADER, self._decoder.values(data, start, self.usual)), self.usual

    def _settle(self, data: bytes, start: int) -> None:
        """Learn the record length from where the second record begins."""
        self._settled = True
        for length in (ESD_BYTES, TYPE4_BYTES):
            if start + length == len(data) or self.begins(data, start + length):
                self.usual = length
                return

    def begins(self, data: bytes, start: int) -> bool:
        """See :class:`Form`."""
        return (
            start < len(data)
            and data[start] in self._types
            and self._family.match(data, start + self._family_offset) is not None
        )

    def find(self, data: bytes, start: int) -> int:
        """See :class:`Form`."""
        for match in self._family.finditer(data, start + self._family_offset):
            place = match.start() - self._family_offset
            if data[place] in self._types:
                return place
        return -1

    def stated_length(self, data: bytes, start: int) -> int:
        """See :class:`Form`."""
        return self.usual


def form_of(name: str, ccsid: int) -> Form:
    """Return the form called ``type5``, ``type4`` or ``esd``.

    Raises:
        SettingsError: the CCSID is not supported.
        KeyError: there is no form of that name.
    """
    if name == "esd":
        return EsdForm(ccsid)
    if name == "type4":
        return HeaderedForm(type4.HEADER, type4.HEADER_BYTES + TYPE4_BYTES, 10, ccsid)
    if name == "type5":
        return HeaderedForm(type5.HEADER, type5.HEADER_BYTES + ESD_BYTES, 20, ccsid)
    raise KeyError(name)
