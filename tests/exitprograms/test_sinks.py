"""Sinks: the journal first, and nobody else can change a verdict."""

import logging

import pytest

from epm.errors import JournalError
from epm.evaluate import failed
from epm.events import Endpoint, ExitEvent, Job, SocketEvent, SocketEventType
from epm.model import Call, FailMode, Server
from exitprograms.sinks import FanOut, MemorySink, NullSink, error_text, log_warning

JOB = Job("A", "U", 1)
EVENT = ExitEvent(Call(Server.LISTEN), failed(Server.LISTEN, FailMode.CLOSED), JOB)
SOCKET = SocketEvent(SocketEventType.ACCEPT, JOB, Endpoint(0, 22), Endpoint(1, 2), 5)


def test_the_journal_is_told_first_then_the_others_in_order():
    told = []

    class Named(MemorySink):
        def __init__(self, name):
            super().__init__()
            self.name = name

        def decided(self, event):
            told.append(self.name)

        def socket_event(self, event):
            told.append(self.name)

    fan = FanOut(Named("journal"), [Named("captures"), Named("messages")], [Named("activity")])
    fan.decided(EVENT)
    fan.socket_event(SOCKET)
    assert told == ["journal", "captures", "messages", "journal", "activity"]


def test_a_failure_of_the_journal_reaches_the_caller_and_stops_the_rest():
    other = MemorySink()
    fan = FanOut(MemorySink(failure=JournalError("full")), [other], [other])
    with pytest.raises(JournalError):
        fan.decided(EVENT)
    with pytest.raises(JournalError):
        fan.socket_event(SOCKET)
    assert not other.decisions
    assert not other.sockets


def test_a_failure_of_another_is_told_and_the_next_is_still_served():
    warned, last = [], MemorySink()
    bad = MemorySink(failure=RuntimeError("boom\x1b[1m"))
    fan = FanOut(NullSink(), [bad, last], [bad, last], warn=warned.append)
    fan.decided(EVENT)
    fan.socket_event(SOCKET)
    assert list(last.decisions) == [EVENT]
    assert list(last.sockets) == [SOCKET]
    assert len(warned) == 2
    assert all("boom" in line and line.isprintable() for line in warned)


def test_the_null_sink_takes_everything_and_keeps_nothing():
    sink = NullSink()
    assert sink.decided(EVENT) is None
    assert sink.socket_event(SOCKET) is None


def test_the_memory_sink_is_bounded():
    sink = MemorySink(limit=2)
    for _ in range(5):
        sink.decided(EVENT)
        sink.socket_event(SOCKET)
    assert (len(sink.decisions), len(sink.sockets)) == (2, 2)


def test_an_error_that_cannot_be_shown_has_its_name():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    assert error_text(Mute()) == "Mute"
    assert error_text(KeyError()) == "KeyError"


def test_the_default_hook_tells_the_log(caplog):
    with caplog.at_level(logging.WARNING):
        log_warning("one line with 100 %")
    assert caplog.messages == ["one line with 100 %"]
