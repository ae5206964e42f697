"""Captured calls as the exit programs send them to the data queue ``EPMCAPTURE``. Pure.

The record is the project's own, version 1, written by `source/epm_effects.c`. Offsets are
0-based, integers big-endian and unsigned, characters in the record's CCSID::

     0 Char(4)    mark, EPMC            28 u16       year       40 u32       job number
     4 u16        version, 1            30 5 x u8    month ..   44 u16       length of the block
     6 u16        CCSID                              second     46 u16       groups (FFFF: not
     8 u32        length of the record  35 u8        x'00'                   known)
    12 u8         server, 0 listen,     36 u32       micro-     48 Char(96)  the exit block
                  1 connect, 2 accept                seconds   144           texts
    13 u8         allowed
    14 u8         reason, 1 rule, 2 default
    15 u8         x'00'
    16 u32        sequence of the rule
    20 u64        revision of the rules, 0 where not known

A text is a u16 length (FFFF: missing) and its bytes: user, job, program, then the groups. The
block is the one that the exit program was given, so that a capture loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from struct import Struct

from epm.errors import FormatError, SettingsError
from epm.events import Job
from epm.model import Call
from exitprograms.formats import FORMATS
from exitprograms.ile.charset import Charset, charset
from exitprograms.ile.layout import SERVERS

VERSION = 1
BLOCK_ROOM = 96
_FIXED = Struct(">4sHHIBBBxIQHBBBBBxIIHH96s")
_MISSING = 0xFFFF


@dataclass(frozen=True, slots=True)
class CaptureRecord:
    """One captured call.

    Attributes:
        rule: sequence of the deciding rule.
        revision: of the rules; ``None`` where it is not known.
    """

    call: Call
    job: Job
    allowed: bool
    rule: int
    revision: int | None


def decode_capture(record: bytes) -> CaptureRecord:
    """Return what a record of the data queue says; bytes after it are not read.

    Raises:
        FormatError: it is no capture record, or a damaged one; names offset and reason.
    """
    if len(record) < _FIXED.size:
        raise FormatError(f"a capture record has {_FIXED.size} bytes or more", len(record))
    (
        mark, version, ccsid, length, server, allowed, _, rule, revision,
        year, month, day, hour, minute, second, micros,
        number, block_length, groups, block,
    ) = _FIXED.unpack_from(record)  # fmt: skip
    names = _charset(ccsid)
    if mark != names.encode("EPMC") or version != VERSION:
        raise FormatError(f"no capture record of version {VERSION}", 0)
    if not _FIXED.size <= length <= len(record):
        raise FormatError(f"the capture record is {length} bytes, {len(record)} are there", 8)
    if server >= len(SERVERS) or block_length > BLOCK_ROOM:
        raise FormatError("the capture record's server or block is none", 12)
    texts = _Texts(record[:length], names)
    user, job_name, program = texts.next(), texts.next(), texts.next()
    members = None if groups == _MISSING else tuple(texts.next() or "" for _ in range(groups))
    job = Job(job_name or "", user or "", number, program, members)
    try:
        at = datetime(year, month, day, hour, minute, second, micros)
    except ValueError as error:
        raise FormatError(f"the capture record's time is none: {error}", 28) from None
    call = FORMATS[SERVERS[server].format_name].call_of(block[:block_length], job, at)
    return CaptureRecord(call, job, bool(allowed), rule, revision or None)


def _charset(ccsid: int) -> Charset:
    try:
        return charset(ccsid)
    except SettingsError:
        raise FormatError(f"CCSID {ccsid} of the capture record is not supported", 6) from None


class _Texts:
    """The texts at the end of a record, one after the other."""

    def __init__(self, record: bytes, names: Charset) -> None:
        self._record = record
        self._codec = names.codec
        self._at = _FIXED.size

    def next(self) -> str | None:
        """Return the next text; ``None`` where it is missing.

        Raises:
            FormatError: the record ends inside it, or it is not in the character set.
        """
        begin = self._at + 2
        length = int.from_bytes(self._record[self._at : begin], "big")
        if begin > len(self._record):
            raise FormatError("the capture record ends before a text", self._at)
        self._at = begin
        if length == _MISSING:
            return None
        raw = self._record[begin : begin + length]
        if len(raw) < length:
            raise FormatError("the capture record ends inside a text", begin)
        self._at = begin + length
        try:
            return raw.decode(self._codec, "surrogatepass" if self._codec == "utf-8" else "strict")
        except UnicodeDecodeError:
            raise FormatError("a text is not in the record's character set", begin) from None
