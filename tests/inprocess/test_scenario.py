"""Socket scenarios: the life cycle of listen, accept and connect, step by step."""

import json
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.engine import Engine
from epm.errors import CallError, EpmError, JournalError
from epm.evaluate import Mode
from epm.events import SocketEventType
from epm.model import FailMode, RuleSet
from epm.rulefile.load import load_rules
from exitprograms.program import ExitProgram
from exitprograms.sinks import MemorySink
from simulators.scenario import SHIPPED_RULES, SHIPPED_SCRIPT
from simulators.scenario_run import Errno, Outcome, format_step, run_scenario

RULES = load_rules(SHIPPED_RULES, "shipped").ruleset
GOLDEN = Path(__file__).parents[1] / "data" / "scenario" / "default.txt"
SSHD = {"job": "SSHD", "user": "QTCP"}
LISTEN = {"listen": "0.0.0.0:22", "by": "SSHD", "as": "ssh"}
HERE = "192.168.1.10:22"


class World:
    """A scenario's exit program, with the shipped rules unless told otherwise."""

    def __init__(self, rules=RULES, **options):
        engine = Engine(rules, Mode.LIVE)
        self.sink = MemorySink()
        self.warned = []
        self.program = ExitProgram(lambda: engine, self.sink, warn=self.warned.append, **options)

    def run(self, *script):
        seconds = count()
        clock = lambda: datetime(2026, 11, 21, 10) + timedelta(seconds=next(seconds))  # noqa: E731
        return list(run_scenario(script, self.program, self.sink, clock))

    def last(self, *script):
        return self.run(*script)[-1]

    @property
    def entries(self):
        return "".join(event.type for event in self.sink.sockets)


@pytest.fixture
def world():
    return World()


def notes(result):
    return [t for t in result.talk if isinstance(t, str)]


def answers(result):
    return [(t.program, t.indicator) for t in result.talk if hasattr(t, "indicator")]


# ------------------------------------------------------------------------ the shipped script


def test_the_shipped_script_reads_as_its_golden_text(world):
    text = "\n".join(format_step(r) for r in world.run(*SHIPPED_SCRIPT)) + "\n"
    assert text == GOLDEN.read_text()


def test_every_expectation_of_the_shipped_script_is_met(world):
    results = world.run(*SHIPPED_SCRIPT)
    assert {r.met for r in results} == {None, True}
    assert sum(r.met is True for r in results) == 14


def test_the_shipped_script_shows_every_outcome_and_entry(world):
    results = world.run(*SHIPPED_SCRIPT)
    assert {r.outcome for r in results} == set(Outcome)
    assert {r.error for r in results} == {None, *Errno}
    assert set(world.entries) == {"A", "C", "P"}
    assert {r.function for r in results if r.error is Errno.EPERM} == {
        "listen",
        "accept",
        "connect",
    }


def test_two_runs_are_equal(world):
    assert world.run(*SHIPPED_SCRIPT) == World().run(*SHIPPED_SCRIPT)


def test_every_step_is_plain_json(world):
    for result in world.run(*SHIPPED_SCRIPT):
        mapping = result.to_json()
        assert json.loads(json.dumps(mapping)) == mapping


# -------------------------------------------------------------------------------- listen


def test_an_allowed_listen_listens(world):
    result = world.last(SSHD, LISTEN)
    assert result.outcome is Outcome.ALLOWED
    assert answers(result) == [("EPM/EPMSOCKET", "0")]


