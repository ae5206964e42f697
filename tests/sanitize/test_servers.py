"""Real applications under real servers, attacked and used over HTTP on loopback."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.real import unavailable

pytestmark = pytest.mark.real
ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent / "served"

#: name: (packages, command without the socket)
SERVED = {
    "starlette-uvicorn": (("starlette", "uvicorn"), "uvicorn", "apps:starlette"),
    "django-uvicorn": (("django", "uvicorn"), "uvicorn", "apps:django_asgi"),
    "flask-gunicorn": (("flask", "gunicorn"), "gunicorn", "apps:flask()"),
    "django-gunicorn": (("django", "gunicorn"), "gunicorn", "apps:django_wsgi()"),
}


@dataclass(frozen=True)
class Server:
    port: int
    log: Path

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def ask(self, path: str, body=None, kind: str = "", method: str = "", **headers: str):
        connection = self.connect()
        if kind:
            headers["Content-Type"] = kind
        connection.request(
            method or ("GET" if body is None else "POST"), path, body, headers,
            encode_chunked=headers.get("Transfer-Encoding") == "chunked",
        )  # fmt: skip
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        return answer.status, json.loads(said) if answer.status == 200 else said

    def lines(self) -> list[str]:
        return self.log.read_text("utf-8").splitlines() if self.log.exists() else []


def _command(kind: str, app: str, descriptor: int) -> list[str]:
    if kind == "uvicorn":
        return [sys.executable, "-m", "uvicorn", "--factory", app, "--fd", str(descriptor),
                "--log-level", "warning", "--lifespan", "off"]  # fmt: skip
    return [sys.executable, "-m", "gunicorn", app, "--bind", f"fd://{descriptor}",
            "--workers", "1", "--threads", "2", "--log-level", "warning", "--graceful-timeout", "1",
            "--no-control-socket"]  # fmt: skip


def _started(name: str, log: Path, **environment: str) -> Iterator[Server]:
    packages, kind, app = SERVED[name]
    missing = [p for p in packages if importlib.util.find_spec(p) is None]
    if missing:
        unavailable(f"not installed: {missing}")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = subprocess.Popen(
            _command(kind, app, listener.fileno()), pass_fds=[listener.fileno()], cwd=FOLDER,
            env={**os.environ, "PYTHONPATH": str(ROOT), "EPM_TEST_LOG": str(log), **environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        server = Server(listener.getsockname()[1], log)
        try:
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _wait(server: Server, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended: {process.communicate()[0][-2000:]}")
        try:
            if server.ask("/free")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("the server did not answer in 30 seconds")


@pytest.fixture(scope="module", params=SERVED)
def server(request, tmp_path_factory) -> Iterator[Server]:
    yield from _started(request.param, tmp_path_factory.mktemp("served") / "events")


FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def multipart(value: str, filename: str) -> bytes:
    return (
        '--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + value
        + f'\r\n--XX\r\nContent-Disposition: form-data; name="f"; filename="{filename}"\r\n'
        + "Content-Type: text/plain\r\n\r\n<script>\r\n--XX--\r\n"
    ).encode()  # fmt: skip


MULTIPART = "multipart/form-data; boundary=XX"


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/echo?a=%27+or+1%3D1--", None, ""),
        ("/echo", b"a=1&b=%3Cscript%3E", FORM),
        ("/echo", b'{"a": {"b": ["../../etc/passwd"]}}', JSON),
        ("/echo", b"<a><b>' union select 1,2--</b></a>", "text/xml"),
        ("/echo", multipart("<script>", "x.txt"), MULTIPART),
        ("/echo", multipart("x", "../../etc/passwd"), MULTIPART),
        ("/echo", b"<script>", "text/plain"),
    ],
)
def test_an_attack_is_refused(server: Server, path: str, body: bytes | None, kind: str) -> None:
    before = len(server.lines())
    assert server.ask(path, body, kind) == (403, b"403 Forbidden\n")
    (line,) = server.lines()[before:]
    assert "act=protect" in line
    assert f"remoteIpAddress=127.0.0.1 localIpAddress=127.0.0.1 localPort={server.port}" in line


def test_an_honest_request_is_served_as_it_was_sent(server: Server) -> None:
    status, said = server.ask("/echo?q=O%27Brien+%26+S%C3%B6hne", b'{"a": "x", "n": 1.5}', JSON)
    assert status == 200
    assert said["json"] == {"a": "x", "n": 1.5}
    assert said["query"] == {"q": "O'Brien & Söhne"}
    assert server.ask("/echo", b"a=1&b=O%27Brien", FORM)[1]["form"] == {"a": "1", "b": "O'Brien"}
    assert server.ask("/echo", multipart("x", "x.txt"), MULTIPART)[1]["form"] == {
        "a": "x",
        "f": "x.txt",
    }


def test_detect_serves_and_logs(server: Server) -> None:
    before = len(server.lines())
    status, said = server.ask("/watched", b'{"a": "<script>"}', JSON)
    assert (status, said["json"]) == (200, {"a": "<script>"})
    assert ["act=detect" in line for line in server.lines()[before:]] == [True]


def test_a_path_without_rule_is_left_alone(server: Server) -> None:
    before = len(server.lines())
    assert server.ask("/free", b"<script>", "text/plain")[1]["body"] == "<script>"
    assert server.lines()[before:] == []


def test_a_chunked_body_is_judged_and_replayed(server: Server) -> None:
    chunked = {"Transfer-Encoding": "chunked"}
    attack = iter([b'{"a": "<scr', b'ipt>"}'])
    assert server.ask("/echo", attack, JSON, "POST", **chunked)[0] == 403
    honest = iter([b'{"a": "he', b'llo"}'])
    status, said = server.ask("/echo", honest, JSON, "POST", **chunked)
    assert (status, said["json"]) == (200, {"a": "hello"})


def test_a_large_body_reaches_the_application_whole(server: Server) -> None:
    data = b"hello " * 100_000  # beyond the limit of these applications' settings
    status, said = server.ask("/echo", data, "text/plain")
    assert (status, said["size"]) == (200, len(data))


def test_many_requests_on_one_connection_are_kept_apart(server: Server) -> None:
    connection = server.connect()
    seen = []
    for number in range(20):
        attack = number % 3 == 0
        connection.request(
            "POST", "/echo", json.dumps({"a": "<script>" if attack else str(number)}),
            {"Content-Type": JSON},
        )  # fmt: skip
        answer = connection.getresponse()
        said = answer.read()
        seen.append((answer.status, None if attack else json.loads(said)["json"]["a"]))
    connection.close()
    assert seen == [(403, None) if n % 3 == 0 else (200, str(n)) for n in range(20)]


def test_a_client_that_sends_half_a_body_and_leaves_disturbs_nothing(server: Server) -> None:
    before = len(server.lines())
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as half:
        half.sendall(
            b"POST /watched HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b'Content-Length: 100\r\n\r\n{"a": "<script>"'
        )
    assert server.ask("/echo", b'{"a": "x"}', JSON)[0] == 200
    assert server.lines()[before:] == []


def test_deep_json_and_entity_bombs_are_served_by_the_rule_not_by_an_error(server: Server) -> None:
    assert server.ask("/echo", b"[" * 10_000, "application/x+json")[0] == 200
    bomb = b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'
    assert server.ask("/echo", bomb, "text/xml")[0] == 200


def test_null_instead_of_refusal(tmp_path: Path) -> None:
    for name in ("starlette-uvicorn", "flask-gunicorn"):
        servers = _started(name, tmp_path / name, EPM_TEST_ON_BLOCK="null")
        server = next(servers)
        status, said = server.ask("/echo?x=%3Cscript%3E&y=1", b'{"a": "<script>", "b": 2}', JSON)
        assert (status, said["json"], said["query"]) == (200, {"a": None, "b": 2}, {"y": "1"})
        servers.close()
