"""``epm tui --web``: the same screens in a browser on this machine; a process for each session.

There is no sign-on: whoever reaches the port works with the rules as the user who serves them. So
it listens on loopback only, and refuses other users of this machine (where the system tells who
they are) and pages of other sites, which a browser would let connect to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from string import Template

from aiohttp import web
from textual_serve.server import Server

from epm.cli.output import talk
from epm.cli.workbench.peers import peer_uid
from epm.cli.workbench.served import SERVED_BY
from epm.errors import UnsupportedError, one_line

HOST = "127.0.0.1"
#: Sessions at the same time; each is a process.
MAX_SESSIONS = 16
MAX_CELLS = 1000

_NAMES = ("127.0.0.1", "localhost")
_HERE = Path(__file__).parent
_PAGE = Template((_HERE / "page.html").read_text(encoding="utf-8"))
_SCRIPT = (_HERE / "page.js").read_text(encoding="utf-8")
_HEADERS = {
    # Nothing is fetched from elsewhere, and no other page may show this one inside it.
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self' ws:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebServer(Server):
    """Serves the page, and for each WebSocket a session in a process of its own."""

    def __init__(self, command: Sequence[str]) -> None:
        """Take the command of a session."""
        # Without `exec` a shell would stand between this process and the session.
        super().__init__(f"exec {shlex.join(command)}", host=HOST, title="EPM")
        self._sessions: set[asyncio.Task[object]] = set()

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.router.add_get("/page.js", self._handle_script)
        app.middlewares.append(guard)
        app.on_response_prepare.append(_add_headers)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: where it listens is said by whoever opened the port."""

    async def on_shutdown(self, app: web.Application) -> None:
        """End the sessions."""
        for session in self._sessions:
            session.cancel()

    async def handle_index(self, request: web.Request) -> web.Response:
        """Return the page; its terminal connects to where the page came from."""
        page = _PAGE.substitute(websocket=f"ws://{request.host}/ws", font_size=16)
        return web.Response(text=page, content_type="text/html")

    async def _handle_script(self, _: web.Request) -> web.Response:
        return web.Response(text=_SCRIPT, content_type="text/javascript")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run one session until either side ends it."""
        for name in ("width", "height"):
            cells = request.query.get(name, "80")
            if not (cells.isascii() and cells.isdigit() and 0 < int(cells[:5]) <= MAX_CELLS):
                raise web.HTTPBadRequest(text=f"{name} must be from 1 to {MAX_CELLS}")
        if not web.WebSocketResponse().can_prepare(request):
            raise web.HTTPBadRequest(text="A WebSocket is expected here.")
        if len(self._sessions) >= MAX_SESSIONS:
            raise web.HTTPServiceUnavailable(text=f"There are {MAX_SESSIONS} sessions already.")
        task = asyncio.current_task()
        assert task is not None  # a handler always runs in one
        self._sessions.add(task)
        try:
            return await super().handle_websocket(request)
        finally:
            self._sessions.discard(task)


@web.middleware
async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Let in the user who serves, from a page of this server, and nobody else.

    The name in Host keeps out a foreign name that was made to resolve to loopback; the Origin,
    which a browser always sends with a WebSocket, keeps out the pages of other sites.
    """
    if request.host.rpartition(":")[0] not in _NAMES and request.host not in _NAMES:
        raise web.HTTPForbidden(text="Refused: not this machine's own name.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        raise web.HTTPForbidden(text="Refused: the page of another site.")
    if not _is_own_user(request):
        raise web.HTTPForbidden(text="Refused: another user of this machine.")
    return await handler(request)


def _is_own_user(request: web.Request) -> bool:
    transport = request.transport
    if transport is None:
        return False
    client, server = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    return peer_uid(client[:2], server[:2]) in (None, 0, os.geteuid())


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


def listen(port: int) -> socket.socket:
    """Return a socket that listens on loopback; port 0 takes a free one.

    Raises:
        UnsupportedError: the port cannot be had.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise UnsupportedError(f"port {port} of {HOST} cannot be had: {error.strerror}") from None
    return listener


def serve(command: Sequence[str], port: int) -> None:
    """Serve sessions of ``command`` until interrupted.

    Raises:
        UnsupportedError: the port cannot be had.
    """
    with listen(port) as listener:
        _log_one_line_each()
        os.environ[SERVED_BY] = str(os.getpid())
        talk(f"workbench at http://{HOST}:{listener.getsockname()[1]}/ for this user; Ctrl+C ends")
        # What a session says on standard error would be printed as data.
        with contextlib.redirect_stdout(sys.stderr):
            web.run_app(
                WebServer(command)._make_app(),
                sock=listener,
                print=None,
                access_log=None,
                shutdown_timeout=2,
            )


class _OneLine(logging.Formatter):
    """No traceback reaches a user."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        return one_line(f"epm: web: {record.getMessage()}" + (f": {error!r}" if error else ""))


def _log_one_line_each() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
