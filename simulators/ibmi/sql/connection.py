"""One database connection of a job, as the XMLSERVICE protocol uses it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from simulators.ibmi.jobstate import JobState
from simulators.ibmi.sql import (
    services_catalogue,
    services_journal,
    services_objects,
    services_system,
)
from simulators.ibmi.sql.catalogue import catalogue_rows
from simulators.ibmi.sql.cursor import Outcome, Statement
from simulators.ibmi.sql.errors import failed, from_sqlite
from simulators.ibmi.sql.session import Session
from simulators.ibmi.sql.settings import set_schema
from simulators.ibmi.sql.statements import prepare
from simulators.xmlservice.host import Cursor, SqlFailedError

#: The modules whose services exist once they are imported.
SERVICES = (services_catalogue, services_journal, services_objects, services_system)


class Connection:
    """A connection; :class:`simulators.xmlservice.host.SqlConnection` describes it."""

    def __init__(self, job: JobState) -> None:
        """Open it in a job, with system naming and autocommit."""
        self._job = job
        self._session = Session(job)
        self._is_open = True

    def prepare(self, statement: str) -> Cursor:
        """Prepare a statement.

        Raises:
            SqlFailedError: it is not valid; its message is in the job log.
        """
        with self._job.system.lock:
            self._session.start_work()
            try:
                return prepare(self._session, statement)
            except SqlFailedError as error:
                self._job.tell(f"SQL{abs(error.sqlcode):04d}"[:7], str(error))
                raise
            except sqlite3.Error as error:
                raise from_sqlite(error) from error
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                raise failed(-901, "58004", type(error).__name__) from error

    def catalogue(self, action: str, values: Sequence[str | None]) -> Cursor:
        """Open a catalogue call.

        Raises:
            SqlFailedError: the arguments are not valid.
        """
        with self._job.system.lock:
            rows = catalogue_rows(self._job, action, values)
            statement = Statement(self._session, lambda _: Outcome(rows), 0, rows.columns)
            statement.execute(())
            return statement

    def identity(self) -> str | None:
        """Return the last identity value, or None."""
        value = self._session.identity
        return None if value is None else str(value)

    def options(self, values: Mapping[str, str]) -> None:
        """Apply options: ``autocommit`` (on, off), ``naming`` (system, sql), ``libl``, ``sqllib``.

        Raises:
            SqlFailedError: a name or a value is not known.
        """
        for name, value in values.items():
            self._option(name.lower(), value.strip())

    def _option(self, name: str, value: str) -> None:
        session, word = self._session, value.lower()
        with self._job.system.lock:
            if name == "autocommit" and word in ("on", "off"):
                session.commit()
                session.autocommit = word == "on"
            elif name == "naming" and word in ("system", "sql"):
                session.naming = word
            elif name == "libl":
                self._command(f"CHGLIBL LIBL({value})")
            elif name == "sqllib":
                set_schema(session, value.upper())
            else:
                raise failed(-171, "42815", value, name)

    def _command(self, text: str) -> None:
        outcome = self._job.run(text)
        if not outcome.ok:
            raise failed(-443, "38501", "QCMDEXC", outcome.messages[-1].text)

    def commit(self) -> None:
        """Commit."""
        with self._job.system.lock:
            self._session.commit()

    def rollback(self) -> None:
        """Roll back."""
        with self._job.system.lock:
            self._session.rollback()

    def close(self) -> None:
        """Close it; what was not committed is rolled back."""
        with self._job.system.lock:
            if self._is_open:
                self._is_open = False
                self._session.close()
