"""Reading the history of changes: lists, what the journal lacks, and whether it is as written.

Every function takes an open connection, so that :mod:`db.store` decides what is one picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select, update

from db.history import GENESIS, Actor, Change, Revision, chained
from db.tables import ChangeRow, RevisionRow
from db.values import Key, Part
from epm.errors import StoreError

_REVISION_COLUMNS = (
    RevisionRow.system_name,
    RevisionRow.revision,
    RevisionRow.made_at,
    RevisionRow.made_by,
    RevisionRow.made_from,
    RevisionRow.action,
    RevisionRow.object_name,
    RevisionRow.reason,
)


def _revision(row: Sequence[Any]) -> Revision:
    system, number, at, user, host, action, object_name, reason = row
    made_at = at.replace(tzinfo=UTC)
    return Revision(system, number, made_at, Actor(user, host), action, object_name, reason)


def read_revisions(
    connection: Connection, system: str, limit: int, before: int | None = None
) -> list[Revision]:
    """Return revisions, newest first, of numbers below ``before``.

    Raises:
        StoreError: a row holds what no epm writes.
    """
    query = select(*_REVISION_COLUMNS).where(RevisionRow.system_name == system)
    if before is not None:
        query = query.where(RevisionRow.revision < before)
    return _read(connection, query.order_by(RevisionRow.revision.desc()).limit(limit), _revision)


_T = TypeVar("_T")


def _read(
    connection: Connection, query: Select[*tuple[Any, ...]], make: Callable[[Sequence[Any]], _T]
) -> list[_T]:
    try:
        return [make(row) for row in connection.execute(query)]
    except (ValueError, TypeError) as error:
        raise StoreError(f"the store holds a change that is not one: {error}") from None


def _changes() -> Select[*tuple[Any, ...]]:
    return select(
        ChangeRow.change_number,
        ChangeRow.part,
        ChangeRow.part_name,
        ChangeRow.seq,
        ChangeRow.before_json,
        ChangeRow.after_json,
        ChangeRow.chain_hash,
        ChangeRow.journaled,
        *_REVISION_COLUMNS,
    ).join_from(
        ChangeRow,
        RevisionRow,
        (RevisionRow.system_name == ChangeRow.system_name)
        & (RevisionRow.revision == ChangeRow.revision),
    )


def _change(row: Sequence[Any]) -> Change:
    number, part, name, seq, before, after, chain_hash, journaled, *revision = row
    key = Key(Part(part), name, seq)
    return Change(number, _revision(revision), key, before, after, chain_hash, journaled == "Y")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes a list shows; ``None`` is no limit.

    Attributes:
        server: only of rules of this server.
        seq: only of rules of this sequence.
        revision: only of this revision.
        before: only of numbers below, to go on where a list ended.
    """

    server: str | None = None
    seq: int | None = None
    revision: int | None = None
    before: int | None = None

    def filter(self, system: str) -> list[ColumnElement[bool]]:
        """Return it as a filter on :class:`~db.tables.ChangeRow`."""
        where = [ChangeRow.system_name == system]
        if self.server is not None or self.seq is not None:
            where.append(ChangeRow.part == Part.RULE.value)
        if self.server is not None:
            where.append(ChangeRow.part_name == self.server)
        if self.seq is not None:
            where.append(ChangeRow.seq == self.seq)
        if self.revision is not None:
            where.append(ChangeRow.revision == self.revision)
        if self.before is not None:
            where.append(ChangeRow.change_number < self.before)
        return where


def read_changes(connection: Connection, system: str, wanted: Wanted, limit: int) -> list[Change]:
    """Return at most ``limit`` changes of a system, newest first.

    Raises:
        StoreError: a row holds what no epm writes.
    """
    query = _changes().where(*wanted.filter(system)).order_by(ChangeRow.change_number.desc())
    return _read(connection, query.limit(limit), _change)


def read_unjournaled(connection: Connection, limit: int) -> list[Change]:
    """Return changes that the journal does not have yet, oldest first within each system.

    Raises:
        StoreError: a row holds what no epm writes.
    """
    query = (
        _changes()
        .where(ChangeRow.journaled == "N")
        .order_by(ChangeRow.system_name, ChangeRow.change_number)
        .limit(limit)
    )
    return _read(connection, query, _change)


def mark_journaled(connection: Connection, changes: Iterable[Change]) -> None:
    """Mark changes as written to the journal; the mark is no part of the chained content."""
    rows = [{"of": change.system, "at": change.number} for change in changes]
    if rows:
        table = ChangeRow.__table__
        connection.execute(
            update(table)  # type: ignore[arg-type]
            .where(table.c.system_name == bindparam("of"), table.c.change_number == bindparam("at"))
            .values(journaled="Y"),
            rows,
        )


def first_damaged(connection: Connection, system: str, current: int) -> int | None:
    """Return the number of the first change that is missing or not as written; else ``None``.

    Every change is read, a thousand at a time, and its hash made again. A cut tail shows by
    ``current``, the system's current revision, unless that was set back too.

    It proves the history, not the rules that are in force now, and not that the whole chain was
    never written anew: the journal's ``U``/``NC`` entries stand against that.
    """
    previous, expected, reached = GENESIS, 1, 0
    query = (
        _changes().where(ChangeRow.system_name == system).order_by(ChangeRow.change_number)
    ).execution_options(yield_per=1000)
    try:
        with connection.execute(query) as result:
            for row in result:
                change = _change(row)
                if change.number != expected or chained(change, previous) != change.hash:
                    return expected
                previous, expected, reached = change.hash, expected + 1, change.revision.number
    except (ValueError, TypeError):
        # A value that no column of ours could hold: part, time stamp, bytes in place of text.
        return expected
    return None if current == reached else expected
