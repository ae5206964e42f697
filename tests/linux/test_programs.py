"""Unmodified programs of every make work when allowed, and survive being rejected."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.real import unavailable

pytestmark = pytest.mark.real

PYTHON = sys.executable
TARGETS = Path(__file__).parent / "targets"


@pytest.fixture
def running(supervise):
    """Run a supervised server until the block ends; give a function that reads its log."""

    @contextlib.contextmanager
    def run(*command, port, **config):
        process, log = supervise.start(*command, **config)
        try:
            wait_for(port, process)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        run.log = log.read_text()

    return run


def wait_for(port, process):
    """Wait until somebody listens: seen in the kernel's table, without connecting."""
    wanted = f":{port:04X} 00000000:0000 0A"
    deadline = time.monotonic() + 30
    while wanted not in Path("/proc/net/tcp").read_text():
        assert process.poll() is None, process.stdout.read() + process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)


HTTP = b"GET / HTTP/1.0\r\n\r\n"
REQUESTS = {"redis": b"PING\r\nQUIT\r\n", "asyncio": b""}  # asyncio's speaks first, reads nothing


def ask(port, request=HTTP):
    """Return what a server answers; empty when it resets the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        try:
            client.sendall(request)
            answer = b""
            while chunk := client.recv(4096):
                answer += chunk
        except ConnectionError:
            return b""
        return answer


@pytest.fixture(scope="session")
def go_program(tmp_path_factory):
    go = shutil.which("go")
    if go is None:
        unavailable("go is not installed")
    program = tmp_path_factory.mktemp("go") / "server"
    environment = {**os.environ, "CGO_ENABLED": "0", "GO111MODULE": "off"}
    subprocess.run([go, "build", "-o", program, TARGETS / "server.go"], check=True, env=environment)
    return program


def nginx(need, folder, port):
    config = folder / "nginx.conf"
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user nobody nogroup;" if os.geteuid() == 0 else ""
    config.write_text(
        f"daemon off; worker_processes 2; {user} pid {folder}/pid; error_log stderr info;"
        "events { worker_connections 64; }"
        f"http {{ access_log off; {paths} server {{ listen 127.0.0.1:{port};"
        ' location / { return 200 "hello"; } } }'
    )
    return [need("nginx"), "-c", config, "-p", folder, "-e", "stderr"]


def redis(need, _folder, port):
    return [
        need("redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp",
    ]  # fmt: skip


SERVERS = {
    "http.server": lambda _n, f, p: [
        PYTHON, "-m", "http.server", "-d", f, "-b", "127.0.0.1", p,
    ],
    "asyncio": lambda _n, _f, p: [PYTHON, TARGETS / "aio.py", "serve", p],
    "nginx": nginx,
    "redis": redis,
    "node": lambda n, _f, p: [n("node"), TARGETS / "server.js", p],
}  # fmt: skip


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_serves_whom_the_rules_let_in(running, need, free_port, open_folder, name):
    port = free_port()
    command = SERVERS[name](need, open_folder, port)
    with running(*command, port=port) as process:
        answers = [ask(port, REQUESTS.get(name, HTTP)) for _ in range(5)]
        assert process.poll() is None
    assert all(answers)
    assert running.log.count('"sk": "A"') == 5


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_survives_rejections(running, need, free_port, open_folder, name):
    port = free_port()
    command = SERVERS[name](need, open_folder, port)
    with running(*command, port=port, reject_all=["ACPT0100"]) as process:
        answers = [ask(port) for _ in range(5)]
        time.sleep(0.05)
        assert process.poll() is None
    assert answers == [b""] * 5
    assert '"sk": "A"' not in running.log


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
def test_the_workers_of_nginx_are_seen_as_their_own_user(running, need, free_port, open_folder):
    port = free_port()
    with running(*nginx(need, open_folder, port), port=port):
        assert ask(port)
    assert '"user": "nobody"' in running.log
    assert '"exit": "LSTN0100"' in running.log


def test_a_server_that_may_not_listen_says_so(supervise, free_port):
    port = free_port()
    outcome = supervise(
        PYTHON, "-m", "http.server", "-b", "127.0.0.1", port, reject=[["LSTN0100", port]]
    )
    assert outcome.status == 1
    assert "PermissionError" in outcome.err


@pytest.fixture
def hello():
    """A server outside the tree that answers many."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(300)
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            [PYTHON, "-c", HELLO, str(listener.fileno())], pass_fds=[listener.fileno()]
        )
        yield port
        process.kill()
        process.wait()


HELLO = """
import socket, sys
s = socket.socket(fileno=int(sys.argv[1]))
while True:
    c, _ = s.accept()
    c.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nhello")
    c.close()
"""


def test_curl_allowed_and_rejected(supervise, need, hello):
    url = f"http://127.0.0.1:{hello}/"
    assert supervise(need("curl"), "-s", url).out == "hello"
    rejected = supervise(need("curl"), "-s", url, reject=[["CONN0100", hello]])
    assert (rejected.status, rejected.out) == (7, "")


def test_curl_tries_both_families_of_localhost(supervise, need, hello):
    outcome = supervise(need("curl"), "-s", f"http://localhost:{hello}/")
    assert outcome.out == "hello"
    assert len(outcome.events("C")) == 1


def test_asyncio_clients_allowed_and_rejected(supervise, hello):
    script = TARGETS / "aio.py"
    outcome = supervise(PYTHON, script, "get", hello, 200)
    assert outcome.out.endswith("hello': 200}\n")
    assert len(outcome.events("C")) == 200
    rejected = supervise(PYTHON, script, "get", hello, 20, reject=[["CONN0100", hello]])
    assert rejected.out == "{13: 20}\n"


def test_a_static_go_program_allowed_and_rejected(supervise, go_program, running, hello, free_port):
    outcome = supervise(go_program, "get", hello, 50)
    assert outcome.out.startswith("50 ")
    rejected = supervise(go_program, "get", hello, 5, reject=[["CONN0100", hello]])
    assert "permission denied" in rejected.out
    port = free_port()
    with running(go_program, "serve", port, port=port):
        assert ask(port, b"") == b"hello"
    port = free_port()
    with running(go_program, "serve", port, port=port, reject_all=["ACPT0100"]) as process:
        assert ask(port) == b""
        assert process.poll() is None


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_a_static_c_client(supervise, compiled, address):
    client = compiled("client.c", "-static")
    with socket.socket(socket.AF_INET6) as listener:
        listener.bind(("::", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert supervise(client, address, port).out == "0\n"
        assert supervise(client, address, port, reject=[["CONN0100", port]]).out == "13\n"


@pytest.mark.parametrize("flags", [("-static",), ()], ids=["static", "dynamic"])
def test_a_c_server_with_blocking_threads(supervise, compiled, free_port, flags):
    program = compiled("server.c", "-pthread", *flags)
    port = free_port()
    process, log = supervise.start(program, port, 40)
    assert process.stdout.readline() == "ready\n"
    for _ in range(40):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            assert int(client.recv(10)) == client.getsockname()[1]
    process.communicate(timeout=20)
    assert log.read_text().count('"sk": "A"') == 40


def test_a_c_server_that_rejects(supervise, compiled, free_port):
    port = free_port()
    process, _ = supervise.start(compiled("server.c", "-pthread"), port, 3, reject_all=["ACPT0100"])
    assert process.stdout.readline() == "ready\n"
    assert [ask(port) for _ in range(3)] == [b""] * 3
    out, _ = process.communicate(timeout=20)
    assert out == "aborted\n" * 3
