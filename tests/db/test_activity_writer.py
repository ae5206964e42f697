"""Live calls never wait for messages and captures, and none is lost without a word."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic, sleep

import pytest

from db.activity import Activity, Retention
from db.activity_writer import ActivityWriter
from db.store import Store
from epm.errors import StoreUnavailableError
from epm.model import Reason
from tests.db.sample import LOCAL
from tests.db.test_activity import SSH, event

NOW = datetime(2026, 11, 21, 10, 0, 0, 0, UTC)


def eventually(condition, within=20.0):
    """Wait until a condition holds; fail when it does not in time."""
    end = monotonic() + within
    while not condition():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.01)


@pytest.fixture
def activity(sqlite_url):
    with Store.init(sqlite_url) as store:
        yield Activity(store, LOCAL, Retention(captures=50))


class Faulty:
    """An activity whose store can be out, stuck, or plainly broken."""

    def __init__(self, activity):
        self._activity = activity
        self.error = None
        self.gate = threading.Event()
        self.gate.set()
        self.calls = 0

    def record(self, messages, captures):
        self.calls += 1
        self.gate.wait(10)
        if self.error is not None:
            raise self.error
        return self._activity.record(messages, captures)


def writer(activity, errors=None, **other):
    on_error = (errors if errors is not None else []).append
    made = ActivityWriter(activity, clock=lambda: NOW, on_error=on_error, interval=0.01, **other)
    made.start()
    return made


def test_messages_and_captures_are_written_as_their_rules_ask(activity):
    sink = writer(activity)
    sink.decided(event())
    sink.decided(event(message=False))
    sink.decided(event(capture=False))
    sink.decided(event(message=False, capture=False))
    sink.decided(event(reason=Reason.NOT_ACTIVATED))
    assert sink.close() == 0
    assert len(activity.messages()) == 2
    assert [c.count for c in activity.captures()] == [2]
    assert activity.messages()[0].at == NOW


def test_they_are_written_soon_without_closing(activity):
    sink = writer(activity)
    for expected in (1, 2):
        sink.decided(event())
        eventually(lambda n=expected: len(activity.messages()) == n)
    sink.close()


def test_a_stuck_store_never_holds_a_call_up_and_what_is_lost_is_counted(activity):
    faulty = Faulty(activity)
    faulty.gate.clear()
    sink = writer(faulty, capacity=10)
    sink.decided(event())
    eventually(lambda: faulty.calls == 1)
    for _ in range(100):
        sink.decided(event())  # a call that waited for the store would wait for ever: the gate
    assert faulty.calls == 1
    faulty.gate.set()
    assert sink.close() == 0
    messages = activity.messages()
    assert len(messages) == 10 + 1
    assert messages[0].text == "91 messages or captures were lost: the queue was full"
    assert messages[0].severity == 40


def test_an_outage_is_told_once_and_its_events_are_written_afterwards(activity):
    faulty, errors = Faulty(activity), []
    faulty.error = StoreUnavailableError("gone")
    sink = writer(faulty, errors)
    sink.decided(event())
    eventually(lambda: faulty.calls >= 3)
    assert [str(e) for e in errors] == ["gone"]
    faulty.error = None
    eventually(lambda: len(activity.messages()) == 1)
    faulty.error = StoreUnavailableError("gone again")
    sink.decided(event())
    eventually(lambda: len(errors) == 2)
    faulty.error = None
    assert sink.close() == 0
    assert len(activity.messages()) == 2


def test_closing_during_an_outage_ends_in_time_and_says_what_was_lost(activity):
    faulty, errors = Faulty(activity), []
    faulty.error = StoreUnavailableError("gone")
    sink = writer(faulty, errors)
    for _ in range(3):
        sink.decided(event())
    assert sink.close(5) == 3
    assert not sink._thread.is_alive()
    assert len(errors) == 1


def test_a_fault_of_our_own_loses_a_batch_but_not_what_follows(activity):
    faulty, errors = Faulty(activity), []
    faulty.error = RuntimeError("a bug")
    sink = writer(faulty, errors)
    sink.decided(event())
    eventually(lambda: errors)
    faulty.error = None
    sink.decided(event())
    assert sink.close() == 0
    texts = [m.text for m in activity.messages()]
    assert any("1 messages or captures were lost" in text for text in texts)
    assert len(texts) == 2
    assert "RuntimeError: a bug" in str(errors[0])


def test_captures_at_their_limit_are_told_once(activity):
    sink = writer(activity)
    for port in range(200):
        sink.decided(event(replace(SSH, rmtport=port), message=False))
        sleep(0.001)
    sink.close()
    texts = [m.text for m in activity.messages()]
    assert len(texts) == 1
    assert "captured transactions are at their limit" in texts[0]
    assert len(activity.captures(1000)) <= 50


def test_many_threads_at_once_lose_nothing(activity):
    sink = writer(activity)

    def calls():
        for _ in range(200):
            sink.decided(event())

    threads = [threading.Thread(target=calls) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sink.close(20) == 0
    assert len(activity.messages(5000)) == 1600
    assert activity.captures()[0].count == 1600
