"""Layouts of the rule image and of its user space, version 1: `source/epm_image.h` in Python.

`docs/rule-image.md` describes them. All integers are big-endian, all offsets 0-based from the
image's first byte; a test holds every number here to the C header's.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct

from epm.model import Field, Server

VERSION = 1
IMAGE_MAGIC = b"EPMIMAGE"
SPACE_MAGIC = b"EPMSPACE"

#: magic, version, size, length, header CRC, body CRC, sequence, revision, flags, reserved,
#: digest, config, charset, servers, pool (offset, count), entries, rows, reserved.
HEADER = Struct(">8sHHIIIQQII32s3I2I2I2I12x")
HEADER_CRC_AT = 16
REVISION_KNOWN = 1

#: fail open, mode, system (length, offset), message queue, journal, library, reserved.
CONFIG = Struct(">BBHI10s10s10s10x")
#: kind, reserved, CCSID, ASCII -> byte, byte -> Unicode, byte -> upper case.
CHARSET = Struct(">BxH128s512s1024s")
#: activated, evaluates, dimensions (count, offset), boxes, rules, row of every box, reserved.
SERVER = Struct(">BBHIIIIII12x")
#: sequence, allow, audit, message, capture, name (offset, length), JSON (length, offset), default.
RULE = Struct(">IBBBBIHHIB3x")
#: field, kind, fold, reserved, free row, ten numbers by kind.
DIMENSION = Struct(">BBBxI10I")
#: text (offset, length), kind, reserved, met row, denied row.
NAME = Struct(">IHBxII")
#: row, tests (offset, count).
TEST_SET = Struct(">III")
#: negated, reserved, atoms (offset, count).
TEST = Struct(">B3xII")
#: kind, reserved, length, text offset.
ATOM = Struct(">BxHI")
#: first entry, count.
ROW = Struct(">II")

CHUNK_BITS = 512
CHUNK_SIZE = CHUNK_BITS // 8
CHUNK_SHIFT = 24
POOL_MASK = (1 << CHUNK_SHIFT) - 1
MAX_CHUNKS = 256
MAX_BOXES = MAX_CHUNKS * CHUNK_BITS

ANY_RUN = 256
ANY_ONE = 257
MAX_TEXT = 0xFFFF

SINGLE_BYTE, UTF8 = 1, 2
UTF8_CCSID = 1208

#: Servers in the order of their records, fields in the order of their numbers.
SERVERS = (Server.LISTEN, Server.CONNECT, Server.ACCEPT)
FIELDS = tuple(Field)


class Kind(IntEnum):
    """What a dimension record holds."""

    NUMBERS = 1
    ADDRESSES = 2
    NAMES = 3


class Atom(IntEnum):
    """What an atom or a name record compares."""

    WHOLE = 0
    PREFIX = 1
    PATTERN = 2


#: Control record of a user space: magic, version, capacity of a slot, offsets of both, CRC.
CONTROL = Struct(">8sHxxIIII")
CONTROL_CRC_AT = 24
#: Largest user space (IBM documentation of QUSCRTUS: 16,776,704 bytes).
MAX_SPACE = 16_776_704
#: Where the first slot begins.
CONTROL_ROOM = 4096
#: What one of the two slots holds at most.
MAX_IMAGE = (MAX_SPACE - CONTROL_ROOM) // 2 // 4096 * 4096
