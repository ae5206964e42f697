"""The workbench in a browser: a real server, a real Chromium, and who is let in."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from epm.cli.main import main
from epm.cli.workbench.peers import peer_uid, uid_in
from epm.cli.workbench.web import MAX_CELLS, MAX_SESSIONS
from tests.support.real import unavailable
from tests.tui.browser import CHROMIUM, CONTROL, SHIFT, browser

_TUI = ("-m", "epm", "tui", "--web", "--port", "0")
_KEPT = ("EPM_REQUIRE_REAL", "EPM_GOLDEN")
ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "pictures" / "workbench-browser.png"


def epm(*arguments, **environment):
    """Run a command to its end; the environment is that of the tests and what is given."""
    return subprocess.run(
        [sys.executable, "-P", *arguments], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    """A store of its own with the sample rules, for all these tests: none changes it."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [n for n in os.environ if n.startswith("EPM_") and n not in _KEPT]:
            patch.delenv(name)
        patch.setenv("EPM_DB", f"sqlite:///{folder / 'epm.db'}")
        patch.setenv("XDG_DATA_HOME", str(folder / "data"))
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patch.setenv("PYTHONPATH", str(ROOT))  # this checkout's epm
        patch.chdir(folder)
        assert epm("-m", "epm", "init", "--sample").returncode == 0
        yield folder


