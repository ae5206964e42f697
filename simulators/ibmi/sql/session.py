"""One SQLite connection of a job: naming, commitment control, locks waited for, work bounded."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, TypeVar

from simulators.ibmi.collation import collation
from simulators.ibmi.database import quoted
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.sql.errors import failed, from_sqlite, is_locked
from simulators.ibmi.sql.functions import guarded, install, stamp_text
from simulators.xmlservice.host import SqlFailedError

#: Db2 for i waits for a lock as long as the file says, 60 seconds as shipped; here 5.
LOCK_WAIT = 5.0
_LOCK_STEP = 0.02
#: Steps of SQLite's machine that one statement may take, in thousands, and seconds; what a
#: procedure runs counts with its call.
MAX_WORK = 100_000
MAX_SECONDS = 20.0

_Result = TypeVar("_Result")


class Session:
    """What the statements of one database connection share.

    Attributes:
        naming: ``system`` (LIB/TABLE, library list) or ``sql`` (LIB.TABLE, the user's schema).
        schema: what SET SCHEMA said; None for the default.
        identity: the last identity value that this connection made.
        depth: procedures that are being called, one in the other.
    """

    def __init__(self, job: JobState) -> None:
        """Open it in a job, with system naming and autocommit.

        Raises:
            SqlFailedError: -913, another job's transaction holds the catalogue.
        """
        self.job = job
        self.naming = "system"
        self.autocommit = True
        self.schema: str | None = None
        self.identity: int | None = None
        self.depth = 0
        self._raised: SqlFailedError | None = None
        self._undo: list[Callable[[], object]] = []
        self._made = 0
        self.start_work()
        self.sqlite = self.guarded(job.system.database.connect)
        self.sqlite.set_progress_handler(self._tick, 1000)
        install(self.sqlite, self._keep)
        self._install_own()

    def _install_own(self) -> None:
        job = self.job
        registers: dict[str, Callable[..., str | int | None]] = {
            "DB2_NOW": lambda: stamp_text(job.system.now()),
            "DB2_TODAY": lambda: f"{job.system.now():%Y-%m-%d}",
            "DB2_TIME": lambda: f"{job.system.now():%H.%M.%S}",
            "DB2_USER": lambda: job.user,
            "DB2_SCHEMA": lambda: self.default_schema,
            "DB2_SERVER": lambda: job.system.name,
            "IDENTITY_VAL_LOCAL": lambda: self.identity,
        }
        for name, function in registers.items():
            self.sqlite.create_function(name, 0, function)
        run = guarded("QCMDEXC", lambda text, *_: 1 if job.run(str(text)).ok else -1, self._keep)
        self.sqlite.create_function("QCMDEXC", -1, run)

    @property
    def default_schema(self) -> str:
        """CURRENT SCHEMA: ``*LIBL`` with system naming, the user's name with SQL naming."""
        if self.schema is not None:
            return self.schema
        return "*LIBL" if self.naming == "system" else self.job.user

    def execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run SQLite text; wait for a lock that another job holds.

        Raises:
            SqlFailedError: what Db2 for i would say.
        """
        return self.guarded(lambda: self.sqlite.execute(sql, values))

    def guarded(self, action: Callable[[], _Result]) -> _Result:
        """Run something on the connection; as :meth:`execute`."""
        waited = 0.0
        while True:
            self._raised = None
            try:
                return action()
            except sqlite3.Error as error:
                if not is_locked(error) or waited >= LOCK_WAIT:
                    if self._undo and not self.sqlite.in_transaction:
                        self._undo_from(0)  # SQLite has rolled back what was open
                    raise from_sqlite(error, self._raised) from error
            except (OverflowError, UnicodeError) as error:
                raise failed(-302, "22003", str(error)) from error
            with self.waiting():
                self.job.system.lock.wait(_LOCK_STEP)
            waited += _LOCK_STEP

    def start_work(self) -> None:
        """Begin a statement of the client: what it may take is measured from here."""
        self._work, self._deadline = 0, monotonic() + MAX_SECONDS

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """What waits for others, such as a receive: it does not count as the statement's time."""
        start = monotonic()
        try:
            yield
        finally:
            self._deadline += monotonic() - start

    def begin(self) -> None:
        """Begin a transaction unless every statement commits by itself or one is open."""
        if not self.autocommit and not self.sqlite.in_transaction:
            self.execute("BEGIN")

    def commit(self) -> None:
        """Commit what is open."""
        if self.sqlite.in_transaction:
            self.execute("COMMIT")
            self.job.system.lock.notify_all()
        self._undo.clear()

    def rollback(self) -> None:
        """Roll back what is open: rows, tables, and the objects that belong to them."""
        if self.sqlite.in_transaction:
            self.execute("ROLLBACK")
            self.job.system.lock.notify_all()
        self._undo_from(0)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """A statement that changes objects: done as a whole, or not at all."""
        before, alone = len(self._undo), not self.sqlite.in_transaction
        self.execute("SAVEPOINT statement")
        try:
            yield
            self.execute("RELEASE statement")
        except BaseException:
            with suppress(SqlFailedError):  # SQLite may have rolled everything back itself
                self.execute("ROLLBACK" if alone else "ROLLBACK TO statement")
                if not alone:
                    self.execute("RELEASE statement")
            self._undo_from(before)
            raise
        if alone:
            self._undo.clear()

    def on_rollback(self, undo: Callable[[], object]) -> None:
        """Keep what takes a change to an object back; it is forgotten at the next commit."""
        self._undo.append(undo)

    def _undo_from(self, first: int) -> None:
        while len(self._undo) > first:
            self._undo.pop()()

    def materialise(self, columns: Iterable[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> str:
        """Put rows into a temporary table of this connection; return its quoted name."""
        self._made += 1
        name = f'temp."svc:{self._made}"'
        listed = list(columns)
        body = ", ".join(f"{quoted(c)} {kind}{collation(kind)}" for c, kind in listed)
        self.execute(f"CREATE TEMP TABLE {name[5:]} ({body})")
        marks = ", ".join("?" * len(listed))
        insert = f"INSERT INTO {name} VALUES ({marks})"  # noqa: S608 - names are quoted here
        alone = not self.sqlite.in_transaction
        if alone:
            self.execute("BEGIN")  # or each row would be a transaction of its own
        try:
            self.guarded(lambda: self.sqlite.executemany(insert, rows))
        finally:
            if alone:
                self.execute("COMMIT")
        return name

    def drop_materialised(self) -> None:
        """Drop the temporary tables of statements that are done."""
        rows = self.execute("SELECT name FROM temp.sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in rows:
            if str(name).startswith("svc:"):
                self.execute(f"DROP TABLE temp.{quoted(str(name))}")

    def close(self) -> None:
        """Roll back and close."""
        self.sqlite.close()
        self._undo_from(0)
        self.job.system.lock.notify_all()

    def _keep(self, error: SqlFailedError) -> None:
        self._raised = error

    def _tick(self) -> int:
        self._work += 1
        return self._work > MAX_WORK or monotonic() > self._deadline
