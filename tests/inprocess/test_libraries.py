"""Libraries that make their own sockets go through the in-process exit points unchanged."""

import asyncio
import errno
import http.client
import os
import socket
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from epm.model import Decision, Reason, RuleName, Server, Verdict
from exitprograms.program import ExitProgram
from exitprograms.sinks import MemorySink
from simulators.inprocess import InProcess
from simulators.inprocess_job import current_job


class Rules:
    revision = None

    def __init__(self):
        self.rejected = set()
        self.asked = []

    def decide(self, call):
        self.asked.append(call.server)
        verdict = Verdict.REJECT if call.server in self.rejected else Verdict.ALLOW
        rule = RuleName(99999, None)
        return Decision(call.server, verdict, Reason.DEFAULT, rule, False, False, False)


@pytest.fixture
def rules():
    return Rules()


@pytest.fixture
def sink(rules):
    sink = MemorySink()
    with InProcess(ExitProgram(lambda: rules, sink), sink).patched():
        yield sink


class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args):
        pass


@pytest.fixture
def web(rules, sink):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_address
    # As on IBM i, an accept() whose peer was dropped waits on, even where select() had promised
    # a connection; so one more is made, for the server to see that it is to end.
    rules.rejected = set()
    with socket.create_connection(server.server_address):
        server.shutdown()
    thread.join()
    server.server_close()


def test_http_server_and_urllib_go_through(rules, sink, web):
    with urllib.request.urlopen(f"http://127.0.0.1:{web[1]}/", timeout=5) as answer:
        assert answer.read() == b"hello"
    assert rules.asked == [Server.LISTEN, Server.CONNECT, Server.ACCEPT]
    assert sorted(e.type for e in sink.sockets) == ["A", "C"]


def test_urllib_reports_the_rejection(rules, web):
    rules.rejected = {Server.CONNECT}
    with pytest.raises(urllib.error.URLError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{web[1]}/", timeout=5)
    assert caught.value.reason.errno == errno.EPERM


def test_http_client_is_dropped_by_a_server_whose_accept_is_rejected(rules, web):
    rules.rejected = {Server.ACCEPT}
    client = http.client.HTTPConnection(*web, timeout=5)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        _get(client)
    client.close()


def _get(client):
    client.request("GET", "/")
    return client.getresponse()


async def echo(reader, writer):
    writer.write(await reader.read(100))
    await writer.drain()
    writer.close()


async def talk(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"ping")
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


def test_asyncio_streams_go_through_with_one_entry_each(rules, sink):
    async def main():
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            return await talk(server.sockets[0].getsockname()[1])

    assert asyncio.run(main()) == b"ping"
    assert sorted(rules.asked) == sorted([Server.LISTEN, Server.CONNECT, Server.ACCEPT])
    assert sorted(e.type for e in sink.sockets) == ["A", "C"]


def test_asyncio_connect_reports_the_rejection(rules, sink):
    async def main():
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        rules.rejected = {Server.CONNECT}
        async with server:
            await talk(server.sockets[0].getsockname()[1])

    with pytest.raises(PermissionError) as caught:
        asyncio.run(main())
    assert caught.value.errno == errno.EPERM
    assert not sink.sockets


def test_asyncio_listen_reports_the_rejection(rules, sink):
    rules.rejected = {Server.LISTEN}
    with socket.socket() as own:  # asyncio does not close the socket whose listen() failed
        own.bind(("127.0.0.1", 0))
        with pytest.raises(PermissionError):
            asyncio.run(_serve(own))


async def _serve(sock):
    await asyncio.start_server(echo, sock=sock)


def test_asyncio_serves_on_after_a_rejected_peer(rules, sink):
    async def main():
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            rules.rejected = {Server.ACCEPT}
            try:
                dropped = await talk(port)
            except OSError:  # reset in the middle of a word
                dropped = b""
            rules.rejected = set()
            return dropped, await talk(port)

    assert asyncio.run(main()) == (b"", b"ping")
    assert [e.type for e in sink.sockets].count("A") == 1


# ------------------------------------------------------------------------ who this process is


def test_the_job_is_this_process(sink):
    job = current_job()
    assert job.number == os.getpid()
    assert Path(job.program).is_file()
    assert job.name
    assert job.user


@pytest.mark.skipif(not hasattr(os, "getgrouplist"), reason="needs POSIX users")
def test_the_user_is_the_effective_one_and_its_groups_are_known():
    import pwd

    job = current_job()
    assert job.user == pwd.getpwuid(os.geteuid()).pw_name
    assert job.groups
    assert current_job() is job
