"""Each socket call: decided before it happens, performed as natively, recorded once."""

import contextlib
import errno
import json
import socket
import sys

import pytest

pytestmark = pytest.mark.real

PYTHON = sys.executable


def calls(supervise, what, port, *more, **config):
    outcome = supervise.python("calls.py", what, port, *more, **config)
    assert outcome.status == 0, outcome.err
    return outcome, json.loads(outcome.out) if outcome.out else None


def test_allowed_calls_work_and_each_is_decided_once(supervise, free_port):
    port = free_port()
    outcome, done = calls(supervise, "all_calls", port)
    assert done == {
        "listen": "ok", "connect": "ok", "accept": "ok", "nonblocking": "EINPROGRESS",
        "accept2": "ok", "refused": "ECONNREFUSED",
    }  # fmt: skip
    assert [len(outcome.exits(x)) for x in ("LSTN0100", "CONN0100", "ACPT0100")] == [1, 3, 2]
    assert outcome.counts["connect-allowed"] == 3


def test_what_succeeded_is_recorded_with_both_ends_and_what_failed_is_not(supervise, free_port):
    port = free_port()
    outcome, _ = calls(supervise, "all_calls", port)
    accepts, connects = outcome.events("A"), outcome.events("C")
    assert len(accepts) == len(connects) == 2  # the refused connect leaves none
    assert [x["remote"] for x in connects] == [["127.0.0.1", port]] * 2
    assert [x["local"] for x in accepts] == [["127.0.0.1", port]] * 2
    assert [x["remote"] for x in accepts] == [x["local"] for x in connects]
    assert all(x["descriptor"] > 2 for x in accepts + connects)


def test_an_event_is_written_before_the_call_is_answered(supervise, free_port):
    outcome, _ = calls(supervise, "all_calls", free_port())
    order = [x.get("sk") or x.get("exit") for x in outcome.log[:-1]]
    assert order == [
        "LSTN0100", "CONN0100", "C", "ACPT0100", "A", "CONN0100", "C", "ACPT0100", "A", "CONN0100",
    ]  # fmt: skip


def test_rejected_listen_gives_eperm_and_nothing_listens(supervise, free_port):
    port = free_port()
    outcome, done = calls(supervise, "all_calls", port, reject=[["LSTN0100", port]])
    assert done["listen"] == "EPERM"
    assert done["connect"] == "ECONNREFUSED"
    assert not outcome.events("C")


def test_rejected_connect_gives_eacces_and_never_reaches_the_peer(supervise, server):
    port = server.getsockname()[1]
    outcome, done = calls(supervise, "connect", port, reject=[["CONN0100", port]])
    assert done == {"connect": "EACCES"}
    assert not outcome.events("C")
    server.settimeout(0.1)
    with pytest.raises(TimeoutError):
        server.accept()


def test_rejected_accept_gives_econnaborted_and_the_peer_a_reset(supervise, free_port):
    outcome, done = calls(supervise, "all_calls", free_port(), reject_all=["ACPT0100"])
    assert done["accept"] == done["accept2"] == "ECONNABORTED"
    assert not outcome.events("A")
    assert outcome.counts["accept-rejected"] == 2


def test_the_errnos_of_rejections_can_be_chosen(supervise, free_port):
    port = free_port()
    options = {"connect_errno": 1, "listen_errno": 13, "accept_errno": 71}
    _, done = calls(supervise, "all_calls", port, reject_all=["CONN0100"], options=options)
    assert done["connect"] == done["nonblocking"] == "EPERM"
    _, done = calls(supervise, "all_calls", port, reject_all=["LSTN0100"], options=options)
    assert done["listen"] == "EACCES"
    _, done = calls(supervise, "all_calls", port, reject_all=["ACPT0100"], options=options)
    assert done["accept"] == "EPROTO"


def test_log_only_decides_and_records_but_never_blocks(supervise, free_port):
    rejected = ["CONN0100", "LSTN0100", "ACPT0100"]
    outcome, done = calls(
        supervise, "all_calls", free_port(), reject_all=rejected, options={"log_only": True}
    )
    assert done["listen"] == done["connect"] == done["accept"] == "ok"
    assert outcome.counts["connect-would-be-rejected"] == 3
    assert len(outcome.events("A")) == len(outcome.events("C")) == 2


@pytest.mark.parametrize(("name", "key", "code"), [
    ("CONN0100", "connect", "EACCES"),
    ("LSTN0100", "listen", "EPERM"),
    ("ACPT0100", "accept", "ECONNABORTED"),
])  # fmt: skip
def test_an_exit_program_that_raises_rejects(supervise, free_port, name, key, code):
    outcome, done = calls(supervise, "all_calls", free_port(), fail=[name])
    assert done[key] == code
    assert any("the exit program broke" in text for text in outcome.warnings)


@pytest.mark.parametrize("indicator", ["2", "", "01"])
def test_any_other_indicator_rejects(supervise, server, indicator):
    _, done = calls(supervise, "connect", server.getsockname()[1], indicator=indicator)
    assert done == {"connect": "EACCES"}


def test_indicator_9_allows_and_is_not_asked_again_for_the_process(supervise, free_port):
    outcome, done = calls(supervise, "all_calls", free_port(), indicator="9")
    assert done["connect"] == "ok"
    assert [len(outcome.exits(x)) for x in ("LSTN0100", "CONN0100", "ACPT0100")] == [1, 1, 1]


