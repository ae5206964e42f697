"""A connection to a log receiver: bounded in time, and honest about what has arrived.

Syslog has no acknowledgement, so a successful send proves nothing. What can be known is

* how many octets the receiver's kernel has not acknowledged yet (``SIOCOUTQ``). One that it has
  may still be unread, but no more of them than its buffer holds (:data:`UNREAD_OCTETS`);
* how the receiver ends the connection after we did: a kernel whose program left octets unread
  resets it (RFC 2525, section 2.17), so an orderly end proves that all was read.

Whoever sends must be ready to send all that is not proved again: a receiver may so get a message
twice, with the same journal sequence, and never silently not at all. UDP has nothing of this:
what was sent counts as arrived.
"""

from __future__ import annotations

import contextlib
import fcntl
import select
import socket
import ssl
import struct
import termios
import time
from collections.abc import Callable
from typing import Protocol

from epm.errors import EpmError, SettingsError
from journal.forward.target import Target, datagram
from journal.forward.tls import TlsFiles, why

CONNECT_SECONDS = 10.0
SEND_SECONDS = 30.0
#: How long a receiver may take to end the connection after we did, or what is on its way may
#: still take once the sender is told to stop.
FINISH_SECONDS = 5.0
_POLL_SECONDS = 0.005
#: How long a send may block before it is asked whether to go on.
_SLICE_SECONDS = 0.25
#: More than a receiver's kernel holds unread: Linux lets a buffer grow to 6 MiB (tcp_rmem).
UNREAD_OCTETS = 8 << 20
_ANSWER = 4096


class ReceiverLostError(EpmError):
    """The receiver cannot be reached, or went away."""


class Connection(Protocol):
    """An open connection.

    Attributes:
        unread: how many of the octets that have settled the receiver may not have read.
    """

    unread: int

    def send(self, message: bytes) -> None:
        """Hand one message to the kernel.

        Raises:
            ReceiverLostError: the receiver went away.
        """
        ...

    def settle(self) -> None:
        """Wait until the receiver's kernel has all that was sent.

        Raises:
            ReceiverLostError: the receiver went away, or did not take it in time.
        """
        ...

    def finish(self) -> bool:
        """End the connection in the orderly way.

        Returns:
            Whether it is proved that all was read, as far as the transport can prove it; false
            where the receiver has all, and did not end the connection in time.

        Raises:
            ReceiverLostError: the receiver went away without having read all.
        """
        ...

    def close(self) -> None:
        """Close it."""
        ...


def connect(
    target: Target,
    frame: Callable[[bytes], bytes],
    tls: TlsFiles,
    stopped: Callable[[], bool] = lambda: False,
) -> Connection:
    """Open a connection. The TLS files are read anew, as certificates are renewed.

    Args:
        target: the receiver.
        frame: how a message is told apart from the next.
        tls: for a secured receiver.
        stopped: whether the sender is told to stop, asked while the receiver takes nothing.

    Raises:
        ReceiverLostError: it cannot be had.
    """
    try:
        if target.scheme == "udp":
            return _Datagrams(target)
        context = tls.context() if target.scheme == "tls" else None
        stream = socket.create_connection((target.host, target.port), CONNECT_SECONDS)
        if context is not None:
            stream = _secured(target, stream, context)
    except (OSError, SettingsError) as error:
        raise ReceiverLostError(f"receiver {target}: {why(error)}") from None
    return _Stream(target, stream, frame, stopped)


def _secured(target: Target, plain: socket.socket, context: ssl.SSLContext) -> socket.socket:
    try:
        return context.wrap_socket(plain, server_hostname=target.host)
    except OSError:
        plain.close()
        raise


class _Datagrams:
    """UDP: nothing is known of what arrives."""

    unread = 0

    def __init__(self, target: Target) -> None:
        self._target = target
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        self._socket = socket.socket(family, kind, protocol)
        self._socket.settimeout(SEND_SECONDS)
        self._socket.connect(address)

    def send(self, message: bytes) -> None:
        try:
            self._socket.send(datagram(message))
        except OSError as error:
            raise ReceiverLostError(f"receiver {self._target}: {why(error)}") from None

    def settle(self) -> None:
        """Know nothing, so ask nothing."""

    def finish(self) -> bool:
        """Know nothing more than before."""
        return True

    def close(self) -> None:
        self._socket.close()


