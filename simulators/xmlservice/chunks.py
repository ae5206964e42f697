"""The body of a request that comes in chunks, as RFC 9112 section 7.1 has it."""

from __future__ import annotations

import re
from typing import BinaryIO

from epm.errors import EpmError, FormatError

#: Bytes of the line that begins a chunk, extensions included, and of a trailer field.
MAX_LINE = 4096
MAX_TRAILERS = 100
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


class LargeBodyError(EpmError):
    """The chunks are more than a body may have."""


def read_chunks(stream: BinaryIO, most: int) -> bytes:
    """Return a body of at most ``most`` bytes; the stream is behind its trailer then.

    Raises:
        LargeBodyError: there is more.
        FormatError: the chunks are not well-formed, or end early.
    """
    body = bytearray()
    while size := _size(stream):
        if len(body) + size > most:
            raise LargeBodyError(f"the chunks are more than {most} bytes")
        body += stream.read(size)
        if stream.readline(3) not in (b"\r\n", b"\n"):
            raise FormatError("a chunk does not end where it should", len(body))
    for _ in range(MAX_TRAILERS):
        if stream.readline(MAX_LINE) in (b"\r\n", b"\n", b""):
            return bytes(body)
    raise FormatError("the trailer has no end", len(body))


def _size(stream: BinaryIO) -> int:
    line = stream.readline(MAX_LINE)
    match = _SIZE.fullmatch(line)
    if match is None:
        raise FormatError(f"{line[:20]!r} begins no chunk", 0)
    return int(match[1], 16)
