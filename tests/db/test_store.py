"""The store keeps what it is given, every revision of it, and lets nobody overwrite another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from db.snapshots import activate, delete_rule, put_rule
from db.store import Edit, Store
from db.values import Key, Part
from epm.errors import EditConflictError, EpmError, NotFoundError, RuleError, StoreError
from epm.model import DEFAULT_SEQUENCE, AddressGroup, RuleSet, Server, ServerRules
from tests.db.sample import ALICE, BOB, LOCAL, full, save, with_rule
from tests.support.builders import condition, default_rule, rule, rule_set


def test_a_new_store_has_the_system_local_as_it_is_shipped(store):
    snapshot = store.load(LOCAL)
    assert store.systems() == [LOCAL]
    assert (snapshot.revision, snapshot.ruleset, snapshot.tests) == (1, RuleSet(), "")


def test_a_saved_rule_set_comes_back_exactly(store, url):
    text = "- name: ssh\n  call: {server: QSOACCEPT}\n"
    number = save(store, full(), text, reason="ticket 4711")
    with Store.open(url) as other:
        snapshot = other.load(LOCAL)
    assert snapshot.ruleset == full()
    assert (snapshot.revision, snapshot.tests, snapshot.changed_by) == (number, text, ALICE)


def test_the_clock_is_the_callers_and_kept_in_utc(url):
    east = datetime(2026, 11, 21, 17, 30, 0, 123456, timezone(timedelta(hours=5, minutes=30)))
    with Store.init(url, clock=lambda: east) as store:
        save(store, full())
    with Store.open(url) as store:
        assert store.load(LOCAL).changed_at == datetime(2026, 11, 21, 12, 0, 0, 123456, UTC)


def test_every_revision_can_be_loaded_as_it_was(store, url):
    saved = {1: RuleSet()}
    for change in (full(), with_rule(full(), 15), RuleSet(), with_rule(RuleSet(), 15), full()):
        saved[save(store, change, f"# {len(saved)}\n")] = change
    with Store.open(url) as other:
        assert {n: other.load_revision(LOCAL, n).ruleset for n in saved} == saved
        assert other.load_revision(LOCAL, 3).tests == "# 2\n"


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_revision_that_never_was_is_not_found(sqlite_store, number):
    with pytest.raises(NotFoundError, match=f"no revision {number}"):
        sqlite_store.load_revision(LOCAL, number)


def test_saving_what_is_there_makes_no_revision(sqlite_store):
    number = save(sqlite_store, full(), "x")
    assert save(sqlite_store, full(), "x") == number
    assert sqlite_store.revision(LOCAL) == number
    assert len(sqlite_store.revisions(LOCAL)) == 2
    # The sqlite_store is not left locked or changed by the attempt.
    assert save(sqlite_store, RuleSet(), "x") == number + 1


def test_a_writer_who_saw_an_older_revision_is_told_by_whom_it_was_changed(store, url):
    seen = store.load(LOCAL)
    with Store.open(url) as other:
        save(other, full(), seen=1, who=BOB, action="import", object="corp.yaml")
    with pytest.raises(EditConflictError, match=r"BOB on desk .*revision 2: import corp\.yaml"):
        save(store, with_rule(seen.ruleset, 10), seen=seen.revision)
    assert store.load(LOCAL).ruleset == full()


def test_a_targeted_edit_conflicts_just_the_same(store):
    save(store, full())
    with pytest.raises(EditConflictError, match="ALICE on laptop"):
        store.apply(
            LOCAL, [delete_rule(Server.ACCEPT, 10)], seen=1, who=BOB, action="x", object="y"
        )
    assert store.load(LOCAL).ruleset == full()


def apply(store, *edits, seen=None):
    seen = store.revision(LOCAL) if seen is None else seen
    return store.apply(LOCAL, edits, seen=seen, who=BOB, action="change", object="some")


def test_targeted_edits_change_just_what_they_name(store):
    save(store, full(), "tests")
    moved = full().servers[Server.ACCEPT].rules[0]
    number = apply(
        store,
        delete_rule(Server.ACCEPT, 10),
        put_rule(Server.ACCEPT, replace(moved, seq=15)),
        activate(Server.ACCEPT, False),
        Edit(Key(Part.ADDRESS_GROUP, "EMPTY"), None),
        Edit(Key(Part.PORT_GROUP, "HOSTSRV"), ("449",)),
        Edit(Key(Part.TESTS), "other"),
    )
    snapshot = store.load(LOCAL)
    own = snapshot.ruleset.servers[Server.ACCEPT]
    before = full().servers[Server.ACCEPT]
    assert [r.seq for r in own.rules] == [15, 20, 30, DEFAULT_SEQUENCE]
    assert own.rules[0] == replace(moved, seq=15)
    assert own.rules[1:] == before.rules[1:]
    assert not own.activated
    assert dict(snapshot.ruleset.groups.addresses) == {
        "ADMINS": AddressGroup(("10.0.0.0/8", "::1"), ("10.9.0.0/16",))
    }
    assert dict(snapshot.ruleset.groups.ports) == {"HOSTSRV": ("449",), "ADMINS": ("22",)}
    assert (snapshot.tests, snapshot.revision, snapshot.changed_by) == ("other", number, BOB)
    assert len(store.history(LOCAL, revision=number)) == 6


def test_an_edit_that_changes_nothing_makes_no_revision(sqlite_store):
    save(sqlite_store, full())
    assert apply(sqlite_store, put_rule(Server.ACCEPT, full().servers[Server.ACCEPT].rules[0])) == 2
    assert sqlite_store.revision(LOCAL) == 2


BAD_EDITS = {
    "there is no rule QSOACCEPT 77": [delete_rule(Server.ACCEPT, 77)],
    "default rule cannot be deleted": [delete_rule(Server.ACCEPT, DEFAULT_SEQUENCE)],
    "config: it cannot be deleted": [Edit(Key(Part.CONFIG), None)],
    "no such server": [Edit(Key(Part.RULE, "QSOFTP", 10), rule(10))],
    "holds a rule of sequence 11": [Edit(Key(Part.RULE, "QSOACCEPT", 10), rule(11))],
    "edited twice": [put_rule(Server.ACCEPT, rule(5)), delete_rule(Server.ACCEPT, 5)],
    "not hold what its kind says": [Edit(Key(Part.NAME_GROUP, "G"), AddressGroup())],
}


@pytest.mark.parametrize(("why", "edits"), BAD_EDITS.items(), ids=list(BAD_EDITS))
def test_an_edit_that_cannot_be_kept_changes_nothing(sqlite_store, why, edits):
    save(sqlite_store, full())
    with pytest.raises(EpmError, match=why):
        apply(sqlite_store, put_rule(Server.CONNECT, rule(1, "USER EQ A")), *edits)
    assert sqlite_store.load(LOCAL).ruleset == full()
    assert sqlite_store.revision(LOCAL) == 2


def with_accept(*rules):
    return replace(
        RuleSet(), servers={**RuleSet().servers, Server.ACCEPT: ServerRules(False, rules)}
    )


TWICE = replace(rule(10), conditions=(condition("USER EQ A", 10), condition("USER EQ B", 10)))
BAD_RULE_SETS = {
    "QSOACCEPT has no default rule 99999": with_accept(rule(10)),
    "QSOACCEPT rule 10: sequences must be unique": with_accept(rule(10), rule(10), default_rule()),
    "rule 10: sequences must be .* ascending": with_accept(rule(20), rule(10), default_rule()),
    "all three servers": RuleSet(servers={Server.ACCEPT: ServerRules()}),
    "rule QSOACCEPT 10: name has 51 characters": with_accept(
        rule(10, name="n" * 51), default_rule()
    ),
    "rule QSOACCEPT 10: condition sequence 10": with_accept(TWICE, default_rule()),
    "rule QSOACCEPT 10: .*cannot be kept": with_accept(
        rule(10, "PGM EQ /bin/a\0b"), default_rule()
    ),
    "rule QSOACCEPT 20: .*cannot be kept": with_accept(
        rule(20, "PGM EQ /bin/\udcff"), default_rule()
    ),
}


@pytest.mark.parametrize(("why", "ruleset"), BAD_RULE_SETS.items(), ids=list(BAD_RULE_SETS))
def test_a_rule_set_whose_structure_cannot_be_kept_is_refused_whole(sqlite_store, why, ruleset):
    with pytest.raises(RuleError, match=why):
        save(sqlite_store, ruleset)
    assert sqlite_store.load(LOCAL).ruleset == RuleSet()


def test_systems_are_apart(sqlite_store):
    save(sqlite_store, full())
    sqlite_store.create_system("PROD1", BOB)
    assert sqlite_store.systems() == [LOCAL, "PROD1"]
    assert sqlite_store.load("PROD1").ruleset == RuleSet()
    sqlite_store.save("PROD1", RuleSet(), "t", seen=1, who=BOB, action="a", object="o")
    assert sqlite_store.load(LOCAL).ruleset == full()
    assert [c.number for c in sqlite_store.history("PROD1")] == [2, 1]


def test_a_system_exists_once_and_has_a_proper_name(store):
    with pytest.raises(StoreError, match="system \\*LOCAL exists already"):
        store.create_system(LOCAL, ALICE)
    for name in ("", "NINECHARS", "A B", "É"):
        with pytest.raises(RuleError, match="system name"):
            store.create_system(name, ALICE)
    for read in (store.load, store.revision, store.outline, store.stamp):
        with pytest.raises(NotFoundError, match="no system GONE"):
            read("GONE")


def test_an_outline_tells_of_a_system_without_its_rules(store):
    number = save(store, full())
    outline = store.outline(LOCAL)
    assert outline.revision == number
    assert (outline.config, outline.groups) == (full().config, full().groups)
    assert outline.activated == {Server.ACCEPT: True, Server.CONNECT: False, Server.LISTEN: False}
    assert outline.counts == {Server.ACCEPT: 4, Server.CONNECT: 1, Server.LISTEN: 2}


@pytest.fixture
def hundred(store):
    rules = [rule(10 * n, "USER EQ X", name=f"Rule Ä{n}% of_100") for n in range(1, 101)]
    save(store, rule_set(*rules))
    save(store, rule_set(*rules[:50], *rules[51:]))  # one more version in between
    return store


def sequences(store, start, count, **other):
    return [r.seq for r in store.page(LOCAL, Server.ACCEPT, start, count, **other)]


def test_pages_go_forward_and_backward_by_sequence(hundred):
    assert sequences(hundred, 1, 3) == [10, 20, 30]
    assert sequences(hundred, 495, 3) == [500, 520, 530]
    assert sequences(hundred, 525, 3, backward=True) == [490, 500, 520]
    assert sequences(hundred, 5, 3, backward=True) == []
    assert sequences(hundred, 1000, 9) == [1000, DEFAULT_SEQUENCE]


def test_a_page_holds_the_rules_as_they_are_now(hundred):
    page = hundred.page(LOCAL, Server.ACCEPT, 20, 2)
    assert page == list(hundred.load(LOCAL).ruleset.servers[Server.ACCEPT].rules[1:3])
    assert page[0].conditions


def test_a_subset_by_description_ignores_case_and_takes_every_character_as_it_is(hundred):
    assert sequences(hundred, 1, 9, text="ä99") == [990]
    assert sequences(hundred, 1, 9, text="9% OF_1") == [90, 190, 290, 390, 490, 590, 690, 790, 890]
    assert sequences(hundred, 1, 9, text="%o%") == []
    assert sequences(hundred, 1, 9, text="of-100") == []
    assert hundred.count(LOCAL, Server.ACCEPT, "9% of") == 10
    assert hundred.count(LOCAL, Server.ACCEPT) == 100


def test_what_was_saved_is_not_changed_by_changing_the_mapping_it_came_in(sqlite_store):
    mine = {**with_rule(RuleSet(), 10).servers}
    number = save(sqlite_store, RuleSet(servers=mine))
    mine[Server.ACCEPT] = with_rule(RuleSet(), 20).servers[Server.ACCEPT]
    assert save(sqlite_store, RuleSet(servers=mine)) == number + 1
    assert sqlite_store.load_revision(LOCAL, number + 1).ruleset.servers == mine


def test_one_rule_is_found_by_its_sequence(hundred):
    assert hundred.rule(LOCAL, Server.ACCEPT, 20).name == "Rule Ä2% of_100"
    with pytest.raises(NotFoundError, match="QSOACCEPT has no rule 25"):
        hundred.rule(LOCAL, Server.ACCEPT, 25)


def test_nobodys_edit_is_lost_when_four_edit_at_once(url):
    """Each reads, adds its own rule, saves, and begins again when it was too late."""
    Store.init(url).close()

    def edit(worker):
        with Store.open(url) as mine:
            for n in range(1, 9):
                while True:
                    seen = mine.load(LOCAL)
                    changed = with_rule(seen.ruleset, 100 * worker + n)
                    try:
                        save(mine, changed, seen=seen.revision)
                        break
                    except EditConflictError:
                        continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(edit, (1, 2, 3, 4)))
    with Store.open(url) as store:
        snapshot = store.load(LOCAL)
        assert store.damaged_change(LOCAL) is None
    found = {r.seq for r in snapshot.ruleset.servers[Server.ACCEPT].rules} - {DEFAULT_SEQUENCE}
    assert found == {100 * worker + n for worker in (1, 2, 3, 4) for n in range(1, 9)}
    assert snapshot.revision == 1 + 32


def test_a_reader_in_the_middle_of_saves_never_sees_half_of_one(url):
    """Rules and groups are changed together; whoever reads sees both or neither."""
    seen = []

    def read():
        with Store.open(url) as mine:
            seen.extend(mine.load(LOCAL).ruleset for _ in range(30))

    with Store.init(url) as store, ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        for n in range(20):
            save(store, full() if n % 2 == 0 else RuleSet())
        reading.result()
    assert all(ruleset in (RuleSet(), full()) for ruleset in seen)
