"""Engines for the rule store, with the settings each database needs to keep its promises.

Nothing here knows a table. SQLite gets its settings at every connect, in an order that matters
(setting WAL can already meet a lock, so the wait comes first); PostgreSQL gets a time-out on
connecting, on locks and on statements, because without them one stalled server holds a caller
for ever; Db2 for i gets its own in :mod:`db.ibmi.opening`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from db.failures import Where
from db.gate import Gate, gate
from db.ibmi.opening import open_ibmi_engine, password_of
from epm.errors import SettingsError, StoreUnavailableError, UnsupportedError

_WRITES = "epm_write"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds, for a connection, a lock, and a statement's end."""

    connect: float = 3.0
    lock: float = 5.0
    statement: float = 60.0


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: one pool, and the two ways in.

    Attributes:
        reader: its transactions see one state from begin to end.
        writer: its transactions take the write lock when they begin (SQLite) or run at READ
            COMMITTED, where a row that was waited for is read anew (PostgreSQL).
        path: the SQLite file; ``None`` for a server.
        connect: opens a connection of its own, outside the pool, to the SQLite file.
    """

    engine: Engine
    reader: Engine
    writer: Engine
    where: Where
    path: Path | None = None
    connect: Callable[[], sqlite3.Connection] | None = None

    @property
    def gate(self) -> Gate | None:
        """What the linked SQLite may be trusted with; ``None`` for a server."""
        return None if self.path is None else gate()

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def open_engine(
    url: str, *, create: bool = False, timeouts: Timeouts | None = None, wal: Gate | None = None
) -> Database:
    """Open a database; an SQLite file is made, private, only where ``create`` says so.

    Args:
        url: a SQLAlchemy URL: ``sqlite:///FILE``, ``postgresql://...``, ``ibmi://...``, any
            other installed.
        create: make a missing SQLite file (0600) and its folders (0700).
        timeouts: defaults to :class:`Timeouts`.
        wal: the gate to use; defaults to that of the linked SQLite.

    Raises:
        SettingsError: the text is not a URL, or of a kind that cannot be shared.
        StoreUnavailableError: the file or its folder is missing or cannot be made.
        UnsupportedError: the driver is not installed.
    """
    parsed = _parse(url)
    limits = timeouts or Timeouts()
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, create, limits, wal or gate())
    return _open_server(parsed, limits)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text is not repeated: it may hold a password.
        raise SettingsError("the store's address is not a SQLAlchemy URL") from None
    if parsed.drivername in {"postgresql", "postgres"}:
        # The driver that the extra `postgresql` brings; SQLAlchemy's default has changed once.
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _sqlite_path(url: URL) -> Path:
    if url.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise UnsupportedError(f"store driver {url.drivername} is not supported; use sqlite:///")
    if url.query or url.host or not url.database or url.database == ":memory:":
        raise SettingsError("an SQLite store is a plain file: sqlite:///FILE, without options")
    # Absolute now: the process may change its folder later.
    return Path(url.database).expanduser().absolute()


def _open_sqlite(url: URL, create: bool, limits: Timeouts, wal: Gate) -> Database:
    path = _sqlite_path(url)
    where = Where(str(path))
    if create:
        make_private_file(path)
    elif not path.exists():
        raise StoreUnavailableError(f"store {path}: does not exist; `epm init` makes it")
    connect = _connector(path, limits, wal)
    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)
    event.listen(engine, "begin", _begin)
    writer = engine.execution_options(**{_WRITES: True})
    return Database(engine, engine, writer, where, path, connect)


def is_missing(url: str) -> bool:
    """Whether ``url`` names an SQLite file that is not there, or is empty.

    An empty file is what an interrupted creation leaves; SQLite takes it for a new database.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() != "sqlite":
        return False
    path = _sqlite_path(parsed)
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return True
    except OSError as error:
        raise StoreUnavailableError(f"store {path}: {error.strerror}") from None


