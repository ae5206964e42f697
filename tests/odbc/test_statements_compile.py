"""Every statement that the store issues can be said to Db2 for i.

The statements are recorded where the store runs, on SQLite, by an event of SQLAlchemy; then each
is compiled by the dialect of ``ibmi://``, which needs no system for that.
"""

from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Executable, event
from sqlalchemy.sql.ddl import ExecutableDDLElement

from db import group_usage, revision_pages, schema
from db.activity import Activity, Retention
from db.activity_lists import ActivityLists
from db.activity_values import Captured, Message
from db.engine import open_engine
from db.ibmi.dialect import IbmiDialect
from db.readings import ReadableStore
from db.snapshots import delete_rule, put_rule
from db.store import Store
from db.values import Part
from epm.errors import EditConflictError
from epm.model import RuleSet, Server
from tests.db.sample import ALICE, BOB, LOCAL, full, save, with_rule
from tests.support.builders import call, rule

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
#: What Db2 for i does not take, by the reason. IBM documentation: SQL reference.
FORBIDDEN = {
    "RETURNING": r"\bRETURNING\b",
    "several rows in VALUES": r"VALUES\s*\([^()]*\)\s*,\s*\(",
    "row locks": r"FOR UPDATE",
    "LIMIT": r"\bLIMIT\b",
    "upsert": r"ON CONFLICT|ON DUPLICATE|\bREPLACE INTO\b",
    "ILIKE": r"\bILIKE\b",
    "a list as one value": r"\bIN\s+CAST\b",
    "an untyped result of CASE": r"(THEN|ELSE)\s+\?",
    "an untyped marker as a column": r"SELECT\s+(DISTINCT\s+)?\?",
    # With a length, Db2 for i fills up with blanks (IBM documentation: SUBSTR).
    "a SUBSTR that is padded": r"(?<!TRIM\()\bSUBSTR\(",
    "SQLite": r"PRAGMA|\bROWID\b|VACUUM",
}


class Recorder:
    """Every statement that went through an engine, with whether it was for several rows."""

    def __init__(self, engine):
        self.seen = {}
        event.listen(engine, "before_execute", self._keep)

    def _keep(self, _connection, statement, several, single, _options):
        if isinstance(statement, Executable):
            columns = sorted((several[0] if several else single) or ())
            self.seen[str(statement), tuple(columns), bool(several)] = statement

    def compiled(self):
        dialect = IbmiDialect()
        for (_, columns, several), statement in self.seen.items():
            if isinstance(statement, ExecutableDDLElement):
                yield str(statement.compile(dialect=dialect))
                continue
            made = statement.compile(
                dialect=dialect,
                column_keys=list(columns) or None,
                for_executemany=several,
                # Lists of IN become markers, as they are when it is run.
                compile_kwargs={"render_postcompile": True},
            )
            yield str(made)


def change_rules(store):
    store.create_system("OTHER", BOB, "a reason")
    save(store, full(), "- name: x\n")
    save(store, with_rule(full(), 15))
    seen = store.revision(LOCAL)
    words = {"who": ALICE, "action": "change", "object": "rules"}
    edits = [put_rule(Server.ACCEPT, rule(20, "USER EQ Y")), delete_rule(Server.ACCEPT, 15)]
    store.apply(LOCAL, edits, seen=seen, **words)
    with pytest.raises(EditConflictError):
        store.save(LOCAL, RuleSet(), "", seen=seen, **words)
    store.mark_journaled(store.unjournaled())


def read_rules(store):
    store.systems(), store.revision(LOCAL), store.stamp(LOCAL), store.outline(LOCAL)
    store.load(LOCAL), store.load_revision(LOCAL, 2), store.part(LOCAL, {Server.ACCEPT: [10, 20]})
    store.page(LOCAL, Server.ACCEPT, 1, 3), store.page(LOCAL, Server.ACCEPT, 99, 3, backward=True)
    store.page(LOCAL, Server.ACCEPT, 1, 3, text="Ad_m%")
    store.count(LOCAL, Server.ACCEPT, "min"), store.rule(LOCAL, Server.ACCEPT, 10)
    store.revisions(LOCAL, 5, 3), store.history(LOCAL, Server.ACCEPT, 10, revision=2, before=99)
    assert store.damaged_change(LOCAL) is None


