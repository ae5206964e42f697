"""LSTN0100: what the exit program of QIBM_QSO_LISTEN is given, 36 bytes.

Source: IBM documentation of the listen exit program. Offsets are 0-based::

     0 Binary(4)  Backlog
     4 Binary(4)  Local address length   8 Char(28)  Local address
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from struct import Struct

from epm.errors import CallError
from epm.events import Endpoint, Job
from epm.model import Call, Server
from exitprograms.formats.common import check_server, check_size, endpoint, present
from exitprograms.sockaddr import decode_slot, encode_slot

NAME = "LSTN0100"
SERVER = Server.LISTEN
SIZE = 36

_BACKLOG = Struct(">i")
_MIN_BACKLOG, _MAX_BACKLOG = -(1 << 31), (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Listen:
    """A socket that is to listen.

    Attributes:
        backlog: as given to listen(), a signed 32-bit number.
        local: what the socket is bound to.
    """

    backlog: int
    local: Endpoint


def encode(value: Listen) -> bytes:
    """Return the block of ``value``.

    Raises:
        CallError: the backlog, the address or the port is out of range.
    """
    if not _MIN_BACKLOG <= value.backlog <= _MAX_BACKLOG:
        raise CallError(f"backlog {value.backlog} is not a signed 32-bit number")
    return _BACKLOG.pack(value.backlog) + encode_slot(value.local, "local address")


def decode(block: bytes) -> Listen:
    """Return what a block holds.

    Raises:
        FormatError: a wrong size or a malformed address; names offset and reason.
    """
    check_size(block, SIZE, NAME)
    return Listen(_BACKLOG.unpack_from(block)[0], decode_slot(block, 4, "local address"))


def to_call(value: Listen, job: Job, at: datetime) -> Call:
    """Return the call: what the block says, and who and when, which it does not."""
    local = value.local
    return Call(
        SERVER,
        local.address,
        local.port,
        None,
        None,
        None,
        None,
        value.backlog,
        job.user,
        job.groups,
        job.name,
        job.program,
        at,
    )


def from_call(call: Call) -> Listen:
    """Return what the block of ``call`` holds.

    Raises:
        CallError: a call of another server, or one that lacks the backlog, address or port: a
            block cannot say that a field is missing.
    """
    check_server(call, SERVER, NAME)
    return Listen(
        present(call.backlog, "backlog", NAME), endpoint(call.lcladdr, call.lclport, "lcl", NAME)
    )
