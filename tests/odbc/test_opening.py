"""Opening ``ibmi://``: every limit set, every refusal one line, nothing kept that is secret."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pyodbc
import pytest
from sqlalchemy import event, text

from db.engine import Timeouts, open_engine
from db.store import Store
from epm.errors import SettingsError, StoreError, StoreUnavailableError, UnsupportedError
from tests.db.sample import LOCAL, full, save

ROOT = Path(__file__).parents[2]
SHORT = Timeouts(connect=2, lock=1, statement=1)


def test_the_driver_is_asked_for_just_what_the_address_says(url, driver):
    Store.init(url, timeouts=Timeouts(connect=2.5)).close()
    asked = driver.asked[0]
    library = re.search("current_schema=(.*)", url)[1]
    assert "Driver=IBM i Access ODBC Driver" in asked[""]
    assert (asked["SYSTEM"], asked["UID"], asked["PWD"]) == ("dev400", "epm", "canary")
    assert asked["DefaultLibraries"] == f"{{{library},}}", "a comma stands in braces"
    assert asked["timeout"] == 3, "seconds to sign on, never fewer than asked"


def test_the_password_may_come_from_the_environment_and_begins_no_keyword(url, driver, monkeypatch):
    monkeypatch.setenv("EPM_DB_PASSWORD", "hunter2;DRIVER=evil}")
    with Store.init(url.replace(":canary", "")) as store:
        store.reconnect()
        assert store.revision(LOCAL) == 1
    assert {asked["PWD"] for asked in driver.asked} == {"{hunter2;DRIVER=evil}}}"}
    with (
        Store.open(url.replace(":canary", "")) as store,
        pytest.raises(StoreError) as caught,
        store.reading() as connection,
    ):
        connection.execute(text('SELECT 1 FROM "hunter2;DRIVER=evil}"'))
    assert "hunter2" not in str(caught.value)


def test_each_connection_waits_for_locks_no_longer_than_told(url, driver, cluster):
    with psycopg.connect(cluster.address, autocommit=True) as connection:
        connection.execute("TRUNCATE qsys2.commands")
        Store.init(url, timeouts=Timeouts(lock=4)).close()
        commands = [
            r[0] for r in connection.execute("SELECT command FROM qsys2.commands ORDER BY at")
        ]
    assert len(commands) == 2 * len(driver.asked)
    assert commands[:2] == [
        "OVRDBF FILE(EPM_SYSTEM) WAITRCD(4) OVRSCOPE(*JOB)",
        "CHGJOB DFTWAIT(4)",
    ]


def test_a_statement_ends_in_time_whatever_the_driver_does(url):
    given_up = []
    with Store.init(url, timeouts=SHORT) as store:
        event.listen(store.database.engine, "invalidate", lambda *seen: given_up.append(seen))
        began = time.monotonic()
        with (
            pytest.raises(StoreUnavailableError, match="no answer in 1 s"),
            store.writing() as connection,
        ):
            connection.execute(text("SELECT pg_sleep(8)"))
        assert time.monotonic() - began < 4
        assert len(given_up) == 1, "that connection is not used again"
        assert store.revision(LOCAL) == 1, "and another one is opened"


def test_readers_repeat_and_writers_see_what_is_committed(url, driver):
    with Store.init(url) as store:
        del driver.log[:]
        store.revision(LOCAL)
        assert ("set", str(pyodbc.SQL_TXN_REPEATABLE_READ)) in driver.log
        del driver.log[:]
        save(store, full())
        assert ("set", str(pyodbc.SQL_TXN_READ_COMMITTED)) in driver.log
        with store.reading() as connection:
            assert (
                connection.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"
            )


def test_the_level_of_one_transaction_is_not_that_of_new_connections(url):
    with Store.init(url) as store, store.reading(), store.writing() as connection:
        # A new connection, while a reader holds the pooled one.
        shown = connection.execute(text("SHOW transaction_isolation")).scalar()
        assert shown == "read committed"
        assert store.database.engine.dialect.isolation_level == "READ COMMITTED"
        with store.reading() as other:
            shown = other.execute(text("SHOW transaction_isolation")).scalar()
            assert shown == "repeatable read"
            assert store.database.engine.dialect.isolation_level == "READ COMMITTED"


def test_a_connection_that_was_lost_is_replaced(url, cluster):
    with Store.init(url) as store:
        store.revision(LOCAL)
        with psycopg.connect(cluster.address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = 'postgres'"
            )
        assert store.revision(LOCAL) == 1


def test_tables_that_are_not_journaled_are_refused_when_a_store_is_opened(url, cluster):
    Store.init(url).close()
    library = re.search("current_schema=(.*)", url)[1]
    with psycopg.connect(cluster.address, autocommit=True) as connection:
        connection.execute(
            f"""CREATE FUNCTION {library}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'SQL7008 - EPM_SYSTEM in LIB not valid for operation.'
            USING ERRCODE = '55019'; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON {library}.epm_system
            FOR EACH STATEMENT EXECUTE FUNCTION {library}.refuse()"""
        )
    with pytest.raises(StoreError, match=r"its tables are not journaled.*STRJRNPF: .*SQL7008"):
        Store.open(url)


def test_who_may_only_read_may_open_a_store(url, cluster, driver):
    Store.init(url).close()
    library = re.search("current_schema=(.*)", url)[1]
    with psycopg.connect(cluster.address, autocommit=True) as connection:
        connection.execute(
            f"CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA {library} TO reader; "
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {library} TO reader; "
            'GRANT USAGE ON SCHEMA qsys2, sysibm, "QSYS2" TO reader; '
            'GRANT SELECT ON "QSYS2"."SYSTABLES" TO reader; '
            "GRANT INSERT ON qsys2.commands TO reader; "
            "GRANT USAGE ON SEQUENCE qsys2.commands_at_seq TO reader"
        )
        try:
            driver.source += ";UID=reader"
            with Store.open(url) as store:
                assert store.revision(LOCAL) == 1
                with pytest.raises(StoreError, match="not authorized"):
                    save(store, full())
        finally:
            connection.execute("DROP OWNED BY reader; DROP ROLE reader")


REFUSED = {
    "autocommit": "must not have the option autocommit",
    "readonly": "must not have the option readonly",
}


@pytest.mark.parametrize(("option", "why"), REFUSED.items())
def test_options_that_break_a_promise_are_refused(option, why):
    with pytest.raises(SettingsError, match=why):
        open_engine(f"ibmi://u:hunter2@h/db?{option}=1")


def test_an_unknown_option_is_refused_without_its_value(url):
    with pytest.raises((SettingsError, StoreError)) as caught:
        Store.open(f"{url}&nosuch=hunter2")
    assert "hunter2" not in str(caught.value)


# ------------------------------------------------------------------- what is not installed


def run(*words, **environment):
    return subprocess.run(
        [sys.executable, "-B", "-m", "epm", "--db", "ibmi://u:hunter2@dev400/db", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_unixodbc_there_is_one_line_and_exit_code_3(tmp_path):
    (tmp_path / "libodbc.so.2").write_bytes(b"")
    done = run("rules", "list", LD_LIBRARY_PATH=str(tmp_path))
    assert done.returncode == 3
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "libodbc.so.2" in line
    assert "install unixODBC" in line
    assert "hunter2" not in line


def test_without_the_driver_there_is_one_line_and_exit_code_3(tmp_path):
    (tmp_path / "odbcinst.ini").write_text("")
    done = run("rules", "list", ODBCSYSINI=str(tmp_path))
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert "the ODBC driver is not installed" in line
    assert "hunter2" not in line


@pytest.mark.parametrize("missing", ["pyodbc", "sqlalchemy_ibmi"])
def test_without_a_package_the_extra_is_named(missing, monkeypatch):
    for name in [m for m in sys.modules if m.startswith(("db.ibmi.dialect", "db.ibmi.ddl"))]:
        monkeypatch.delitem(sys.modules, name)
    for name in [m for m in sys.modules if m.split(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Missing(missing), *sys.meta_path])
    with pytest.raises(UnsupportedError, match=r"not installed: pip install 'epm-ibmi\[ibmi\]'"):
        open_engine("ibmi://u:hunter2@h/db")


class _Missing:
    """Finds no package of a name, as if it were not installed."""

    def __init__(self, name):
        self.name = name

    def find_spec(self, name, _path=None, _target=None):
        if name.split(".")[0] == self.name:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def test_another_store_never_loads_odbc(tmp_path):
    code = (
        "import sys; from db.store import Store; "
        f"Store.init('sqlite:///{tmp_path}/epm.db').close(); "
        "print([m for m in sys.modules if m.split('.')[0] in ('pyodbc', 'sqlalchemy_ibmi')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "[]"
