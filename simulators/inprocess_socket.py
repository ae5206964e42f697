"""The socket whose calls go through exit points: a subclass, and the hooks of the patch."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from operator import index
from typing import Any, Protocol

from simulators.inprocess_raw import (
    ACCEPT,
    BIND,
    CLOSE,
    CONNECT,
    CONNECT_EX,
    DEFAULT_BACKLOG,
    DETACH,
    GETPEERNAME,
    GETSOCKOPT,
    LISTEN,
    SETSOCKOPT,
    not_permitted,
)

#: setsockopt() option at SOL_SOCKET: a rejected accept() fails with EPERM instead of waiting for
#: the next connection. IBM's name; its number is not known (assumption A13), this one is ours
#: and never reaches the operating system.
SO_ACCEPTEPERM = 0x45504D


class ExitPoints(Protocol):
    """What a socket asks; :class:`simulators.inprocess.InProcess` is it."""

    def judges(self, sock: socket.socket) -> bool:
        """Whether calls of this socket are asked about."""
        ...

    def bind(self, sock: socket.socket, address: Any) -> None:
        """Bind."""
        ...

    def listen(self, sock: socket.socket, backlog: int) -> None:
        """Listen, or raise EPERM."""
        ...

    def accept(self, sock: socket.socket) -> tuple[socket.socket, Any]:
        """Accept the next connection that is allowed."""
        ...

    def connect(self, sock: socket.socket, address: Any, raw: Callable[..., int | None]) -> int:
        """Connect by ``raw``; return its errno or EPERM."""
        ...

    def settle(self, sock: socket.socket) -> bool:
        """Record a connect that has meanwhile been established; whether it may go on."""
        ...

    def set_accept_eperm(self, sock: socket.socket, on: bool) -> None:
        """Set SO_ACCEPTEPERM."""
        ...

    def accept_eperm(self, sock: socket.socket) -> bool:
        """Whether SO_ACCEPTEPERM is set."""
        ...


def _points(sock: socket.socket) -> ExitPoints | None:
    """Return the exit points that judge this socket, if any do."""
    points: ExitPoints | None = getattr(sock, "exit_points", None)
    return points if points is not None and points.judges(sock) else None


class ExitPointSocket(socket.socket):
    """A socket whose calls go through its class's ``exit_points``; without any, a plain one.

    Take the class from ``InProcess.socket_class``. Its methods are also what the patch puts on
    ``socket.socket`` itself, so they use nothing else of this class.
    """

    __slots__ = ()

    def bind(self, address: Any, /) -> None:
        """Bind as ``socket.socket`` does; a port in use leaves a P entry."""
        points = _points(self)
        return BIND(self, address) if points is None else points.bind(self, address)

    def listen(self, backlog: int = DEFAULT_BACKLOG, /) -> None:
        """Listen, unless the exit program rejects: PermissionError (EPERM)."""
        points = _points(self)
        return LISTEN(self, backlog) if points is None else points.listen(self, index(backlog))

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept the next connection that the exit program allows."""
        points = _points(self)
        return ACCEPT(self) if points is None else points.accept(self)

    def connect(self, address: Any, /) -> None:
        """Connect, unless the exit program rejects: PermissionError (EPERM)."""
        points = _points(self)
        if points is None:
            CONNECT(self, address)
        elif points.connect(self, address, CONNECT):
            raise not_permitted()

    def connect_ex(self, address: Any, /) -> int:
        """Connect and return an errno: EPERM when the exit program rejects."""
        points = _points(self)
        if points is None:
            return CONNECT_EX(self, address)
        return points.connect(self, address, CONNECT_EX)

    def setsockopt(self, level: int, option: int, *value: Any) -> None:
        """Set an option; SO_ACCEPTEPERM takes an integer, 0 for off."""
        points = _points(self)
        if points is None or (level, option) != (socket.SOL_SOCKET, SO_ACCEPTEPERM):
            return SETSOCKOPT(self, level, option, *value)
        return points.set_accept_eperm(self, bool(index(*value)))

    def getsockopt(self, level: int, option: int, *size: int) -> Any:
        """Get an option; SO_ERROR of a connect under way settles it."""
        points = _points(self)
        if points is not None and level == socket.SOL_SOCKET:
            if option == SO_ACCEPTEPERM:
                return int(points.accept_eperm(self))
            if option == socket.SO_ERROR and not size:
                code = GETSOCKOPT(self, level, option)
                return code if code or points.settle(self) else errno.EPERM
        return GETSOCKOPT(self, level, option, *size)

    def getpeername(self) -> Any:
        """Return the peer; settles a connect under way."""
        points = _points(self)
        if points is not None and not points.settle(self):
            raise not_permitted()
        return GETPEERNAME(self)

    def close(self) -> None:
        """Close; the last moment to settle a connect under way."""
        points = _points(self)
        if points is not None:
            points.settle(self)
        CLOSE(self)

    def detach(self) -> int:
        """Give up the descriptor; the last moment to settle a connect under way."""
        points = _points(self)
        if points is not None:
            points.settle(self)
        return DETACH(self)


#: What the patch puts on ``socket.socket``.
HOOKS: dict[str, Any] = {n: v for n, v in vars(ExitPointSocket).items() if n[0] != "_"}