class Served:
    """``epm tui --web`` as a process, and its address."""

    def __init__(self, *words):
        self.process = subprocess.Popen(
            [sys.executable, "-P", *(words or _TUI)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.said = self.process.stderr.readline()
        self.url = re.search(r"http://127\.0\.0\.1:\d+/", self.said)[0]

    def end(self, how=signal.SIGINT):
        """End it, if it still runs; return its exit code and what it said."""
        with self.process:
            if self.process.poll() is None:
                self.process.send_signal(how)
            said = self.process.communicate(timeout=20)
        return self.process.returncode, *said


@contextlib.contextmanager
def serving(*words):
    made = Served(*words)
    try:
        yield made
    finally:
        made.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def served(home):
    with serving() as made:
        yield made


def sessions_of(served):
    """Process numbers of the sessions that a server has."""
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
    return [int(number) for number in children.read_text().split()]


def wait_until(true, seconds=15):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


# --------------------------------------------------------------------------------- Chromium


@pytest.fixture
def chromium():
    if CHROMIUM is None:
        unavailable("Chromium is needed")


@pytest.mark.real
def test_the_same_screens_in_a_browser_with_typed_text_and_function_keys(chromium, tmp_path):
    async def run(served):
        async with browser(tmp_path / "profile") as page:
            await page.open(served.url)
            await page.wait_for("Exit Point Manager Main Menu")
            await page.type("1")
            await page.press("Enter")
            await page.wait_for("Work with Socket Rules - Accept Server")
            await page.press("F11")
            await page.wait_for("RMTADDR GRP ADMINS AND LCLPORT EQ 22")
            await page.press("F11")
            await page.wait_for("Admin subnet to SSH")
            keep(await page.picture())
            await page.press("F5")  # would load a page anew that did not take it
            await page.press("F1", SHIFT)
            await page.wait_for("Function key F13 not allowed.")
            await page.press("F6")
            await page.type("15")
            await page.press("Tab")
            await page.type("Mail relay")
            await page.wait_for("Mail relay")
            await page.press("p", CONTROL)
            await page.wait_for("Search for commands")
            await page.press("Escape")
            await page.wait_until_gone("Search for commands")
            await page.press("F1")
            await page.wait_for("Description - Help")
            await page.press("F12")
            assert page.errors == []
            for _ in range(2):
                await page.press("F3")
            await page.wait_for_end()
            assert {re.sub(r"^(ws|http)://", "", url).split("/")[0] for url in page.requests} == {
                served.url.split("/")[2]
            }

    with serving() as served:
        asyncio.run(run(served))
        wait_until(lambda: not sessions_of(served))
        code, out, _ = served.end()
    assert (code, out) == (0, "")


@pytest.mark.heavy
@pytest.mark.real
def test_each_tab_is_a_session_of_its_own_that_ends_with_the_tab(served, chromium, tmp_path):
    async def run():
        async with browser(tmp_path / "a") as page:
            await page.open(served.url)
            await page.wait_for("Exit Point Manager Main Menu")
            assert len(sessions_of(served)) == 1
            await page.do("Page.reload")
            await page.wait_for("Exit Point Manager Main Menu")
            await asyncio.to_thread(wait_until, lambda: len(sessions_of(served)) == 1)

    asyncio.run(run())
    wait_until(lambda: not sessions_of(served))


def keep(picture):
    """Keep the picture for the guide when asked to; it must show more than one colour."""
    assert picture.startswith(b"\x89PNG")
    assert 5_000 < len(picture) < 60_000
    if os.environ.get("EPM_GOLDEN") == "write":
        PICTURE.write_bytes(picture)


# ------------------------------------------------------------------------------ who is let in


async def answer(url, *, host=None, origin=None):
    headers = {name: value for name, value in (("Host", host), ("Origin", origin)) if value}
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as response:
        return response.status, await response.text(), response.headers


def test_only_pages_of_this_server_under_this_machines_own_name_are_let_in(served):
    async def run():
        port = served.url.rsplit(":", 1)[1].strip("/")
        own = f"http://127.0.0.1:{port}"
        for path in ("", "ws", "static/js/textual.js"):
            status, text, _ = await answer(served.url + path, host=f"evil.example:{port}")
            assert (status, text) == (403, "Refused: not this machine's own name.")
            status, text, _ = await answer(served.url + path, origin="http://evil.example")
            assert (status, text) == (403, "Refused: the page of another site.")
            status, _, _ = await answer(served.url + path, origin="http://127.0.0.1:1")
            assert status == 403
        status, text, headers = await answer(served.url, origin=own)
        assert status == 200
        assert f'"ws://127.0.0.1:{port}/ws"' in text
        assert "https://" not in text
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        status, _, _ = await answer(f"http://localhost:{port}/")
        assert status == 200

    asyncio.run(run())
    assert sessions_of(served) == []


_AS_NOBODY = """
import os, socket, sys
os.setuid(65534)
with socket.socket() as client:
    client.connect(("127.0.0.1", int(sys.argv[1])))
    client.sendall(b"GET / HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n")
    answer = b"".join(iter(lambda: client.recv(4096), b""))
print(answer.split()[1].decode(), answer.rpartition(b"\\r\\n")[2].decode())
"""


@pytest.mark.real
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_of_this_machine_is_refused(served):
    done = subprocess.run(
        [sys.executable, "-I", "-c", _AS_NOBODY, served.url.split(":")[2].strip("/")],
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "403 Refused: another user of this machine."


def test_the_kernel_says_whose_a_connection_is():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()) as client:
            accepted, _ = listener.accept()
            accepted.close()
            assert peer_uid(client.getsockname(), listener.getsockname()) == os.geteuid()
        assert peer_uid(("127.0.0.1", 1), listener.getsockname()) is None


def test_a_line_of_the_kernels_table_is_that_of_the_client_and_no_other():
    table = [
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n",
        "   0: 0100007F:1482 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000\n",
        "   1: 0100007F:C350 0100007F:1482 01 00000000:00000000 00:00000000 00000000  1001\n",
    ]
    client, server = ("127.0.0.1", 50000), ("127.0.0.1", 5250)
    expected = 1001 if sys.byteorder == "little" else None
    assert uid_in(table, client, server) == expected
    assert uid_in(table, client, ("127.0.0.1", 5251)) is None


@pytest.mark.parametrize("size", ["100000", "0", "-1", "x", "\u0665", "9" * 5000])
def test_a_hostile_size_starts_no_session(served, size):
    status, text, _ = asyncio.run(answer(f"{served.url}ws?width={size}"))
    assert (status, text) == (400, f"width must be from 1 to {MAX_CELLS}")
    assert sessions_of(served) == []


def test_what_is_no_websocket_starts_no_session(served):
    status, text, _ = asyncio.run(answer(f"{served.url}ws"))
    assert (status, text) == (400, "A WebSocket is expected here.")


_UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}  # fmt: skip


async def admitted(http, url):
    """Connect as soon as there is room: the server counts a session a moment after its end."""
    for _ in range(200):
        try:
            return await http.ws_connect(f"{url}ws")
        except aiohttp.WSServerHandshakeError as refused:
            if refused.status != 503:
                raise
            await asyncio.sleep(0.1)
    raise AssertionError("no room in 20 seconds")


def test_sessions_are_limited_and_one_that_ended_makes_room():
    async def run(url):
        async with aiohttp.ClientSession() as http:
            sockets = [await http.ws_connect(f"{url}ws") for _ in range(MAX_SESSIONS)]
            async with http.get(f"{url}ws", headers=_UPGRADE) as refused:
                text = f"There are {MAX_SESSIONS} sessions already."
                assert (refused.status, await refused.text()) == (503, text)
            await sockets.pop().close()
            await asyncio.to_thread(wait_until, lambda: len(sessions_of(served)) < MAX_SESSIONS)
            await admitted(http, url)

    # Sessions that end when they are told anything, as they are when their browser leaves.
    script = "from epm.cli.workbench.web import serve; serve(['head', '-c', '1'], 0)"
    with serving("-c", script) as served:
        asyncio.run(run(served.url))


# ------------------------------------------------------------------------ beginning and end


@pytest.mark.heavy
@pytest.mark.real
def test_a_server_that_is_killed_leaves_no_session_behind():
    async def begun(served):
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{served.url}ws") as socket:
            with contextlib.suppress(asyncio.TimeoutError):
                await socket.receive(timeout=20)  # the session has begun to paint
                while True:
                    await socket.receive(timeout=1.5)  # and has done so: it waits for a key
            numbers = sessions_of(served)
            served.process.kill()
            return numbers

    with serving() as served:
        (number,) = asyncio.run(begun(served))
    wait_until(lambda: not Path(f"/proc/{number}").exists() or _is_zombie(number))


def _is_zombie(number):
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_store_given_as_an_option_reaches_the_sessions_and_is_on_no_command_line(tmp_path):
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert epm("-m", "epm", "--db", other, "init").returncode == 0

    async def run(served):
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{served.url}ws") as socket:
            await socket.receive(timeout=20)
            (number,) = sessions_of(served)
            arguments = Path(f"/proc/{number}/cmdline").read_text()
            return arguments, Path(f"/proc/{number}/environ").read_text().split("\0")

    with serving("-m", "epm", "--db", other, *_TUI[2:]) as served:
        arguments, environment = asyncio.run(run(served))
    assert "tui" in arguments
    assert "other.db" not in arguments
    assert f"EPM_DB={other}" in environment


def test_without_the_extra_one_line_says_what_to_install():
    hide = "import sys; sys.modules['textual_serve'] = None; sys.argv[0] = 'epm'; "
    done = epm("-c", hide + "from epm.cli.main import main; main(['tui', '--web'])")
    assert done.returncode == 3
    assert done.stderr == (
        "epm: error: epm tui --web needs textual_serve, which the extra web installs:"
        " epm-ibmi[web]\n"
    )


def refusal(capsys, *arguments):
    """Run a command in this process; return its exit code and what it said."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    assert said.out == ""
    return ended.value.code, said.err


def test_a_port_that_is_taken_is_one_line(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = refusal(capsys, "tui", "--web", "--port", str(port))
    reason = f"port {port} of 127.0.0.1 cannot be had: Address already in use"
    assert (code, said) == (3, f"epm: error: {reason}\n")


def test_a_store_that_cannot_be_had_is_said_before_anything_is_served(capsys, monkeypatch):
    monkeypatch.setenv("EPM_DB", "sqlite:////nowhere/epm.db")
    code, said = refusal(capsys, "tui", "--web", "--port", "0")
    assert code == 3
    assert said.startswith("epm: error: ")
    assert len(said.splitlines()) == 1
