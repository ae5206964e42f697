"""itoolkit's transports, with a time limit on each and their answers as they came.

What is mended here, all found by running itoolkit 1.7.2: HTTP waits for ever; SSH loses output
that comes in pieces; a transport closes its caller's connection when it is collected.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from epm.errors import RemoteError, SettingsError, UnsupportedError
from exitprograms.ibmi.answers import MAX_ANSWER, refuse_hostile
from exitprograms.ibmi.connection import Connection, Transport
from exitprograms.ibmi.timelimit import TimeLimit

if TYPE_CHECKING:
    from itoolkit import iToolKit

#: Answers are cut to this many characters; XMLSERVICE itself stops at 15 million.
OUT_SIZE = 15_000_000
_CHUNK = 65536
_NOT_CARRIED = re.compile(r"&|%[0-9A-Fa-f]{2}")
_POLL_SECONDS = 0.005
STATELESS = {"ipc": "*na", "ctl": "*here *cdata"}


class Carrier:
    """A transport of itoolkit and the last answer that it brought, byte for byte.

    Attributes:
        answer: of the last call.
    """

    def __init__(self, transport: Any, close: Callable[[], None]) -> None:
        """Take a transport whose ``_call`` keeps its answer in ``answer``."""
        self._transport = transport
        self._close = close

    def call(self, toolkit: iToolKit) -> bytes | str:
        """Run what the toolkit holds, and return the answer as it came.

        Raises:
            RemoteError: it cannot be reached, or does not answer in time.
        """
        toolkit.call(self._transport)
        answer: bytes | str = self._transport.answer
        return answer

    def close(self) -> None:
        """Close what the transport works over."""
        self._close()


def open_carrier(
    connection: Connection,
    password: Callable[[], str],
    open_database: Callable[[Connection, Callable[[], str]], Any],
) -> Carrier:
    """Return a carrier for a connection.

    Args:
        connection: where and how.
        password: asked only when it is needed.
        open_database: gives a PEP 249 connection for odbc; its errors are EpmErrors.

    Raises:
        UnsupportedError: itoolkit or another part is not installed.
        RemoteError: the system cannot be reached.
    """
    try:
        import itoolkit  # noqa: F401 - only to give one clear line where it is missing
    except ImportError:
        raise UnsupportedError("itoolkit is not installed: pip install 'epm-ibmi[ibmi]'") from None
    if connection.transport is Transport.HTTP:
        return _http(connection, password())
    if connection.transport is Transport.ODBC:
        return _database(connection, open_database(connection, password))
    if connection.transport is Transport.SSH:
        from exitprograms.ibmi.ssh import open_ssh

        return _ssh(connection, open_ssh(connection, password))
    return _direct()


def _http(connection: Connection, password: str) -> Carrier:
    if _NOT_CARRIED.search(password):
        # Source: XMLSERVICE's CGI program decodes the whole form twice, then looks for "&".
        raise SettingsError(
            f"{connection.where}: the password holds & or % and two digits, which XMLSERVICE's "
            "form cuts or changes: change it, or use transport ssh or odbc"
        )
    from itoolkit.transport import HttpTransport

    class TimedHttp(HttpTransport):  # type: ignore[misc]
        answer: bytes = b""

        def _call(self, toolkit: Any) -> bytes:
            form = {
                "db2": self.db, "uid": self.uid, "pwd": self.pwd, "ipc": self.ipc,
                "ctl": self.ctl, "xmlin": toolkit.xml_in(), "xmlout": OUT_SIZE,
            }  # fmt: skip
            answer = _posted(connection, urlencode(form).encode())
            self.answer = refuse_hostile(answer, connection.where)
            return self.answer

    transport = TimedHttp(
        connection.url, connection.user, password, connection.database, **STATELESS
    )
    return Carrier(transport, lambda: None)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The form holds a password: it goes where it was meant to, nowhere else."""

    def redirect_request(self, *_: object) -> None:
        return None


def _posted(connection: Connection, form: bytes) -> bytes:
    deadline = time.monotonic() + connection.seconds
    late = RemoteError(f"{connection.where}: no whole answer in {connection.seconds:g} s")
    with TimeLimit(connection.seconds) as limit:
        opener = urllib.request.build_opener(_NoRedirect, *limit.handlers())
        try:
            stream = opener.open(connection.url, form, connection.seconds)
            with contextlib.closing(stream):
                answer = _all_of(stream.read1, deadline, connection)
        except urllib.error.HTTPError as error:
            error.close()
            raise RemoteError(f"{connection.where}: HTTP {error.code} {error.reason}") from None
        except (OSError, ValueError) as error:
            raise late if limit.passed else _unreachable(connection, error) from None
        except http.client.HTTPException as error:
            text = str(error).strip()
            raise (
                late if limit.passed else RemoteError(f"{connection.where}: no HTTP answer: {text}")
            ) from None
        if limit.passed:  # what was cut off may look like an end
            raise late
        return answer


