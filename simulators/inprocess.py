"""IBM i socket exit points around the sockets of this Python process.

listen(), accept() and connect() of TCP sockets go through an exit program with the same blocks
and indicators as on IBM i, and end as there: after a rejection connect() and listen() fail with
EPERM; accept() drops the peer and waits for the next connection, or fails with EPERM where the
application has set :data:`SO_ACCEPTEPERM`. It works on any operating system, without privilege.

Two ways to use it. Inside :meth:`InProcess.patched` every Python socket of the process goes
through: those of asyncio's selector loops, http.client, urllib, socketserver and ssl too.
:attr:`InProcess.socket_class` is a ``socket.socket`` subclass for a program that makes its own.

For tests and cooperative programs; not a sandbox. What calls the operating system without
``socket.socket`` passes by: uvloop, C extensions, asyncio's proactor loop on Windows, ctypes,
child processes. UDP and Unix sockets are not asked about (assumption A12). A non-blocking
connect leaves its C entry when the program first learns that it is established: by SO_ERROR (as
asyncio does), another connect(), getpeername() or, at the latest, close() or detach().
"""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from epm.errors import SettingsError
from epm.events import Endpoint, Job, SocketEvent, SocketEventType
from epm.ports import SocketSink
from exitprograms.formats import acpt0100, conn0100, lstn0100
from exitprograms.indicator import ExitPointCaller
from simulators import inprocess_raw as raw
from simulators.inprocess_context import naming
from simulators.inprocess_job import current_job
from simulators.inprocess_names import LookedUp
from simulators.inprocess_socket import HOOKS, SO_ACCEPTEPERM, ExitPointSocket

__all__ = ["SO_ACCEPTEPERM", "ExitPointSocket", "InProcess", "Program"]

_UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY, errno.EAGAIN})
_PATCH = threading.Lock()


class Program(Protocol):
    """What is asked; :class:`exitprograms.program.ExitProgram` is one."""

    def run(self, format_name: str, block: bytes, job: Job, at: datetime) -> str:
        """Answer one call with an indicator."""
        ...

    def goes_on_unrecorded(self, error: Exception, what: str) -> bool:
        """Whether a call goes on although its SK entry could not be written."""
        ...


@dataclass(slots=True)
class _State:
    """What we know of one socket.

    Attributes:
        pending: where a connect under way goes; ``None`` when there is none.
    """

    accept_eperm: bool = False
    pending: tuple[Any, ...] | None = None


