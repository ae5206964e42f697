"""Nothing gets past a rule or the journal: not in a crowd, not late, not when telling fails."""

import errno
import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

PYTHON = sys.executable
WORKERS = pytest.mark.parametrize(
    "config", [{}, {"workers": True}], ids=["io_uring", "worker threads"]
)


@pytest.fixture
def full():
    """A listener with no room: whoever connects waits until somebody accepts."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        with socket.create_connection(listener.getsockname()):
            yield listener


@pytest.fixture
def with_few_descriptors(supervise):
    """Supervise with so few descriptors that only 25 threads can be pinned."""

    def run(*command, **config):
        line, log = supervise.command(*command, **config)
        limited = ["sh", "-c", 'ulimit -n 200; exec "$@"', "sh", *line]
        done = subprocess.run(
            limited, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL
        )
        return done, [json.loads(x) for x in log.read_text().splitlines()]

    return run


# --- many threads


CROWD = """
import socket, sys, threading, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(100)
results = []
def accept():
    try: s.accept()[0].close(); results.append("ok")
    except OSError as error: results.append(str(error))
threads = [threading.Thread(target=accept) for _ in range(60)]
for t in threads: t.start()
time.sleep(0.5)
held = [socket.create_connection(s.getsockname(), 5) for _ in threads]
for t in threads: t.join(5)
print(sorted(set(results)), len(results))
"""


def test_more_threads_than_can_be_pinned_may_wait(with_few_descriptors, script):
    done, log = with_few_descriptors(PYTHON, script(CROWD))
    assert done.stdout == "['ok'] 60\n"
    assert [x for x in log if "warning" in x] == []


OTHER_IN_A_CROWD = """
import socket, subprocess, sys, threading, time
def listening():
    s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(5); return s
shared = listening()
code = (
    "import ctypes; n = ctypes.CDLL(None, use_errno=True).accept(%d, None, None);"
    "print(n if n < 0 else 'accepted', flush=True)" % shared.fileno()
)
other = subprocess.Popen([sys.argv[1], "-c", code], pass_fds=[shared.fileno()])
time.sleep(0.4)
crowd = [listening() for _ in range(40)]
def accept(s): s.accept()
for s in crowd:
    threading.Thread(target=accept, args=(s,), daemon=True).start(); time.sleep(0.01)
time.sleep(0.1)
client = socket.create_connection(shared.getsockname())
other.wait(5)
import os; os._exit(0)
"""


def test_who_waited_in_a_crowd_is_judged_as_who_it_is(with_few_descriptors, script, common_program):
    other = common_program
    done, log = with_few_descriptors(
        PYTHON, script(OTHER_IN_A_CROWD), other, reject_program=[str(other)]
    )
    assert [x["program"] for x in log if x.get("exit") == "ACPT0100"] == [str(other)]
    assert done.stdout == "-1\n"
    assert not [x for x in log if x.get("sk") == "A"]


@pytest.fixture
def common_program(tmp_path):
    """Another path for the Python that runs the tests."""
    path = tmp_path / "other"
    shutil.copy(Path(PYTHON).resolve(), path)
    done = subprocess.run([path, "-c", "import ctypes, socket"], capture_output=True)
    if done.returncode:
        pytest.skip("this Python does not run from another path")
    return path


# --- connections that nobody took


LEFT_BEHIND = """
import os, resource, socket, subprocess, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(5)
client = socket.create_connection(s.getsockname()); client.sendall(b"secret")
first = '''
import os, resource, socket
s = socket.socket(fileno=%d)
resource.setrlimit(resource.RLIMIT_NOFILE, (s.fileno() + 1, s.fileno() + 1))
try:
    while True: os.dup(0)
except OSError: pass
try: s.accept()
except OSError as error: print(error.errno, flush=True)
''' % s.fileno()
second = '''
import socket
s = socket.socket(fileno=%d)
try: print(s.accept()[0].recv(9), flush=True)
except OSError as error: print(error.errno, flush=True)
''' % s.fileno()
for program, code in ((sys.executable, first), (sys.argv[1], second)):
    subprocess.run([program, "-c", code], pass_fds=[s.fileno()])