def test_a_rejected_listen_fails_with_eperm_and_frees_the_port(world):
    low = {"listen": "0.0.0.0:23", "by": "SSHD"}
    results = world.run(SSHD, low, low)
    assert [(r.outcome, r.error) for r in results[1:]] == [(Outcome.REJECTED, Errno.EPERM)] * 2
    assert Errno.EPERM.number == 3027


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [
        ("0.0.0.0:2022", "0.0.0.0:2022", True),
        ("0.0.0.0:2022", "192.168.1.10:2022", True),
        ("192.168.1.10:2022", "0.0.0.0:2022", True),
        ("[::]:2022", "0.0.0.0:2022", True),
        ("192.168.1.10:2022", "192.168.1.11:2022", False),
        ("[2001:db8::10]:2022", "0.0.0.0:2022", False),
        ("0.0.0.0:2022", "0.0.0.0:2023", False),
        ("0.0.0.0:0", "0.0.0.0:0", False),
    ],
)
def test_a_port_in_use_fails_in_bind_leaves_a_p_entry_and_asks_nobody(first, second, taken):
    world = World()
    result = world.last(
        SSHD,
        {"listen": first, "by": "SSHD", "as": "one"},
        {"listen": second, "by": "SSHD", "as": "two"},
    )
    assert (result.error is Errno.EADDRINUSE) is taken
    assert world.entries == ("P" if taken else "")
    assert bool(answers(result)) is not taken


# -------------------------------------------------------------------------------- accept


def arrive(peer, to=HERE, **more):
    return {"arrive": peer, "to": to, **more}


ACCEPT = {"accept": "ssh"}


def test_an_allowed_accept_leaves_an_a_entry_with_the_new_descriptor(world):
    world.run(SSHD, LISTEN, arrive("10.1.2.3:50000"), ACCEPT)
    (event,) = world.sink.sockets
    assert (event.type, event.job.name, event.descriptor) == (SocketEventType.ACCEPT, "SSHD", 1)
    assert event.remote.port == 50000


def test_a_rejected_peer_is_dropped_silently_and_the_next_is_taken(world):
    result = world.last(
        SSHD, LISTEN, arrive("10.66.0.1:1"), arrive("10.66.0.2:2"), arrive("10.1.0.1:3"), ACCEPT
    )
    assert [i for _, i in answers(result)] == ["1", "1", "0"]
    assert notes(result) == ["10.66.0.1:1 is dropped silently", "10.66.0.2:2 is dropped silently"]
    assert result.outcome is Outcome.ALLOWED
    assert world.entries == "A"


def test_accept_waits_and_goes_on_with_the_next_arrival(world):
    *_, waits, dropped, taken = world.run(
        SSHD, LISTEN, ACCEPT, arrive("10.66.0.1:1"), arrive("10.1.0.1:2")
    )
    assert [r.outcome for r in (waits, dropped, taken)] == [
        Outcome.WAITING,
        Outcome.WAITING,
        Outcome.ALLOWED,
    ]


def test_an_accept_that_waits_cannot_be_made_again(world):
    with pytest.raises(CallError, match=r"step 4: accept.* on ssh waits already"):
        world.run(SSHD, LISTEN, ACCEPT, ACCEPT)


def test_with_so_accepteperm_accept_fails_with_eperm(world):
    result = world.last(SSHD, LISTEN | {"so_accepteperm": "Y"}, arrive("10.66.0.1:1"), ACCEPT)
    assert (result.outcome, result.function, result.error) == (
        Outcome.REJECTED,
        "accept",
        Errno.EPERM,
    )
    assert world.entries == ""


def test_a_waiting_accept_with_so_accepteperm_fails_when_the_peer_arrives(world):
    result = world.last(SSHD, LISTEN | {"so_accepteperm": True}, ACCEPT, arrive("10.66.0.1:1"))
    assert (result.outcome, result.error) == (Outcome.REJECTED, Errno.EPERM)


def test_a_full_queue_refuses_further_peers(world):
    *_, second, third = world.run(
        SSHD,
        LISTEN | {"backlog": 2},
        arrive("10.1.0.1:1"),
        arrive("10.1.0.1:2"),
        arrive("10.1.0.1:3"),
    )
    assert second.outcome is Outcome.DONE
    assert third.outcome is Outcome.FAILED
    assert "queue is full" in notes(third)[0]


