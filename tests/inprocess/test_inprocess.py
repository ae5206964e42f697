"""In-process exit points, with real sockets on loopback."""

import errno
import os
import socket
import ssl
import threading
import time
from datetime import datetime

import pytest

from epm.addresses import parse_address
from epm.errors import JournalError, SettingsError
from epm.events import Endpoint, Job, SocketEventType
from epm.model import Decision, FailMode, Reason, RuleName, Server, Verdict
from exitprograms.program import ExitProgram
from exitprograms.sinks import MemorySink
from simulators import inprocess_raw
from simulators.inprocess import SO_ACCEPTEPERM, InProcess

JOB = Job("TESTJOB", "TESTER", 4711, "/bin/test", ("STAFF",))
AT = datetime(2026, 11, 21, 10, 0)
LOOPBACK = parse_address("127.0.0.1")
TIMEOUT = 5


class Rules:
    """A decider that rejects what ``rejects`` says, and keeps every call."""

    revision = None

    def __init__(self):
        self.rejects = lambda call: False
        self.calls = []

    def decide(self, call):
        self.calls.append(call)
        verdict = Verdict.REJECT if self.rejects(call) else Verdict.ALLOW
        return Decision(
            call.server, verdict, Reason.DEFAULT, RuleName(99999, None), False, False, False
        )

    def of(self, server):
        return [c for c in self.calls if c.server is server]


class World:
    """In-process exit points with their rules and what they recorded."""

    def __init__(self, **options):
        self.rules = Rules()
        self.sink = MemorySink()
        self.warned = []
        self.program = ExitProgram(
            lambda: self.rules, self.sink, warn=self.warned.append, **options
        )
        self.points = InProcess(self.program, self.sink, job=lambda: JOB, now=lambda: AT)

    def reject(self, *servers):
        self.rules.rejects = lambda call: call.server in servers

    @property
    def entries(self):
        return [event.type for event in self.sink.sockets]

    def of(self, kind):
        return [event for event in self.sink.sockets if event.type is kind]


@pytest.fixture
def world():
    world = World()
    with world.points.patched():
        yield world


@pytest.fixture
def listener(world):
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.settimeout(TIMEOUT)
        yield sock


@pytest.fixture
def outside():
    """Make a client socket that no exit point judges, as a peer elsewhere would be."""
    made = []

    def connect(address, **options):
        client = socket.socket(**options)
        client.settimeout(TIMEOUT)
        inprocess_raw.CONNECT(client, address)
        made.append(client)
        return client

    yield connect
    for client in made:
        inprocess_raw.CLOSE(client)


def here(sock):
    address, port = sock.getsockname()[:2]
    return Endpoint(parse_address(address), port)


# ------------------------------------------------------------------------------- listen()


def test_listen_asks_with_the_bound_address_and_the_backlog(world):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(7)
        (call,) = world.rules.calls
        assert (call.server, call.backlog) == (Server.LISTEN, 7)
        assert Endpoint(call.lcladdr, call.lclport) == here(sock)


def test_the_job_and_the_time_of_the_call_are_the_processes(world):
    with socket.socket() as sock:
        sock.listen()
    (call,) = world.rules.calls
    assert (call.job, call.user, call.pgm, call.groups, call.at) == (
        "TESTJOB",
        "TESTER",
        "/bin/test",
        ("STAFF",),
        AT,
    )


def test_a_rejected_listen_fails_with_eperm_and_does_not_listen(world):
    world.reject(Server.LISTEN)
    with socket.socket() as sock, socket.socket() as client:
        sock.bind(("127.0.0.1", 0))
        with pytest.raises(PermissionError) as caught:
            sock.listen()
        assert caught.value.errno == errno.EPERM
        assert client.connect_ex(sock.getsockname()) == errno.ECONNREFUSED


def test_an_unbound_listener_is_the_unspecified_address_and_port_0(world):
    with socket.socket() as sock:
        sock.listen()
    (call,) = world.rules.calls
    assert (call.lcladdr, call.lclport) == (0, 0)


def test_a_backlog_that_is_no_c_int_fails_as_ever(world):
    with socket.socket() as sock, pytest.raises(OverflowError):
        sock.listen(1 << 40)


def test_a_port_in_use_leaves_a_p_entry_and_asks_nobody(world, listener):
    asked = len(world.rules.calls)
    with socket.socket() as sock, pytest.raises(OSError) as caught:
        sock.bind(listener.getsockname())
    assert caught.value.errno == errno.EADDRINUSE
    (event,) = world.sink.sockets
    assert (event.type, event.local, event.remote) == (
        SocketEventType.PORT_UNAVAILABLE,
        here(listener),
        None,
    )
    assert len(world.rules.calls) == asked


