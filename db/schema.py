"""The store's schema: is it there, is it this version's, and bringing it there.

Migrations are inside the package and run from here; no user needs an ``alembic.ini``. The
version is kept in a table of our own name, so that a database may be shared with others.
"""

from __future__ import annotations

import sqlite3
from itertools import count
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from db.engine import Database, make_private_file
from db.failures import translated
from db.ibmi.journaling import probe_journaling
from epm.errors import StoreError, StoreUnavailableError

#: Holds the schema's version; the name keeps clear of another application's migrations.
VERSION_TABLE = "epm_schema_version"
_ADVISORY_LOCK = 0x45504D  # "EPM": one number that all epm processes agree on


def _config() -> Config:
    config = Config()
    # '%' begins an interpolation in alembic's configuration.
    location = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", location)
    return config


def head() -> str:
    """Return the schema version that this epm works with."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def current(connection: Connection) -> str | None:
    """Return the schema version of a store; ``None`` when it has none yet."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def check(database: Database) -> None:
    """Raise unless the store has exactly the schema that this epm works with.

    Raises:
        StoreUnavailableError: it cannot be reached.
        StoreError: no store, an older or a newer one, or another application's file.
    """
    with translated(database.where), database.reader.begin() as connection:
        version = current(connection)
        if version is None:
            _refuse_foreign(database, connection)
            raise StoreError(f"store {database.where.label}: is empty; `epm init` makes it")
        _refuse_newer(database, version)
        if version != head():
            raise StoreError(
                f"store {database.where.label}: has the older schema {version}; "
                "`epm init` upgrades it"
            )
    if database.engine.dialect.name == "ibmi":
        with translated(database.where):
            probe_journaling(database.writer)


def _refuse_newer(database: Database, version: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if version not in known:
        raise StoreError(
            f"store {database.where.label}: has schema {version} of a newer epm; "
            f"this one knows {head()}"
        )


def _refuse_foreign(database: Database, connection: Connection) -> None:
    """Refuse a file of another application; a server's database may well be shared."""
    if database.path is not None and inspect(connection).get_table_names():
        raise StoreError(f"store {database.where.label}: is the database of another application")


def upgrade(database: Database, target: str = "head") -> bool:
    """Bring the schema to ``target`` in one transaction; return whether anything was done.

    An SQLite store that already holds something is copied beside itself first.

    Raises:
        StoreError: a newer schema, another application's file, or a failed migration; then
            nothing has changed.
    """
    with translated(database.where):
        with database.reader.begin() as connection:
            version = current(connection)
            if version is None:
                _refuse_foreign(database, connection)
            else:
                _refuse_newer(database, version)
        wanted = head() if target == "head" else target
        if version == wanted:
            return False
        if version is not None and database.path is not None:
            back_up(database, _free_name(database.path, version))
        _migrate(database, wanted, down=version is not None and wanted < version)
    return True


def _free_name(path: Path, version: str) -> Path:
    """Return a name that no file has: a copy is never written over an earlier one."""
    for number in count(1):
        free = path.with_name(f"{path.name}.{version}.{number}.bak")
        if not free.exists():
            return free
    raise AssertionError("count never ends")


def _migrate(database: Database, target: str, *, down: bool) -> None:
    with database.writer.connect() as connection:
        if database.path is not None:
            # A migration on SQLite copies tables; only outside a transaction can this be set.
            _raw(connection).execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(
                        text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK}
                    )
                config = _config()
                config.attributes["connection"] = connection
                (command.downgrade if down else command.upgrade)(config, target)
                _check_references(database, connection)
        finally:
            if database.path is not None:
                _raw(connection).execute("PRAGMA foreign_keys = ON")


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _check_references(database: Database, connection: Connection) -> None:
    if database.path is None:
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StoreError(f"store {database.where.label}: table {broken[0]} has lost references")


def back_up(database: Database, target: Path) -> None:
    """Copy an SQLite store, consistent and compact, to a private file.

    Raises:
        StoreUnavailableError: the copy exists already or cannot be written.
    """
    if not make_private_file(target):
        raise StoreUnavailableError(f"store {database.where.label}: {target} exists already")
    with translated(database.where), database.reader.connect() as connection:
        try:
            # Into an empty file that exists, so that the copy is as private as the original.
            _raw(connection).execute("VACUUM INTO ?", (str(target),))
        except sqlite3.Error as error:
            target.unlink(missing_ok=True)
            raise StoreUnavailableError(
                f"store {database.where.label}: cannot be copied to {target}: {error}"
            ) from None
