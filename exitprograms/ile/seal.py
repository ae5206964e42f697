"""The seal of a rule image, and what a sealed image says of itself. Pure; bytes in and out.

The header holds the checksums and the digest of the body, a checksum of itself, and the number
of the publication. :mod:`exitprograms.ile.image` makes what is sealed here.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from dataclasses import dataclass

from epm.errors import FormatError, SettingsError
from epm.evaluate import Mode
from epm.model import FailMode, Server
from exitprograms.ile.charset import charset
from exitprograms.ile.layout import (
    CONFIG,
    HEADER,
    HEADER_CRC_AT,
    IMAGE_MAGIC,
    REVISION_KNOWN,
    SERVER,
    SERVERS,
    VERSION,
)

#: Highest number of a publication.
MAX_SEQUENCE = 2**64 - 1


def sealed(body: bytes, sequence: int, revision: int | None, sections: tuple[int, ...]) -> bytes:
    """Return the image of a body.

    Args:
        body: everything after the header.
        sequence: number of the publication.
        revision: of the rules; ``None`` where they are a file.
        sections: the header's offsets and counts, in its order.
    """
    header = HEADER.pack(
        IMAGE_MAGIC, VERSION, HEADER.size, HEADER.size + len(body), 0, zlib.crc32(body),
        sequence, revision or 0, 0 if revision is None else REVISION_KNOWN, 0,
        hashlib.sha256(body).digest(), *sections,
    )  # fmt: skip
    return _with_crc(header) + body


def _with_crc(header: bytes) -> bytes:
    """Return a header with the checksum of itself; the checksum's own place counts as zero."""
    at = HEADER_CRC_AT
    blank = header[:at] + bytes(4) + header[at + 4 :]
    return header[:at] + zlib.crc32(blank).to_bytes(4, "big") + header[at + 4 :]


def with_sequence(image: bytes, sequence: int) -> bytes:
    """Return an image with another publication number, for the slot that it goes to.

    Raises:
        FormatError: it is not a sound image, or the numbers are used up: no publication counts
            so far, so somebody wrote a number that none made.
    """
    verify(image)
    if not 0 < sequence <= MAX_SEQUENCE:
        raise FormatError(f"{sequence} is not the number of a publication", 24)
    values = list(HEADER.unpack_from(image))
    values[6] = sequence
    return _with_crc(HEADER.pack(*values)) + image[HEADER.size :]


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What an image says of one server.

    Attributes:
        rules: how many are in it, the default rule among them.
        boxes: alternatives of rules.
    """

    server: Server
    activated: bool
    rules: int
    boxes: int


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What an image says of itself.

    Attributes:
        length: bytes.
        sequence: number of the publication.
        revision: of the rules; ``None`` where they were a file.
        digest: SHA-256 of the body, hexadecimal: equal rules have equal digests.
    """

    length: int
    sequence: int
    revision: int | None
    digest: str
    ccsid: int
    mode: Mode
    fail: FailMode
    system: str
    message_queue: str
    journal: str
    lib: str
    servers: tuple[ServerInfo, ...]


def verify(image: bytes) -> None:
    """Check an image whole: header, checksums, digest, length.

    Bytes after the image (a slot is larger) are not read.

    Raises:
        FormatError: it is damaged; the text says where.
    """
    if len(image) < HEADER.size:
        raise FormatError(f"a rule image has {HEADER.size} bytes or more", len(image))
    header = HEADER.unpack_from(image)
    if header[0] != IMAGE_MAGIC:
        raise FormatError("no rule image", 0)
    if header[1:3] != (VERSION, HEADER.size):
        raise FormatError(f"a rule image of version {header[1]}, not {VERSION}", 8)
    if _with_crc(image[: HEADER.size]) != image[: HEADER.size]:
        raise FormatError("the rule image's header is damaged", HEADER_CRC_AT)
    length = header[3]
    if not HEADER.size <= length <= len(image):
        raise FormatError(f"the rule image ends at {len(image)} of {length} bytes", 12)
    body = image[HEADER.size : length]
    if zlib.crc32(body) != header[5] or hashlib.sha256(body).digest() != header[10]:
        raise FormatError("the rule image's body is damaged", HEADER.size)


def describe(image: bytes) -> ImageInfo:
    """Return what an image says of itself.

    Raises:
        FormatError: it is damaged.
    """
    verify(image)
    header = HEADER.unpack_from(image)
    config_at, charset_at, servers_at = header[11:14]
    try:
        fail, mode, length, system_at, queue, journal, library = CONFIG.unpack_from(
            image, config_at
        )
        ccsid = int.from_bytes(image[charset_at + 2 : charset_at + 4], "big")
        codec = charset(ccsid).codec
        return ImageInfo(
            length=header[3],
            sequence=header[6],
            revision=header[7] if header[8] & REVISION_KNOWN else None,
            digest=header[10].hex(),
            ccsid=ccsid,
            mode=Mode.TEST if mode else Mode.LIVE,
            fail=FailMode.OPEN if fail else FailMode.CLOSED,
            system=str(json.loads(image[system_at : system_at + length])),
            message_queue=queue.decode(codec).rstrip(),
            journal=journal.decode(codec).rstrip(),
            lib=library.decode(codec).rstrip(),
            servers=tuple(_server_info(image, servers_at, n) for n in range(len(SERVERS))),
        )
    except (ValueError, SettingsError, struct.error) as error:
        raise FormatError(f"the rule image is not what its layout says: {error}", 80) from None


def _server_info(image: bytes, at: int, number: int) -> ServerInfo:
    values = SERVER.unpack_from(image, at + number * SERVER.size)
    return ServerInfo(SERVERS[number], bool(values[0]), values[6], values[4])