@pytest.mark.parametrize("to", ["192.168.1.10:23", "203.0.113.9:22", "[2001:db8::10]:22"])
def test_nobody_listens_there(world, to):
    result = world.last(SSHD, LISTEN, arrive("10.1.0.1:1", to))
    assert "nobody listens there" in notes(result)[0]


def test_an_added_address_of_the_system_is_reached(world):
    result = world.last(
        {"system": "203.0.113.9"}, SSHD, LISTEN, arrive("10.1.0.1:1", "203.0.113.9:22")
    )
    assert result.outcome is Outcome.DONE


# ------------------------------------------------------------------------------- connect

CLIENT = {"job": "CLIENT", "user": "WEBUSR"}
CONNECT = {"connect": "10.9.8.7:443", "by": "CLIENT"}


def test_an_allowed_connect_leaves_a_c_entry_with_the_port_it_got(world):
    world.run(CLIENT, CONNECT)
    (event,) = world.sink.sockets
    assert (event.type, event.local.port, event.remote.port) == (
        SocketEventType.CONNECT,
        49152,
        443,
    )


def test_the_exit_program_sees_an_unbound_local_end_as_zero(world):
    (asked,) = [t for t in world.last(CLIENT, CONNECT).talk if hasattr(t, "call")]
    assert (asked.call.lcladdr, asked.call.lclport, asked.call.user) == (0, 0, "WEBUSR")


def test_a_rejected_connect_fails_with_eperm_and_leaves_no_entry(world):
    result = world.last(CLIENT, CONNECT | {"connect": "10.9.8.7:25"})
    assert (result.outcome, result.error) == (Outcome.REJECTED, Errno.EPERM)
    assert world.entries == ""


def test_a_connect_that_the_peer_refuses_leaves_no_entry(world):
    result = world.last(CLIENT, CONNECT | {"refused": "yes"})
    assert (result.outcome, result.error) == (Outcome.FAILED, Errno.ECONNREFUSED)
    assert world.entries == ""


def test_a_connect_to_ourselves_where_nobody_listens_is_refused(world):
    assert world.last(CLIENT, CONNECT | {"connect": "192.168.1.10:443"}).error is (
        Errno.ECONNREFUSED
    )


def test_a_connect_to_our_own_listener_is_accepted_there(world):
    world.run(
        CLIENT,
        {"job": "HTTPD"},
        {"listen": "127.0.0.1:443", "by": "HTTPD", "as": "web"},
        {"accept": "web", "expect": "wait"},
        CONNECT | {"connect": "127.0.0.1:443"},
    )
    assert world.entries == "CA"
    connected, accepted = world.sink.sockets
    assert (connected.local, connected.remote) == (accepted.remote, accepted.local)


def test_a_connect_from_a_port_in_use_fails_in_bind_with_a_p_entry(world):
    bound = CONNECT | {"from": "192.168.1.10:50000"}
    result = world.last(CLIENT, bound, bound)
    assert (result.function, result.error) == ("bind", Errno.EADDRINUSE)
    assert world.entries == "CP"


# --------------------------------------------------------------------------- registration


def test_9_ends_the_calls_of_that_program_for_that_process_only(world):
    pin = {"addexitpgm": "QIBM_QSO_CONNECT", "number": "5", "program": "QGPL/PIN", "answers": "9"}
    other = {"job": "OTHER", "user": "WEBUSR"}
    results = world.run(CLIENT, other, pin, CONNECT, CONNECT, CONNECT | {"by": "OTHER"})
    assert [answers(r) for r in results[3:]] == [
        [("QGPL/PIN", "9"), ("EPM/EPMSOCKET", "0")],
        [("QGPL/PIN", None), ("EPM/EPMSOCKET", "0")],
        [("QGPL/PIN", "9"), ("EPM/EPMSOCKET", "0")],
    ]