# ------------------------------------------------------------------------------- accept()


def test_an_allowed_accept_asks_with_all_three_ends_and_leaves_an_a_entry(world, outside):
    with socket.create_server(("0.0.0.0", 0)) as server:
        client = outside(("127.0.0.1", server.getsockname()[1]))
        connection, address = server.accept()
        with connection:
            (call,) = world.rules.of(Server.ACCEPT)
            assert Endpoint(call.bndaddr, call.bndport) == here(server)
            assert Endpoint(call.lcladdr, call.lclport) == here(connection)
            assert Endpoint(call.rmtaddr, call.rmtport) == here(client)
            assert address == client.getsockname()
            (event,) = world.of(SocketEventType.ACCEPT)
            assert (event.job, event.local, event.remote, event.descriptor) == (
                JOB,
                here(connection),
                here(client),
                connection.fileno(),
            )


def test_a_rejected_peer_is_dropped_silently_and_the_next_is_taken(world, listener, outside):
    bad, good = outside(listener.getsockname()), outside(listener.getsockname())
    world.rules.rejects = lambda call: call.rmtport == bad.getsockname()[1]
    connection, address = listener.accept()
    with connection:
        assert address == good.getsockname()
        assert len(world.rules.of(Server.ACCEPT)) == 2
        assert world.entries == [SocketEventType.ACCEPT]
        assert bad.recv(1) == b""
        connection.sendall(b"x")
        assert good.recv(1) == b"x"


def test_accept_waits_for_the_next_connection_after_a_rejection(world, listener, outside):
    bad = outside(listener.getsockname())
    world.rules.rejects = lambda call: call.rmtport == bad.getsockname()[1]
    taken = []
    listener.settimeout(None)
    thread = threading.Thread(target=lambda: taken.append(listener.accept()))
    thread.start()
    assert bad.recv(1) == b""  # dropped: the thread waits by now
    good = outside(listener.getsockname())
    thread.join(TIMEOUT)
    ((connection, address),) = taken
    connection.close()
    assert address == good.getsockname()


def test_with_so_accepteperm_a_rejected_accept_fails_with_eperm(world, listener, outside):
    listener.setsockopt(socket.SOL_SOCKET, SO_ACCEPTEPERM, 1)
    assert listener.getsockopt(socket.SOL_SOCKET, SO_ACCEPTEPERM) == 1
    world.reject(Server.ACCEPT)
    client = outside(listener.getsockname())
    with pytest.raises(PermissionError) as caught:
        listener.accept()
    assert caught.value.errno == errno.EPERM
    assert client.recv(1) == b""


def test_so_accepteperm_can_be_taken_back(world, listener):
    listener.setsockopt(socket.SOL_SOCKET, SO_ACCEPTEPERM, 1)
    listener.setsockopt(socket.SOL_SOCKET, SO_ACCEPTEPERM, 0)
    assert listener.getsockopt(socket.SOL_SOCKET, SO_ACCEPTEPERM) == 0


