"""``epm run --armr``: real programs under a policy, their events, a policy that changes."""

from __future__ import annotations

import json
import re
import socket
import stat
import sys
import time

import pytest

from tests.support.armr_text import mod
from tests.support.command_line import started
from tests.support.programs import INSIST
from tests.support.supervision import require_supervision

#: Goes before a script: its error is one line, so that only epm's own traceback would be one.
_ONE_LINE = """
import sys
sys.excepthook = lambda kind, error, _: print(f"{kind.__name__}: {error}", file=sys.stderr)
"""
CONNECT = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)"
#: Binds where it is told, then connects.
BOUND = """
import socket, sys
sock = socket.socket()
sock.bind(("127.0.0.1", 0))
sock.connect(("127.0.0.1", int(sys.argv[1])))
"""
LISTEN = "import socket, sys; socket.create_server(('127.0.0.1', int(sys.argv[1])))"
#: Serves one connection from itself; tells how accept ended.
SERVE = """
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
def call():
    with socket.socket() as sock:
        sock.connect(server.getsockname())
        sock.recv(1)
threading.Thread(target=call, daemon=True).start()
try:
    server.accept()
    print("accepted")
except ConnectionAbortedError:
    print("aborted")
"""


@pytest.fixture
def supported():
    require_supervision()


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0), backlog=512) as server:
        yield server.getsockname()[1]


def under(epm, policy, script, *words, options=()):
    """Run a Python script under a policy; return its outcome and the lines of the log."""
    file = epm.write("p.armr", policy)
    done = epm.process("run", "--armr", file, "--armr-log", "log.cef", *options, "--",
                       sys.executable, "-c", _ONE_LINE + script, *words)  # fmt: skip
    log = epm.folder / "log.cef"
    return done, log.read_text().splitlines() if log.exists() else []


def executed(lines):
    return [line for line in lines if "|Execute Rule|" in line]


def protect(event, message="no"):
    return ("stop", f'{event} protect(message: "{message}", severity: 8)')


pytestmark = [pytest.mark.real, pytest.mark.usefixtures("supported")]


def test_a_protected_connect_is_blocked_and_logged(epm, listener):
    done, lines = under(epm, mod(protect(f'connect("127.0.0.1:{listener}")')), CONNECT, listener)
    assert done.code == 1
    assert "PermissionError: [Errno 13]" in done.err
    (line,) = executed(lines)
    assert re.fullmatch(
        r"<10>1 \S+Z \S+ \S+ \d+ - - CEF:0\|ARMR:m\|m\|2\.12\|stop\|Execute Rule\|High\|"
        r"rt=.{30} dvchost=\S+ procid=(\d+) appVersion=1 ruleType=socket "
        r"securityFeature=socket connect act=protect msg=no "
        rf"remoteIpAddress=127\.0\.0\.1 remotePort={listener}",
        line,
    )
    names = [re.search(r"\|([A-Z]\w+ Rules?)\|", x)[1] for x in lines]
    assert names == ["Load Rule", "Link Rule", "Execute Rule", "Unlink Rule", "Unload Rule"]
    assert stat.S_IMODE((epm.folder / "log.cef").stat().st_mode) == 0o600
    (entry,) = json.loads(epm("journal", "list", "--json", "--journal", "EPMJRN").out)
    assert (entry["entry_type"], entry["verdict"], entry["rule"]) == ("NR", "reject", 1)


def test_an_exact_allow_goes_before_protect_and_may_log(epm, listener):
    allow = f'connect("127.0.0.1:{listener}") allow(message: "fine")'
    done, lines = under(epm, mod('connect("0.0.0.0:0") protect()', allow), CONNECT, listener)
    assert done.code == 0, done.err
    assert " act=allow msg=fine " in executed(lines)[0]


@pytest.mark.heavy
def test_detect_lets_pass_and_logs(epm, listener):
    done, lines = under(epm, mod('connect("0.0.0.0:0") detect(message: "seen")'), CONNECT, listener)
    assert done.code == 0, done.err
    (line,) = executed(lines)
    assert " act=detect msg=seen " in line