def test_a_job_that_ended_and_came_back_is_asked_again(world):
    pin = {"addexitpgm": "QIBM_QSO_CONNECT", "number": 5, "program": "QGPL/PIN", "answers": "9"}
    same = CLIENT | {"number": 7}
    result = world.last(same, pin, CONNECT, {"end": "CLIENT"}, same, CONNECT)
    assert answers(result)[0] == ("QGPL/PIN", "9")


def test_a_rejection_of_one_program_ends_the_asking(world):
    no = {"addexitpgm": "QIBM_QSO_CONNECT", "number": 5, "program": "QGPL/NO", "answers": "x"}
    result = world.last(CLIENT, no, CONNECT)
    assert answers(result) == [("QGPL/NO", "x")]
    assert result.error is Errno.EPERM


def test_a_registered_program_that_does_not_exist_rejects(world):
    ghost = {"addexitpgm": "QIBM_QSO_CONNECT", "number": 5, "program": "QGPL/GHOST"}
    result = world.last(CLIENT, ghost, CONNECT)
    assert result.error is Errno.EPERM
    assert "does not exist" in format_step(result)


def test_with_no_program_registered_every_call_is_allowed(world):
    none = {"rmvexitpgm": "QIBM_QSO_CONNECT", "number": 10}
    result = world.last(CLIENT, none, CONNECT | {"connect": "10.9.8.7:25"})
    assert result.outcome is Outcome.ALLOWED
    assert notes(result) == ["no exit program is registered at QIBM_QSO_CONNECT"]


# ------------------------------------------------------------------- not activated, failing


def test_a_server_that_is_not_activated_says_so():
    result = World(RuleSet()).last(SSHD, LISTEN)
    assert result.outcome is Outcome.ALLOWED
    assert "the server is not activated" in format_step(result)
    assert "U N" not in format_step(result)


def test_log_only_shows_what_was_not_enforced():
    result = World(log_only=True).last(SSHD, {"listen": "0.0.0.0:23", "by": "SSHD"})
    assert result.outcome is Outcome.ALLOWED
    assert "U NR rejected, not enforced" in format_step(result)


@pytest.mark.parametrize(
    ("fail", "outcome"), [(FailMode.CLOSED, Outcome.REJECTED), (FailMode.OPEN, Outcome.ALLOWED)]
)
def test_an_sk_entry_that_cannot_be_recorded_goes_by_the_fail_mode(fail, outcome):
    world = World(fail=fail)

    def full(event):
        raise JournalError("disk full")

    world.sink.socket_event = full
    result = world.last(CLIENT, CONNECT)
    assert result.outcome is outcome
    assert "could not be recorded" in format_step(result)
    assert "disk full" in world.warned[0]


# ----------------------------------------------------------------------- expectations, text


@pytest.mark.parametrize(
    ("expect", "met"), [("allow", True), ("reject", False), ("wait", False), ("fail", False)]
)
def test_an_expectation_that_is_not_met_is_said_loudly(world, expect, met):
    result = world.last(CLIENT, CONNECT | {"expect": expect})
    assert result.met is met
    assert (f"BUT {expect.upper()} WAS EXPECTED" in format_step(result)) is not met


def test_the_error_text_names_message_errno_and_function(world):
    text = format_step(world.last(CLIENT, CONNECT | {"connect": "10.9.8.7:25"}))
    assert "connect() fails with errno 3027 (EPERM): CPE3027 Operation not permitted." in text


def test_descriptors_are_the_lowest_free_of_the_job(world):
    bound = CONNECT | {"as": "first"}
    world.run(CLIENT, bound, CONNECT, {"close": "first"}, CONNECT)
    assert [e.descriptor for e in world.sink.sockets] == [0, 1, 0]


def test_ending_a_job_frees_its_ports(world):
    result = world.last(SSHD, LISTEN, {"end": "SSHD"}, SSHD, LISTEN)
    assert result.outcome is Outcome.ALLOWED


