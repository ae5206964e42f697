"""Lists of messages and captures: paged both ways by number, one of them found, some removed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db.activity import Activity
from db.activity_values import Captured, Message
from epm.errors import NotFoundError
from tests.db.sample import BOB, LOCAL
from tests.support.builders import call

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
COUNT = 25


def _numbers(rows):
    return [row.number for row in rows]


def _messages(activity):
    sent = [Message(NOW + timedelta(minutes=n), 0, f"message {n}") for n in range(COUNT)]
    activity.record(sent, [])


def _captures(activity):
    for port in range(1, COUNT + 1):
        one = call(rmtaddr="10.1.2.3", lclport=port)
        activity.record([], [Captured(one, 1, NOW, NOW)])


@pytest.fixture(params=["messages", "captures"])
def lists(request, store):
    """A list of 25, by the names of what is done with it; another system has one of its own."""
    store.create_system("OTHER", BOB)
    activity, other = Activity(store, LOCAL), Activity(store, "OTHER")
    fill = _messages if request.param == "messages" else _captures
    fill(activity)
    fill(other)
    return activity, other, request.param


def page(lists, *words, **options):
    activity, _, name = lists
    return getattr(activity, name)(*words, **options)


def test_a_list_is_paged_down_and_up_again_without_a_gap(lists):
    everything = _numbers(page(lists, 100))
    assert everything == sorted(everything, reverse=True)
    assert len(everything) == COUNT
    second = page(lists, 10, before=everything[9])
    assert _numbers(second) == everything[10:20]
    assert _numbers(page(lists, 10, since=second[0].number + 1)) == everything[0:10]
    assert _numbers(page(lists, 4, since=everything[-1])) == everything[-4:]


def test_between_two_numbers_only_those_are_listed(lists):
    everything = _numbers(page(lists, 100))
    assert _numbers(page(lists, 10, before=everything[4], since=everything[7])) == everything[5:8]


def test_one_is_found_and_one_that_is_gone_is_not(lists):
    activity, other, name = lists
    one = activity.message if name == "messages" else activity.captured
    wanted = page(lists, 3)[2]
    assert one(wanted.number) == wanted
    remove = activity.remove_messages if name == "messages" else activity.remove_captures
    assert remove([wanted.number]) == 1
    with pytest.raises(NotFoundError, match=f"{wanted.number} is not"):
        one(wanted.number)
    theirs = getattr(other, name)(1)[0].number
    with pytest.raises(NotFoundError):
        one(theirs)


def test_those_removed_are_gone_and_no_other(lists):
    activity, other, name = lists
    everything = _numbers(page(lists, 100))
    theirs = _numbers(getattr(other, name)(100))
    remove = activity.remove_messages if name == "messages" else activity.remove_captures
    assert remove([everything[0], everything[3], theirs[0], 10**6]) == 2
    assert _numbers(page(lists, 100)) == [*everything[1:3], *everything[4:]]
    assert _numbers(getattr(other, name)(100)) == theirs
    assert remove([]) == 0


def test_more_can_be_removed_than_one_statement_takes(lists, monkeypatch):
    monkeypatch.setattr("db.activity_lists.KEYS_AT_ONCE", 7)
    activity, _, name = lists
    remove = activity.remove_messages if name == "messages" else activity.remove_captures
    assert remove(_numbers(page(lists, 100))) == COUNT
    assert page(lists, 100) == []
