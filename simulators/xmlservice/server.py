"""The HTTP endpoint: loopback by default, bounded in connections, sizes and time."""

from __future__ import annotations

import io
import socket
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from epm.errors import FormatError, SettingsError
from simulators.xmlservice.cgi import respond
from simulators.xmlservice.chunks import LargeBodyError, read_chunks
from simulators.xmlservice.digits import plain_number
from simulators.xmlservice.host import Host
from simulators.xmlservice.service import Service


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may take.

    Attributes:
        connections: served at once.
        wait_seconds: how long one more waits for a place before it is closed unanswered.
        body: bytes of a POST body; a percent-encoded document is up to three times its size.
        small: bytes of a POST body that needs no place among the large ones.
        large_at_once: bodies above ``small`` that are served at once; more wait.
        request_seconds: from the first byte of a request to its last.
        idle_seconds: a kept connection without a request.
    """

    connections: int = 128
    wait_seconds: float = 2.0
    body: int = 50_000_000
    small: int = 256_000
    large_at_once: int = 8
    request_seconds: float = 30.0
    idle_seconds: float = 15.0


class Server:
    """A running endpoint.

    Attributes:
        address: where it listens.
        port: where it listens.
        service: the one entry that other transports may share.
    """

    def __init__(self, server: _HttpServer) -> None:
        self._server = server
        self.service = server.service
        host, self.port = server.server_address[:2]
        self.address = str(host)
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """What an itoolkit ``HttpTransport`` is given."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{host}:{self.port}/cgi-bin/xmlcgi.pgm"

    def close(self) -> None:
        """Stop listening, close what is open and end every private job."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
        self.service.close()


def serve(
    host: Host,
    address: str = "127.0.0.1",
    port: int = 0,
    *,
    limits: Limits | None = None,
    service: Service | None = None,
) -> Server:
    """Serve XMLSERVICE over HTTP in a thread of its own; port 0 is any free one.

    ``service`` is an existing one, where other transports share its private jobs.

    Raises:
        SettingsError: the address cannot be listened on.
    """
    try:
        server = _HttpServer((address, port), service or Service(host), limits or Limits())
    except (OSError, OverflowError) as error:
        raise SettingsError(f"cannot listen on {address}:{port}: {error}") from None
    return Server(server)


class _HttpServer(ThreadingHTTPServer):
    """A threading server with a bound on its threads."""

    daemon_threads = True
    # The default of 5 pending connections resets clients that come in a burst.
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], service: Service, limits: Limits) -> None:
        self.service = service
        self.limits = limits
        self._places = threading.BoundedSemaphore(limits.connections)
        self.large_places = threading.BoundedSemaphore(limits.large_at_once)
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection once there is a place for it; others wait in the queue meanwhile."""
        if not self._places.acquire(timeout=self.limits.wait_seconds):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._places.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection and give its place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is no fault of ours."""


class _DeadlineReader(io.RawIOBase):
    """Reads a socket until a moment, however slowly its peer sends."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection
        self.deadline = 0.0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there; TimeoutError after the deadline."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request took too long")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    """GET and POST on any path, as the web server maps one."""

    protocol_version = "HTTP/1.1"
    server_version = "epm-xmlservice"
    sys_version = ""
    # A head and a body in two packets wait for each other's acknowledgement on kept connections.
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: _HttpServer

    def setup(self) -> None:
        """Read through deadlines."""
        super().setup()
        self._reader = _DeadlineReader(self.connection)
        self.rfile = self._buffered = io.BufferedReader(self._reader, 65536)

    def handle_one_request(self) -> None:
        """Serve one request of a connection that may be kept."""
        limits = self.server.limits
        self._reader.deadline = time.monotonic() + limits.idle_seconds
        try:
            if not self._buffered.peek(1):
                self.close_connection = True
                return
        except (TimeoutError, OSError):
            self.close_connection = True
            return
        self._reader.deadline = time.monotonic() + limits.request_seconds
        super().handle_one_request()

    def version_string(self) -> str:
        """Name the endpoint, and no version of what it is made of."""
        return self.server_version

    def handle_expect_100(self) -> bool:
        """Say ``100 Continue`` at once: a client that asks sends its body only then."""
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def do_GET(self) -> None:
        """Answer a query string."""
        query = self.path.partition("?")[2].partition("#")[0]
        self._answer(query.encode("latin-1", errors="replace"))

    def do_POST(self) -> None:
        """Answer a body; one that is or may be large when there is a place for it."""
        limits, places = self.server.limits, self.server.large_places
        most = self._most()
        if most is None:
            self._refuse(411, "one Content-Length is required, or chunks")
        elif most > limits.body:
            self._refuse(413, "the request is too large")
        elif most <= limits.small:
            self._answer_body(most)
        elif places.acquire(timeout=limits.request_seconds):
            try:
                self._answer_body(most)
            finally:
                places.release()
        else:
            self._refuse(503, "too many large requests at once")

    def _most(self) -> int | None:
        """Return how long the body is or, in chunks, may be; None where neither is said plainly."""
        lengths = set(self.headers.get_all("Content-Length", []))
        coding = self.headers.get("Transfer-Encoding")
        if coding is not None:
            chunked = coding.strip().lower() == "chunked" and not lengths
            return self.server.limits.body if chunked else None
        return plain_number(lengths.pop()) if len(lengths) == 1 else None

    def _answer_body(self, most: int) -> None:
        try:
            chunked = "Transfer-Encoding" in self.headers
            body = read_chunks(self._buffered, most) if chunked else self._buffered.read(most)
        except TimeoutError:
            self._refuse(408, "the request took too long")
        except LargeBodyError:
            self._refuse(413, "the request is too large")
        except FormatError as error:
            self._refuse(400, str(error))
        else:
            if chunked or len(body) == most:
                self._answer(body)
            else:
                self.close_connection = True

    def _answer(self, fields: bytes) -> None:
        try:
            document = respond(self.server.service, fields)
        except Exception:  # noqa: BLE001  the last boundary: a client is told, and sees no more
            self._refuse(500, "the request could not be answered")
            return
        self.connection.settimeout(self.server.limits.request_seconds)
        self.send_response(200)
        self.send_header("Content-type", "text/xml")
        self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        self.wfile.write(document)

    def _refuse(self, status: int, reason: str) -> None:
        """Refuse a request that is not read to its end; the connection cannot be kept."""
        self.connection.settimeout(self.server.limits.idle_seconds)
        self.close_connection = True
        self.send_response(status)
        body = f"{reason}\n".encode()
        self.send_header("Content-type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: a request holds a password."""