def _unreachable(connection: Connection, error: Exception) -> RemoteError:
    return RemoteError(f"{connection.where}: {_why(error)}")


def _all_of(read: Callable[[int], bytes], deadline: float, connection: Connection) -> bytes:
    """Read to the end; a system that drips is as late as one that is silent."""
    parts, size = [], 0
    while chunk := read(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > MAX_ANSWER:
            raise RemoteError(
                f"{connection.where}: the answer is larger than {MAX_ANSWER >> 20} MB"
            )
        if time.monotonic() > deadline:
            raise RemoteError(f"{connection.where}: no whole answer in {connection.seconds:g} s")
    return b"".join(parts)


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError | socket.timeout):
        return "no answer in time"
    return str(getattr(reason, "strerror", None) or reason)


def _database(connection: Connection, database: Any) -> Carrier:
    from itoolkit.transport import DatabaseTransport

    class KeptDatabase(DatabaseTransport):  # type: ignore[misc]
        answer: str = ""

        def _call(self, toolkit: Any) -> str:
            self.answer = super()._call(toolkit)
            refuse_hostile(self.answer, connection.where)
            return self.answer

        def _close(self) -> None:
            """Leave the connection to whoever opened it."""

    return Carrier(KeptDatabase(database, **STATELESS), database.close)


def _ssh(connection: Connection, client: Any) -> Carrier:
    from itoolkit.transport import SshTransport

    class WholeSsh(SshTransport):  # type: ignore[misc]
        answer: bytes = b""

        def _call(self, toolkit: Any) -> bytes:
            answer = _over_ssh(connection, self.conn, toolkit.xml_in().encode())
            self.answer = refuse_hostile(answer, connection.where)
            return self.answer

        def _close(self) -> None:
            """Leave the client to whoever opened it."""

    return Carrier(WholeSsh(client), client.close)


def _over_ssh(connection: Connection, client: Any, document: bytes) -> bytes:
    """Run XMLSERVICE's command on the system, and read both its outputs until they end."""
    deadline = time.monotonic() + connection.seconds
    try:
        channel = client.get_transport().open_session(timeout=connection.seconds)
        with contextlib.closing(channel):
            channel.settimeout(connection.seconds)
            channel.exec_command("/QOpenSys/pkgs/bin/xmlservice-cli")
            channel.sendall(document)
            channel.shutdown_write()
            output, said = _both_outputs(connection, channel, deadline)
            status = channel.recv_exit_status()
    except RemoteError:
        raise
    except Exception as error:  # noqa: BLE001 - paramiko raises many kinds, some of them bare
        raise RemoteError(f"{connection.where}: {_why(error) or type(error).__name__}") from None
    if not output and (status or said):
        text = said.decode("utf-8", "replace").strip().splitlines()
        why = text[-1] if text else f"status {status}"
        raise RemoteError(f"{connection.where}: xmlservice-cli: {why}")
    return output


def _both_outputs(connection: Connection, channel: Any, deadline: float) -> tuple[bytes, bytes]:
    output, said = bytearray(), bytearray()
    while True:
        moved = False
        if channel.recv_ready():
            output += channel.recv(_CHUNK)
            moved = True
        if channel.recv_stderr_ready():
            said += channel.recv_stderr(_CHUNK)
            del said[:-_CHUNK]
            moved = True
        if len(output) > MAX_ANSWER:
            raise RemoteError(
                f"{connection.where}: the answer is larger than {MAX_ANSWER >> 20} MB"
            )
        if moved:
            continue
        if channel.exit_status_ready() and channel.eof_received:
            return bytes(output), bytes(said)
        if time.monotonic() > deadline:
            raise RemoteError(f"{connection.where}: no whole answer in {connection.seconds:g} s")
        time.sleep(_POLL_SECONDS)


def _direct() -> Carrier:
    from itoolkit.transport import DirectTransport

    class KeptDirect(DirectTransport):  # type: ignore[misc]
        answer: str = ""

        def _call(self, toolkit: Any) -> str:
            try:
                self.answer = super()._call(toolkit)
            except RuntimeError as error:
                raise UnsupportedError(f"transport direct: {error}") from None
            return self.answer

    return Carrier(KeptDirect(**STATELESS), lambda: None)