def test_a_client_bind_is_decided_at_connect(epm, listener):
    policy = mod(protect('bind(client: "127.0.0.1:0")'))
    done, lines = under(epm, policy, BOUND, listener)
    assert "PermissionError: [Errno 13]" in done.err
    (line,) = executed(lines)
    assert "securityFeature=socket bind " in line
    assert re.search(r" localIpAddress=127\.0\.0\.1 localPort=[1-9]\d+$", line)
    done, _ = under(epm, policy, CONNECT, listener)
    assert done.code == 0, done.err


def test_a_server_bind_is_decided_at_listen(epm):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    done, lines = under(epm, mod(protect(f'bind(server: "127.0.0.1:{port}")')), LISTEN, port)
    assert "PermissionError: [Errno 1]" in done.err
    (line,) = executed(lines)
    assert "securityFeature=socket serverbind" in line
    assert line.endswith(f"localIpAddress=127.0.0.1 localPort={port}")


def test_an_accept_is_decided_by_the_peer(epm):
    done, lines = under(epm, mod(protect('accept("127.0.0.1:0")')), SERVE)
    assert done.out == "aborted\n"
    (line,) = executed(lines)
    assert "securityFeature=socket accept act=protect msg=no remoteIpAddress=127.0.0.1" in line


@pytest.mark.heavy
def test_a_host_name_is_resolved_before_the_program_runs(epm, listener):
    done, _ = under(epm, mod(protect(f'connect("localhost:{listener}")')), CONNECT, listener)
    assert "PermissionError" in done.err


def test_log_only_never_blocks_and_says_what_it_did(epm, listener):
    policy = mod(protect('connect("0.0.0.0:0")'))
    done, lines = under(epm, policy, CONNECT, listener, options=["--log-only"])
    assert done.code == 0, done.err
    (line,) = executed(lines)
    assert " act=detect msg=no " in line


@pytest.mark.heavy
def test_the_log_may_be_standard_error(epm, listener):
    file = epm.write("p.armr", mod('connect("0.0.0.0:0") detect(message: "seen")'))
    done = epm.process("run", "--armr", file, "--armr-log", "-", "--", sys.executable, "-c",
                       CONNECT, listener)  # fmt: skip
    assert done.code == 0
    assert len(executed(done.err.splitlines())) == 1


def test_a_changed_policy_is_taken_and_a_bad_one_is_not(epm, listener):
    file = epm.write("p.armr", mod('connect("0.0.0.0:0") allow()'))
    log = epm.folder / "log.cef"
    with started("run", "--armr", file, "--armr-log", log, "--", sys.executable, "-c", INSIST,
                 listener) as process:  # fmt: skip
        assert process.stdout.readline() == "allowed\n"
        file.write_text(mod("connect(any) detect()"))
        assert "the last good rules stay in force" in process.stderr.readline()
        file.write_text(mod(protect(f'connect("127.0.0.1:{listener}")')))
        assert process.stdout.readline() == "rejected\n"
        deadline = time.monotonic() + 5
        while "Reload Rules" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
    lines = log.read_text().splitlines()
    names = [re.search(r"\|([A-Z]\w+ (?:Rules?|Error))\|", x)[1] for x in lines]
    assert names[:4] == ["Load Rule", "Link Rule", "Syntax Error", "Reload Rules"]
    assert names.index("Execute Rule") > 3


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--rules", "x.yaml", "--armr", "p.armr"], 2, "name one of --rules FILE and --armr FILE"),
        (["--armr-log", "x"], 2, "--armr-log is for --armr FILE"),
        (["--armr", "nowhere.armr"], 3, "nowhere.armr: cannot be read"),
        (["--armr", "bad.armr"], 4, "bad.armr:1:1: V3: mod 'm': holds no rule"),
        (["--armr", "p.armr", "--armr-log", "no/such/one"], 3, "no/such/one: cannot be written"),
    ],
)
def test_what_cannot_be_run_is_refused_before_the_program(epm, words, code, told):
    epm.write("bad.armr", mod())
    epm.write("p.armr", mod('connect("0.0.0.0:0") allow()'))
    done = epm("run", *words, "--", "touch", "ran")
    assert (done.code, done.err.count("\n")) == (code, 1)
    assert told in done.err
    assert not (epm.folder / "ran").exists()
