"""The HTTP endpoint under clients that are slow, large, many or wrong."""

from __future__ import annotations

import http.client
import socket
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest

from simulators.xmlservice.server import Limits, serve


@pytest.fixture
def strict(host):
    limits = Limits(
        connections=2, wait_seconds=0.2, body=1000, request_seconds=0.5, idle_seconds=0.5
    )
    made = serve(host, limits=limits)
    yield made
    made.close()


CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


def talk(server, data: bytes) -> bytes:
    with socket.create_connection((server.address, server.port), timeout=5) as client:
        client.sendall(data)
        received = b""
        while chunk := client.recv(65536):
            received += chunk
        return received


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", b"411"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", b"411"),
        (CHUNKED + b"xyz\r\n", b"400"),
        (CHUNKED + b"3\r\nabcd\r\n0\r\n\r\n", b"400"),
        (CHUNKED + b"3;" + b"x" * 5000 + b"\r\n", b"400"),
        (CHUNKED + b"0\r\n" + b"A: b\r\n" * 101, b"400"),
        (CHUNKED + b"ffffffff\r\n", b"413"),
        (CHUNKED + b"200\r\n" + b"x" * 512 + b"\r\n200\r\n", b"413"),
        (CHUNKED + b"3\r\nab", b"408"),
        (b"POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\nshort", b"408"),
        (b"DELETE / HTTP/1.1\r\n\r\n", b"501"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET http://[::1?uid=a HTTP/1.0\r\n\r\n", b"200"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
    ],
)
def test_requests_that_cannot_be_served_are_refused(strict, request_text, status):
    assert status in talk(strict, request_text).split(b"\r\n")[0]


def test_a_client_that_asks_whether_to_go_on_is_told_before_it_sends(server):
    body = urlencode({"uid": "fred", "pwd": "secret", "ctl": "*here", "xmlin": "<sh>echo a</sh>"})
    head = f"POST / HTTP/1.1\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection((server.address, server.port), timeout=5) as client:
        client.sendall(head.encode())
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body.encode())
        assert b"<sh>\na\n</sh>" in client.recv(10_000)


def test_a_body_in_chunks_is_a_body(server):
    body = urlencode({"uid": "fred", "pwd": "secret", "ctl": "*here", "xmlin": "<sh>echo a</sh>"})
    client = http.client.HTTPConnection(server.address, server.port, timeout=10)
    for size in (1, 7, 1000):
        pieces = (body[at : at + size].encode() for at in range(0, len(body), size))
        client.request("POST", "/", pieces, {"Transfer-Encoding": "chunked"}, encode_chunked=True)
        assert client.getresponse().read() == b"<sh>\na\n</sh>\n"
    extended = b"%x;name=value\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (len(body), body.encode())
    client.request("POST", "/", extended, {"Transfer-Encoding": "Chunked"}, encode_chunked=False)
    assert client.getresponse().read() == b"<sh>\na\n</sh>\n"
    client.close()


def test_large_bodies_wait_for_a_place_among_few(host):
    limits = Limits(small=10, large_at_once=1, request_seconds=0.6)
    made = serve(host, limits=limits)
    fields = {"uid": "fred", "pwd": "secret", "ctl": "*here"}
    slow = urlencode({**fields, "xmlin": "<cmd>DLYJOB DLY(1.2)</cmd>"}).encode()
    holder = threading.Thread(target=lambda: urllib.request.urlopen(made.url, slow, timeout=5))
    holder.start()
    while "DLYJOB DLY(1.2)" not in host.commands:
        time.sleep(0.01)
    try:
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(made.url, slow, timeout=5)
        with urllib.request.urlopen(made.url, b"xmlin=<a/>", timeout=5) as answer:
            assert b"*NONE" in answer.read()
        holder.join(5)
        with urllib.request.urlopen(made.url, slow.replace(b"1.2", b"0.1"), timeout=5) as answer:
            assert b"success" in answer.read()
    finally:
        holder.join(5)
        made.close()


def test_an_internal_error_is_one_line_and_no_more(server, capfd, monkeypatch):
    def fail(*_: object) -> bytes:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(server.service, "answer", fail)
    fields = urlencode({"uid": "fred", "pwd": "secret", "xmlin": "<a/>"}).encode()
    answer = talk(server, b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(fields) + fields)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert answer.endswith(b"\r\n\r\nthe request could not be answered\n")
    assert capfd.readouterr() == ("", "")


def test_a_client_that_sends_byte_by_byte_is_cut_off(strict):
    with socket.create_connection((strict.address, strict.port), timeout=5) as client:
        begin = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT012
            while time.monotonic() - begin < 5:
                client.sendall(b"x")
                time.sleep(0.05)
                client.settimeout(0.01)
                try:
                    if client.recv(1) == b"":
                        raise ConnectionResetError
                except TimeoutError:
                    continue
        assert time.monotonic() - begin < 3


def test_more_connections_than_there_are_places_are_closed(strict):
    address = (strict.address, strict.port)
    held = [socket.create_connection(address, timeout=5) for _ in range(2)]
    time.sleep(0.1)
    with socket.create_connection(address, timeout=5) as third:
        assert third.recv(1) == b""
    for client in held:
        client.close()
    time.sleep(0.7)
    assert b"200" in talk(strict, b"GET /?a HTTP/1.0\r\n\r\n").split(b"\r\n")[0]


def test_one_more_client_waits_for_a_place(host):
    made = serve(host, limits=Limits(connections=1, wait_seconds=5))
    answers: list[bytes] = []

    def call() -> None:
        fields = {"uid": "fred", "pwd": "secret", "ctl": "*here"}
        body = urlencode({**fields, "xmlin": "<cmd>DLYJOB DLY(0.1)</cmd>"}).encode()
        with urllib.request.urlopen(made.url, body, timeout=10) as answer:
            answers.append(answer.read())

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    made.close()
    assert len([answer for answer in answers if b"success" in answer]) == 5
