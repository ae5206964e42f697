"""Sanitization in front of a WSGI application (PEP 3333).

The body is read up to the limit before the application is called, and is replayed from memory.
A body beyond the limit is undetermined by its length; if the rule lets that pass, the
application reads what was read already and then the server's own stream.

INVARIANT: the application never sees half a body. One that ends before its length is refused.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any, cast

from epm.sanitize.request import Request
from epm.sanitize.sanitizer import Sanitizer, refusal

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]

_BAD_REQUEST = 400
_CHUNK = 1 << 16


class SanitizingApp:
    """A WSGI application that judges each request before it hands it on."""

    def __init__(self, app: App, sanitizer: Sanitizer) -> None:
        self._app = app
        self._sanitizer = sanitizer

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        uri = _utf8(environ.get("SCRIPT_NAME", "")) + _utf8(environ.get("PATH_INFO", ""))
        book = self._sanitizer.book_for(uri.replace("%", "%25"))
        if book is None:
            return self._app(environ, start_response)
        length = _length(environ)
        limit = self._sanitizer.settings.limits.body
        stream = environ["wsgi.input"]
        data = _read(stream, limit + 1 if length is None else min(length, limit + 1))
        truncated = len(data) > limit
        if length is not None and not truncated and len(data) < length:
            return _refuse(environ, start_response, _BAD_REQUEST)
        request = request_of(environ, uri, data, truncated=truncated)
        passed = self._sanitizer.examine(request, book).request
        if passed is None:
            return _refuse(environ, start_response, self._sanitizer.settings.status)
        left = None if length is None else length - len(data)
        rest = _Rest(data, stream, left) if truncated else io.BytesIO(passed.body)
        changes: Environ = {"wsgi.input": rest}
        if passed is not request:
            changes |= {"CONTENT_LENGTH": str(len(passed.body)), "QUERY_STRING": passed.query}
        elif length is None and not truncated:
            changes |= {"CONTENT_LENGTH": str(len(data))}
        return self._app({**environ, **changes}, start_response)


def _length(environ: Environ) -> int | None:
    """Return the body's length; ``None`` where it ends with the stream (chunked).

    Without a length, and without the server's word that the stream ends, there is no body.
    """
    text = environ.get("CONTENT_LENGTH") or ""
    if text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    return None if environ.get("wsgi.input_terminated") or chunked else 0


def _read(stream: Any, size: int) -> bytes:
    """Return up to ``size`` bytes; a server may give them in pieces."""
    data = bytearray()
    while len(data) < size:
        part = stream.read(min(size - len(data), _CHUNK))
        if not part:
            break
        data += part
    return bytes(data)


def request_of(environ: Environ, uri: str, body: bytes, *, truncated: bool = False) -> Request:
    """Return the request of a WSGI environment and its body."""
    port = environ.get("SERVER_PORT", "0")
    return Request(
        uri=uri.replace("%", "%25"),  # it is decoded once, as the rules expect
        method=environ.get("REQUEST_METHOD", ""),
        query=_utf8(environ.get("QUERY_STRING", "")),
        content_type=environ.get("CONTENT_TYPE") or None,
        body=body,
        remote=environ.get("REMOTE_ADDR", ""),
        local=environ.get("SERVER_NAME", ""),
        local_port=int(port) if port.isascii() and port.isdigit() else 0,
        inner_uri=_utf8(environ.get("PATH_INFO", "")),
        truncated=truncated,
        encoded=(environ.get("HTTP_CONTENT_ENCODING") or "identity").lower() != "identity",
        source="HTTP_WSGI",
    )


def _utf8(text: str) -> str:
    """Return what a WSGI string stands for: its characters are bytes (PEP 3333)."""
    return text.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


class _Rest(io.BufferedReader):
    """What was read already, and then the rest of the stream."""

    def __init__(self, data: bytes, stream: Any, left: int | None) -> None:
        super().__init__(_Chained(data, stream, left))


class _Chained(io.RawIOBase):
    def __init__(self, data: bytes, stream: Any, left: int | None) -> None:
        super().__init__()
        self._data = memoryview(data)
        self._stream = stream
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; 0 at the end.

        Raises:
            OSError: the body ended before its length: half of it must not look whole.
        """
        room = memoryview(buffer).cast("B")
        if self._data:
            size = min(len(room), len(self._data))
            room[:size] = self._data[:size]
            self._data = self._data[size:]
            return size
        size = len(room) if self._left is None else min(len(room), self._left)
        part = cast("bytes", self._stream.read(size)) if size else b""
        if self._left is not None:
            if size and not part:
                raise OSError("the client left before the body was whole")
            self._left -= len(part)
        room[: len(part)] = part
        return len(part)


def _refuse(environ: Environ, start_response: StartResponse, status: int) -> Iterable[bytes]:
    phrase, body = refusal(status)
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    start_response(f"{status} {phrase}", headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]
