"""A prepared statement: executed any number of times, its rows kept until they are fetched."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from simulators.ibmi.messages import EscapeError
from simulators.ibmi.sql.errors import failed, from_sqlite
from simulators.ibmi.sql.session import Session
from simulators.ibmi.sql.types import SqlType, inferred, shown
from simulators.xmlservice.host import Column, ProgramFaultError, SqlFailedError

#: No result is larger; more is refused, as a resource limit, instead of taking all memory.
MAX_ROWS = 2_000_000
#: Bytes of text and binary values in one result.
MAX_RESULT = 64 * 1024 * 1024


class Rows:
    """The rows of one result, with the types of its columns; fetched once, in order."""

    def __init__(
        self, names: Sequence[str], types: Sequence[SqlType | None], rows: list[Any]
    ) -> None:
        """Take names, types as far as they are known, and all rows."""
        self.types = [
            kind or inferred([row[place] for row in rows[:1000]])
            for place, kind in enumerate(types)
        ]
        self.columns = [t.column(n) for n, t in zip(names, self.types, strict=True)]
        self._rows = deque(rows)

    def take(self, count: int) -> list[list[str | bytes | None]]:
        """Return at most ``count`` rows as Db2 for i shows them."""
        taken: list[list[str | bytes | None]] = []
        while self._rows and len(taken) < count:
            row = self._rows.popleft()
            taken.append([shown(v, t) for v, t in zip(row, self.types, strict=True)])
        return taken


def all_rows(session: Session, cursor: sqlite3.Cursor) -> list[Any]:
    """Return the rows of a query.

    Raises:
        SqlFailedError: -904, there are too many or they are too large; what the query fails with.
    """
    rows: list[Any] = []

    def collect() -> None:
        size = 0
        for row in cursor:
            rows.append(row)
            size += sum(len(value) for value in row if isinstance(value, str | bytes))
            if len(rows) > MAX_ROWS or size > MAX_RESULT:
                raise failed(-904, "57011", f"more than {MAX_ROWS} rows or {MAX_RESULT} bytes")

    session.guarded(collect)
    return rows


class Statement:
    """A prepared statement; :class:`simulators.xmlservice.host.Cursor` describes it."""

    def __init__(
        self,
        session: Session,
        run: Callable[[Sequence[str | None]], Outcome],
        markers: int,
        columns: Sequence[Column] = (),
    ) -> None:
        """Take what runs it with its values, how many markers it has, its columns if known."""
        self._session = session
        self._run = run
        self._columns = list(columns)
        self._rows: Rows | None = None
        self.rowcount = -1
        self.parameters: Sequence[Column] = [
            SqlType("VARCHAR", 32_739).column(f"{n:05d}") for n in range(1, markers + 1)
        ]

    @property
    def columns(self) -> Sequence[Column]:
        """The result's columns; empty for a statement without a result."""
        return self._rows.columns if self._rows is not None else self._columns

    def execute(self, values: Sequence[str | None]) -> Sequence[str | None]:
        """Run it with values as text; return the values of INOUT and OUT parameters.

        Raises:
            SqlFailedError: it failed; its message is in the job log.
        """
        job = self._session.job
        self._session.start_work()
        if len(values) != len(self.parameters):
            raise failed(-313, "07001", len(values), len(self.parameters))
        with job.system.lock:
            try:
                outcome = self._run(values)
            except SqlFailedError as error:
                job.tell(f"SQL{abs(error.sqlcode):04d}"[:7], str(error))
                raise
            except sqlite3.Error as error:
                # The catalogue of tables, read for a service, is held by another job.
                raise from_sqlite(error) from error
            except (EscapeError, ProgramFaultError) as error:
                raise failed(-443, "38501", "of the statement", str(error)) from error
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                raise failed(-901, "58004", type(error).__name__) from error
            finally:
                self._session.drop_materialised()
        self._rows, self.rowcount = outcome.rows, outcome.rowcount
        return outcome.parameters if outcome.parameters is not None else values

    def fetch(self, count: int) -> Sequence[Sequence[str | bytes | None]]:
        """Return at most ``count`` rows.

        Raises:
            SqlFailedError: -501, there is no result to fetch from.
        """
        if self._rows is None:
            raise failed(-501, "24501", "of the statement")
        return self._rows.take(max(count, 0))

    def close(self) -> None:
        """Free it."""
        self._rows = None


class Outcome:
    """What one execution gave."""

    __slots__ = ("parameters", "rowcount", "rows")

    def __init__(
        self,
        rows: Rows | None = None,
        rowcount: int = -1,
        parameters: Sequence[str | None] | None = None,
    ) -> None:
        """Take the result, the rows changed, and the values of OUT parameters."""
        self.rows = rows
        self.rowcount = rowcount
        self.parameters = parameters
