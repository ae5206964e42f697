"""Every change is attributed, kept, chained, and handed to the journal once it is due."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from db.history import chained as chained_hash
from db.snapshots import Edit, delete_rule, put_rule
from db.store import Store
from db.values import Key, Part, to_json
from epm.errors import NotFoundError, StoreError
from epm.model import RuleSet, Server
from tests.db.sample import ALICE, BOB, LOCAL, full, save, with_rule
from tests.support.builders import rule


def test_a_change_says_who_when_where_what_and_why(store):
    before = with_rule(RuleSet(), 10, name="old")
    save(store, before)
    save(
        store,
        with_rule(before, 10, name="new"),
        who=BOB,
        action="change",
        object="QSOACCEPT 10",
        reason="ticket 4711",
    )
    (change,) = store.history(LOCAL, limit=1)
    made = change.revision
    assert (made.who, made.action, made.object) == (BOB, "change", "QSOACCEPT 10")
    assert (made.reason, made.number) == ("ticket 4711", 3)
    assert made.at.utcoffset() is not None
    assert str(change.key) == "rule QSOACCEPT 10"
    assert json.loads(change.before)["name"] == "old"
    assert json.loads(change.after)["name"] == "new"


def test_the_first_change_is_the_making_of_the_system(store):
    (change,) = store.history(LOCAL)
    assert (change.number, str(change.key), change.revision.number) == (1, "system *LOCAL", 1)


def test_history_is_filtered_by_rule_and_goes_on_where_it_ended(sqlite_store):
    ruleset = RuleSet()
    for n in range(3):
        ruleset = with_rule(with_rule(ruleset, 10, name=f"a{n}"), 20, name=f"b{n}")
        save(sqlite_store, ruleset)
    of_ten = sqlite_store.history(LOCAL, Server.ACCEPT, 10)
    assert [json.loads(c.after)["name"] for c in of_ten] == ["a2", "a1", "a0"]
    assert sqlite_store.history(LOCAL, Server.CONNECT) == []
    first = sqlite_store.history(LOCAL, limit=3)
    rest = sqlite_store.history(LOCAL, before=first[-1].number)
    assert [c.number for c in first + rest] == [7, 6, 5, 4, 3, 2, 1]
    assert [r.number for r in sqlite_store.revisions(LOCAL, 2)] == [4, 3]
    assert [r.number for r in sqlite_store.revisions(LOCAL, before=3)] == [2, 1]


def test_labels_that_no_column_takes_are_cut_and_still_chained(sqlite_store):
    who = type(ALICE)("A" * 300, "h\udcff\0")
    save(sqlite_store, full(), who=who, action="x" * 300, object="y\0")
    assert sqlite_store.revisions(LOCAL, 1)[0].who.user == "A" * 255
    assert sqlite_store.damaged_change(LOCAL) is None


@pytest.fixture
def chained(sqlite_store):
    for n in range(5):
        save(sqlite_store, with_rule(RuleSet(), 10 + n))
    assert sqlite_store.damaged_change(LOCAL) is None
    return sqlite_store


TAMPERINGS = {
    "a value": "UPDATE rule_change SET after_json = '{}' WHERE change_number = 4",
    "the object": "UPDATE rule_change SET seq = seq + 1 WHERE change_number = 4",
    "who": "UPDATE rule_revision SET made_by = 'EVE' WHERE revision = "
    "(SELECT revision FROM rule_change WHERE change_number = 4)",
    "why": "UPDATE rule_revision SET reason = 'asked' WHERE revision = "
    "(SELECT revision FROM rule_change WHERE change_number = 4)",
    "a lost change": "DELETE FROM rule_change WHERE change_number = 4",
    "a part that there is not": "UPDATE rule_change SET part = '?' WHERE change_number = 4",
    "a time that is none": "UPDATE rule_revision SET made_at = 'noon' WHERE revision = "
    "(SELECT revision FROM rule_change WHERE change_number = 4)",
    "bytes for a text": "UPDATE rule_change SET after_json = x'ff' WHERE change_number = 4",
}


@pytest.mark.parametrize("how", TAMPERINGS.values(), ids=list(TAMPERINGS))
def test_a_tampered_history_names_the_first_change_that_is_not_as_written(chained, how):
    with chained.writing() as connection:
        connection.execute(text(how))
    assert chained.damaged_change(LOCAL) in {3, 4}


@pytest.mark.parametrize("how", ["a part that there is not", "a time that is none"])
def test_a_history_that_cannot_be_read_is_an_error_of_one_line(chained, how):
    with chained.writing() as connection:
        connection.execute(text(TAMPERINGS[how]))
    with pytest.raises(StoreError, match="the store holds a change that is not one: "):
        chained.history(LOCAL)


def test_only_a_system_that_there_is_has_a_history_to_be_proved(sqlite_store):
    with pytest.raises(NotFoundError, match="there is no system OTHER"):
        sqlite_store.damaged_change("OTHER")


def test_a_change_that_was_rewritten_with_its_hash_breaks_the_next_one(chained):
    *_, fifth, fourth, _, _, _ = chained.history(LOCAL)
    third = chained.history(LOCAL)[-3]
    forged = replace(fourth, after="{}")
    with chained.writing() as connection:
        connection.execute(
            text(
                "UPDATE rule_change SET after_json = '{}', chain_hash = :hash "
                "WHERE change_number = 4"
            ),
            {"hash": chained_hash(forged, third.hash)},
        )
    assert fifth.number == 5
    assert chained.damaged_change(LOCAL) == 5


def test_a_cut_tail_is_found(chained):
    last = chained.history(LOCAL, limit=1)[0].number
    with chained.writing() as connection:
        connection.execute(text(f"DELETE FROM rule_change WHERE change_number = {last}"))
        connection.execute(text(f"DELETE FROM rule_change WHERE change_number = {last - 1}"))
    assert chained.damaged_change(LOCAL) == last - 1


def test_changes_wait_for_the_journal_until_they_are_marked(chained):
    waiting = chained.unjournaled()
    assert [c.number for c in waiting] == list(range(1, len(waiting) + 1))
    assert not any(c.journaled for c in waiting)
    chained.mark_journaled(waiting[:4])
    assert chained.unjournaled(1)[0].number == 5
    assert [c.journaled for c in chained.history(LOCAL)][-5:] == [False] + [True] * 4
    assert chained.damaged_change(LOCAL) is None
    chained.mark_journaled([])
    assert len(chained.unjournaled()) == len(waiting) - 4


def test_more_changes_than_one_call_hands_over_come_batch_by_batch(sqlite_store):
    ruleset = RuleSet()
    for seq in range(1, 26):
        ruleset = with_rule(ruleset, seq)
    save(sqlite_store, ruleset)
    numbers = []
    while waiting := sqlite_store.unjournaled(10):
        assert len(waiting) <= 10
        numbers += [change.number for change in waiting]
        sqlite_store.mark_journaled(waiting)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 25


_SEQUENCES = st.sampled_from([5, 10, 15, 20])
_RULES = st.builds(
    lambda seq, name, values: put_rule(
        Server.ACCEPT, rule(seq, *(f"USER EQ {v}" for v in values), name=name)
    ),
    _SEQUENCES,
    st.sampled_from([None, "a", "b"]),
    st.lists(st.sampled_from(["X", "Y"]), max_size=2),
)
_DELETIONS = st.builds(delete_rule, st.just(Server.ACCEPT), _SEQUENCES)
_GROUPS = st.builds(
    lambda name, members: Edit(Key(Part.NAME_GROUP, name), members),
    st.sampled_from(["G", "H"]),
    st.one_of(st.none(), st.lists(st.sampled_from(["P", "Q"]), max_size=2).map(tuple)),
)
_TESTS = st.builds(lambda t: Edit(Key(Part.TESTS), t), st.sampled_from(["", "t1", "t2"]))
_EDITS = st.lists(
    st.one_of(_RULES, _DELETIONS, _GROUPS, _TESTS),
    min_size=1,
    max_size=3,
    unique_by=lambda edit: edit.key,
)


def objects(snapshot):
    """Return a snapshot as its objects' JSON by their keys."""
    ruleset = snapshot.ruleset
    found = {str(Key(Part.TESTS)): to_json(snapshot.tests)}
    for server, rules in ruleset.servers.items():
        for one in rules.rules:
            found[str(Key(Part.RULE, server.value, one.seq))] = to_json(one)
    for name, group in ruleset.groups.names.items():
        found[str(Key(Part.NAME_GROUP, name))] = to_json(group)
    return found


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=st.lists(_EDITS, max_size=6))
def test_replaying_the_history_gives_every_revision(tmp_path_factory, batches):
    """Law: what a revision holds is the shipped state with all changes up to it."""
    store = Store.init(f"sqlite:///{tmp_path_factory.mktemp('s')}/epm.db")
    shipped = objects(store.load(LOCAL))
    for edits in batches:
        try:
            store.apply(LOCAL, edits, seen=store.revision(LOCAL), who=ALICE, action="a", object="o")
        except NotFoundError:
            continue
    replayed = {1: dict(shipped)}
    for change in reversed(store.history(LOCAL, limit=1000)):
        number = change.revision.number
        if change.key.part is Part.SYSTEM:
            continue
        state = replayed.setdefault(number, dict(replayed[max(n for n in replayed)]))
        assert state.get(str(change.key)) == change.before
        state[str(change.key)] = change.after
        if change.after is None:
            del state[str(change.key)]
    for number, state in replayed.items():
        assert objects(store.load_revision(LOCAL, number)) == state
    assert max(replayed) == store.revision(LOCAL)
    assert store.damaged_change(LOCAL) is None
    store.close()