# --------------------------------------------------------------------------- hostile scripts


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({}, "exactly one of"),
        ({"listen": "0.0.0.0:1", "connect": "0.0.0.0:1"}, "exactly one of"),
        ("listen", "a step is a mapping"),
        ({1: 2}, "a step is a mapping"),
        ({"listen": "0.0.0.0:22", "by": "SSHD", "backlok": 1}, "'backlok' is not a word"),
        ({"listen": "0.0.0.0:22"}, "by is missing"),
        ({"listen": "0.0.0.0", "by": "SSHD"}, "is not address:port"),
        ({"listen": "::1:22", "by": "SSHD"}, "is not address:port"),
        ({"listen": "[1.2.3.4]:22", "by": "SSHD"}, "is not address:port"),
        ({"listen": "0.0.0.0:65536", "by": "SSHD"}, "port '65536'"),
        ({"listen": "010.0.0.1:22", "by": "SSHD"}, "is not an address"),
        ({"listen": "0.0.0.0:22", "by": "SSHD", "backlog": "-1"}, "backlog '-1'"),
        ({"listen": "0.0.0.0:22", "by": "SSHD", "backlog": True}, "backlog is not a text"),
        ({"listen": "0.0.0.0:22", "by": "SSHD", "so_accepteperm": 1}, "is Y or N"),
        ({"listen": "0.0.0.0:22", "by": "SSHD", "expect": "maybe"}, "expect is one of"),
        ({"listen": "0.0.0.0:22", "by": "NOBODY"}, "no job NOBODY runs"),
        ({"job": "a\x1b[2J"}, "not allowed"),
        ({"job": "x" * 129}, "1 to 128 characters"),
        ({"job": 10**5000}, "job is not a text"),
        ({"job": "SSHD"}, "runs already"),
        ({"job": "B", "groups": "G"}, "not a list of names"),
        ({"system": "10.1"}, "is not an address"),
        ({"accept": "nothing"}, "no socket 'nothing' listens"),
        ({"close": "nothing"}, "no socket 'nothing'"),
        ({"end": "NOBODY"}, "no job NOBODY"),
        ({"addexitpgm": "QIBM_QSO_CONNECT", "program": "A/B"}, "has a number"),
        ({"addexitpgm": "QIBM_QSO_CONNECT", "number": 10, "program": "A/B"}, "number 10 is in use"),
        ({"addexitpgm": "NO_SUCH", "number": 1, "program": "A/B"}, "does not exist"),
        ({"rmvexitpgm": "QIBM_QSO_CONNECT", "number": 1}, "no exit program number 1"),
    ],
)
def test_a_bad_step_is_one_line_that_names_it(world, step, reason):
    with pytest.raises(CallError, match=r"^step 2: ") as caught:
        world.run(SSHD, step)
    assert reason in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_malformed_script_does_nothing_at_all(world):
    script = [CLIENT, CONNECT, {"conect": "10.9.8.7:443"}]
    results = run_scenario(script, world.program, world.sink, datetime.now)
    with pytest.raises(CallError, match=r"^step 3: "):
        next(results)
    assert world.entries == ""


DETAILS = ["to", "by", "as", "from", "expect", "backlog", "number", "program", "answers"]
VERBS = ["say", "system", "job", "end", "listen", "arrive", "accept", "connect", "close"]
words = st.sampled_from([*VERBS, *DETAILS, "addexitpgm"])
values = st.sampled_from(["SSHD", "ssh", HERE, "10.1.2.3:5", "0.0.0.0:22", "9", "allow"]) | (
    st.none() | st.integers() | st.text(max_size=5) | st.booleans() | st.lists(st.text(max_size=3))
)


@given(st.lists(st.dictionaries(words, values, max_size=4), max_size=6))
def test_a_hostile_script_runs_or_is_refused_in_one_line(script):
    line = ""
    try:
        for result in World().run(SSHD, LISTEN, *script):
            assert all(part.isprintable() for part in format_step(result).split("\n"))
            json.dumps(result.to_json())
    except EpmError as error:
        line = str(error)
    assert line.isprintable()
