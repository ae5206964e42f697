"""Pages of the history: revisions newest first, and the changes of one in their order.

A list of either pages both ways by number, so nothing is ever loaded whole. Revisions of a
system, and changes within one, are numbered without gap (:mod:`db.history`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import select

from db.history import Actor, Change, Revision
from db.history_queries import Wanted, read_changes
from db.opening import OpenStore
from db.tables import ChangeRow, RevisionRow
from db.values import Part
from epm.model import Server


@dataclass(frozen=True, slots=True)
class Subset:
    """Which revisions a list shows: those that changed rules of a server, of a sequence, or all."""

    server: Server | None = None
    seq: int | None = None


def revision_page(
    store: OpenStore,
    system: str,
    start: int,
    count: int,
    *,
    newer: bool = False,
    subset: Subset | None = None,
) -> list[Revision]:
    """Return at most ``count`` revisions, newest first.

    Args:
        store: an open store.
        system: whose history.
        start: the newest number of the page, or the oldest one when ``newer``; included.
        count: at most so many.
        newer: those from ``start`` on that are nearest to it, instead of those up to it.
        subset: only some of them.
    """
    wanted = subset or Subset()
    query = select(RevisionRow.__table__).where(RevisionRow.system_name == system)
    if wanted.server is not None or wanted.seq is not None:
        query = query.where(_changed_rules(wanted))
    order = RevisionRow.revision
    query = query.where(order >= start if newer else order <= start)
    query = query.order_by(order if newer else order.desc()).limit(count)
    with store.reading() as connection:
        found = [_revision(row) for row in connection.execute(query)]
    return found[::-1] if newer else found


def _changed_rules(wanted: Subset) -> Any:
    changes = select(ChangeRow.revision).where(
        ChangeRow.system_name == RevisionRow.system_name,
        ChangeRow.revision == RevisionRow.revision,
        ChangeRow.part == Part.RULE.value,
    )
    if wanted.server is not None:
        changes = changes.where(ChangeRow.part_name == wanted.server.value)
    if wanted.seq is not None:
        changes = changes.where(ChangeRow.seq == wanted.seq)
    return changes.exists()


def _revision(row: Any) -> Revision:
    return Revision(
        row.system_name,
        row.revision,
        row.made_at.replace(tzinfo=UTC),
        Actor(row.made_by, row.made_from),
        row.action,
        row.object_name,
        row.reason,
    )


def change_page(
    store: OpenStore, system: str, revision: int, start: int, count: int, *, backward: bool = False
) -> list[tuple[int, Change]]:
    """Return at most ``count`` changes of a revision in their order, each with its place in it.

    Args:
        store: an open store.
        system: whose history.
        revision: which revision.
        start: the first place, from 1, or the last one when ``backward``; included.
        count: at most so many.
        backward: those that end at ``start`` instead of those that begin there.
    """
    with store.reading() as connection:
        last = read_changes(connection, system, Wanted(revision=revision), 1)
        if not last:
            return []
        earlier = read_changes(connection, system, Wanted(revision=revision - 1), 1)
        behind = earlier[0].number if earlier else 0
        end = min(start if backward else start + count - 1, last[0].number - behind)
        first = max(1, end - count + 1) if backward else start
        if first > end:
            return []
        wanted = Wanted(revision=revision, before=behind + end + 1)
        found = read_changes(connection, system, wanted, end - first + 1)
    return [(change.number - behind, change) for change in reversed(found)]