class InProcess:
    """The exit points of this process. Threads share it; a fork takes it along."""

    def __init__(
        self,
        program: Program,
        sockets: SocketSink,
        *,
        job: Callable[[], Job] = current_job,
        now: Callable[[], datetime] = datetime.now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Put an exit program before the sockets of this process.

        Args:
            program: answers each call.
            sockets: records A, C and P entries, before the call they record is answered.
            job: who this process is; asked at each call, so it must be quick.
            now: the system's local time, without zone.
            monotonic: seconds that only grow, for the time-outs of accept().
        """
        self._program = program
        self._caller = ExitPointCaller(program.run)
        self._sockets = sockets
        self._job = job
        self._now = now
        self._monotonic = monotonic
        self._states: WeakKeyDictionary[socket.socket, _State] = WeakKeyDictionary()
        self._thread = threading.local()
        self._looked_up = LookedUp()
        self.socket_class: type[ExitPointSocket] = type(
            "ExitPointSocket", (ExitPointSocket,), {"exit_points": self, "__slots__": ()}
        )
        job()  # fills its cache of names, off the path of the first call

    @contextmanager
    def patched(self) -> Iterator[InProcess]:
        """Let every ``socket.socket`` of the process go through, also those made before.

        INVARIANT: leaving restores ``socket.socket`` and ``socket.getaddrinfo`` exactly.

        Raises:
            SettingsError: the sockets of this process go through another one already.
        """
        if not _PATCH.acquire(blocking=False):
            raise SettingsError("the sockets of this process go through exit programs already")
        hooks = HOOKS | {"exit_points": self}
        saved = {n: vars(socket.socket)[n] for n in hooks if n in vars(socket.socket)}
        try:
            for name, hook in hooks.items():
                setattr(socket.socket, name, hook)
            with self._looked_up.watching():
                yield self
        finally:
            for name in hooks:
                if name in saved:
                    setattr(socket.socket, name, saved[name])
                else:
                    delattr(socket.socket, name)
            _PATCH.release()

    # ------------------------------------------------------------------------- the calls

    def judges(self, sock: socket.socket) -> bool:
        """Whether calls of this socket are asked about: TCP, and not from inside an answer.

        An exit program or a sink that uses sockets itself would wait for itself for ever.
        """
        return raw.is_tcp(sock) and not getattr(self._thread, "inside", False)

    def set_accept_eperm(self, sock: socket.socket, on: bool) -> None:
        """Set SO_ACCEPTEPERM."""
        self._state(sock).accept_eperm = on

    def accept_eperm(self, sock: socket.socket) -> bool:
        """Whether SO_ACCEPTEPERM is set."""
        state = self._states.get(sock)
        return state is not None and state.accept_eperm

    def bind(self, sock: socket.socket, address: Any) -> None:
        """Bind; a port that is in use leaves a P entry."""
        try:
            raw.BIND(sock, address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                with suppress(OSError):
                    self._no_port(sock, raw.endpoint(raw.numeric(sock, address)))
            raise

    def listen(self, sock: socket.socket, backlog: int) -> None:
        """Listen; EPERM after a rejection."""
        if -(1 << 31) <= backlog < 1 << 31:  # another number never gets past Python
            block = lstn0100.encode(lstn0100.Listen(backlog, raw.local_end(sock)))
            if not self._asked(lstn0100.NAME, block):
                raise raw.not_permitted()
        try:
            raw.LISTEN(sock, backlog)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                self._no_port(sock, raw.local_end(sock))
            raise

    def accept(self, sock: socket.socket) -> tuple[socket.socket, Any]:
        """Accept; after a rejection the next connection, or EPERM by SO_ACCEPTEPERM.

        A time-out is that of the whole call, however many peers are dropped in it.
        """
        timeout = sock.gettimeout()
        deadline = self._monotonic() + timeout if timeout else None
        while True:
            connection, address = raw.ACCEPT(sock)
            try:
                admitted = self._admits(sock, connection, address)
            except BaseException:
                raw.CLOSE(connection)
                raise
            if admitted:
                return connection, address
            raw.CLOSE(connection)
            if self.accept_eperm(sock):
                raise raw.not_permitted()
            if deadline is not None:
                left = max(0.0, deadline - self._monotonic())
                if not raw.is_readable(sock, left):
                    raise TimeoutError("timed out")

    def connect(self, sock: socket.socket, address: Any, plain: Callable[..., int | None]) -> int:
        """Connect by ``plain`` (connect or connect_ex) to the very address that was judged.

        Returns:
            0, an errno that ``plain`` returned, or EPERM after a rejection.
        """
        # INVARIANT: a name is resolved once; what was judged is what is connected to.
        target = raw.numeric(sock, address)
        if not self._starts_nothing(sock, target):
            block = conn0100.encode(conn0100.Connect(raw.local_end(sock), raw.endpoint(target)))
            # The names as the program has them: where they came from may matter to who decides.
            host = str(target[0])
            with naming(*{_text(address[0]), host, *self._looked_up.of(host)}):
                allowed = self._asked(conn0100.NAME, block)
            if not allowed:
                return errno.EPERM
            self._state(sock).pending = target
        try:
            code = plain(sock, target) or 0
        except OSError as error:
            # A time-out of Python's own has no errno: the connection may still come about.
            code = errno.EALREADY if error.errno is None else error.errno
            if not self._after_connect(sock, code):
                raise raw.not_permitted() from error
            raise
        return code if self._after_connect(sock, code) else errno.EPERM

    def settle(self, sock: socket.socket) -> bool:
        """Write the C entry of a connect that has meanwhile been established, once.

        Returns:
            False when it could not be recorded and the fail mode closes: it is shut down then.
        """
        state = self._states.get(sock)
        if state is None or state.pending is None:
            return True
        try:
            remote = raw.endpoint(raw.GETPEERNAME(sock))
        except OSError:
            return True
        state.pending = None
        if self._recorded(SocketEventType.CONNECT, raw.local_end(sock), remote, sock.fileno()):
            return True
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        return False

    # -------------------------------------------------------------------------- the asking

    def _admits(self, sock: socket.socket, connection: socket.socket, address: Any) -> bool:
        try:
            incoming, remote = raw.endpoint(connection.getsockname()), raw.endpoint(address)
        except OSError:  # some systems have no name for a connection that is gone already
            return False
        block = acpt0100.encode(acpt0100.Accept(raw.local_end(sock), incoming, remote))
        return self._asked(acpt0100.NAME, block) and self._recorded(
            SocketEventType.ACCEPT, incoming, remote, connection.fileno()
        )

    def _asked(self, format_name: str, block: bytes) -> bool:
        with self._from_inside():
            return self._caller.allows(format_name, block, self._job(), self._now())

    def _recorded(
        self, kind: SocketEventType, local: Endpoint, remote: Endpoint | None, descriptor: int
    ) -> bool:
        """Record an SK entry; whether the call that it records may go on."""
        with self._from_inside():
            try:
                event = SocketEvent(kind, self._job(), local, remote, descriptor)
                self._sockets.socket_event(event)
            except Exception as error:  # noqa: BLE001 - whatever a sink raises, the fail mode decides
                return self._program.goes_on_unrecorded(error, f"an SK {kind} entry")
        return True

    def _no_port(self, sock: socket.socket, local: Endpoint) -> None:
        self._recorded(SocketEventType.PORT_UNAVAILABLE, local, None, sock.fileno())

    def _starts_nothing(self, sock: socket.socket, target: tuple[Any, ...]) -> bool:
        """Whether connect() cannot begin a connection: there is one, or one is under way."""
        if raw.is_connected(sock):
            return True
        state = self._states.get(sock)
        return state is not None and state.pending == target and raw.is_undecided(sock)

    def _after_connect(self, sock: socket.socket, code: int) -> bool:
        """Take note of an attempt's errno; whether its C entry, if any, could be recorded."""
        settled = self.settle(sock)
        if code not in _UNDER_WAY:
            self._state(sock).pending = None
        return settled

    def _state(self, sock: socket.socket) -> _State:
        return self._states.setdefault(sock, _State())

    @contextmanager
    def _from_inside(self) -> Iterator[None]:
        self._thread.inside = True
        try:
            yield
        finally:
            self._thread.inside = False


def _text(host: Any) -> str:
    return host.decode("utf-8", "replace") if isinstance(host, bytes | bytearray) else str(host)