def test_other_options_reach_the_operating_system(world):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        assert inprocess_raw.GETSOCKOPT(sock, socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\0" * 8)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == b"\0" * 8


def test_the_time_out_of_accept_is_that_of_the_whole_call(world, listener, outside):
    world.reject(Server.ACCEPT)
    listener.settimeout(0.3)
    stop = threading.Event()

    def knock():
        while not stop.is_set():
            outside(listener.getsockname())
            time.sleep(0.1)

    thread = threading.Thread(target=knock)
    thread.start()
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        listener.accept()
    took = time.monotonic() - begun
    stop.set()
    thread.join()
    assert 0.25 < took < 20  # a time-out begun anew with each peer would never come


def test_a_non_blocking_accept_with_only_rejected_peers_would_block(world, listener, outside):
    world.reject(Server.ACCEPT)
    outside(listener.getsockname())
    listener.setblocking(False)
    assert inprocess_raw.is_readable(listener, TIMEOUT)
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert len(world.rules.of(Server.ACCEPT)) == 1
    assert not world.of(SocketEventType.ACCEPT)


def test_an_ipv4_peer_of_a_dual_stack_listener_is_seen_as_ipv4(world, outside):
    if not socket.has_dualstack_ipv6():
        pytest.skip("no dual-stack sockets here")
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        outside(("127.0.0.1", server.getsockname()[1]))
        server.accept()[0].close()
    (call,) = world.rules.of(Server.ACCEPT)
    assert (call.lcladdr, call.rmtaddr) == (LOOPBACK, LOOPBACK)


# ------------------------------------------------------------------------------ connect()


def test_an_allowed_connect_asks_before_and_leaves_a_c_entry_after(world, listener):
    with socket.create_connection(listener.getsockname(), TIMEOUT) as client:
        (call,) = world.rules.of(Server.CONNECT)
        assert (call.lcladdr, call.lclport) == (0, 0)
        assert Endpoint(call.rmtaddr, call.rmtport) == here(listener)
        (event,) = world.of(SocketEventType.CONNECT)
        assert (event.local, event.remote, event.descriptor) == (
            here(client),
            here(listener),
            client.fileno(),
        )


def test_a_bound_client_is_seen_with_its_local_end(world, listener):
    with socket.socket() as client:
        client.bind(("127.0.0.1", 0))
        local = here(client)
        client.connect(listener.getsockname())
    (call,) = world.rules.of(Server.CONNECT)
    assert Endpoint(call.lcladdr, call.lclport) == local


def test_a_rejected_connect_fails_with_eperm_and_nobody_sees_it(world, listener):
    world.reject(Server.CONNECT)
    with socket.socket() as client:
        with pytest.raises(PermissionError) as caught:
            client.connect(listener.getsockname())
        assert caught.value.errno == errno.EPERM
        assert client.connect_ex(listener.getsockname()) == errno.EPERM
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        inprocess_raw.ACCEPT(listener)
    assert world.entries == []


def test_a_refused_connect_leaves_no_entry_and_is_asked_again(world, listener):
    address = listener.getsockname()
    listener.close()
    with socket.socket() as client:
        assert client.connect_ex(address) == errno.ECONNREFUSED
        with pytest.raises(ConnectionRefusedError):
            client.connect(address)
    assert len(world.rules.of(Server.CONNECT)) == 2
    assert world.entries == []


def test_a_name_is_resolved_once_and_what_was_judged_is_what_is_connected_to(
    world, listener, monkeypatch
):
    port = listener.getsockname()[1]
    answers = [
        [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))],
        [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", port))],
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answers.pop(0))
    with socket.socket() as client:
        client.connect(("rebinding.example", port))
        assert client.getpeername() == ("127.0.0.1", port)
    (call,) = world.rules.of(Server.CONNECT)
    assert call.rmtaddr == LOOPBACK
    assert len(answers) == 1


@pytest.mark.parametrize("host", ["localhost", "127.1", b"127.0.0.1", ""])
def test_every_form_of_host_that_python_takes_is_judged_as_a_number(world, listener, host):
    with socket.socket() as client:
        client.connect((host, listener.getsockname()[1]))
        (call,) = world.rules.of(Server.CONNECT)
        assert call.rmtaddr in (LOOPBACK, 0)
        assert world.entries == [SocketEventType.CONNECT]


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("127.0.0.1", TypeError),
        (("127.0.0.1",), TypeError),
        (("127.0.0.1", "22"), TypeError),
        (("127.0.0.1", 22, 0, 0), TypeError),
        (("127.0.0.1", 65536), OverflowError),
        (("127.0.0.1", -1), OverflowError),
        (("no.such.host.invalid", 22), OSError),
    ],
)
def test_a_malformed_address_fails_and_nobody_is_asked(world, address, error):
    with socket.socket() as client, pytest.raises(error):
        client.connect(address)
    assert world.rules.calls == []


def test_ipv6_goes_through_too(world):
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with server, socket.create_connection(server.getsockname()[:2], TIMEOUT):
        server.accept()[0].close()
    assert {c.rmtaddr for c in world.rules.calls if c.rmtaddr is not None} == {parse_address("::1")}
    assert sorted(world.entries) == ["A", "C"]


# ----------------------------------------------------------------------- non-blocking connect


def poll_until_writable(sock):
    while inprocess_raw.is_undecided(sock):
        time.sleep(0.001)


def begin(listener):
    """Begin a non-blocking connect that is not seen established yet: loopback is too quick."""
    client = socket.socket()
    client.setblocking(False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inprocess_raw, "GETPEERNAME", _not_yet)
        with pytest.raises(BlockingIOError):
            client.connect(("127.0.0.1", listener.getsockname()[1]))
    return client


def _not_yet(sock):
    raise OSError(errno.ENOTCONN, "not yet")


def test_the_c_entry_of_a_non_blocking_connect_comes_with_so_error_and_once(world, listener):
    with begin(listener) as client:
        poll_until_writable(client)
        assert world.entries == []
        assert client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        assert world.entries == [SocketEventType.CONNECT]
        client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    assert world.entries == [SocketEventType.CONNECT]


