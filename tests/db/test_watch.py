"""Rule changes reach running programs within a second; an outage leaves the last good rules."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from db.engine import Timeouts
from db.store import Store
from db.watch import Watcher
from epm.errors import RuleError, StoreError
from epm.model import RuleSet
from tests.db.sample import LOCAL, full, save, with_rule
from tests.db.test_activity_writer import eventually


@contextmanager
def watching(store, on_change=None, **other):
    """A watcher with what it handed over and what it told."""
    taken, told = [], []
    watcher = Watcher(store, LOCAL, on_change or taken.append, told.append, interval=0.02, **other)
    watcher.taken, watcher.told = taken, told
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.close()
    assert not any(thread.is_alive() for thread in watcher._threads)


def failing(watcher):
    """Whether an outage has been told and is not over; what is told next shows the same."""
    return watcher._told is not None


def revisions(watcher):
    return [snapshot.revision for snapshot in watcher.taken]


def test_the_first_look_hands_over_the_current_rules(store):
    save(store, full())
    with watching(store) as watcher:
        eventually(lambda: revisions(watcher) == [2])
        assert watcher.taken[0].ruleset == full()


def test_rules_that_are_in_force_already_are_not_handed_over_again(store):
    with watching(store, seen=store.load(LOCAL)) as watcher:
        save(store, full())
        eventually(lambda: revisions(watcher) == [2])


def test_each_change_of_another_program_is_picked_up_within_a_second(store, url):
    root = Path(__file__).parents[2]
    code = f"""
import sys
sys.path.insert(0, {str(root)!r})
from db.store import Store
from tests.db.sample import LOCAL, full, save
with Store.open(sys.argv[1]) as store:
    for line in sys.stdin:
        save(store, full(), line)
        print("saved", flush=True)
"""
    other = subprocess.Popen(
        [sys.executable, "-B", "-c", code, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with watching(store, seen=store.load(LOCAL)) as watcher, other:
        for n in (2, 3, 4):
            other.stdin.write(f"{n}\n")
            other.stdin.flush()
            assert other.stdout.readline() == "saved\n"
            eventually(lambda n=n: revisions(watcher)[-1:] == [n], within=1.0)
        other.stdin.close()
    assert watcher.told == []


def test_what_is_no_rule_change_hands_nothing_over(store, url):
    with watching(store, seen=store.load(LOCAL)) as watcher, Store.open(url) as other:
        other.create_system("OTHER", other.load(LOCAL).changed_by)
        sleep(0.2)
        assert watcher.taken == []


def test_a_change_is_handed_over_once_whatever_else_is_saved_after_it(store, url, monkeypatch):
    loaded = []
    load = store.load
    monkeypatch.setattr(store, "load", lambda system: (loaded.append(system), load(system))[1])
    with watching(store) as watcher, Store.open(url) as other:
        save(other, full())
        eventually(lambda: revisions(watcher)[-1:] == [2])
        already, before = len(watcher.taken), len(loaded)
        for name in ("ONE", "TWO", "THREE"):
            other.create_system(name, other.load(LOCAL).changed_by)
            sleep(0.1)
        assert len(watcher.taken) == already
        assert len(loaded) == before


def test_an_outage_is_told_once_and_ends_by_itself(sqlite_url):
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with Store.init(sqlite_url) as store, watching(store, seen=store.load(LOCAL)) as watcher:
        path.rename(path.with_name("away"))
        eventually(lambda: watcher.told)
        assert failing(watcher)
        sleep(0.3)
        path.with_name("away").rename(path)
        eventually(lambda: not failing(watcher))
        assert len(watcher.told) == 1
        assert watcher.taken == []
        save(store, full())
        eventually(lambda: revisions(watcher) == [2])


def test_a_store_put_back_from_a_copy_is_noticed_even_with_the_same_number(sqlite_url, tmp_path):
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with Store.init(sqlite_url) as store:
        shutil.copy(path, tmp_path / "copy")
        save(store, full())
        with watching(store, seen=store.load(LOCAL)) as watcher:
            with Store.open(f"sqlite:///{tmp_path}/copy") as copy:
                save(copy, with_rule(RuleSet(), 77))
            (tmp_path / "copy").rename(path)
            eventually(lambda: revisions(watcher) == [2])
            assert watcher.taken[0].ruleset == with_rule(RuleSet(), 77)


def test_rules_that_are_refused_are_told_once_for_each_revision_and_tried_again(store):
    taken, refusing = [], True

    def take(snapshot):
        if refusing:
            raise RuleError(f"revision {snapshot.revision} is not good")
        taken.append(snapshot.revision)

    with watching(store, take, seen=store.load(LOCAL)) as watcher:
        save(store, full())
        eventually(lambda: len(watcher.told) == 1)
        sleep(0.2)
        save(store, full(), "more")
        eventually(lambda: len(watcher.told) == 2)
        assert [str(e) for e in watcher.told] == [
            "revision 2 is not good",
            "revision 3 is not good",
        ]
        refusing = False
        eventually(lambda: taken == [3])
        assert not failing(watcher)


def test_a_fault_in_the_taker_is_told_and_does_not_end_the_watch(store):
    taken, faults = [], [ZeroDivisionError("x")]

    def take(snapshot):
        if faults:
            raise faults.pop()
        taken.append(snapshot.revision)

    with watching(store, take) as watcher:
        eventually(lambda: taken == [1])
        assert [type(e) for e in watcher.told] == [StoreError]
        assert "ZeroDivisionError: x" in str(watcher.told[0])


class Stuck:
    """A store that neither answers nor fails."""

    def __init__(self, store):
        self._store = store
        self.gate = threading.Event()
        self.gate.set()
        self.database = replace(store.database, path=None)
        self.label = store.label

    def stamp(self, system):
        self.gate.wait(10)
        return self._store.stamp(system)

    def load(self, system):
        return self._store.load(system)


def test_a_store_that_does_not_answer_is_told_though_it_never_fails(sqlite_url):
    with (
        Store.init(sqlite_url) as store,
        watching(stuck := Stuck(store), seen=store.load(LOCAL), stalled_after=0.2) as watcher,
    ):
        sleep(0.3)
        assert watcher.told == []
        stuck.gate.clear()
        eventually(lambda: watcher.told)
        assert "does not answer" in str(watcher.told[0])
        sleep(0.2)
        stuck.gate.set()
        eventually(lambda: not failing(watcher))
        assert len(watcher.told) == 1


@pytest.mark.real
def test_a_server_whose_tables_are_locked_is_an_outage_that_ends(cluster):
    with (
        Store.init(cluster.new_database(), timeouts=Timeouts(lock=0.1)) as store,
        watching(store, seen=store.load(LOCAL)) as watcher,
    ):
        with store.writing() as connection:
            connection.execute(text("LOCK TABLE epm_system IN ACCESS EXCLUSIVE MODE"))
            eventually(lambda: failing(watcher))
        eventually(lambda: not failing(watcher))
        assert len(watcher.told) == 1
        save(store, full())
        eventually(lambda: revisions(watcher) == [2])


@pytest.mark.real
def test_connections_that_the_server_ended_are_opened_again(cluster):
    with (
        Store.init(cluster.new_database()) as store,
        watching(store, seen=store.load(LOCAL)) as watcher,
    ):
        with store.writing() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        start = monotonic()
        save(store, full())
        eventually(lambda: revisions(watcher) == [2])
        assert monotonic() - start < 5
