"""Receiver frames: how a record lies in a receiver file, and the hash that chains them. Pure.

A receiver is frames back to back, integers big-endian::

    offset  bytes   what
    0       4       C5 D7 D4 F1 ("EPM1" in EBCDIC; never part of a payload, which is ASCII)
    4       4       length of the whole frame
    8       4       CRC-32 of kind, number, payload and chain
    12      1       kind: H header, E entry, S seal
    13      8       number: H the first entry's, E its own, S the last entry's
    21      n       payload, ASCII JSON
    21+n    32      chain: SHA-256(chain of the frame before || kind || number || payload)
    53+n    4       length again, so that a receiver can be read backwards

A payload is ASCII, so a mark in it is the beginning of another frame. That is what bounds the
search for sound frames in hostile bytes: no two candidates can claim the same payload.

INVARIANT: every byte is covered: the mark by comparison, the two lengths by each other, the
CRC by itself, the rest by CRC and chain. So one changed byte anywhere makes a frame unsound.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

MARK = b"\xc5\xd7\xd4\xf1"
CHAIN_BYTES = 32
NO_CHAIN = bytes(CHAIN_BYTES)
_HEAD = struct.Struct(">4sII")
_BODY = struct.Struct(">BQ")
_LENGTH = struct.Struct(">I")
HEAD_BYTES = _HEAD.size + _BODY.size
TAIL_BYTES = CHAIN_BYTES + _LENGTH.size
OVERHEAD = HEAD_BYTES + TAIL_BYTES
#: A change of a very large rule set is megabytes; anything larger is a length gone wrong.
MAX_PAYLOAD = 16 << 20


class Kind(IntEnum):
    """What a frame is."""

    HEADER = ord("H")
    ENTRY = ord("E")
    SEAL = ord("S")


_KINDS = frozenset(int(k) for k in Kind)


@dataclass(frozen=True, slots=True)
class Frame:
    """One sound frame: its parts, and the chain value that it carries (not yet compared)."""

    kind: int
    number: int
    payload: bytes
    chain: bytes

    @property
    def size(self) -> int:
        """Bytes in the receiver."""
        return len(self.payload) + OVERHEAD


def next_chain(previous: bytes, kind: int, number: int, payload: bytes) -> bytes:
    """Return the chain value of a frame that follows one with the chain ``previous``."""
    return hashlib.sha256(previous + _BODY.pack(kind, number) + payload).digest()


def encode_frame(previous: bytes, kind: int, number: int, payload: bytes) -> tuple[bytes, bytes]:
    """Return (bytes of the frame, its chain value)."""
    body = _BODY.pack(kind, number) + payload
    chain = hashlib.sha256(previous + body).digest()
    body += chain
    length = len(payload) + OVERHEAD
    head = _HEAD.pack(MARK, length, zlib.crc32(body))
    return head + body + _LENGTH.pack(length), chain


def frame_length(head: bytes) -> int | None:
    """Return the length that 12 or more leading bytes state; ``None`` if they begin no frame."""
    if len(head) < _HEAD.size:
        return None
    mark, length, _ = _HEAD.unpack_from(head)
    if mark != MARK or not OVERHEAD <= length <= MAX_PAYLOAD + OVERHEAD:
        return None
    return int(length)


def trailing_length(last: bytes) -> int | None:
    """Return the frame length that the last 4 bytes of a receiver state, if it can be one."""
    if len(last) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(last[-4:])
    return int(length) if OVERHEAD <= length <= MAX_PAYLOAD + OVERHEAD else None


def decode_frame(data: bytes) -> Frame | None:
    """Return the frame that ``data`` is from first byte to last, or ``None`` if it is unsound."""
    length = frame_length(data)
    if length is None or length != len(data) or trailing_length(data) != length:
        return None
    if not data[HEAD_BYTES:-TAIL_BYTES].isascii():
        return None
    body = data[_HEAD.size : -_LENGTH.size]
    if zlib.crc32(body) != _HEAD.unpack_from(data)[2]:
        return None
    kind, number = _BODY.unpack_from(body)
    if kind not in _KINDS:
        return None
    return Frame(kind, number, body[_BODY.size : -CHAIN_BYTES], body[-CHAIN_BYTES:])
