"""Connections over ODBC, for itoolkit's database transport and for fetching.

A connection is what PEP 249 says, as far as those two use it, with two promises on top: every
call ends in time, and every error is a one-line :class:`~epm.errors.RemoteError` that holds no
password. pyodbc is imported when a connection is opened, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import Any, TypeVar

from db.ibmi.connection_string import connection_string, secrets_of
from db.ibmi.diagnosis import Kind, diagnose
from db.ibmi.limits import bounded
from db.ibmi.opening import import_pyodbc
from db.ibmi.query import NotAuthorizedError, Row, UnknownColumnError
from epm.errors import RemoteError, UnsupportedError

_T = TypeVar("_T")
#: Rows that are asked of the driver at once.
_ROWS = 1000
#: Rows of one answer that are held at once: the largest procedure has 15 million bytes in rows
#: of 3000; whoever wants more of a table pages.
MAX_ROWS = 100_000
#: What a connection fails with, in our words.
_WORDS = {
    Kind.SIGN_ON: "sign-on was refused: ",
    Kind.LOCKED: "in use by another job: ",
    Kind.NO_AUTHORITY: "not authorized: ",
    Kind.NOT_JOURNALED: "a table is not journaled: ",
}
_ERRORS: dict[Kind, type[RemoteError]] = {
    Kind.UNKNOWN_COLUMN: UnknownColumnError,
    Kind.NO_AUTHORITY: NotAuthorizedError,
}


def open_database(
    source: str,
    *,
    user: str = "",
    password: Callable[[], str] | None = None,
    seconds: float = 30.0,
    autocommit: bool = True,
) -> OdbcConnection:
    """Open a connection.

    Args:
        source: a data source's name, or a whole connection string.
        user: user profile; empty where the source says who.
        password: asked only for a user, and only where the source has no password itself.
        seconds: the longest that signing on, and each call later, may take.
        autocommit: each statement a transaction of its own.

    Raises:
        UnsupportedError: pyodbc, unixODBC, the driver or the data source is not installed.
        RemoteError: the system cannot be reached, or refused the sign-on.
    """
    pyodbc = import_pyodbc()
    values = {}
    if user:
        values["UID"] = user
        if password is not None and not secrets_of(source):
            values["PWD"] = password()
    text = connection_string(source, values)
    # A connection string may hold a password; that there is one is enough to find it.
    where = "odbc connection string" if "=" in source else f"odbc source {source}"
    guard = _Guard(where, tuple(secrets_of(text)), pyodbc.Error, seconds)
    login = max(1, ceil(seconds))
    inner = guard.call(lambda: pyodbc.connect(text, timeout=login, autocommit=autocommit))
    return OdbcConnection(inner, guard)


class _Guard:
    """Runs calls into the driver: in time, and with errors of our own."""

    def __init__(
        self, where: str, secrets: Sequence[str], failures: type[Exception], seconds: float
    ) -> None:
        self.where = where
        self._secrets = secrets
        self._failures = failures
        self._seconds = seconds
        self.given_up = False

    def call(self, work: Callable[[], _T], cancel: Callable[[], object] | None = None) -> _T:
        if self.given_up:
            raise RemoteError(f"{self.where}: was given up after a call that did not end")
        try:
            return bounded(work, self._seconds, cancel)
        except TimeoutError as error:
            self.given_up = True
            raise RemoteError(f"{self.where}: {error}") from None
        except self._failures as error:
            raise self._translated(error) from None

    def _translated(self, error: Exception) -> RemoteError | UnsupportedError:
        found = diagnose(error, self._secrets)
        if found.kind is Kind.NOT_INSTALLED:
            return UnsupportedError(f"{self.where}: {found.text}")
        text = f"{self.where}: {_WORDS.get(found.kind, '')}{found.text}"
        return _ERRORS.get(found.kind, RemoteError)(text)


class OdbcConnection:
    """An open connection; not for use by several threads at once."""

    def __init__(self, connection: Any, guard: _Guard) -> None:
        """Take a connection of pyodbc."""
        self._connection = connection
        self._guard = guard

    def cursor(self) -> OdbcCursor:
        """Return a cursor."""
        return OdbcCursor(self._guard.call(self._connection.cursor), self._guard)

    def commit(self) -> None:
        """Keep what was done."""
        self._guard.call(self._connection.commit)

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        self._guard.call(self._connection.rollback)

    def close(self) -> None:
        """Close it; one that was given up is left to the call that never ended."""
        if not self._guard.given_up:
            self._guard.call(self._connection.close)

    def query(self, statement: str) -> Iterator[Row]:
        """Yield the rows of a query as they come, their columns in upper case.

        Raises:
            UnknownColumnError: the statement names a column that is not there.
            RemoteError: it failed, or took too long.
        """
        cursor = self.cursor()
        try:
            cursor.execute(statement)
            names = [str(column[0]).upper() for column in cursor.description or ()]
            while rows := cursor.fetchmany(_ROWS):
                for row in rows:
                    yield dict(zip(names, row, strict=True))
        finally:
            cursor.close()


class OdbcCursor:
    """A cursor; without ``callproc``, so that itoolkit calls its procedure by a statement."""

    def __init__(self, cursor: Any, guard: _Guard) -> None:
        """Take a cursor of pyodbc."""
        self._cursor = cursor
        self._guard = guard

    @property
    def description(self) -> Sequence[Sequence[Any]] | None:
        """The columns of the result, each beginning with its name; ``None`` without a result."""
        found: Sequence[Sequence[Any]] | None = self._cursor.description
        return found

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> OdbcCursor:
        """Run a statement."""
        self._call(lambda: self._cursor.execute(statement, *parameters))
        return self

    def fetchmany(self, size: int) -> list[Any]:
        """Return at most ``size`` rows more."""
        return self._call(lambda: list(self._cursor.fetchmany(size)))

    def fetchall(self) -> list[Any]:
        """Return all rows that are left.

        Raises:
            RemoteError: there are more than an answer of XMLSERVICE can have.
        """
        rows = self.fetchmany(MAX_ROWS + 1)
        if len(rows) > MAX_ROWS:
            raise RemoteError(f"{self._guard.where}: an answer of more than {MAX_ROWS} rows")
        return rows

    def close(self) -> None:
        """Close it."""
        if not self._guard.given_up:
            self._call(self._cursor.close)

    def _call(self, work: Callable[[], _T]) -> _T:
        return self._guard.call(work, self._cursor.cancel)
