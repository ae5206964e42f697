"""The rule store on Db2 for i: an engine with every time-out set, or one line that says why not.

pyodbc and sqlalchemy-ibmi are imported here, when an address is ``ibmi://``, and not before:
pyodbc cannot even be imported where unixODBC is missing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from math import ceil
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.exc import ArgumentError

from db.ibmi.connection_string import quoted
from epm.errors import SettingsError, UnsupportedError

#: Where the password of the rule store comes from when its address has none.
PASSWORD_VARIABLE = "EPM_DB_PASSWORD"  # noqa: S105 - the name of a variable
_EXTRA = "pip install 'epm-ibmi[ibmi]'"
#: Each would take away a promise: one transaction a change, or the reader's own write lock.
_REFUSED_OPTIONS = frozenset({"autocommit", "readonly"})


def import_pyodbc() -> Any:
    """Return pyodbc.

    Raises:
        UnsupportedError: it, or the unixODBC that it needs, is not installed.
    """
    try:
        import pyodbc  # type: ignore[import-not-found]  # there are no types of it
    except ModuleNotFoundError:
        raise UnsupportedError(f"pyodbc is not installed: {_EXTRA}") from None
    except ImportError as error:
        reason = (str(error).splitlines() or ["no reason given"])[0]
        raise UnsupportedError(
            f"ODBC cannot be used: {reason}; install unixODBC (Debian: unixodbc) and the "
            "IBM i Access ODBC Driver"
        ) from None
    return pyodbc


def open_ibmi_engine(
    url: URL, *, connect: float, lock: float, statement: float, pool: float
) -> Engine:
    """Return an engine for a rule store on Db2 for i; nothing is connected yet.

    Args:
        url: ``ibmi://USER@SYSTEM/RDB?current_schema=LIBRARY``; options as sqlalchemy-ibmi has
            them.
        connect: seconds that signing on may take.
        lock: seconds to wait for a locked row or object.
        statement: seconds that a statement may take.
        pool: seconds to wait for a pooled connection.

    Raises:
        SettingsError: an option that cannot be used.
        UnsupportedError: a part is not installed.
    """
    _check_options(url)
    import_pyodbc()
    try:
        import db.ibmi.ddl
        import db.ibmi.dialect  # noqa: F401 - both: to give one clear line where it is missing
    except ModuleNotFoundError:
        raise UnsupportedError(f"sqlalchemy-ibmi is not installed: {_EXTRA}") from None
    # Ours in place of the one that sqlalchemy-ibmi registers under the same name.
    for name in ("ibmi", "ibmi.pyodbc"):
        registry.register(name, "db.ibmi.dialect", "IbmiDialect")
    try:
        engine = create_engine(
            url,
            pool_pre_ping=True,
            pool_timeout=pool,
            isolation_level="READ COMMITTED",
            statement_seconds=statement,
            connect_args={"timeout": max(1, ceil(connect))},
        )
    except (ArgumentError, ValueError):
        raise SettingsError(
            "the store's ibmi:// address has an option that cannot be used"
        ) from None
    event.listen(engine, "do_connect", _sign_on(url))
    event.listen(engine, "connect", _lock_limits(lock))
    return engine


def password_of(url: URL) -> str | None:
    """Return the password that an address has, or that the environment has for it."""
    given = None if url.password is None else str(url.password)
    return given or os.environ.get(PASSWORD_VARIABLE) or None


def _check_options(url: URL) -> None:
    for name in sorted(_REFUSED_OPTIONS & url.query.keys()):
        raise SettingsError(f"the store's ibmi:// address must not have the option {name}")


def _sign_on(url: URL) -> Callable[..., Any]:
    """Return what connects: with the password, and with every value safe to be put together.

    pyodbc joins keywords and values as they are: a ``;`` in a password would begin a keyword.
    """

    def sign_on(dialect: Any, _record: Any, words: Any, values: dict[str, Any]) -> Any:
        password = password_of(url)
        # A copy: the engine hands over the same values for its next connection.
        asked = {**values} if password is None else {**values, "PWD": password}
        safe = {n: quoted(v) if isinstance(v, str) else v for n, v in asked.items()}
        return dialect.connect(*words, **safe)

    return sign_on


def _lock_limits(lock: float) -> Callable[[Any, Any], None]:
    """Return a listener that limits how long a new connection waits for locks.

    Every writer begins with the row of its system in EPM_SYSTEM, so the record wait time of that
    file is the one that counts; DFTWAIT is that of objects, such as a table being migrated. SQL
    honours WAITRCD of an override (IBM documentation: OVRDBF, SQL programming). Neither was tried
    on a Db2 for i.
    """
    seconds = max(1, ceil(lock))
    commands = (
        f"OVRDBF FILE(EPM_SYSTEM) WAITRCD({seconds}) OVRSCOPE(*JOB)",
        f"CHGJOB DFTWAIT({seconds})",
    )

    def limit(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        try:
            for command in commands:
                cursor.execute(f"CALL QSYS2.QCMDEXC('{command}')")
        finally:
            cursor.close()
        connection.commit()

    return limit
