"""A time limit on a whole HTTP exchange.

A socket's own time-out begins anew with every byte: a server that drips its header, or the
handshake of TLS, would never be late.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import urllib.request
from typing import Any


class TimeLimit:
    """Shuts the connections that its handlers made, once the time is up.

    Attributes:
        passed: whether it was; what was read then is not whole.
    """

    def __init__(self, seconds: float) -> None:
        """Take the longest an exchange may take; it begins with ``with``."""
        self.passed = False
        self._lock = threading.Lock()
        self._kept: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> TimeLimit:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for kept in self._kept:
                kept.close()
            self._kept.clear()

    def handlers(self) -> tuple[urllib.request.BaseHandler, ...]:
        """Return handlers of urllib for http and https whose connections are limited."""
        limit = self

        class Limited(urllib.request.AbstractHTTPHandler):
            def do_open(self, http_class: Any, req: Any, **http_conn_args: Any) -> Any:
                def made(host: str, **values: Any) -> Any:
                    connection = http_class(host, **values)
                    connection._create_connection = limit._connect  # what both kinds call
                    return connection

                return super().do_open(made, req, **http_conn_args)

        class Http(Limited, urllib.request.HTTPHandler):
            pass

        class Https(Limited, urllib.request.HTTPSHandler):
            pass

        return Http(), Https()

    def _connect(self, *where: Any, **values: Any) -> socket.socket:
        made = socket.create_connection(*where, **values)
        with self._lock:
            # TLS takes the socket over; a duplicate reaches the connection all the same.
            self._kept.append(made.dup())
            if self.passed:
                made.shutdown(socket.SHUT_RDWR)
        return made

    def _end(self) -> None:
        with self._lock:
            self.passed = True
            for kept in self._kept:
                with contextlib.suppress(OSError):
                    kept.shutdown(socket.SHUT_RDWR)