def make_private_file(path: Path) -> bool:
    """Make an empty file that only its owner can use; return whether it was missing.

    SQLite gives its journal files the mode of the database file.

    Raises:
        StoreUnavailableError: it or its folder cannot be made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return False
    except OSError as error:
        raise StoreUnavailableError(f"store {path}: cannot be made: {error.strerror}") from None
    return True


def _connector(path: Path, limits: Timeouts, wal: Gate) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            # mode=rw: a file that vanished is an error, not a new empty store.
            f"file:{quote(str(path))}?mode=rw",
            uri=True,
            # None: no statement begins a transaction behind our back; see _begin.
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _settle(connection, limits, wal, path)
        except BaseException:
            connection.close()
            raise
        return connection

    return connect


def _settle(connection: sqlite3.Connection, limits: Timeouts, wal: Gate, path: Path) -> None:
    connection.execute(f"PRAGMA busy_timeout = {int(limits.lock * 1000)}")
    mode = connection.execute(f"PRAGMA journal_mode = {wal.journal_mode}").fetchone()[0]
    if mode.upper() != wal.journal_mode and not (wal.sound and mode == "delete"):
        raise StoreUnavailableError(
            f"store {path}: another program holds it in {mode.upper()} mode, "
            f"which SQLite {wal.version} here cannot share safely"
        )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")


def _begin(connection: Connection) -> None:
    """Begin as SQLite should: a writer takes its lock now, not halfway through."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _open_server(url: URL, limits: Timeouts) -> Database:
    if url.get_backend_name() == "ibmi":
        return _of_server(_open_ibmi(url, limits), Where(_label(url), password_of(url)))
    where = Where(_label(url), url.password)
    options: dict[str, Any] = {"pool_pre_ping": True, "pool_timeout": limits.connect}
    if url.get_backend_name() == "postgresql":
        options["connect_args"] = _libpq_options(limits)
    try:
        engine = create_engine(url, **options)
    except (ImportError, NoSuchModuleError):
        raise UnsupportedError(
            f"the driver for {url.drivername} is not installed" + _hint(url.get_backend_name())
        ) from None
    except ArgumentError:
        raise SettingsError(f"the store's address {where.label} cannot be used") from None
    if url.get_backend_name() == "postgresql":
        event.listen(engine, "connect", _session_limits(limits))
    return _of_server(engine, where)


def _open_ibmi(url: URL, limits: Timeouts) -> Engine:
    return open_ibmi_engine(
        url,
        connect=limits.connect,
        lock=limits.lock,
        statement=limits.statement,
        pool=limits.connect,
    )


def _of_server(engine: Engine, where: Where) -> Database:
    # A snapshot must not mix two revisions; Db2 for i would even read uncommitted rows.
    reader = engine.execution_options(isolation_level="REPEATABLE READ")
    writer = engine.execution_options(isolation_level="READ COMMITTED")
    return Database(engine, reader, writer, where)


def _hint(backend: str) -> str:
    return "; install epm-ibmi[postgresql]" if backend == "postgresql" else ""


def _label(url: URL) -> str:
    """Return the address without user secrets; options may hold a password, so none is shown."""
    return url.set(query={}).render_as_string(hide_password=True)


def _libpq_options(limits: Timeouts) -> dict[str, Any]:
    """Return connection options of libpq (PostgreSQL documentation, 34.1.2)."""
    return {
        "connect_timeout": max(2, round(limits.connect)),  # libpq takes no less than 2 s
        "tcp_user_timeout": int((limits.connect + limits.lock) * 1000),
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "application_name": "epm",
    }


def _session_limits(limits: Timeouts) -> Callable[[Any, Any], None]:
    """Return a listener that sets the server's time-outs for a new connection.

    Set by statement, not by the option ``options``: an address may already use that one.
    """

    def limit(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            for name, seconds in (
                ("lock_timeout", limits.lock),
                ("statement_timeout", limits.statement),
                ("idle_in_transaction_session_timeout", limits.statement),
            ):
                cursor.execute("SELECT set_config(%s, %s, false)", (name, f"{int(seconds * 1000)}"))
        connection.commit()

    return limit
