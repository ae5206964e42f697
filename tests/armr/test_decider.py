"""ARMR rules as the decider of an exit program, and Python programs under it with real sockets."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from datetime import datetime

import pytest

from epm.addresses import parse_address
from epm.armr.attempts import RequestContext
from epm.armr.decider import ArmrDecider, ArmrDecision
from epm.armr.engine import SocketEngine
from epm.armr.model import TaintSource
from epm.errors import CallError
from epm.events import Job
from epm.model import Call, FailMode, Reason, Server, Verdict
from exitprograms.program import ExitProgram
from exitprograms.sinks import MemorySink
from simulators import inprocess_context as context
from simulators.inprocess import InProcess
from simulators.inprocess_names import MAX_ADDRESSES, MAX_NAMES, LookedUp
from tests.support.armr_text import policy

P, A = 'protect(message: "m")', "allow()"
LOCAL = parse_address("127.0.0.1")
REMOTE = parse_address("10.0.0.5")


def decider(*bodies, **options):
    return ArmrDecider(SocketEngine(policy(*bodies)), **options)


def connect(lclport=0):
    return Call(Server.CONNECT, lcladdr=LOCAL if lclport else 0, lclport=lclport,
                rmtaddr=REMOTE, rmtport=80)  # fmt: skip


def operations(decision):
    return [str(step.attempt.operation) for step in decision.steps]


BIND, CONNECT = 'bind(client: "127.0.0.1:0")', 'connect("10.0.0.5:80")'


def test_a_call_that_no_rule_matches_leaves_no_trace():
    decision = decider(f'connect("1.2.3.4:5") {P}').decide(connect())
    assert (decision.verdict, decision.reason) == (Verdict.ALLOW, Reason.NOT_ACTIVATED)
    assert not decision.is_logged


def test_a_connect_of_a_bound_socket_is_a_client_bind_first():
    both = decider(f"{BIND} allow()", f"{CONNECT} {P}")
    decision = both.decide(connect(40000))
    assert (decision.verdict, decision.rule.name) == (Verdict.REJECT, "r1")
    assert operations(decision) == ["bind-client", "connect"]
    assert operations(both.decide(connect())) == ["connect"]


def test_a_socket_that_was_never_bound_has_no_client_bind():
    rules = decider('bind(client: "0.0.0.0:0") protect()')
    assert rules.decide(connect()).allowed
    assert not rules.decide(connect(40000)).allowed


def test_a_blocked_client_bind_ends_the_matter():
    decision = decider(f"{BIND} {P}", f"{CONNECT} {A}").decide(connect(40000))
    assert (decision.verdict, operations(decision)) == (Verdict.REJECT, ["bind-client"])


def test_listen_is_the_server_bind_and_accept_is_about_the_peer():
    rules = decider(f'bind(server: "127.0.0.1:80") {P}', f'accept("10.0.0.5:0") {P}')
    listen = Call(Server.LISTEN, lcladdr=LOCAL, lclport=80)
    accept = Call(Server.ACCEPT, lcladdr=LOCAL, lclport=80, rmtaddr=REMOTE, rmtport=5)
    assert operations(rules.decide(listen)) == ["bind-server"]
    assert operations(rules.decide(accept)) == ["accept"]
    assert not rules.decide(accept).allowed


@pytest.mark.parametrize(
    ("action", "logged"),
    [(A, False), ('allow(message: "m")', True), ('detect(message: "m")', True)],
)
def test_an_allowed_call_is_journaled_where_it_leaves_an_event(action, logged):
    decision = decider(f"{CONNECT} {action}").decide(connect())
    assert isinstance(decision, ArmrDecision)
    assert (decision.allowed, decision.is_logged) == (True, logged)


def test_a_rejection_is_journaled_even_where_the_rule_is_silent():
    assert decider(f"{CONNECT} protect()").decide(connect()).is_logged


def test_the_request_and_the_stack_are_asked_for():
    here = RequestContext("/x", frozenset({TaintSource.HTTP}))
    body = f'{CONNECT} api("/x") input(http) protect(message: "", stacktrace: "full")'
    rules = decider(body, context=lambda: here, stack=lambda: "a\nb")
    decision = rules.decide(connect())
    assert decision.steps[0].attempt.context == here
    assert decision.steps[0].attempt.stacktrace == "a\nb"
    assert decider(body).decide(connect()).allowed
    plain = decider(f"{CONNECT} {P}", stack=lambda: pytest.fail("nobody logs it"))
    assert not plain.decide(connect()).allowed


def test_a_call_that_lacks_an_end_is_an_error_and_errors_close():
    rules = decider(f"{CONNECT} {A}")
    with pytest.raises(CallError, match="lacks an address or a port"):
        rules.decide(Call(Server.CONNECT, lcladdr=0, lclport=0))
    assert rules.fail is FailMode.CLOSED


# ---------------------------------------------------------------- the context of a request


def tainted(host, *values):
    with context.request("/x", untrusted={"http": values}), context.naming(host):
        return context.current().taint == {TaintSource.HTTP}


@pytest.mark.parametrize(
    ("host", "value", "expected"),
    [
        ("evil.example", "EVIL.example", True),
        ("evil.example", "http://evil.example:80/x", True),
        ("api.evil.example", "evil.example", True),
        ("10.0.0.5", "10.0.0.5", True),
        ("evil.example", "example.evil", False),
        ("good.example", "", False),
        ("good.example", "od", False),
        ("od", "od", True),
    ],
)
def test_a_connection_is_tainted_by_what_its_host_was_made_of(host, value, expected):
    assert tainted(host, value) is expected


def test_a_request_ends_with_its_block_and_inner_ones_hide_outer_ones():
    assert context.current() == RequestContext()
    with context.request("/a", taint=["http"]):
        with context.request("/b", taint=["database"]):
            assert context.current() == RequestContext("/b", frozenset({TaintSource.DATABASE}))
        assert context.current().endpoint == "/a"
    assert context.current() == RequestContext()


def test_threads_and_tasks_have_their_own_request():
    async def handle(path):
        with context.request(path):
            await asyncio.sleep(0.01)
            return context.current().endpoint

    async def both():
        return await asyncio.gather(handle("/a"), handle("/b"))

    assert asyncio.run(both()) == ["/a", "/b"]
    seen = []
    with context.request("/a"):
        thread = threading.Thread(target=lambda: seen.append(context.current().endpoint))
        thread.start()
        thread.join()
    assert seen == [None]


# -------------------------------------------------------------------- with real sockets


@pytest.fixture
def world():
    """Build exit points of this process over a policy; its log of events is a memory sink."""
    entered = []

    def build(*bodies):
        rules = decider(*bodies, context=context.current, stack=context.stack)
        sink = MemorySink()
        program = ExitProgram(lambda: rules, sink)
        job = Job("TEST", "TESTER", 1, "/bin/test", ())
        points = InProcess(program, sink, job=lambda: job, now=lambda: datetime(2026, 1, 1))
        entered.append(points.patched())
        entered[-1].__enter__()
        return sink

    yield build
    for each in entered:
        each.__exit__(None, None, None)


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def test_a_python_program_is_blocked_in_an_api_request_only(world, listener):
    sink = world(f'connect("127.0.0.1:{listener[1]}") api("/api/fetch") {P}')
    socket.create_connection(listener, 5).close()
    with context.request("/api/fetch"), pytest.raises(PermissionError):
        socket.create_connection(listener, 5)
    with context.request("/other"):
        socket.create_connection(listener, 5).close()
    (event,) = sink.decisions
    assert event.decision.rule.name == "r0"


def test_a_host_from_the_request_is_tainted_by_its_name(world, listener):
    sink = world('connect("0.0.0.0:0") input(http) protect(message: "", stacktrace: "full")')
    port = listener[1]
    local = context.request("/x", untrusted={"http": ["localhost"]})
    with local, socket.socket() as sock, pytest.raises(PermissionError):
        sock.connect(("localhost", port))
    with context.request("/x", untrusted={"http": ["example"]}), socket.socket() as sock:
        sock.connect(("127.0.0.1", port))
    (event,) = sink.decisions
    trace = event.decision.steps[0].attempt.stacktrace
    assert "test_a_host_from_the_request_is_tainted_by_its_name(test_decider.py:" in trace
    assert "exitprograms" not in trace


async def _open_connection(port):
    await asyncio.open_connection("localhost", port, family=socket.AF_INET)


@pytest.mark.parametrize(
    "connect",
    [
        lambda port: socket.create_connection(("localhost", port), 5),
        lambda port: http.client.HTTPConnection("LOCALHOST", port, timeout=5).connect(),
        lambda port: asyncio.run(_open_connection(port)),
    ],
    ids=["create_connection", "http.client", "asyncio"],
)
def test_a_name_that_was_looked_up_first_taints_its_address(world, listener, connect):
    sink = world(f'connect("0.0.0.0:0") input(http) {P}')
    port = listener[1]
    with context.request("/x", untrusted={"http": ["localhost"]}), pytest.raises(PermissionError):
        connect(port)
    with context.request("/x", untrusted={"http": ["example"]}):
        socket.create_connection(("localhost", port), 5).close()
    assert len(sink.decisions) == 1


def test_names_are_forgotten_when_there_are_too_many():
    known = LookedUp()
    for number in range(MAX_ADDRESSES + 1):
        known.note("a", [f"10.{number >> 8}.{number & 255}.1"])
    assert known.of("10.0.0.1") == ()
    for number in range(MAX_NAMES + 1):
        known.note(f"n{number}", ["10.9.9.9"])
    assert known.of("10.9.9.9") == tuple(f"n{n}" for n in range(1, MAX_NAMES + 1))


def test_binds_are_decided_when_their_purpose_is_known(world, listener):
    sink = world('bind(server: "127.0.0.1:0") protect()', 'bind(client: "127.0.0.1:0") protect()')
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        with pytest.raises(PermissionError):
            sock.listen()
        with pytest.raises(PermissionError):
            sock.connect(listener)
    socket.create_connection(listener, 5).close()
    assert [e.decision.rule.name for e in sink.decisions] == ["r0", "r1"]