def test_an_accept_that_cannot_be_recorded_fails(supervise, free_port):
    _, done = calls(supervise, "all_calls", free_port(), journal_fails=["A"])
    assert done["accept"] == done["accept2"] == "ECONNABORTED"


def test_a_connect_that_cannot_be_recorded_fails_and_is_taken_back(supervise, server):
    port = server.getsockname()[1]
    outcome, done = calls(supervise, "connect", port, journal_fails=["C"])
    assert done == {"connect": "EACCES"}
    assert outcome.counts["not-journaled"] == 1
    connection, _ = server.accept()
    connection.settimeout(2)
    with connection, pytest.raises(ConnectionResetError):
        connection.recv(1)


def test_v4_v6_and_mapped_addresses_are_told_apart_and_together(supervise, free_port):
    outcome, done = calls(supervise, "families", free_port())
    assert done == {
        "v4": "ok", "v4 peer": "::ffff:127.0.0.1", "v6": "ok", "v6 peer": "::1",
        "mapped": "ok", "mapped peer": "::ffff:127.0.0.1",
    }  # fmt: skip
    slots = [bytes.fromhex(x["block"])[32:64] for x in outcome.exits("CONN0100")]
    assert [x[:6].hex() for x in slots] == ["000000100002", "0000001c0018", "000000100002"]
    assert [x["remote"][0] for x in outcome.events("A")] == ["127.0.0.1", "::1", "127.0.0.1"]


def test_a_rule_for_ipv4_holds_for_the_mapped_form(supervise, free_port):
    port = free_port()
    _, done = calls(supervise, "families", port, reject=[["CONN0100", port]])
    assert done == {"v4": "EACCES", "v6": "EACCES", "mapped": "EACCES"}


def test_unix_sockets_pass_undecided_with_their_own_credentials_and_udp_without_event(supervise):
    outcome, done = calls(supervise, "unix_and_udp", 0)
    assert done == {"unix": "ok", "accepted": "ok", "peer is us": 1, "udp": "ok", "udp peer": 9}
    assert not [x for x in outcome.log if "exit" in x or "sk" in x]
    assert outcome.counts["connect-passed"] == 1


@pytest.mark.parametrize("config", [{}, {"workers": True}], ids=["io_uring", "worker threads"])
def test_connects_that_must_wait_are_recorded_when_they_are_established(supervise, config):
    with socket.socket() as listener, contextlib.ExitStack() as held:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        held.enter_context(socket.create_connection(("127.0.0.1", port)))
        script = supervise.target("calls.py")
        process, path = supervise.start(PYTHON, script, "waiting_connects", port, **config)
        assert process.stdout.readline() == "full\n"
        listener.settimeout(0.05)
        while process.poll() is None:
            with contextlib.suppress(TimeoutError):
                held.enter_context(listener.accept()[0])
        out, err = process.communicate()
    assert json.loads(out) == {
        "begun": [errno.EINPROGRESS] * 2, "interrupted": "TimeoutError", "soon": 1,
        "blocking": "ok", "asked": 0,
    }, err  # fmt: skip
    log = [json.loads(line) for line in path.read_text().splitlines()]
    recorded = [x for x in log if x.get("sk") == "C"]
    assert len(recorded) >= 2  # the one that was interrupted goes on, as natively
    assert log[-1]["fds"] == supervise("true").log[-1]["fds"]


def test_children_are_decided_too(supervise, server):
    port = server.getsockname()[1]
    outcome, done = calls(supervise, "reconnect", port)
    assert done == {"codes": [0] * 10}
    assert len({x["number"] for x in outcome.exits("CONN0100")}) == 10
    _, done = calls(supervise, "reconnect", port, reject=[["CONN0100", port]])
    assert done == {"codes": [13] * 10}


def test_blocked_accepts_share_a_listener_and_are_served_once_each(supervise):
    outcome, done = calls(supervise, "many_blocked", 0)
    assert done == {"served": 1, "woken": ["EINVAL"]}
    assert len(outcome.events("A")) == 7


def test_every_duplicate_is_closed_before_the_answer(supervise, free_port):
    """Else the last close of the program's socket would be the supervisor's."""
    outcome, _ = calls(supervise, "all_calls", free_port(), count_sockets=True)
    held = [(x["answer"], x["sockets"]) for x in outcome.log if "answer" in x]
    base = min(n for _, n in held)
    assert {n for what, n in held if what == "answer"} == {base}
    assert {n for what, n in held if what == "install"} == {base + 1}  # what is installed


def test_a_port_that_cannot_be_had_is_recorded(supervise, tmp_path):
    script = tmp_path / "two.py"
    script.write_text(
        "import socket\n"
        "a, b = socket.socket(), socket.socket()\n"
        "for s in (a, b): s.setsockopt(1, 2, 1)\n"
        "a.bind(('127.0.0.1', 0)); b.bind(a.getsockname()); a.listen()\n"
        "try: b.listen()\n"
        "except OSError as e: print(e.errno)\n"
    )
    outcome = supervise(PYTHON, script)
    assert outcome.out.strip() == "98"
    (event,) = outcome.events("P")
    assert event["remote"] is None
    assert event["local"][0] == "127.0.0.1"


@pytest.mark.parametrize("what", ["families", "many_blocked", "unix_and_udp"])
def test_the_program_sees_the_same_as_natively(supervise, what):
    outcome = supervise.python("calls.py", what, 0)
    native = supervise.natively("calls.py", what, 0)
    assert outcome.out == native
