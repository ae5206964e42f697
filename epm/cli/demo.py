"""``epm demo``: the main job in one go, with real programs, in a temporary store."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from epm.cli.exits import ExitCode
from epm.cli.output import say, talk

START_SECONDS = 15.0
STEP_SECONDS = 30.0

_RULES = """\
version: 1
config: {{message: N, capture: N}}
groups:
  addresses: {{CLIENTS: {{include: [127.0.0.0/8], exclude: [127.0.0.2]}}}}
servers:
  QSOLISTEN:
    activated: true
    rules:
      - seq: 10
        name: The web server listens on its port
        authority: Y
        audit: Y
        message: N
        active: Y
        conditions:
          - {{field: LCLPORT, op: EQ, value: {web}}}
      - {{seq: 99999, name: Nobody else listens, authority: N, message: Y}}
  QSOACCEPT:
    activated: true
    rules:
      - seq: 10
        name: Clients of this machine but one
        authority: Y
        audit: Y
        message: N
        capture: Y
        active: Y
        conditions:
          - {{field: RMTADDR, op: GRP, value: CLIENTS}}
          - {{field: LCLPORT, op: EQ, value: {web}}}
      - {{seq: 99999, name: Nobody else comes in, authority: N, message: Y}}
  QSOCONNECT:
    activated: true
    rules:
      - seq: 10
        name: The web server may be reached
        authority: Y
        audit: Y
        message: N
        active: Y
        conditions:
          - {{field: RMTPORT, op: EQ, value: {web}}}
      - {{seq: 99999, name: Nothing else may be reached, authority: N, message: Y}}
"""

_CLIENT = (
    "import sys, urllib.request as u; print('HTTP', u.urlopen(sys.argv[1], timeout=10).status)"
)


@click.command("demo")
@click.option("--keep", metavar="FOLDER", help="Keep the store and the journal in this folder.")
def demo(keep: str | None) -> int:
    """Show the main job: real programs under rules, allowed and rejected, then the report.

    A web server and its clients run under `epm run` on loopback, with a temporary store that
    is removed at the end.

    \b
    Example: epm demo
    """
    from simulators.linux.selftest import selftest

    selftest()
    with ExitStack() as stack:
        if keep is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="epm-demo-")))
        else:
            folder = Path(keep)
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _Demo(folder).run()


class _Demo:
    """One run of the demonstration in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._web, self._other = _free_port(), _free_port()
        self._environ = {**os.environ, "EPM_DB": f"sqlite:///{folder / 'epm.db'}"}
        for name in ("EPM_SYSTEM", "EPM_JOURNAL_DIR", "EPM_SYNC"):
            self._environ.pop(name, None)
        self._failures: list[str] = []

    def run(self) -> int:
        """Play every step; 0 when each went as the rules say."""
        rules = self._folder / "rules.yaml"
        rules.write_text(_RULES.format(web=self._web))
        self._title("Rules: who may listen, who may come in, what may be reached")
        self._epm("init")
        self._epm("rules", "import", str(rules), "--replace")
        self._epm("rules", "list")
        self._listen_rejected()
        with self._server():
            self._clients()
        self._title("What was sent to the message queue, and what was captured")
        self._epm("messages", "list")
        self._epm("captures", "list")
        self._title("The report of the journal, with the proof that it is whole")
        self._epm("journal", "report", "--format", "text")
        self._epm("journal", "verify")
        return self._verdict()

    def _listen_rejected(self) -> None:
        self._title(f"LISTEN: a program that wants port {self._other} is rejected (EPERM)")
        code = self._program(
            "import socket, sys; socket.create_server(('127.0.0.1', int(sys.argv[1])))",
            str(self._other),
        )
        self._expect("listen rejected", code != 0)

    @contextmanager
    def _server(self) -> Iterator[None]:
        self._title(f"LISTEN: the web server on port {self._web} is allowed")
        command = self._supervised(
            sys.executable, "-m", "http.server", str(self._web), "--bind", "127.0.0.1"
        )
        say("  $ " + " ".join(["epm", "run", "--", "python3", *command[-5:-1]]))
        server = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            command,
            env=self._environ,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._expect("listen allowed", _answers(self._web))
            yield
        finally:
            server.terminate()
            try:
                server.wait(STEP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def _clients(self) -> None:
        url = f"http://127.0.0.1:{self._web}/"
        self._title("CONNECT and ACCEPT: a client that the rules let through")
        self._expect("connect and accept allowed", self._program(_CLIENT, url) == 0)
        self._title(f"CONNECT: the same client to port {self._other} is rejected (EACCES)")
        code = self._program(_CLIENT, f"http://127.0.0.1:{self._other}/")
        self._expect("connect rejected", code != 0)
        self._title("ACCEPT: a client from 127.0.0.2 is dropped by the server's rules")
        self._expect("accept rejected", not _gets_answer(self._web, "127.0.0.2"))

    # ------------------------------------------------------------------------------ telling

    def _title(self, text: str) -> None:
        say("")
        say(click.style(f"== {text}", bold=True) if sys.stdout.isatty() else f"== {text}")
        sys.stdout.flush()

    def _expect(self, what: str, held: bool) -> None:
        say(f"  {'ok  ' if held else 'FAIL'} {what}")
        if not held:
            self._failures.append(what)

    def _epm(self, *words: str) -> int:
        say("  $ " + " ".join(["epm", *words]))
        sys.stdout.flush()
        return subprocess.run(  # noqa: S603 - our own interpreter and arguments
            [*_EPM, *words], env=self._environ, cwd=self._folder, check=False, timeout=STEP_SECONDS
        ).returncode

    def _supervised(self, *command: str) -> list[str]:
        return [*_EPM, "run", "--", *command]

    def _program(self, code: str, *arguments: str) -> int:
        """Run a small Python program under the rules; show its last line."""
        say("  $ epm run -- python3 -c '...' " + " ".join(arguments))
        done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
            self._supervised(sys.executable, "-c", code, *arguments),
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=STEP_SECONDS,
        )
        lines = (done.stdout + done.stderr).strip().splitlines()
        say(f"    {lines[-1] if lines else ''} (exit code {done.returncode})")
        return done.returncode

    def _verdict(self) -> int:
        wanted = {"QSOLISTEN", "QSOACCEPT", "QSOCONNECT"}
        done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
            [*_EPM, "journal", "list", "--json"],
            env=self._environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=STEP_SECONDS,
        )
        entries = json.loads(done.stdout)
        for verdict in ("NA", "NR"):
            seen = {e["server"] for e in entries if e["entry_type"] == verdict}
            self._expect(f"journal has {verdict} entries of all three servers", wanted <= seen)
        say("")
        if self._failures:
            talk(f"epm: the demonstration failed: {', '.join(self._failures)}")
            return ExitCode.NO
        say("Every call was decided by the rules, before it happened, and journaled.")
        return ExitCode.OK


_EPM = (sys.executable, "-P", "-m", "epm")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _answers(port: int) -> bool:
    """Whether the server answers within the time it may take to start."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if _gets_answer(port, "127.0.0.1"):
            return True
        time.sleep(0.1)
    return False


def _gets_answer(port: int, source: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 5, (source, 0)) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return client.recv(16).startswith(b"HTTP/")
    except OSError:
        return False


COMMANDS = (demo,)
