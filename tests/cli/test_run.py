"""``epm run``: real programs under rules, and what is recorded of them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.support.command_line import started
from tests.support.ports import free_port
from tests.support.programs import CONNECT, INSIST
from tests.support.supervision import require_supervision

pytestmark = pytest.mark.real

RULES = """
version: 1
config: {{journal: EPMJRN}}
servers:
  QSOCONNECT:
    activated: true
    rules:
      - {{seq: 10, name: Open, authority: {authority}, audit: Y, active: Y, message: Y, capture: Y,
         conditions: [{{field: RMTPORT, op: EQ, value: {port}}}]}}
      - {{seq: 99999, authority: N}}
"""


@pytest.fixture(autouse=True)
def supported():
    require_supervision()


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0), backlog=512) as server:
        yield server.getsockname()[1]


@pytest.fixture
def rules(epm, listener):
    return epm.write("rules.yaml", RULES.format(port=listener, authority="Y"))


def test_an_allowed_connect_happens_and_a_rejected_one_gives_eacces(epm, rules, listener):
    allowed = epm.process("run", "--rules", rules, "--", sys.executable, "-c", CONNECT, listener)
    assert allowed.code == 0, allowed.err
    script = CONNECT + "\n"
    rejected = subprocess.run(
        [sys.executable, "-P", "-m", "epm", "run", "--rules", str(rules), "--", sys.executable,
         "-c", script, str(free_port())], capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert rejected.returncode == 1
    assert "PermissionError: [Errno 13]" in rejected.stderr


def test_the_journal_holds_the_answer_and_the_connection(epm, rules, listener):
    epm.process("run", "--rules", rules, "--", sys.executable, "-c", CONNECT, listener)
    entries = epm("journal", "list", "--json", "--journal", "EPMJRN").json
    kinds = [(e["entry_type"], e["type"], e["verdict"], e["rule"]) for e in entries]
    assert kinds == [("NA", None, "allow", 10), ("SK", "C", None, None)]
    assert entries[0]["remote_port"] == entries[1]["remote_port"] == listener
    assert entries[0]["program"] == os.path.realpath(sys.executable)


def test_a_rejected_call_leaves_no_sk_entry(epm, rules):
    epm.process("run", "--rules", rules, "--", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9")
    entries = epm("journal", "list", "--json", "--journal", "EPMJRN").json
    assert [(e["entry_type"], e["verdict"], e["enforced"]) for e in entries] == [
        ("NR", "reject", True)
    ]


def test_log_only_never_blocks_and_says_so(epm, listener):
    file = epm.write("rules.yaml", RULES.format(port=listener, authority="N"))
    result = epm.process(
        "run", "--log-only", "--rules", file, "--", sys.executable, "-c", CONNECT, listener
    )
    assert result.code == 0, result.err
    entries = epm("journal", "list", "--json", "--journal", "EPMJRN").json
    assert [(e["entry_type"], e["enforced"]) for e in entries] == [("NR", False), ("SK", None)]


def test_messages_and_captures_are_kept(epm, rules, listener):
    for _ in range(2):
        epm.process("run", "--rules", rules, "--", sys.executable, "-c", CONNECT, listener)
    messages = epm("messages", "list", "--json").json
    assert [m["rule"] for m in messages] == [10, 10]
    captures = epm("captures", "list", "--json").json
    assert [(c["count"], c["call"]["rmtport"]) for c in captures] == [(2, listener)]


def test_a_change_in_the_store_is_in_force_within_a_second(store, rules, listener):
    assert store("rules", "import", rules, "--replace").code == 0
    with started("run", "--", sys.executable, "-c", INSIST, listener) as process:
        assert process.stdout.readline() == "allowed\n"
        saved = time.monotonic()
        assert store("rules", "change", "connect", 10, "--authority", "N").code == 0
        assert process.stdout.readline() == "rejected\n"
        # The bound of the contract is a second; a loaded machine gets some slack on top.
        assert time.monotonic() - saved < 10
        store("rules", "change", "connect", 10, "--authority", "Y")
        assert process.stdout.readline() == "allowed\n"
    revisions = {e["revision"] for e in store("journal", "list", "--type", "NA", "--json").json}
    assert len(revisions) == 2


def test_a_changed_rule_file_is_followed_and_a_bad_one_is_not(epm, rules, listener):
    with started("run", "--rules", rules, "--", sys.executable, "-c", INSIST, listener) as process:
        assert process.stdout.readline() == "allowed\n"
        rules.write_text("version: 1\nservers: [broken")
        assert "the last good rules stay in force" in process.stderr.readline()
        rules.write_text(RULES.format(port=listener, authority="N"))
        assert process.stdout.readline() == "rejected\n"


def test_kill_9_of_the_supervisor_loses_no_answer(epm, rules, listener):
    """Every connection the program told of is in the journal, once; and it is whole."""
    count = (
        "import socket, sys\nwhile True:\n"
        " s = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)\n"
        " print(s.getsockname()[1], flush=True); s.close()\n"
    )
    with started("run", "--rules", rules, "--", sys.executable, "-c", count, listener) as process:
        ports = [int(process.stdout.readline()) for _ in range(60)]
        os.kill(process.pid, signal.SIGKILL)
        ports += [int(line) for line in process.stdout if line.strip()]
    entries = epm("journal", "list", "--type", "C", "--json", "--journal", "EPMJRN").json
    recorded = [e["local_port"] for e in entries]
    missing = [p for p in ports if p not in recorded]
    assert not missing
    assert len(recorded) - len(ports) <= 1  # one call may have been recorded and not answered
    verified = epm("journal", "verify", "--journal", "EPMJRN")
    assert verified.code == 0, verified.out


def test_two_runs_share_one_journal_without_gap_or_duplicate(epm, rules, listener):
    several = "import socket, sys\nfor _ in range(50):\n" + (
        " socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5).close()\n"
    )
    words = ("run", "--rules", rules, "--", sys.executable, "-c", several, listener)
    with started(*words) as one, started(*words) as other:
        assert one.wait(60) == 0
        assert other.wait(60) == 0
    assert len(epm("journal", "list", "--json", "--journal", "EPMJRN").json) == 200
    assert epm("journal", "verify", "--journal", "EPMJRN").code == 0


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["true"], 0),
        (["sh", "-c", "exit 7"], 7),
        (["sh", "-c", "kill -TERM $$"], 143),
        (["/nonexistent/program"], 127),
        (["/etc/passwd"], 126),
    ],
)
def test_the_exit_code_is_the_programs_own(epm, rules, command, code):
    result = epm.process("run", "--rules", rules, "--", *command)
    assert result.code == code
    assert len(result.err.splitlines()) <= 1


def test_it_refuses_to_start_where_nothing_would_be_decided(epm, rules):
    file = epm.write("idle.yaml", rules.read_text().replace("activated: true", "activated: false"))
    refused = epm.process("run", "--rules", file, "--", "true")
    assert refused.code == 2
    assert "no server is activated" in refused.err
    assert epm.process("run", "--log-only", "--rules", file, "--", "true").code == 0


def test_another_errno_can_be_asked_for(epm, listener):
    file = epm.write("rules.yaml", RULES.format(port=1, authority="N"))
    result = subprocess.run(
        [sys.executable, "-P", "-m", "epm", "run", "--connect-errno", "ETIMEDOUT", "--rules",
         str(file), "--", sys.executable, "-c", CONNECT, str(listener)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "TimeoutError: [Errno 110]" in result.stderr


def test_the_summary_counts(epm, rules, listener):
    result = epm.process(
        "run", "--summary", "--rules", rules, "--", sys.executable, "-c", CONNECT, listener
    )
    assert "1 connect-allowed" in result.err


def test_the_summary_says_what_would_have_been_rejected(epm, listener):
    file = epm.write("rules.yaml", RULES.format(port=1, authority="Y"))
    attempt = "import socket, sys; socket.socket().connect_ex(('127.0.0.1', int(sys.argv[1])))"
    words = ("--rules", file, "--", sys.executable, "-c", attempt, listener)
    logged = epm.process("run", "--log-only", "--summary", *words)
    assert logged.code == 0
    assert logged.err.split() == ["epm:", "1", "connect-would-be-rejected"]
    enforced = epm.process("run", "--summary", *words)
    assert enforced.err.split() == ["epm:", "1", "connect-rejected"]


def test_a_journal_that_cannot_be_written_fails_closed(epm, rules, listener):
    """A full disk, here a limit on the size of files: the call is rejected, never let through."""
    limited = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "sys.argv = ['epm', *sys.argv[1:]]; runpy.run_module('epm', run_name='__main__')"
    )
    several = (
        "import socket, sys\nn = 0\n"
        "try:\n"
        " for n in range(500):\n"
        "  socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5).close()\n"
        "except PermissionError: print('rejected after', n)\n"
    )
    quiet = rules.read_text().replace("message: Y, capture: Y", "message: N, capture: N")
    rules.write_text(quiet)
    result = subprocess.run(
        [sys.executable, "-c", limited, "run", "--rules", str(rules), "--", sys.executable, "-c",
         several, str(listener)], capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "rejected after" in result.stdout, result.stderr
    assert "Traceback" not in result.stderr
    assert epm("journal", "verify", "--journal", "EPMJRN").code == 0