"""


def test_what_one_program_could_not_take_is_judged_anew_for_the_next(
    supervise, script, common_program
):
    outcome = supervise(
        PYTHON, script(LEFT_BEHIND), common_program, reject_program=[str(common_program)]
    )
    assert outcome.out == f"{errno.EMFILE}\n{errno.ECONNABORTED}\n"
    assert [x["rejected"] for x in outcome.exits("ACPT0100")] == [False, True]


def test_what_one_program_could_not_take_has_an_entry_for_who_got_it(
    supervise, script, common_program
):
    outcome = supervise(PYTHON, script(LEFT_BEHIND), common_program)
    assert outcome.out == f"{errno.EMFILE}\nb'secret'\n"
    numbers = [x["number"] for x in outcome.exits("ACPT0100")]
    assert len(set(numbers)) == 2
    assert outcome.events("A")[-1]["job"] == common_program.name


# --- an accept that would wait after all


def test_an_accept_whose_connection_went_elsewhere_holds_nobody_up(supervise, script):
    target = script(
        "import ctypes, socket, threading, time\n"
        "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(5)\n"
        "def late():\n"
        "    time.sleep(0.3); c.connect(s.getsockname())\n"
        "c = socket.socket(); t = threading.Thread(target=late); t.start()\n"
        "n = ctypes.CDLL(None).accept(s.fileno(), None, None)\n"  # Python would hide an EINTR
        "print('accepted' if n >= 0 else 'failed', flush=True); t.join()\n"
    )
    outcome = supervise(PYTHON, target, sure=1)
    assert outcome.out == "accepted\n"
    assert outcome.warnings == []


# --- telling


def test_a_connect_is_taken_back_even_when_nobody_can_be_told(supervise, script, server):
    port = server.getsockname()[1]
    code = f"import socket; print(socket.socket().connect_ex(('127.0.0.1', {port})))"
    outcome = supervise(PYTHON, script(code), journal_fails=["C"], warn="raises")
    assert outcome.out == f"{errno.EACCES}\n"
    assert outcome.counts.get("survived", 0) == 0
    connection, _ = server.accept()
    connection.settimeout(2)
    with connection, pytest.raises(ConnectionResetError):
        connection.recv(1)


def test_a_warning_that_cannot_be_written_holds_no_call_up(supervise, script, server):
    port = server.getsockname()[1]
    code = (
        "import socket, time\nbegin = time.monotonic()\n"
        f"codes = {{socket.socket().connect_ex(('127.0.0.1', {port})) for _ in range(3)}}\n"
        "print(codes, time.monotonic() - begin < 15)"
    )
    outcome = supervise(PYTHON, script(code), fail=["CONN0100"], warn="blocks")
    assert outcome.out == f"{{{errno.EACCES}}} True\n"


# --- connects that are established later


SEND_TIMEOUT = """
import errno, select, socket, struct, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", 0, 100_000))
print(s.connect_ex(("127.0.0.1", int(sys.argv[1]))), flush=True)
print(bool(select.select([], [s], [], 8)[1]), flush=True)
time.sleep(0.3)
"""

MOVED = """
import os, select, socket, sys, time
s = socket.socket(); s.setblocking(False)
code = s.connect_ex(("127.0.0.1", int(sys.argv[1])))
t = s.dup(); s.close(); time.sleep(0.5)
print(code, flush=True)
print(bool(select.select([], [t], [], 8)[1]), flush=True)
time.sleep(0.3)
"""


def established_late(supervise, full, target, **config):
    """Let a target connect, make room once it says so, and return its log."""
    process, path = supervise.start(PYTHON, target, full.getsockname()[1], **config)
    assert int(process.stdout.readline()) == errno.EINPROGRESS
    full.settimeout(0.1)
    while process.poll() is None:
        try:
            full.accept()[0].close()
        except TimeoutError:
            time.sleep(0.05)
    out, err = process.communicate(timeout=10)
    assert out == "True\n", err
    return [json.loads(x) for x in path.read_text().splitlines()]


@WORKERS
def test_a_connect_that_outlasts_its_timeout_is_recorded(supervise, script, full, config):
    log = established_late(supervise, full, script(SEND_TIMEOUT), **config)
    assert len([x for x in log if x.get("sk") == "C"]) == 1


def test_a_connect_whose_descriptor_moved_is_recorded(supervise, script, full):
    log = established_late(supervise, full, script(MOVED))
    assert len([x for x in log if x.get("sk") == "C"]) == 1


# --- who calls


def test_a_program_that_is_named_deleted_is_not_taken_for_another(
    supervise, compiled, server, open_folder
):
    program = open_folder / "client (deleted)"
    shutil.copy(compiled("client.c", "-static"), program)
    outcome = supervise(program, "127.0.0.1", server.getsockname()[1])
    assert outcome.exits("CONN0100")[0]["program"] == str(program)


# --- starting


def test_the_self_test_is_made_once_and_leaves_no_thread(tmp_path):
    root = Path(__file__).parents[2]
    code = (
        "import threading\n"
        "from simulators.linux import launch, selftest, supervisor, workers\n"
        "supervisor.make_connector = workers.Workers\n"
        "forks, fork = [], launch.fork\n"
        "def counted(*a, **k):\n"
        "    forks.append(threading.active_count())\n"
        "    return fork(*a, **k)\n"
        "launch.fork = counted\n"
        "selftest.selftest(); selftest.selftest()\n"
        "print(forks, threading.active_count())\n"
    )
    done = subprocess.run(
        [PYTHON, "-c", code], capture_output=True, text=True, cwd=root, timeout=20
    )
    assert done.stdout == "[1] 1\n", done.stderr


def test_a_supervisor_ends_with_its_workers(supervise, script, full):
    """A worker in connect() cannot be waited for; it must not keep the run from its end."""
    port = full.getsockname()[1]
    target = script(
        "import signal, socket\n"
        "def stop(*_): raise TimeoutError\n"
        "signal.signal(signal.SIGALRM, stop); signal.setitimer(signal.ITIMER_REAL, 0.2)\n"
        f"try:\n    socket.socket().connect(('127.0.0.1', {port}))\n"
        "except TimeoutError: print('interrupted', flush=True)\n"
    )
    begin = time.monotonic()
    outcome = supervise(PYTHON, target, workers=True)
    assert outcome.out == "interrupted\n"
    assert time.monotonic() - begin < 20  # a connect that waits does so for two minutes
    assert outcome.log[-1]["fds"] == supervise("true").log[-1]["fds"]
