"""The rule store: revisions of rule sets in a database, each kept, attributed and undoable.

Every method is one short transaction and keeps no session open; a store may be used by several
threads. A writer names the revision that it saw: if another has been saved since, nothing is
written and :class:`~epm.errors.EditConflictError` says by whom. What a rule may say is checked
by :mod:`epm.edits`; the store refuses only what its rows could not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from db import history, history_queries
from db.engine import Database
from db.history import Actor, Change, Revision
from db.opening import Clock, utc_now
from db.readings import ReadableStore
from db.snapshots import (
    Edit,
    Snapshot,
    edit_conflict,
    edit_deltas,
    read_snapshot,
    read_stamp,
)
from db.structure import check_deltas, check_ruleset, check_system_name
from db.tables import CURRENT, SystemRow
from db.values import Delta, Key, Part, differences, frozen, shipped_deltas
from db.writes import write_deltas
from epm.errors import RuleError, StoreError
from epm.model import LOCAL_SYSTEM, RuleSet

#: Who makes the system that every store has.
SHIPPED_BY = Actor("*SYSTEM", "*SYSTEM")


class Store(ReadableStore):
    """A rule store that is open. Use :meth:`open` or :meth:`init`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        """Take an open database whose schema has been checked."""
        super().__init__(database, clock)
        # The last snapshot of each system. Revisions never change, so it is right for ever;
        # an editor that saves what it loaded need not load it again.
        self._last: dict[str, Snapshot] = {}

    def begin_life(self) -> None:
        """Make the system ``*LOCAL`` where there is none at all."""
        if self.systems():
            return
        try:
            self.create_system(LOCAL_SYSTEM, SHIPPED_BY)
        except StoreError:
            # Two programs made the store at the same time; one of them was first.
            if LOCAL_SYSTEM not in self.systems():
                raise

    def create_system(self, system: str, who: Actor, reason: str | None = None) -> int:
        """Create a system as it is shipped; return its revision, 1.

        Raises:
            RuleError: the name cannot name a system.
            StoreError: it exists.
        """
        check_system_name(system)
        created = Delta(Key(Part.SYSTEM, system), None, system)
        made = self._made(system, 1, who, "create", f"system {system}", reason)
        with self.writing() as connection:
            try:
                connection.execute(insert(SystemRow), {"system_name": system, "revision": 1})
            except IntegrityError:
                raise StoreError(f"system {system} exists already") from None
            history.append(connection, made, [created])
            write_deltas(connection, system, 1, shipped_deltas())
        return 1

    def load(self, system: str) -> Snapshot:
        """Return the current revision, whole and consistent."""
        with self.reading() as connection:
            stamp = read_stamp(connection, system)
            known = self._last.get(system)
            if known is not None and known.stamp == stamp:
                return known
            snapshot = read_snapshot(connection, system, stamp.revision, CURRENT)
        self._last[system] = snapshot
        return snapshot

    def save(
        self,
        system: str,
        ruleset: RuleSet,
        tests: str,
        *,
        seen: int,
        who: Actor,
        action: str,
        object: str,
        reason: str | None = None,
    ) -> int:
        """Make ``ruleset`` the system's current one; return the revision that then is current.

        Only what differs from revision ``seen`` is written; without any difference no revision
        is made and ``seen`` is returned.

        Raises:
            EditConflictError: ``seen`` is not the current revision; nothing was written.
            RuleError: the rule set's structure cannot be kept.
        """
        check_ruleset(ruleset)
        ruleset = frozen(ruleset)
        base = self._base(system, seen)
        deltas = differences(base.ruleset, ruleset, base.tests, tests)
        check_deltas(deltas)
        made = self._made(system, seen + 1, who, action, object, reason)
        number = self._commit(made, lambda _connection: deltas)
        if deltas:
            self._last[system] = Snapshot(system, number, ruleset, tests, made.at, made.who)
        return number

    def apply(
        self,
        system: str,
        edits: Sequence[Edit],
        *,
        seen: int,
        who: Actor,
        action: str,
        object: str,
        reason: str | None = None,
    ) -> int:
        """Make a few edits without loading the rest; otherwise as :meth:`save`.

        Raises:
            EditConflictError: ``seen`` is not the current revision; nothing was written.
            NotFoundError: what an edit deletes is not there.
            RuleError: an edit's structure cannot be kept, or a key is edited twice.
        """
        if len({edit.key for edit in edits}) != len(edits):
            raise RuleError("an object is edited twice at once")
        check_deltas(Delta(edit.key, None, edit.after) for edit in edits)
        made = self._made(system, seen + 1, who, action, object, reason)
        return self._commit(made, lambda connection: edit_deltas(connection, system, edits))

    def _made(
        self, system: str, number: int, who: Actor, action: str, subject: str, reason: str | None
    ) -> Revision:
        made = Revision(system, number, self._clock(), who, action, subject, reason)
        return history.kept(made)

    def _base(self, system: str, seen: int) -> Snapshot:
        """Return the revision that the editor started from."""
        base = self.load(system)
        if base.revision != seen:
            with self.reading() as connection:
                raise edit_conflict(connection, system, seen)
        return base

    def _commit(self, made: Revision, find: Callable[[Connection], Sequence[Delta]]) -> int:
        seen = made.number - 1
        with self.writing() as connection:
            # INVARIANT: first of all, so that what is read next cannot change any more: this is
            # the row that other writers of the system wait for.
            taken = connection.execute(
                update(SystemRow)
                .where(SystemRow.system_name == made.system, SystemRow.revision == seen)
                .values(revision=made.number)
            )
            if taken.rowcount != 1:
                raise edit_conflict(connection, made.system, seen)
            deltas = find(connection)
            if not deltas:
                connection.rollback()
                return seen
            history.append(connection, made, deltas)
            write_deltas(connection, made.system, made.number, deltas)
        return made.number

    def mark_journaled(self, changes: Iterable[Change]) -> None:
        """Mark changes as written to the journal."""
        with self.writing() as connection:
            history_queries.mark_journaled(connection, changes)
