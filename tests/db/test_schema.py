"""The schema is reached by migrations alone, both ways, on stores that hold something."""

from __future__ import annotations

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Text, UniqueConstraint, create_mock_engine, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.schema import CreateIndex, CreateTable

from db import schema
from db.activity import Activity
from db.activity_tables import CaptureRow
from db.activity_values import Message
from db.engine import open_engine
from db.store import Store
from db.tables import Base
from epm.errors import StoreError
from epm.model import LOCAL_SYSTEM as LOCAL
from tests.db.sample import full, save

TABLES = CaptureRow.metadata.tables
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_migrations_lead_to_exactly_the_models(store):
    with store.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema.VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_checks_and_names_are_those_of_the_models_too(store):
    """Autogenerate does not compare these."""
    with store.reading() as connection:
        for name, table in TABLES.items():
            found = inspect(connection)
            checks = {c["name"] for c in found.get_check_constraints(name)}
            assert checks == {
                str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)
            }
            assert found.get_pk_constraint(name)["name"] == table.primary_key.name
            assert {k["name"] for k in found.get_foreign_keys(name)} == {
                k.name for k in table.foreign_key_constraints
            }


def test_down_and_up_again_on_a_filled_store_keeps_the_rules(store):
    save(store, full(), "tests")
    Activity(store, LOCAL).record([Message(NOW, 0, "hello")], [])
    assert schema.upgrade(store.database, "0001")
    with store.reading() as connection:
        tables = set(inspect(connection).get_table_names())
    assert "socket_rule" in tables
    assert "queued_message" not in tables
    assert store.load(LOCAL).ruleset == full()
    with pytest.raises(StoreError, match=r"older schema 0001; `epm init` upgrades"):
        schema.check(store.database)
    assert schema.upgrade(store.database)
    schema.check(store.database)
    assert store.load(LOCAL).ruleset == full()
    assert Activity(store, LOCAL).messages() == []
    assert store.damaged_change(LOCAL) is None


def test_upgrading_what_is_up_to_date_does_nothing(store, url):
    save(store, full())
    assert not schema.upgrade(store.database)
    with Store.init(url) as again:
        assert again.revision(LOCAL) == 2


def test_a_newer_schema_is_refused_and_left_alone(store, url):
    with store.writing() as connection:
        connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
    for opened in (Store.open, Store.init):
        with pytest.raises(StoreError, match=r"schema 9999 of a newer epm; this one knows 0002"):
            opened(url)
    with store.reading() as connection:
        assert schema.current(connection) == "9999"


def test_the_database_of_another_application_is_refused(tmp_path):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE customers (name TEXT)")
    connection.close()
    for opened in (Store.open, Store.init):
        with pytest.raises(StoreError, match="of another application"):
            opened(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    names = [n for (n,) in connection.execute("SELECT name FROM sqlite_master")]
    connection.close()
    assert names == ["customers"]


def test_a_filled_sqlite_store_is_copied_before_a_migration(sqlite_url):
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with Store.init(sqlite_url) as store:
        save(store, full())
        schema.upgrade(store.database, "0001")
        schema.upgrade(store.database)
        schema.upgrade(store.database, "0001")
    assert len(list(path.parent.glob("*.bak"))) == 3
    backup = path.with_name("epm.db.0002.1.bak")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with Store.open(f"sqlite:///{backup}") as copy:
        assert copy.load(LOCAL).ruleset == full()


def test_a_failed_migration_changes_nothing(store, monkeypatch):
    save(store, full())
    schema.upgrade(store.database, "0001")
    with store.writing() as connection:
        # In the way of the second table that the migration makes.
        connection.execute(text("CREATE TABLE queued_message (x INTEGER)"))
    with pytest.raises(StoreError, match="queued_message"):
        schema.upgrade(store.database)
    with store.reading() as connection:
        assert schema.current(connection) == "0001"
        assert "captured_transaction" not in inspect(connection).get_table_names()


def test_two_programs_may_make_the_store_at_once(url):
    def make(_number):
        with Store.init(url) as store:
            return store.systems()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(make, range(4))) == [[LOCAL]] * 4


def statements(dialect):
    made = []
    engine = create_mock_engine("postgresql+psycopg://", lambda s, *_a, **_k: made.append(s))
    Base.metadata.create_all(engine, checkfirst=False)
    return [
        str(s.compile(dialect=dialect)) for s in made if isinstance(s, (CreateTable, CreateIndex))
    ]


@pytest.mark.parametrize(
    "dialect", [postgresql.dialect(), sqlite_dialect(), DefaultDialect()], ids=lambda d: d.name
)
def test_the_tables_can_be_made_on_every_database(dialect):
    made = "\n".join(statements(dialect))
    assert made.count("CREATE TABLE") == len(TABLES) == 12
    for word in (" JSON", " WHERE ", "RETURNING", "ON UPDATE", "DEFERRABLE"):
        assert word not in made.upper()


def test_the_tables_keep_to_what_db2_for_i_takes():
    for table in TABLES.values():
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                assert not any(column.nullable for column in constraint.columns)
            assert len(str(constraint.name)) <= 63
        for column in table.columns:
            length = getattr(column.type, "length", 1)
            assert isinstance(column.type, Text) or length, column
            # Quoted names are case-sensitive there.
            assert column.name == column.name.lower()
            assert not postgresql.dialect().identifier_preparer._requires_quotes(column.name)


@pytest.mark.real
def test_an_unmade_database_of_a_server_says_so(cluster):
    database = open_engine(cluster.new_database())
    with pytest.raises(StoreError, match="is empty; `epm init` makes it"):
        schema.check(database)
    database.close()