@pytest.mark.parametrize(
    "learn",
    [
        lambda client, address: client.connect_ex(address),
        lambda client, address: client.getpeername(),
        lambda client, address: client.close(),
        lambda client, address: os.close(client.detach()),
    ],
    ids=["connect_ex", "getpeername", "close", "detach"],
)
def test_the_c_entry_comes_however_the_program_learns_of_it(world, listener, learn):
    with begin(listener) as client:
        poll_until_writable(client)
        learn(client, listener.getsockname())
    assert world.entries == [SocketEventType.CONNECT]


def test_polling_with_connect_ex_asks_once(world, listener):
    with socket.socket() as client:
        client.setblocking(False)
        while client.connect_ex(listener.getsockname()) not in (0, errno.EISCONN):
            time.sleep(0.001)
        assert len(world.rules.of(Server.CONNECT)) == 1
        assert world.entries == [SocketEventType.CONNECT]


def test_asking_again_while_under_way_is_not_a_new_call(world, listener, monkeypatch):
    with begin(listener) as client:
        monkeypatch.setattr(inprocess_raw, "GETPEERNAME", _not_yet)
        monkeypatch.setattr(inprocess_raw, "is_undecided", lambda sock: True)
        client.connect_ex(listener.getsockname())
        assert len(world.rules.of(Server.CONNECT)) == 1
        client.connect_ex(("127.0.0.1", 1))
        assert len(world.rules.of(Server.CONNECT)) == 2
        monkeypatch.undo()


def test_a_connected_socket_that_connects_again_is_not_asked_and_leaves_no_second_entry(
    world, listener
):
    with socket.create_connection(listener.getsockname()) as client:
        assert client.connect_ex(listener.getsockname()) == errno.EISCONN
    assert len(world.rules.of(Server.CONNECT)) == 1
    assert world.entries == [SocketEventType.CONNECT]


def test_a_non_blocking_connect_that_is_refused_leaves_no_entry(world, listener):
    address = listener.getsockname()
    listener.close()
    with socket.socket() as client:
        client.setblocking(False)
        client.connect_ex(address)
        poll_until_writable(client)
        code = client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    assert code in (0, errno.ECONNREFUSED)  # 0 where connect_ex() gave it already
    assert world.entries == []


def test_a_rejected_non_blocking_connect_fails_at_once_with_eperm(world, listener):
    world.reject(Server.CONNECT)
    with socket.socket() as client:
        client.setblocking(False)
        assert client.connect_ex(listener.getsockname()) == errno.EPERM


# ------------------------------------------------------------------------- what passes by


def test_udp_and_unix_sockets_are_not_asked_about(world, tmp_path):
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.connect(("127.0.0.1", 9))
    if hasattr(socket, "AF_UNIX"):
        path = str(tmp_path / "s")
        with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
            server.bind(path)
            server.listen()
            client.connect(path)
            server.accept()[0].close()
    assert world.rules.calls == []
    assert world.entries == []


def test_an_exit_program_that_uses_sockets_itself_is_not_asked_about_itself(world, listener):
    def decide(call):
        with socket.create_connection(listener.getsockname(), TIMEOUT):
            return False

    world.rules.rejects = decide
    with socket.create_connection(listener.getsockname(), TIMEOUT):
        pass
    assert len(world.rules.of(Server.CONNECT)) == 1
    assert world.entries == [SocketEventType.CONNECT]


# --------------------------------------------------------------------------- indicators


class Answers:
    """An exit program of somebody else: always the same indicator."""

    def __init__(self, indicator):
        self.indicator = indicator
        self.asked = 0

    def run(self, format_name, block, job, at):
        self.asked += 1
        return self.indicator

    def goes_on_unrecorded(self, error, what):
        return False


def connects(indicator, listener, times=3):
    program = Answers(indicator)
    points = InProcess(program, MemorySink(), job=lambda: JOB, now=lambda: AT)
    codes = []
    for _ in range(times):
        with points.socket_class() as client:
            codes.append(client.connect_ex(listener.getsockname()))
    return codes, program.asked


def test_9_allows_and_is_not_asked_again_for_this_process(listener):
    assert connects("9", listener) == ([0, 0, 0], 1)


def test_any_other_indicator_rejects(listener):
    assert connects("2", listener) == ([errno.EPERM] * 3, 3)


# ------------------------------------------------------------------------------- failures


