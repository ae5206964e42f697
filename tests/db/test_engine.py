"""Connections have the settings that the store's promises rest on; secrets stay secret."""

from __future__ import annotations

import sqlite3
import stat

import pytest
from sqlalchemy import text

from db.engine import Timeouts, open_engine
from db.gate import gate, wal_is_sound
from db.store import Store
from epm.errors import EpmError, SettingsError, StoreUnavailableError, UnsupportedError
from tests.db.sample import LOCAL, full, save

VERSIONS = {
    (3, 7, 0): False,
    (3, 40, 1): False,
    (3, 44, 5): False,
    (3, 44, 6): True,
    (3, 45, 9): False,
    (3, 49, 99): False,
    (3, 50, 6): False,
    (3, 50, 7): True,
    (3, 51, 0): False,
    (3, 51, 2): False,
    (3, 51, 3): True,
    (3, 52, 0): True,
    (4, 0, 0): True,
}


@pytest.mark.parametrize(("version", "sound"), VERSIONS.items())
def test_only_an_sqlite_without_the_wal_reset_bug_gets_wal(version, sound):
    assert wal_is_sound(version) is sound
    assert gate(version).journal_mode == ("WAL" if sound else "DELETE")
    assert ".".join(map(str, version)) in str(gate(version))


def test_the_gate_is_of_the_linked_library(sqlite_url):
    with Store.init(sqlite_url) as store:
        assert store.gate == gate(sqlite3.sqlite_version_info)
        with store.reading() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    assert mode.upper() == store.gate.journal_mode


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 3)])
def test_each_sqlite_connection_is_settled(sqlite_url, version):
    Store.init(sqlite_url).close()
    wal = gate(version)
    database = open_engine(sqlite_url, timeouts=Timeouts(lock=1.5), wal=wal)
    for engine in (database.reader, database.writer):
        with engine.begin() as connection:

            def pragma(name, connection=connection):
                return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

            assert pragma("busy_timeout") == 1500
            assert pragma("journal_mode").upper() == wal.journal_mode
            assert pragma("synchronous") == 2
            assert pragma("foreign_keys") == 1
            assert pragma("trusted_schema") == 0
    database.close()


def test_a_file_left_in_wal_mode_is_taken_back_or_refused_while_in_use(sqlite_url):
    Store.init(sqlite_url).close()
    sound = open_engine(sqlite_url, wal=gate((3, 51, 3)))
    with sound.reader.begin() as connection:
        connection.execute(text("SELECT * FROM epm_system"))
        with pytest.raises(StoreUnavailableError, match=r"WAL mode|locked"):
            Store.open(sqlite_url, timeouts=Timeouts(lock=0.1))
    sound.close()
    with Store.open(sqlite_url) as store:
        assert store.revision(LOCAL) == 1


def test_a_write_transaction_holds_the_lock_from_its_beginning(sqlite_url):
    with Store.init(sqlite_url, timeouts=Timeouts(lock=0.1)) as store, store.writing():
        other = sqlite3.connect(store.database.path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_the_store_and_its_folder_are_private(tmp_path):
    folder = tmp_path / "data" / "epm"
    with Store.open(f"sqlite:///{folder}/epm.db", create=True) as store:
        save(store, full())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}


def test_create_makes_a_missing_store_and_opens_an_existing_one(sqlite_url):
    with Store.open(sqlite_url, create=True) as store:
        save(store, full())
    with Store.open(sqlite_url, create=True) as store:
        assert store.load(LOCAL).ruleset == full()


def test_the_path_is_fixed_when_it_is_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Store.init("sqlite:///epm.db") as store:
        monkeypatch.chdir("/")
        store.reconnect()
        assert store.revision(LOCAL) == 1


BAD_ADDRESSES = {
    "not a SQLAlchemy URL": ("hunter2 at somewhere", SettingsError),
    "plain file": ("sqlite://", SettingsError),
    "without options": ("sqlite:///x.db?mode=memory", SettingsError),
    "sqlite\\+aiosqlite is not supported": ("sqlite+aiosqlite:///x.db", UnsupportedError),
    "driver for nosuchbase is not installed": ("nosuchbase://u:hunter2@h/db", UnsupportedError),
    "driver for postgresql\\+pg8000 is not installed": (
        "postgresql+pg8000://u:hunter2@h/db",
        UnsupportedError,
    ),
}


@pytest.mark.parametrize(("why", "case"), BAD_ADDRESSES.items(), ids=list(BAD_ADDRESSES))
def test_an_address_that_cannot_be_used_says_why_without_its_secret(why, case):
    url, kind = case
    with pytest.raises(kind, match=why) as caught:
        Store.open(url)
    assert "hunter2" not in str(caught.value)


def test_an_unreachable_server_is_named_without_its_password():
    url = "postgresql://epm:hunter2@127.0.0.1:1/rules?password=hunter2&application_name=hunter2"
    with pytest.raises(StoreUnavailableError, match=r"127\.0\.0\.1") as caught:
        Store.open(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.real
def test_postgresql_has_every_time_out(cluster):
    limits = Timeouts(connect=3, lock=1.5, statement=7)
    with Store.init(cluster.new_database(), timeouts=limits) as store:
        for transaction in (store.reading, store.writing):
            with transaction() as connection:
                shown = {
                    name: connection.execute(text(f"SHOW {name}")).scalar()
                    for name in (
                        "lock_timeout",
                        "statement_timeout",
                        "idle_in_transaction_session_timeout",
                    )
                }
                assert list(shown.values()) == ["1500ms", "7s", "7s"]
                options = connection.connection.driver_connection.info.get_parameters()
                assert (options["connect_timeout"], options["tcp_user_timeout"]) == ("3", "4500")


@pytest.mark.real
def test_postgresql_readers_see_one_state_and_writers_the_newest(cluster):
    with Store.init(cluster.new_database()) as store:
        for transaction, level in (
            (store.reading, "repeatable read"),
            (store.writing, "read committed"),
        ):
            with transaction() as connection:
                assert connection.execute(text("SHOW transaction_isolation")).scalar() == level


@pytest.mark.real
def test_a_locked_table_of_postgresql_is_given_up_in_time(cluster):
    with Store.init(cluster.new_database(), timeouts=Timeouts(lock=0.2)) as store:
        with store.writing() as connection:
            connection.execute(text("LOCK TABLE epm_system IN ACCESS EXCLUSIVE MODE"))
            with pytest.raises(EpmError, match="lock timeout"):
                store.revision(LOCAL)
        assert store.revision(LOCAL) == 1
