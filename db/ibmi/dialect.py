"""The dialect of the rule store on Db2 for i: sqlalchemy-ibmi's, mended where the store needs it.

Imported only where a store's address is ``ibmi://``. Each difference says what it mends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy_ibmi.base import (
    DB2Compiler,
    DB2ExecutionContext,
    DB2TypeCompiler,
    IBMiDb2Dialect,
)

from db.ibmi.diagnosis import Kind, diagnose
from db.ibmi.limits import bounded

#: Bytes of one character in UTF-8, at most.
_UTF8 = 4
#: Db2 for i SQL reference, limits: bytes of a VARCHAR beside nothing else in a row.
_MAX_VARCHAR = 32_739


class _TypeCompiler(DB2TypeCompiler):  # type: ignore[misc]  # sqlalchemy-ibmi has no types
    """Makes room for as many characters as a column says: VARCHAR CCSID 1208 counts bytes.

    That it does is documented for Db2 for i, and was not tried on one.
    """

    def visit_VARCHAR(self, type_: Any, **_kw: Any) -> str:
        length = min(_UTF8 * type_.length, _MAX_VARCHAR) if type_.length else None
        text: str = self._extend(type_, "VARCHAR", 1208, length)
        return text


class _Compiler(DB2Compiler):  # type: ignore[misc]
    """Gives types to markers where Db2 for i needs them, and only there."""

    def visit_bindparam(self, bindparam: Any, **kw: Any) -> str:
        """Leave the markers of an IN list alone; the original casts the list as one value."""
        if bindparam.expanding:
            kw["within_columns_clause"] = False
        text: str = super().visit_bindparam(bindparam, **kw)
        return text

    def visit_case(self, clause: Any, **kw: Any) -> str:
        """Give every marker in a CASE its type, wherever it stands.

        A CASE whose results are all untyped markers is refused (IBM documentation: PREPARE,
        untyped parameter markers).
        """
        kw["within_columns_clause"] = True
        text: str = super().visit_case(clause, **kw)
        return text


class _ExecutionContext(DB2ExecutionContext):  # type: ignore[misc]
    """Never asks for the number of a new row: no caller of the store needs it."""

    # The original decides here that it will ask.
    pre_exec = DefaultExecutionContext.pre_exec


class IbmiDialect(IBMiDb2Dialect):  # type: ignore[misc]
    """What ``ibmi://`` means to epm."""

    statement_compiler = _Compiler
    type_compiler = _TypeCompiler
    type_compiler_cls = _TypeCompiler
    execution_ctx_cls = _ExecutionContext
    supports_statement_cache = True

    def __init__(self, statement_seconds: float = 60.0, **options: Any) -> None:
        """Take the options of the original.

        Args:
            statement_seconds: how long each call into the driver may take.
            options: of the original.
        """
        super().__init__(**options)
        self._seconds = statement_seconds

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Run a statement within the limit, whatever the driver thinks of time-outs."""
        run = super().do_execute
        self._within(lambda: run(cursor, statement, parameters, context), cursor.cancel)

    def do_executemany(
        self, cursor: Any, statement: str, parameters: Any, context: Any = None
    ) -> None:
        """Run a statement for several rows within the limit."""
        run = super().do_executemany
        self._within(lambda: run(cursor, statement, parameters, context), cursor.cancel)

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit within the limit."""
        self._within(dbapi_connection.commit)

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Roll back within the limit."""
        self._within(dbapi_connection.rollback)

    def do_close(self, dbapi_connection: Any) -> None:
        """Close within the limit."""
        self._within(dbapi_connection.close)

    def _within(self, work: Callable[[], Any], cancel: Callable[[], Any] | None = None) -> None:
        try:
            bounded(work, self._seconds, cancel)
        except TimeoutError as error:
            # As a driver says it: the pool then gives the connection up.
            raise self.dbapi.OperationalError("HYT00", f"[HYT00] {error}") from None

    def _check_text_server(self, _connection: Any) -> int:
        """Say that there is no text search server; asking needs an authority that few have."""
        return 0

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Ask for a sign of life; false, whatever the reason, is a connection to be replaced.

        The transaction that asking began is ended: else the driver refuses to set an isolation
        level afterwards (HY011).
        """
        ping = super().do_ping
        try:
            self._within(lambda: ping(dbapi_connection))
            self.do_rollback(dbapi_connection)
        except self.dbapi.Error:
            return False
        return True

    def set_isolation_level(self, connection: Any, level: str) -> None:
        """Set it for this connection only; the original also changes what all new ones get."""
        wanted = self._isolation_lookup[level.replace("_", " ")]
        connection.set_attr(self.dbapi.SQL_ATTR_TXN_ISOLATION, wanted)

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        """Whether a connection is lost; the original knows none that the network lost."""
        if isinstance(e, self.dbapi.Error) and diagnose(e).kind is Kind.UNREACHABLE:
            return True
        return bool(super().is_disconnect(e, connection, cursor))