def test_a_connect_that_times_out_may_still_be_established_later(world, listener):
    with socket.socket() as client:
        client.settimeout(1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(inprocess_raw, "GETPEERNAME", _not_yet)
            with pytest.raises(TimeoutError):
                world.points.connect(client, listener.getsockname(), _times_out)
        client.setblocking(False)
        inprocess_raw.CONNECT_EX(client, listener.getsockname())
        poll_until_writable(client)
        assert client.getpeername() == listener.getsockname()
    assert world.entries == [SocketEventType.CONNECT]


def _is_quick(sock, address):
    """A non-blocking connect that is established before it has said that it is under way."""
    inprocess_raw.CONNECT(sock, address)
    raise BlockingIOError(errno.EINPROGRESS, "under way")


def _times_out(sock, address):
    raise TimeoutError("timed out")


def test_an_a_entry_that_cannot_be_recorded_drops_the_connection_when_closed(outside):
    world = World()
    with world.points.patched(), socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        world.sink.socket_event = _fails
        client = outside(server.getsockname())
        with pytest.raises(TimeoutError):
            server.accept()
        assert client.recv(1) == b""
    assert "disk full" in world.warned[0]


def test_a_c_entry_that_cannot_be_recorded_fails_with_eperm_when_closed(outside):
    world = World()
    with world.points.patched(), socket.create_server(("127.0.0.1", 0)) as server:
        world.sink.socket_event = _fails
        with socket.socket() as client:
            assert client.connect_ex(server.getsockname()) == errno.EPERM
            with pytest.raises(OSError):
                client.sendall(b"x")
        with socket.socket() as client, pytest.raises(PermissionError):
            world.points.connect(client, server.getsockname(), _is_quick)
        with begin(server) as client:
            poll_until_writable(client)
            assert client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.EPERM


@pytest.mark.parametrize("options", [{"fail": FailMode.OPEN}, {"log_only": True}])
def test_an_entry_that_cannot_be_recorded_is_told_when_open_or_log_only(options, outside):
    world = World(**options)
    with world.points.patched(), socket.create_server(("127.0.0.1", 0)) as server:
        world.sink.socket_event = _fails
        with socket.create_connection(server.getsockname(), TIMEOUT):
            server.accept()[0].close()
    assert len(world.warned) == 2


def _fails(event):
    raise JournalError("disk full")


def test_an_exception_in_the_rules_rejects(world):
    def broken(call):
        raise ZeroDivisionError

    world.rules.rejects = broken
    with socket.socket() as sock, pytest.raises(PermissionError):
        sock.listen()


# ----------------------------------------------------------------------------- the patch


def test_leaving_restores_socket_exactly():
    before, looking_up = dict(vars(socket.socket)), socket.getaddrinfo
    with World().points.patched():
        assert vars(socket.socket) != before
        assert socket.getaddrinfo is not looking_up
    assert dict(vars(socket.socket)) == before
    assert socket.getaddrinfo is looking_up


def test_an_error_inside_restores_socket_too():
    before = dict(vars(socket.socket))
    with pytest.raises(ZeroDivisionError), World().points.patched():
        raise ZeroDivisionError
    assert dict(vars(socket.socket)) == before


def test_only_one_patch_at_a_time(world):
    with pytest.raises(SettingsError, match="already"), World().points.patched():
        pass


def test_sockets_made_before_go_through_and_after_it_no_more():
    world = World()
    with socket.socket() as sock:
        with world.points.patched():
            sock.listen()
        sock.listen()
    assert len(world.rules.calls) == 1


def test_the_subclass_goes_through_without_a_patch_and_only_once_with_it():
    world, other = World(), World()
    with world.points.socket_class() as sock, other.points.patched():
        sock.listen()
    assert len(world.rules.calls) == 1
    assert other.rules.calls == []
    with socket.socket() as plain:
        plain.listen()
    assert len(world.rules.calls) == 1


def test_tls_listeners_go_through_before_the_handshake(world, outside):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with (
        socket.create_server(("127.0.0.1", 0)) as plain,
        context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) as server,
    ):
        server.settimeout(TIMEOUT)
        bad, good = outside(server.getsockname()), outside(server.getsockname())
        world.rules.rejects = lambda call: call.rmtport == bad.getsockname()[1]
        connection, address = server.accept()
        connection.close()
    assert address == good.getsockname()
    assert world.entries == [SocketEventType.ACCEPT]


def test_many_threads_are_judged_each_for_itself(world, listener):
    world.rules.rejects = lambda call: call.server is Server.CONNECT and call.lclport % 2 == 1
    listener.listen(64)
    results = []

    def client():
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            odd = sock.getsockname()[1] % 2
            results.append((odd, sock.connect_ex(listener.getsockname())))

    threads = [threading.Thread(target=client) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 32
    assert all(code == (errno.EPERM if odd else 0) for odd, code in results)
    assert len(world.of(SocketEventType.CONNECT)) == sum(not odd for odd, _ in results)