def read_pages(store):
    group_usage.group_usage(store, LOCAL)
    words = (store, LOCAL, Part.ADDRESS_GROUP, "ADMINS", Server.ACCEPT)
    group_usage.group_users(*words, 1, 5)
    group_usage.group_users(*words, 99999, 5, backward=True)
    subset = revision_pages.Subset(Server.ACCEPT, 10)
    revision_pages.revision_page(store, LOCAL, 9, 3, subset=subset)
    revision_pages.revision_page(store, LOCAL, 1, 3, newer=True)
    revision_pages.change_page(store, LOCAL, 2, 1, 3)
    revision_pages.change_page(store, LOCAL, 3, 9, 3, backward=True)


def use_activity(store):
    activity = Activity(store, LOCAL, Retention(messages=2, captures=2))
    calls = [call(rmtaddr="10.1.2.3", lclport=port) for port in range(1, 5)]
    for n in range(2):
        times = [NOW + timedelta(seconds=4 * n + i) for i in range(4)]
        messages = [Message(at, 0, f"{at}") for at in times]
        activity.record(
            messages, [Captured(c, 1, at, at) for c, at in zip(calls, times, strict=True)]
        )
    for rows, one in (
        (activity.messages, activity.message),
        (activity.captures, activity.captured),
    ):
        numbers = [row.number for row in rows(9)]
        rows(1, numbers[0]), rows(1, since=1), one(numbers[-1])
    activity.remove_messages([1]), activity.remove_captures([1])
    activity.clear_messages(2), activity.clear_captures(2)
    activity.clear_messages(), activity.clear_captures()


SCENARIOS = (change_rules, read_rules, read_pages, use_activity)


@pytest.fixture(scope="module")
def recorder(tmp_path_factory):
    """What making a store, all its migrations and all its methods send to the database."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store')}/epm.db"
    database = open_engine(url, create=True)
    recorder = Recorder(database.engine)
    schema.upgrade(database)
    schema.check(database)
    with Store(database) as store:
        store.begin_life()
        for scenario in SCENARIOS:
            scenario(store)
    return recorder


def test_the_scenarios_call_every_method_of_a_store():
    """A method that is added later must be added to a scenario here."""
    source = "\n".join(map(inspect.getsource, SCENARIOS))
    opening = {"open", "init", "close", "begin_life", "reconnect", "reading", "writing"}
    for kind in (ReadableStore, Store, ActivityLists, Activity):
        for name, member in vars(kind).items():
            if inspect.isfunction(member) and not name.startswith("_") and name not in opening:
                used = (
                    rf"\.{name}\(|activity\.{name}\b|\bsave\(" if name == "save" else rf"\.{name}\b"
                )
                assert re.search(used, source), f"{kind.__name__}.{name}"


def test_enough_was_recorded_to_mean_something(recorder):
    kinds = {key[0].split()[0] for key in recorder.seen}
    assert kinds >= {"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE"} - {""}, kinds
    assert len(recorder.seen) > 60


def test_every_statement_compiles_and_says_nothing_that_db2_for_i_refuses(recorder):
    for text in recorder.compiled():
        for reason, pattern in FORBIDDEN.items():
            assert not re.search(pattern, text, re.IGNORECASE), (reason, text)


def test_rows_are_paged_as_db2_for_i_pages_them(recorder):
    texts = list(recorder.compiled())
    assert any(re.search(r"FETCH FIRST \? ROWS ONLY", text) for text in texts)
    assert any(re.search(r"OFFSET \? ROWS\s+FETCH FIRST \? ROWS ONLY", text) for text in texts)


REFUSED = {
    "RETURNING": "INSERT INTO t (a) VALUES (?) RETURNING a",
    "several rows in VALUES": "INSERT INTO t (a, b) VALUES (?, ?), (?, ?)",
    "row locks": "SELECT a FROM t FOR UPDATE",
    "LIMIT": "SELECT a FROM t LIMIT 3",
    "upsert": "INSERT INTO t (a) VALUES (?) ON CONFLICT DO NOTHING",
    "ILIKE": "SELECT a FROM t WHERE a ILIKE ?",
    "a list as one value": "SELECT CASE WHEN a IN CAST((?, ?) AS VARCHAR(3)) THEN 1 END FROM t",
    "an untyped result of CASE": "SELECT a FROM t WHERE CASE WHEN a = b THEN ? END IS NULL",
    "an untyped marker as a column": "SELECT ? FROM t",
    "a SUBSTR that is padded": "SELECT SUBSTR(TRIM(a), 1, ?) FROM t",
    "SQLite": "PRAGMA data_version",
}


@pytest.mark.parametrize("reason", FORBIDDEN)
def test_the_check_would_notice(reason):
    assert re.search(FORBIDDEN[reason], REFUSED[reason], re.IGNORECASE)
