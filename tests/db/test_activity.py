"""Messages and captured transactions: what they say, how they are counted, how long kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.activity import Activity, Retention
from db.activity_values import Captured, Message, ends_of, message_of
from db.store import Store
from epm.errors import StoreError
from epm.events import ExitEvent, Job
from epm.model import Decision, Reason, RuleName, Server, Verdict
from tests.db.sample import BOB, LOCAL
from tests.support.builders import call

NOW = datetime(2026, 11, 21, 10, 0, 0, 5, UTC)
SSH = call(
    rmtaddr="10.1.2.3",
    rmtport=50000,
    lcladdr="192.168.1.10",
    lclport=22,
    bndaddr="0.0.0.0",
    bndport=22,
    user="QTCP",
    groups=["QPGMR", "A"],
    job="SSHD",
    pgm="/usr/sbin/sshd",
    at="2026-11-21T11:00:00",
)


def event(one=SSH, verdict=Verdict.REJECT, **other):
    fields = {
        "reason": Reason.RULE,
        "rule": RuleName(10, "Admin subnet"),
        "audit": True,
        "message": True,
        "capture": True,
        **{k: v for k, v in other.items() if k in Decision.__slots__},
    }
    decision = Decision(one.server, verdict, **fields)
    return ExitEvent(one, decision, Job("J", "U", 1), enforced=other.get("enforced", True))


def captured(one=SSH, at=NOW, count=1):
    return Captured(one, count, at, at)


TEXTS = {
    "QSOACCEPT rejected 10.1.2.3:50000 -> 192.168.1.10:22 job SSHD user QTCP "
    "by rule 10 Admin subnet": event(),
    "QSOACCEPT rejected (not enforced) 10.1.2.3:50000 -> 192.168.1.10:22 job SSHD user QTCP "
    "by rule 10 Admin subnet": event(enforced=False),
    "QSOCONNECT allowed 0.0.0.0:0 -> [2001:db8::1]:443 job J user U by rule 99999": event(
        call(Server.CONNECT, lcladdr="0.0.0.0", lclport=0, rmtaddr="2001:db8::1", rmtport=443),
        Verdict.ALLOW,
        rule=RuleName(99999, None),
    ),
    "QSOLISTEN allowed [::]:80 backlog 128 job J\\u001b[2J user U by rule 1 x": event(
        call(Server.LISTEN, lcladdr="::", lclport=80, backlog=128, job="J\x1b[2J"),
        Verdict.ALLOW,
        rule=RuleName(1, "x"),
    ),
    "QSOACCEPT rejected ?:? -> ?:? job J user U": event(call(), rule=None),
}


@pytest.mark.parametrize(("text", "about"), TEXTS.items())
def test_a_message_says_what_was_decided_about_whom_and_by_which_rule(text, about):
    message = message_of(about, NOW)
    assert message.text == text
    assert message.severity == (0 if about.decision.allowed else 20)
    assert message.rule == (about.decision.rule and about.decision.rule.seq)


def test_ends_of_a_listener_without_backlog():
    assert ends_of(call(Server.LISTEN, lcladdr="::1", lclport=1)) == "[::1]:1"


@pytest.fixture
def activity(store):
    return Activity(store, LOCAL)


def test_messages_come_back_newest_first_page_by_page(activity):
    sent = [Message(NOW + timedelta(seconds=n), 20, f"m{n}", SSH.server, n, SSH) for n in range(5)]
    sent.append(Message(NOW, 40, "lost"))
    activity.record(sent[:3], [])
    activity.record(sent[3:], [])
    first = activity.messages(4)
    rest = activity.messages(4, before=first[-1].number)
    assert [replace(m, number=0) for m in first + rest] == sent[::-1]
    assert activity.clear_messages(through=first[0].number - 1) == 5
    assert [m.text for m in activity.messages()] == ["lost"]
    assert activity.clear_messages() == 1
    assert activity.messages() == []


def test_a_message_of_any_length_and_character_is_kept_within_its_column(activity):
    odd = replace(SSH, pgm="/bin/\udcff\0", job="j" * 9000)
    activity.record([Message(NOW, 0, "x\udcff\0" + "y" * 9000, odd.server, 1, odd)], [])
    (message,) = activity.messages()
    assert message.text.startswith("x\\udcff?yyy")
    assert message.text.endswith("...")
    assert len(message.text) == 512
    assert message.call == odd


def test_equal_calls_share_a_row_whatever_their_time(activity):
    later = replace(SSH, at=datetime(2026, 11, 21, 12, 0), groups=("A", "QPGMR"))
    activity.record([], [captured(), captured(later, NOW + timedelta(hours=1))])
    activity.record([], [captured(at=NOW - timedelta(hours=1))])
    (found,) = activity.captures()
    assert found.count == 3
    assert found.first_seen == NOW
    assert found.last_seen == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    "other",
    [
        {"rmtaddr": SSH.rmtaddr + 1},
        {"rmtport": 1},
        {"user": None},
        {"user": "qtcp"},
        {"groups": ()},
        {"groups": None},
        {"pgm": "/x"},
        {"bndport": 23},
    ],
    ids=str,
)
def test_calls_that_differ_in_any_other_field_do_not(other):
    assert captured(replace(SSH, **other)).key != captured().key


def test_captures_are_listed_and_cleared(activity):
    others = [replace(SSH, rmtport=n) for n in range(1, 6)]
    for one in others:
        activity.record([], [captured(one)])
    first = activity.captures(3)
    rest = activity.captures(9, before=first[-1].number)
    assert [c.call for c in first + rest] == others[::-1]
    assert activity.clear_captures(through=rest[0].number) == 2
    assert activity.clear_captures() == 3
    assert activity.captures() == []


def test_only_so_many_are_kept_and_the_oldest_go(store):
    activity = Activity(store, LOCAL, Retention(messages=3, captures=2))
    store.create_system("OTHER", BOB)
    other = Activity(store, "OTHER")
    other.record([Message(NOW, 0, "theirs")], [captured()])
    for n in range(1, 6):
        pushed_out = activity.record(
            [Message(NOW, 0, f"m{n}")],
            [captured(replace(SSH, rmtport=n), NOW + timedelta(seconds=n))],
        )
        assert pushed_out == (1 if n > 2 else 0)
    assert [m.text for m in activity.messages()] == ["m5", "m4", "m3"]
    assert [c.call.rmtport for c in activity.captures()] == [5, 4]
    assert len(other.messages()) == len(other.captures()) == 1


def test_more_captures_than_a_statement_takes_at_once(activity):
    many = [captured(replace(SSH, rmtport=n)) for n in range(1, 1203)]
    activity.record([], many)
    activity.record([], many)
    assert {c.count for c in activity.captures(2000)} == {2}
    assert len(activity.captures(2000)) == 1202


def test_programs_that_capture_at_the_same_time_lose_no_count(url):
    Store.init(url).close()

    def capture(_worker):
        with Store.open(url) as store:
            activity = Activity(store, LOCAL)
            for n in range(10):
                activity.record([], [captured(replace(SSH, rmtport=n))])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(capture, range(4)))
    with Store.open(url) as store:
        found = Activity(store, LOCAL).captures()
    assert [c.count for c in found] == [4] * 10


def test_a_system_that_is_not_there_keeps_nothing(store):
    with pytest.raises(StoreError):
        Activity(store, "GONE").record([Message(NOW, 0, "x")], [])


@given(
    counts=st.lists(st.tuples(st.integers(1, 9), st.integers(-100, 100)), min_size=2, max_size=5)
)
def test_joining_captures_in_any_order_gives_the_same_counts(counts):
    made = [captured(at=NOW + timedelta(seconds=s), count=n) for n, s in counts]
    forward, backward = made[0], made[-1]
    for one in made[1:]:
        forward = forward.joined(one)
    for one in made[-2::-1]:
        backward = backward.joined(one)
    for joined in (forward, backward):
        assert joined.count == sum(n for n, _ in counts)
        assert joined.first_seen == min(c.first_seen for c in made)
        assert joined.last_seen == max(c.last_seen for c in made)
