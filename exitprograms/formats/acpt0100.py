"""ACPT0100: what the exit program of QIBM_QSO_ACCEPT is given, 96 bytes.

Source: IBM documentation of the accept exit program. Offsets are 0-based::

     0 Binary(4)  Local bound address length     4 Char(28)  Local bound address
    32 Binary(4)  Local incoming address length 36 Char(28)  Local incoming address
    64 Binary(4)  Remote address length         68 Char(28)  Remote address
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from epm.events import Endpoint, Job
from epm.model import Call, Server
from exitprograms.formats.common import check_server, check_size, endpoint
from exitprograms.sockaddr import decode_slot, encode_slot

NAME = "ACPT0100"
SERVER = Server.ACCEPT
SIZE = 96


@dataclass(frozen=True, slots=True)
class Accept:
    """A connection that came in.

    Attributes:
        bound: what the listener is bound to.
        incoming: the local address that the connection reached.
        remote: the peer.
    """

    bound: Endpoint
    incoming: Endpoint
    remote: Endpoint


def encode(value: Accept) -> bytes:
    """Return the block of ``value``.

    Raises:
        CallError: an address or port is out of range.
    """
    return (
        encode_slot(value.bound, "local bound address")
        + encode_slot(value.incoming, "local incoming address")
        + encode_slot(value.remote, "remote address")
    )


def decode(block: bytes) -> Accept:
    """Return what a block holds.

    Raises:
        FormatError: a wrong size or a malformed address; names offset and reason.
    """
    check_size(block, SIZE, NAME)
    return Accept(
        decode_slot(block, 0, "local bound address"),
        decode_slot(block, 32, "local incoming address"),
        decode_slot(block, 64, "remote address"),
    )


def to_call(value: Accept, job: Job, at: datetime) -> Call:
    """Return the call: what the block says, and who and when, which it does not."""
    bound, incoming, remote = value.bound, value.incoming, value.remote
    return Call(
        SERVER,
        incoming.address,
        incoming.port,
        bound.address,
        bound.port,
        remote.address,
        remote.port,
        None,
        job.user,
        job.groups,
        job.name,
        job.program,
        at,
    )


def from_call(call: Call) -> Accept:
    """Return what the block of ``call`` holds.

    Raises:
        CallError: a call of another server, or one that lacks an address or port: a block
            cannot say that a field is missing.
    """
    check_server(call, SERVER, NAME)
    return Accept(
        endpoint(call.bndaddr, call.bndport, "bnd", NAME),
        endpoint(call.lcladdr, call.lclport, "lcl", NAME),
        endpoint(call.rmtaddr, call.rmtport, "rmt", NAME),
    )
