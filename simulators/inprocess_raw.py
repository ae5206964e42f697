"""Sockets as they are without exit points: the plain calls, numeric addresses, readiness."""

from __future__ import annotations

import errno
import os
import selectors
import socket
from operator import index
from typing import Any

from epm.addresses import UNSPECIFIED_V4, UNSPECIFIED_V6, parse_address
from epm.events import Endpoint

# Taken at import, before anything is patched, so that a hook never meets another hook.
ACCEPT = socket.socket.accept
BIND = socket.socket.bind
CLOSE = socket.socket.close
CONNECT = socket.socket.connect
CONNECT_EX = socket.socket.connect_ex
DETACH = socket.socket.detach
GETPEERNAME = socket.socket.getpeername
GETSOCKOPT = socket.socket.getsockopt
LISTEN = socket.socket.listen
SETSOCKOPT = socket.socket.setsockopt

#: What listen() takes without an argument.
DEFAULT_BACKLOG = min(socket.SOMAXCONN, 128)
_MAX_PORT = 0xFFFF
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


def is_tcp(sock: socket.socket) -> bool:
    """Whether it is a stream socket of IPv4 or IPv6."""
    return sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_STREAM


def numeric(sock: socket.socket, address: Any) -> tuple[Any, ...]:
    """Return a socket address with its host as a number, as connect() itself would take it.

    Raises:
        TypeError, OverflowError: malformed, as ``socket.socket`` raises them.
        OSError: the name cannot be resolved.
    """
    most = 4 if sock.family == socket.AF_INET6 else 2
    if not isinstance(address, tuple) or not 2 <= len(address) <= most:
        raise TypeError(f"a socket address is a tuple of host and port, not {address!r}")
    host, port = address[0], index(address[1])
    if not 0 <= port <= _MAX_PORT:
        raise OverflowError("port must be 0-65535.")
    if isinstance(host, bytes | bytearray):
        host = host.decode()
    if not host:
        host = "::" if most == 4 else "0.0.0.0"  # noqa: S104 - what an empty host means
    try:
        socket.inet_pton(sock.family, host)
    except OSError:
        found = socket.getaddrinfo(host, port, sock.family, socket.SOCK_STREAM)[0][4]
        return (found[0], port, *(address[2:] or found[2:]))
    return (host, port, *address[2:])


def endpoint(address: tuple[Any, ...]) -> Endpoint:
    """Return the endpoint of a numeric socket address; its zone and flow are dropped."""
    return Endpoint(parse_address(address[0]), address[1])


def local_end(sock: socket.socket) -> Endpoint:
    """Return what a socket is bound to: the unspecified address and port 0 before bind().

    Raises:
        OSError: the socket is closed, or none.
    """
    try:
        return endpoint(sock.getsockname())
    except OSError as error:
        if error.errno in (errno.EBADF, errno.ENOTSOCK):
            raise
        # Windows has no name for a socket that was never bound.
        return Endpoint(UNSPECIFIED_V6 if sock.family == socket.AF_INET6 else UNSPECIFIED_V4, 0)


def is_readable(sock: socket.socket, seconds: float) -> bool:
    """Whether there is something to take within ``seconds``."""
    return _is_ready(sock, selectors.EVENT_READ, seconds)


def is_undecided(sock: socket.socket) -> bool:
    """Whether a connect is still under way: neither established nor failed."""
    return not _is_ready(sock, selectors.EVENT_WRITE, 0)


def _is_ready(sock: socket.socket, event: int, seconds: float) -> bool:
    with _Selector() as selector:
        selector.register(sock, event)
        return bool(selector.select(seconds))


def is_connected(sock: socket.socket) -> bool:
    """Whether the socket has a peer."""
    try:
        GETPEERNAME(sock)
    except OSError:
        return False
    return True


def not_permitted() -> OSError:
    """Return the error of a rejection: EPERM."""
    return PermissionError(errno.EPERM, os.strerror(errno.EPERM))
