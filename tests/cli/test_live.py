"""What keeps the rules in force while programs run, without a program."""

from __future__ import annotations

import os
import time
from types import MappingProxyType

import pytest

from epm.cli import live
from epm.cli.live import Background, LiveRules, file_stamp
from epm.cli.recording import Recorder
from epm.errors import JournalError
from epm.events import Endpoint, Job, SocketEvent, SocketEventType
from epm.model import FailMode, RuleSet, Server, ServerRules
from exitprograms.program import ExitProgram
from exitprograms.sinks import MemorySink, NullSink

EVENT = SocketEvent(SocketEventType.ACCEPT, Job("A", "B", 1), Endpoint(1, 2), Endpoint(3, 4), 5)
ACTIVATED = RuleSet(servers=MappingProxyType({s: ServerRules(activated=True) for s in Server}))


def test_an_sk_entry_that_cannot_be_written_rejects_when_the_fail_mode_is_closed():
    sink = MemorySink(failure=JournalError("full"))
    program = ExitProgram(lambda: None, NullSink(), fail=FailMode.CLOSED, warn=lambda _: None)
    with pytest.raises(JournalError):
        Recorder(sink, program).socket_event(EVENT)


def test_it_goes_on_and_says_so_when_the_fail_mode_is_open():
    told = []
    sink = MemorySink(failure=JournalError("full"))
    program = ExitProgram(lambda: None, NullSink(), fail=FailMode.OPEN, warn=told.append)
    Recorder(sink, program).socket_event(EVENT)
    assert "could not be recorded, the call goes on" in told[0]


def test_a_name_that_does_not_resolve_never_delays_new_rules(monkeypatch):
    """Publishing compiles at once with the addresses known; names come later."""
    rules = LiveRules(RuleSet(), None, lambda _: None)
    monkeypatch.setattr(live.Resolver, "refresh", lambda *_: pytest.fail("it asked for names"))
    rules.publish(ACTIVATED, 7)
    assert rules.engine.revision == 7
    assert rules.engine.activated == tuple(Server)


def write(path, text):
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)


def test_a_rule_file_counts_when_it_has_come_to_rest(tmp_path, monkeypatch):
    path = tmp_path / "rules.yaml"
    write(path, "version: 1\n")
    state = live._FileState(file_stamp(str(path)))
    now = [0.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    assert state.rested(str(path)) is None
    write(path, "version: 1\nservers: {}\n")  # the first half
    for _ in range(3):
        now[0] += 0.3
        assert state.rested(str(path)) is None
    write(path, "version: 1\nservers: {QSOCONNECT: {activated: true}}\n")  # the rest of it
    now[0] += 0.3
    assert state.rested(str(path)) is None
    now[0] += live.FILE_REST_SECONDS
    assert state.rested(str(path)) == file_stamp(str(path))


def test_a_change_between_loading_and_following_is_taken_up(tmp_path):
    path = tmp_path / "rules.yaml"
    write(path, "version: 1\n")
    stamp = file_stamp(str(path))
    write(path, "version: 1\nservers: {QSOCONNECT: {activated: true}}\n")
    rules = LiveRules(RuleSet(), None, lambda _: None)
    rules.follow_file(str(path), stamp)()
    deadline = time.monotonic() + 20
    while not rules.engine.activated and time.monotonic() < deadline:
        time.sleep(0.05)
    rules.close()
    assert rules.engine.activated == (Server.CONNECT,)


def test_no_error_ends_the_thread_that_follows(tmp_path):
    told = []
    threads = Background(told.append)
    calls = iter([MemoryError(), RuntimeError("odd\x1b"), None])
    done = []

    def task():
        error = next(calls, None)
        if error is not None:
            raise error
        done.append(True)
        threads.close()

    threads.repeat(task, lambda: os.sched_yield())
    deadline = time.monotonic() + 20
    while not done and time.monotonic() < deadline:
        time.sleep(0.01)
    assert done
    assert len(told) == 2
    assert "\x1b" not in told[1]
