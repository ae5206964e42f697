"""Sanitization in front of an ASGI application: a pure middleware, for HTTP only.

The request's body is read up to the limit before the application is called, and then replayed
as it came, in one message. A body beyond the limit is undetermined by its length; if the rule
lets that pass, the application gets what was read and the rest as it arrives.

INVARIANT: the application never sees half a body. A client that goes away, or that takes too
long, before its body is whole is never seen at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from epm.sanitize.request import Request
from epm.sanitize.rules import RuleBook
from epm.sanitize.sanitizer import Outcome, Sanitizer, refusal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_REQUEST_TIMEOUT = 408
#: Bytes of a request from which on judging it takes long enough for others to notice.
_LONG = 1 << 15


@dataclass(frozen=True, slots=True)
class _Body:
    """What was read of a body.

    Attributes:
        data: up to the limit, and the message that went beyond it.
        whole: whether that is all.
    """

    data: bytes
    whole: bool


class SanitizingApp:
    """An ASGI application that judges each request before it hands it on."""

    def __init__(self, app: App, sanitizer: Sanitizer) -> None:
        self._app = app
        self._sanitizer = sanitizer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; other kinds than HTTP go through untouched."""
        book = self._sanitizer.book_for(_uri(scope)) if scope["type"] == "http" else None
        if book is None:
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._sanitizer.settings.body_seconds):
                body = await _read(receive, self._sanitizer.settings.limits.body)
        except TimeoutError:
            await _refuse(scope, send, _REQUEST_TIMEOUT)
            return
        if body is None:  # the client went away
            return
        request = request_of(scope, body.data, truncated=not body.whole)
        passed = (await self._examined(request, book)).request
        if passed is None:
            await _refuse(scope, send, self._sanitizer.settings.status)
            return
        if passed is not request:
            scope = _changed(scope, passed)
        await self._app(scope, _replay(passed.body, body.whole, receive), send)

    async def _examined(self, request: Request, book: RuleBook) -> Outcome:
        """Examine a request; a long one beside the loop, which has others to serve."""
        if len(request.body) + len(request.query) < _LONG:
            return self._sanitizer.examine(request, book)
        return await asyncio.to_thread(self._sanitizer.examine, request, book)


async def _read(receive: Receive, limit: int) -> _Body | None:
    """Return the body, or ``None`` where the client left before its end."""
    data = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        data += message.get("body", b"")
        more = message.get("more_body", False)
        if not more or len(data) > limit:
            return _Body(bytes(data), not more)


def _replay(data: bytes, whole: bool, receive: Receive) -> Receive:
    """Return a ``receive`` that gives what was read, and from then on what arrives."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": data, "more_body": not whole}

    return again


def request_of(scope: Scope, body: bytes, *, truncated: bool = False) -> Request:
    """Return the request of an ASGI scope and its body."""
    headers: Iterable[tuple[bytes, bytes]] = scope.get("headers", ())
    path, root = scope["path"], scope.get("root_path", "")
    client, server = scope.get("client"), scope.get("server")
    return Request(
        uri=_uri(scope),
        method=scope.get("method", ""),
        query=scope.get("query_string", b"").decode("utf-8", "surrogateescape"),
        content_type=_header(headers, b"content-type"),
        body=body,
        remote=client[0] if client else "",
        local=server[0] if server else "",
        local_port=(server[1] or 0) if server else 0,
        inner_uri=path[len(root) :] if root and path.startswith(root) else path,
        truncated=truncated,
        encoded=(_header(headers, b"content-encoding") or "identity").lower() != "identity",
        source="HTTP_ASGI",
    )


def _uri(scope: Scope) -> str:
    """Return the path with its percent signs encoded, as the rules expect: it is decoded once."""
    return str(scope["path"]).replace("%", "%25")


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    # Frameworks differ on which of several counts. Joined they name no type, so that the body
    # is judged as the text it is.
    given = dict.fromkeys(value.decode("latin-1") for key, value in headers if key.lower() == name)
    if len(given) > 1:
        return ", ".join(value.partition(";")[0] for value in given)
    return next(iter(given), None)


def _changed(scope: Scope, request: Request) -> Scope:
    """Return a scope that says what the request without its nulled payloads is."""
    headers: Headers = [
        (name, value) for name, value in scope.get("headers", ()) if name.lower() not in _LENGTHS
    ]
    headers.append((b"content-length", str(len(request.body)).encode()))
    query = request.query.encode("utf-8", "surrogateescape")
    return {**scope, "headers": headers, "query_string": query}


_LENGTHS = (b"content-length", b"transfer-encoding")


async def _refuse(scope: Scope, send: Send, status: int) -> None:
    _, body = refusal(status)
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    shown = b"" if scope.get("method") == "HEAD" else body
    await send({"type": "http.response.body", "body": shown})
