"""Exit program blocks straight from kernel socket addresses: the fast path.

Layouts: IBM documentation of the exit point formats ACPT0100 (96 bytes), CONN0100 (64) and
LSTN0100 (36), 0-based offsets, big-endian. An address is a Binary(4) length and a 28-byte slot
with a 4.3BSD sockaddr. Assumptions: A1 (AF_INET6 is 24 there), A2 (lengths are 16 and 28), A3
(the rest of an IPv4 slot is zero). An IPv4-mapped IPv6 address becomes its IPv4 slot.

:mod:`exitprograms.formats` builds the same blocks from endpoints, which is what everybody else
has. Here the kernel's own bytes are moved over as they are, in half the time and without
losing flow information and scope. The tests hold both to the same bytes.
"""

from __future__ import annotations

import sys
from functools import lru_cache

from epm.addresses import from_v4, from_v6
from epm.events import Endpoint
from simulators.linux.abi import AF_INET, AF_INET6

_V4_HEAD = b"\x00\x00\x00\x10\x00\x02"  # length 16, AF_INET
_V6_HEAD = b"\x00\x00\x00\x1c\x00\x18"  # length 28, AF_INET6 (assumption A1)
_REST = bytes(20)
_MAPPED = bytes(10) + b"\xff\xff"
_INET = AF_INET.to_bytes(2, sys.byteorder)
_INET6 = AF_INET6.to_bytes(2, sys.byteorder)
_V6_WITHOUT_SCOPE = 24  # RFC 2133; the kernel takes it


def is_inet(raw: bytes) -> bool:
    """Whether a sockaddr is an IPv4 or IPv6 address that the kernel would take."""
    family = raw[:2]
    if family == _INET:
        return len(raw) >= 16
    return family == _INET6 and len(raw) >= _V6_WITHOUT_SCOPE


def slot(raw: bytes) -> bytes:
    """Return length and slot, 32 bytes, for a kernel sockaddr.

    INVARIANT: ``is_inet(raw)``.
    """
    if raw[:2] == _INET:
        return _V4_HEAD + raw[2:8] + _REST
    if raw[8:20] == _MAPPED:
        return _V4_HEAD + raw[2:4] + raw[20:24] + _REST
    scope = int.from_bytes(raw[24:28], sys.byteorder)  # the one field in the host's order
    return _V6_HEAD + raw[2:24] + scope.to_bytes(4, "big")


# The side that repeats: listeners' and destinations' addresses, not clients' ports.
_CACHED = 4096
_known_slot = lru_cache(_CACHED)(slot)


def accept_block(bound: bytes, incoming: bytes, remote: bytes) -> bytes:
    """Return ACPT0100: what the listener is bound to, where the call came in, the peer."""
    return _known_slot(bound) + _known_slot(incoming) + slot(remote)


def connect_block(local: bytes, destination: bytes) -> bytes:
    """Return CONN0100: the connecting socket's end, the destination."""
    return _known_slot(local) + _known_slot(destination)


def listen_block(backlog: int, local: bytes) -> bytes:
    """Return LSTN0100: backlog (signed 32 bits), what the listener is bound to."""
    return backlog.to_bytes(4, "big", signed=True) + slot(local)


def endpoint(raw: bytes) -> Endpoint:
    """Return a kernel sockaddr as a number on the address axis and a port.

    INVARIANT: ``is_inet(raw)``.
    """
    port = raw[2] << 8 | raw[3]
    if raw[:2] == _INET:
        return Endpoint(from_v4(int.from_bytes(raw[4:8], "big")), port)
    return Endpoint(from_v6(int.from_bytes(raw[8:24], "big")), port)


known_endpoint = lru_cache(_CACHED)(endpoint)
"""The same, remembered: for the side that repeats."""
