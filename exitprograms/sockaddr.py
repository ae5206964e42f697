"""The address slot of the socket exit formats: 32 bytes <-> an endpoint.

Source: IBM documentation of the accept, connect and listen exit programs (ACPT0100, CONN0100,
LSTN0100) and of the AS/400 4.3 socket address structures. Offsets are 0-based, integers
big-endian; the structures have a 2-byte family and no length byte of their own::

    slot          sockaddr_in, 16 bytes         sockaddr_in6, 28 bytes
     0 Binary(4)  length, 16 (A2)               length, 28 (A2)
     4 u16        sin_family, 2                 sin6_family, 24 (A1)
     6 u16        sin_port                      sin6_port
     8            u32 sin_addr                  u32 sin6_flowinfo
    12            char(8) x'00'                 byte(16) sin6_addr
    20            12 bytes x'00' (A3)             ...
    28                                          u32 sin6_scope_id

Assumptions: A1 (AF_INET6 is 24), A2 (the length field holds 16 or 28), A3 (the rest of an IPv4
slot is written x'00' and not read), A4 (the form with a length byte never comes here), A5 (an
IPv4-mapped address in an IPv6 slot is that IPv4 address). Flow information and scope are not
read, and written as 0: an endpoint has neither.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct

from epm.addresses import AXIS_END, V6_BASE, from_v6
from epm.errors import CallError, FormatError
from epm.events import Endpoint

SLOT_SIZE = 32
AF_INET = 2
#: Assumption A1.
AF_INET6 = 24
V4_LENGTH = 16
V6_LENGTH = 28

_LENGTHS = {AF_INET: V4_LENGTH, AF_INET6: V6_LENGTH}
_V4 = Struct(">iHHI20x")
_V6 = Struct(">iHHI16sI")
_LENGTH_AND_FAMILY = Struct(">iH")
_MAX_PORT = 0xFFFF


def encode_slot(endpoint: Endpoint, name: str) -> bytes:
    """Return the slot of an endpoint: an IPv4 one as AF_INET, any other as AF_INET6.

    Args:
        endpoint: what the slot is to hold.
        name: what the format calls the address, for the error text.

    Raises:
        CallError: the address or the port is a number that no address or port has.
    """
    address, port = endpoint.address, endpoint.port
    if not 0 <= port <= _MAX_PORT:
        raise CallError(f"{name}: port {port} is not 0 to {_MAX_PORT}")
    if 0 <= address < V6_BASE:
        return _V4.pack(V4_LENGTH, AF_INET, port, address)
    if not V6_BASE <= address <= AXIS_END:
        raise CallError(f"{name}: {address} is not the number of an address")
    return _V6.pack(V6_LENGTH, AF_INET6, port, 0, (address - V6_BASE).to_bytes(16, "big"), 0)


def decode_slot(block: bytes, offset: int, name: str) -> Endpoint:
    """Return the endpoint in the slot at ``offset`` of ``block``.

    Args:
        block: the whole block, so that an error names an offset in it.
        offset: where the slot begins, 0-based.
        name: what the format calls the address, for the error text.

    Raises:
        FormatError: cut short, a length that is not the family's, or an unknown family.
    """
    endpoint = _endpoint(block[offset : offset + SLOT_SIZE])
    if endpoint is None:
        raise _fault(block[offset : offset + SLOT_SIZE], offset, name)
    return endpoint


# A listener's bound and incoming addresses come again with every call: a remembered slot costs
# a quarter of a decoded one. 4096 slots of 32 bytes bound what hostile callers can make us keep.
@lru_cache(maxsize=4096)
def _endpoint(slot: bytes) -> Endpoint | None:
    """Return what a slot holds, or ``None`` when it is malformed (:func:`_fault` says how)."""
    if len(slot) != SLOT_SIZE:
        return None
    length, family, port, number = _V4.unpack(slot)
    if length == V4_LENGTH and family == AF_INET:
        return Endpoint(number, port)
    if length == V6_LENGTH and family == AF_INET6:
        return Endpoint(from_v6(int.from_bytes(slot[12:28], "big")), port)
    return None


def _fault(slot: bytes, offset: int, name: str) -> FormatError:
    if len(slot) < SLOT_SIZE:
        return FormatError(
            f"{name}: the block ends after {len(slot)} of {SLOT_SIZE} bytes", offset + len(slot)
        )
    length, family = _LENGTH_AND_FAMILY.unpack_from(slot)
    if length not in _LENGTHS.values():
        return FormatError(
            f"{name} length is {length}, not {V4_LENGTH} (IPv4) or {V6_LENGTH} (IPv6)", offset
        )
    if family not in _LENGTHS:
        return FormatError(
            f"{name}: address family {family} is not AF_INET ({AF_INET}) or AF_INET6 ({AF_INET6})"
            + (", a sockaddr with a length byte is of another form" if family >> 8 else ""),
            offset + 4,
        )
    return FormatError(
        f"{name} length is {length}, but address family {family} takes {_LENGTHS[family]}", offset
    )
