"""What a database driver says, as one line of our own: what, where, why.

No driver text passes whole: it may run over many lines, hold the statement with its values, or
name a connection string. Only the first line of the driver's own message is kept, without the
password.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from db.ibmi.diagnosis import Kind, diagnose, is_odbc
from epm.errors import EpmError, StoreError, StoreUnavailableError, UnsupportedError

#: Primary result codes of SQLite (its documentation, "Result and Error Codes").
_SQLITE_UNAVAILABLE = {
    5: "it is locked by another program",
    6: "it is locked by another connection",
    8: "it cannot be written (read-only)",
    10: "reading or writing it failed (disk error, or no space left)",
    13: "the disk is full",
    14: "it cannot be opened",
}
#: What an ODBC driver says and what it means for a store.
_ODBC_UNAVAILABLE = {
    Kind.SIGN_ON: "sign-on was refused",
    Kind.UNREACHABLE: "it does not answer",
    Kind.LOCKED: "it is locked by another job",
}
_ODBC_BROKEN = {
    Kind.NOT_JOURNALED: (
        "its tables are not journaled, so that no change could be undone; make them in a library "
        "that CREATE SCHEMA made, or journal them with STRJRNPF"
    ),
    Kind.NO_AUTHORITY: "not authorized",
}
_SQLITE_BROKEN = {11: "it is damaged", 26: "it is not an SQLite database"}


@dataclass(frozen=True, slots=True)
class Where:
    """Which store an error is about.

    Attributes:
        label: its address without secrets.
        secret: what must never show in a text; ``None`` if there is nothing.
    """

    label: str
    secret: str | None = None

    def scrub(self, text: str) -> str:
        """Return the first line of ``text`` without the secret, at most 200 characters."""
        line = text.strip().splitlines()[0] if text.strip() else "no reason given"
        if self.secret:
            line = line.replace(self.secret, "***")
        return line[:200]


@contextmanager
def translated(where: Where) -> Iterator[None]:
    """Turn every error of the database layer into a :class:`~epm.errors.StoreError`.

    Raises:
        UnsupportedError: instead, where an ODBC driver turns out not to be installed.
    """
    try:
        yield
    except DBAPIError as error:
        raise _of_driver(error.orig or error, where) from None
    except sqlite3.Error as error:
        raise _of_driver(error, where) from None
    except PoolTimeoutError:
        raise StoreUnavailableError(f"store {where.label}: too many users at once") from None
    except SQLAlchemyError as error:
        raise StoreError(f"store {where.label}: {where.scrub(str(error))}") from None
    except OSError as error:
        raise StoreUnavailableError(f"store {where.label}: {error.strerror or error}") from None


def _of_driver(error: BaseException, where: Where) -> EpmError:
    if is_odbc(error):
        return _of_odbc(error, where)
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in _SQLITE_UNAVAILABLE:
        return StoreUnavailableError(f"store {where.label}: {_SQLITE_UNAVAILABLE[primary]}")
    if primary in _SQLITE_BROKEN:
        return StoreError(f"store {where.label}: {_SQLITE_BROKEN[primary]}")
    reason = f"store {where.label}: {where.scrub(str(error))}"
    # Every PEP 249 driver, whichever it is, calls what the database could not help so.
    classes = {base.__name__ for base in type(error).__mro__}
    return StoreUnavailableError(reason) if "OperationalError" in classes else StoreError(reason)


def _of_odbc(error: BaseException, where: Where) -> EpmError:
    found = diagnose(error, [where.secret] if where.secret else [])
    store = f"store {where.label}"
    if found.kind is Kind.NOT_INSTALLED:
        return UnsupportedError(f"{store}: the ODBC driver is not installed: {found.text}")
    if found.kind in _ODBC_UNAVAILABLE:
        return StoreUnavailableError(f"{store}: {_ODBC_UNAVAILABLE[found.kind]}: {found.text}")
    if found.kind in _ODBC_BROKEN:
        return StoreError(f"{store}: {_ODBC_BROKEN[found.kind]}: {found.text}")
    return StoreError(f"{store}: {found.text}")
