"""The database of the simulated system: one SQLite database in memory that every job connects to.

Each table is one SQLite table named ``LIBRARY/TABLE``; a job's QTEMP is ``QTEMP:NUMBER``. What a
table's columns were declared as is kept by SQLite itself.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from simulators.ibmi.collation import install_collations

_NUMBERS = itertools.count(1)
#: Bytes of one page, and pages that the tables of all libraries may take; as many again for
#: each connection's temporary ones. The longest value of a column, in bytes.
_PAGE = 4096
MAX_PAGES = 65_536
MAX_VALUE = 32 * 1024 * 1024
#: Db2 for i reads what others have not committed yet under isolation *NONE and *CHG.
_PRAGMAS = (
    *("read_uncommitted=ON", "foreign_keys=ON", "temp_store=MEMORY", f"page_size={_PAGE}"),
    *(f"main.max_page_count={MAX_PAGES}", f"temp.max_page_count={MAX_PAGES}"),
)


def table_name(library: str, name: str) -> str:
    """Return the SQLite name of a table."""
    return f"{library}/{name}"


def quoted(name: str) -> str:
    """Return a name as an SQLite identifier."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def atomic(connection: sqlite3.Connection) -> Iterator[None]:
    """Statements of a connection in autocommit: all of them, or none."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


class Database:
    """Makes connections; the database lives as long as this object does."""

    def __init__(self) -> None:
        self._uri = f"file:epm-ibmi-{next(_NUMBERS)}?mode=memory&cache=shared"
        self.own = self.connect()

    def connect(self) -> sqlite3.Connection:
        """Return a new connection, in autocommit, that never waits for a lock.

        Raises:
            sqlite3.OperationalError: another connection holds the catalogue.
        """
        connection = sqlite3.connect(
            self._uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False
        )
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
        install_collations(connection)
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def tables(self, library: str) -> list[str]:
        """Return the names of the tables and views of a library."""
        start = table_name(library, "")
        rows = self.own.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
            " AND substr(name, 1, ?) = ? ORDER BY name",
            (len(start), start),
        )
        return [str(name)[len(start) :] for (name,) in rows]

    def drop(self, library: str, name: str) -> None:
        """Drop a table or view if it exists."""
        full = table_name(library, name)
        row = self.own.execute("SELECT type FROM sqlite_master WHERE name = ?", (full,)).fetchone()
        if row is not None:
            self.own.execute(f"DROP {row[0]} {quoted(full)}")

    def close(self) -> None:
        """Close it; what is in it is gone when the last job has closed its connection."""
        self.own.close()
