"""What is read of a rule store: systems, revisions, pages of rules, and the history of changes.

Every method is one short read transaction and keeps no session open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from db import history_queries, rows
from db.history import Change, Revision
from db.history_queries import Wanted
from db.opening import OpenStore
from db.snapshots import (
    Outline,
    Snapshot,
    Stamp,
    count_rules,
    current_revision,
    current_rules,
    read_outline,
    read_part,
    read_snapshot,
    read_stamp,
)
from db.tables import RuleRow, SystemRow
from epm.errors import NotFoundError
from epm.model import Rule, Server


class ReadableStore(OpenStore):
    """A store as those see it who only read; :class:`db.store.Store` writes too."""

    def systems(self) -> list[str]:
        """Return the names of all systems, in order."""
        with self.reading() as connection:
            query = select(SystemRow.system_name).order_by(SystemRow.system_name)
            return list(connection.execute(query).scalars())

    def revision(self, system: str) -> int:
        """Return the number of a system's current revision; cheap enough to poll.

        Raises:
            NotFoundError: there is no such system.
        """
        with self.reading() as connection:
            return current_revision(connection, system)

    def stamp(self, system: str) -> Stamp:
        """Return what tells the current state from another, even in a store put back from a copy.

        Raises:
            NotFoundError: there is no such system.
        """
        with self.reading() as connection:
            return read_stamp(connection, system)

    def load_revision(self, system: str, number: int) -> Snapshot:
        """Return any revision that ever was.

        Raises:
            NotFoundError: the system has no such revision.
        """
        with self.reading() as connection:
            if not 1 <= number <= current_revision(connection, system):
                raise NotFoundError(f"system {system} has no revision {number}")
            return read_snapshot(connection, system, number, number)

    def part(self, system: str, touched: Mapping[Server, Collection[int]]) -> Snapshot:
        """Return the current revision with only those rules, and the default ones.

        Args:
            system: whose.
            touched: sequences by server; those that do not exist are left out.

        Raises:
            NotFoundError: there is no such system.
        """
        with self.reading() as connection:
            return read_part(connection, system, touched)

    def outline(self, system: str) -> Outline:
        """Return what a system is, without its rules."""
        with self.reading() as connection:
            return read_outline(connection, system)

    def page(
        self,
        system: str,
        server: Server,
        start: int = 1,
        count: int = 20,
        *,
        backward: bool = False,
        text: str | None = None,
    ) -> list[Rule]:
        """Return a page of rules, ascending by sequence.

        Args:
            system: whose.
            server: of which server.
            start: the first sequence, or the last one when ``backward``; included.
            count: at most so many rules.
            backward: the rules that end at ``start`` instead of those that begin there.
            text: only rules whose description contains it, whatever the case.
        """
        where = current_rules(system, server, text)
        where.append(RuleRow.seq <= start if backward else RuleRow.seq >= start)
        with self.reading() as connection:
            found = rows.read_rules(connection, where, descending=backward, limit=count)
        return [rule for _, rule in found]

    def count(self, system: str, server: Server, text: str | None = None) -> int:
        """Return how many rules :meth:`page` would list in all."""
        with self.reading() as connection:
            return count_rules(connection, current_rules(system, server, text))

    def rule(self, system: str, server: Server, seq: int) -> Rule:
        """Return one rule.

        Raises:
            NotFoundError: there is none of that sequence.
        """
        found = self.page(system, server, seq, 1)
        if not found or found[0].seq != seq:
            raise NotFoundError(f"{server} has no rule {seq}")
        return found[0]

    def revisions(self, system: str, limit: int = 100, before: int | None = None) -> list[Revision]:
        """Return who made which revision, newest first, of numbers below ``before``."""
        with self.reading() as connection:
            return history_queries.read_revisions(connection, system, limit, before)

    def history(
        self,
        system: str,
        server: Server | None = None,
        seq: int | None = None,
        *,
        revision: int | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> list[Change]:
        """Return changes, newest first; see :func:`db.history_queries.read_changes`."""
        wanted = Wanted(None if server is None else server.value, seq, revision, before)
        with self.reading() as connection:
            return history_queries.read_changes(connection, system, wanted, limit)

    def unjournaled(self, limit: int = 1000) -> list[Change]:
        """Return changes of any system that the journal lacks, oldest first in each."""
        with self.reading() as connection:
            return history_queries.read_unjournaled(connection, limit)

    def damaged_change(self, system: str) -> int | None:
        """Return the number of the first change that is missing or altered, or ``None``.

        It reads the whole history: for a check that somebody asks for, such as ``epm doctor``.

        Raises:
            NotFoundError: there is no such system.
        """
        with self.reading() as connection:
            current = current_revision(connection, system)
            return history_queries.first_damaged(connection, system, current)
