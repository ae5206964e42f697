"""Signals, exit codes, daemons, and ends of all kinds."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.real

PYTHON = sys.executable


BLOCKED = """
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen()
print("ready", flush=True)
s.accept()
print("accepted", flush=True)
"""


@pytest.mark.parametrize(("program", "status"), [
    (["true"], 0),
    (["sh", "-c", "exit 7"], 7),
    (["sh", "-c", "kill -9 $$"], 137),
    (["sh", "-c", "kill -TERM $$"], 143),
    (["/no/such/program"], 127),
    (["no-such-program-anywhere"], 127),
    (["/etc/passwd"], 126),
    (["/tmp"], 126),
])  # fmt: skip
def test_the_status_is_the_programs_own(supervise, program, status):
    assert supervise(*program).status == status


def test_a_program_that_cannot_run_is_named_with_the_reason(supervise):
    assert supervise("/no/such/program").warnings == ["/no/such/program: No such file or directory"]


def test_threads_may_start_once_and_after_the_fork(supervise):
    assert supervise("true").log[-1]["threads"] == [1]


@pytest.mark.parametrize(("number", "status"), [
    (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGUSR1, 138),
])  # fmt: skip
def test_a_signal_to_the_supervisor_reaches_a_program_blocked_in_accept(
    supervise, script, free_port, number, status
):
    process, _ = supervise.start(PYTHON, script(BLOCKED), free_port())
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.05)
    process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode == status


def test_ctrl_c_reaches_the_program_once(supervise, script):
    target = script(
        "import signal, time\n"
        "got = []\n"
        "signal.signal(signal.SIGINT, lambda *_: got.append(1))\n"
        "print('ready', flush=True)\n"
        "end = time.monotonic() + 15\n"
        "while not got and time.monotonic() < end: time.sleep(0.05)\n"
        "time.sleep(0.3)\n"  # a second one would be here by now
        "print('interrupts:', len(got), flush=True)\n"
    )
    line, _ = supervise.command(PYTHON, target)
    helper = [PYTHON, os.path.join(os.path.dirname(__file__), "targets", "terminal.py"), *line]
    done = subprocess.run(helper, capture_output=True, text=True, timeout=20)
    assert "interrupts: 1" in done.stdout


def test_a_killed_program_leaves_its_port_at_once(supervise, script, free_port):
    """It is told of the end: no sweep, which is far off here, and no end of the run frees it."""
    port, lives_on = free_port(), supervise.folder / "lives_on"
    os.mkfifo(lives_on)
    command = f"{PYTHON} {script(BLOCKED)} {port}; code=$?; read line <{lives_on}; exit $code"
    process, log = supervise.start("sh", "-c", command, sweep_seconds=60)
    assert process.stdout.readline() == "ready\n"
    os.kill(numbers(log)[0], signal.SIGKILL)
    deadline = time.monotonic() + 20
    while not is_free(port):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    lives_on.write_text("enough\n")
    process.communicate(timeout=20)
    assert process.returncode == 137


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def numbers(log):
    return [json.loads(x)["number"] for x in log.read_text().splitlines() if "number" in x]


def test_a_stopped_program_goes_on_where_it_was(supervise, script, free_port):
    port = free_port()
    process, log = supervise.start(PYTHON, script(BLOCKED), port)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.05)
    target = numbers(log)[0]
    os.kill(target, signal.SIGSTOP)
    time.sleep(0.3)
    with socket.create_connection(("127.0.0.1", port)):
        time.sleep(0.1)
        os.kill(target, signal.SIGCONT)
        out, _ = process.communicate(timeout=20)
    assert out == "accepted\n"


def test_when_the_supervisor_is_killed_calls_fail(supervise, script, server):
    target = script(
        "import errno, os, socket, sys, time\n"
        "supervisor = os.getppid()\n"
        "a = ('127.0.0.1', int(sys.argv[1]))\n"
        "print('first', socket.socket().connect_ex(a), flush=True)\n"
        "while os.getppid() == supervisor: time.sleep(0.01)\n"
        "print(errno.errorcode[socket.socket().connect_ex(a)], flush=True)\n"
        "s = socket.socket(); s.bind(('127.0.0.1', 0))\n"
        "try: s.listen()\n"
        "except OSError as e: print(errno.errorcode[e.errno], flush=True)\n"
    )
    process, _ = supervise.start(PYTHON, target, server.getsockname()[1])
    assert process.stdout.readline() == "first 0\n"
    process.kill()
    assert process.stdout.read() == "ENOSYS\nENOSYS\n"
    process.communicate()


def test_a_call_that_waits_for_a_killed_supervisor_fails(supervise, script, free_port):
    waiting = "try: s.accept()\nexcept OSError as e: print(e.errno, flush=True)"
    text = BLOCKED.replace("s.accept()", waiting)
    process, _ = supervise.start(PYTHON, script(text), free_port())
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.kill()
    assert process.stdout.readline() == "38\n"  # ENOSYS
    process.communicate()


DAEMON = """
import os, socket, sys, time
if os.fork(): os._exit(5)
os.setsid()
if os.fork(): os._exit(0)
time.sleep(0.3)
code = socket.socket().connect_ex(("127.0.0.1", int(sys.argv[1])))
print("daemon", code, flush=True)
time.sleep(float(sys.argv[2]))
"""


def test_daemons_are_supervised_to_their_end_and_the_status_is_the_programs(
    supervise, script, server
):
    port = server.getsockname()[1]
    target = script(DAEMON)
    outcome = supervise(PYTHON, target, port, 0, reject=[["CONN0100", port]])
    assert outcome.status == 5
    assert outcome.out == "daemon 13\n"


def test_a_signal_ends_what_the_program_left_running(supervise, script, server):
    process, _ = supervise.start(PYTHON, script(DAEMON), server.getsockname()[1], 30)
    assert process.stdout.readline() == "daemon 0\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 5


TIMER = """
import signal, socket, sys
ticks = []
signal.signal(signal.SIGALRM, lambda *_: ticks.append(1))
signal.siginterrupt(signal.SIGALRM, False)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
"""


@pytest.mark.parametrize("config", [{}, {"workers": True}], ids=["io_uring", "worker threads"])
def test_an_interrupted_connect_happens_once(supervise, script, server, config):
    target = script(
        TIMER
        + "codes, server = [], ('127.0.0.1', int(sys.argv[1]))\n"
        + "for _ in range(300):\n"
        + "    with socket.socket() as s: codes.append(s.connect_ex(server))\n"
        + "signal.setitimer(signal.ITIMER_REAL, 0)\n"
        + "print(set(codes), len(ticks) > 10, flush=True)\n"
    )
    outcome = supervise(PYTHON, target, server.getsockname()[1], **config)
    assert outcome.out == "{0} True\n"
    assert len(outcome.events("C")) == 300
    assert len(outcome.exits("CONN0100")) == 300
    assert accepted(server) == 300


def accepted(server):
    server.setblocking(False)
    count = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_an_interrupted_accept_loses_no_connection(supervise, script, free_port):
    port = free_port()
    target = script(
        TIMER
        + "s = socket.socket(); s.setsockopt(1, 2, 1); s.bind(('127.0.0.1', int(sys.argv[1])))\n"
        + "s.listen(300); print('ready', flush=True)\n"
        + "got = []\n"
        + "while len(got) < 200:\n"
        + "    c, peer = s.accept(); c.sendall(b'%d' % len(got)); c.close(); got.append(peer[1])\n"
        + "signal.setitimer(signal.ITIMER_REAL, 0)\n"
        + "print(len(set(got)), len(ticks) > 10, flush=True)\n"
    )
    process, log = supervise.start(PYTHON, target, port)
    assert process.stdout.readline() == "ready\n"
    answers = []
    for _ in range(200):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            answers.append(int(client.recv(10)))
    out, _ = process.communicate(timeout=20)
    assert out == "200 True\n"
    assert sorted(answers) == list(range(200))
    assert log.read_text().count('"sk": "A"') == 200
