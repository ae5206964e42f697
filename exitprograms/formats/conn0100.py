"""CONN0100: what the exit program of QIBM_QSO_CONNECT is given, 64 bytes.

Source: IBM documentation of the connect exit program. Offsets are 0-based::

     0 Binary(4)  Local address length        4 Char(28)  Local address
    32 Binary(4)  Destination address length 36 Char(28)  Destination address

The local address of a socket that was not bound is taken to be the unspecified address and
port 0 (assumption A6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from epm.events import Endpoint, Job
from epm.model import Call, Server
from exitprograms.formats.common import check_server, check_size, endpoint
from exitprograms.sockaddr import decode_slot, encode_slot

NAME = "CONN0100"
SERVER = Server.CONNECT
SIZE = 64


@dataclass(frozen=True, slots=True)
class Connect:
    """A connection that is to be made.

    Attributes:
        local: the connecting socket; port 0 before the call, where it was not bound.
        destination: where it goes.
    """

    local: Endpoint
    destination: Endpoint


def encode(value: Connect) -> bytes:
    """Return the block of ``value``.

    Raises:
        CallError: an address or port is out of range.
    """
    return encode_slot(value.local, "local address") + encode_slot(
        value.destination, "destination address"
    )


def decode(block: bytes) -> Connect:
    """Return what a block holds.

    Raises:
        FormatError: a wrong size or a malformed address; names offset and reason.
    """
    check_size(block, SIZE, NAME)
    return Connect(
        decode_slot(block, 0, "local address"), decode_slot(block, 32, "destination address")
    )


def to_call(value: Connect, job: Job, at: datetime) -> Call:
    """Return the call: what the block says, and who and when, which it does not."""
    local, destination = value.local, value.destination
    return Call(
        SERVER,
        local.address,
        local.port,
        None,
        None,
        destination.address,
        destination.port,
        None,
        job.user,
        job.groups,
        job.name,
        job.program,
        at,
    )


def from_call(call: Call) -> Connect:
    """Return what the block of ``call`` holds.

    Raises:
        CallError: a call of another server, or one that lacks an address or port: a block
            cannot say that a field is missing.
    """
    check_server(call, SERVER, NAME)
    return Connect(
        endpoint(call.lcladdr, call.lclport, "lcl", NAME),
        endpoint(call.rmtaddr, call.rmtport, "rmt", NAME),
    )