class _Stream:
    """TCP or TLS."""

    unread = UNREAD_OCTETS

    def __init__(
        self,
        target: Target,
        stream: socket.socket,
        frame: Callable[[bytes], bytes],
        stopped: Callable[[], bool],
    ) -> None:
        self._target = target
        self._frame = frame
        self._stopped = stopped
        self._socket = stream
        self._socket.settimeout(_SLICE_SECONDS)
        # The kernel gives up on a peer that is gone without a word.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def send(self, message: bytes) -> None:
        rest = memoryview(self._frame(message))
        patience = _Patience(self._stopped)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except TimeoutError:
                self._refuse_stalled(patience)
            except OSError as error:
                raise self._lost(why(error)) from None

    def settle(self) -> None:
        patience, before = _Patience(self._stopped), 0
        while True:
            self._refuse_closed()
            try:
                left = _outstanding(self._socket)
            except OSError as error:
                raise self._lost(why(error)) from None
            if not left:
                return
            if left < before:
                patience.renew()
            before = left
            self._refuse_stalled(patience)
            time.sleep(_POLL_SECONDS)

    def _refuse_stalled(self, patience: _Patience) -> None:
        if patience.is_over():
            raise self._lost(f"nothing was taken for {patience.seconds:.0f} seconds")

    def _refuse_closed(self) -> None:
        """Raise when the receiver has closed: what it had not read by then is lost."""
        if not select.select([self._socket], [], [], 0)[0]:
            return
        self._socket.settimeout(0)
        try:
            if not self._socket.recv(_ANSWER):
                raise self._lost("the receiver closed the connection")
        except (BlockingIOError, ssl.SSLWantReadError):
            return  # a TLS record that carries no data, such as a session ticket
        except OSError as error:
            raise self._lost(why(error)) from None
        finally:
            self._socket.settimeout(_SLICE_SECONDS)

    def finish(self) -> bool:
        deadline = time.monotonic() + FINISH_SECONDS
        self._socket.settimeout(FINISH_SECONDS)
        try:
            self._end_tls()
            self._socket.shutdown(socket.SHUT_WR)
            while self._socket.recv(_ANSWER):  # a receiver has nothing to say; nobody listens
                self._socket.settimeout(max(_POLL_SECONDS, deadline - time.monotonic()))
                if time.monotonic() > deadline:
                    raise TimeoutError
        except TimeoutError:
            self.settle()
            return False
        except OSError as error:
            raise self._lost(why(error)) from None
        return True

    def _end_tls(self) -> None:
        """Send the alert that ends TLS. Not every receiver answers it: TCP's own end decides."""
        if not isinstance(self._socket, ssl.SSLSocket):
            return
        with contextlib.suppress(ssl.SSLEOFError, ssl.SSLSyscallError):
            self._socket.unwrap()
        timeout = self._socket.gettimeout()
        self._socket = socket.socket(fileno=self._socket.detach())
        self._socket.settimeout(timeout)

    def _lost(self, why: str) -> ReceiverLostError:
        return ReceiverLostError(f"receiver {self._target}: {why}")

    def close(self) -> None:
        self._socket.close()


def _outstanding(stream: socket.socket) -> int:
    """Return how many octets the receiver's kernel has not acknowledged (Linux, SIOCOUTQ)."""
    answer = fcntl.ioctl(stream.fileno(), termios.TIOCOUTQ, b"\0" * 4)
    return int(struct.unpack("i", answer)[0])


class _Patience:
    """How long to wait while a receiver takes nothing; not long once told to stop.

    Attributes:
        seconds: how long it is at most.
    """

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped
        self._hurried = False
        self._since = time.monotonic()
        self.seconds = SEND_SECONDS

    def renew(self) -> None:
        """Begin anew, as something was taken; who is told to stop does not."""
        if not self._hurried:
            self._since = time.monotonic()

    def is_over(self) -> bool:
        if not self._hurried and self._stopped():
            self.seconds = min(self.seconds, FINISH_SECONDS)
            self.renew()
            self._hurried = True
        return time.monotonic() - self._since > self.seconds
