"""The history of changes: append-only, attributed, and chained so that an edit of it shows.

Each change of a system carries ``SHA-256(previous hash, its own content)``; the first follows
64 zeros. Who can write the database can also rebuild the whole chain: what proves it against
that is the journal, where every change is written as a ``U``/``NC`` entry too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from db.structure import clipped
from db.tables import ChangeRow, RevisionRow
from db.values import Delta, Key, canonical, to_json

#: The hash before the first change of a system.
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes rules, and from which host."""

    user: str
    host: str


@dataclass(frozen=True, slots=True)
class Revision:
    """Who made a revision, when (aware, UTC), doing what to what, and why."""

    system: str
    number: int
    at: datetime
    who: Actor
    action: str
    object: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One object that a revision changed.

    Attributes:
        number: place in the system's history, from 1 without gap.
        before, after: canonical JSON with the rule file's names; ``None`` is not there.
        hash: SHA-256, hexadecimal, over the previous change's hash and this content.
        journaled: whether it has been written to the journal.
    """

    number: int
    revision: Revision
    key: Key
    before: str | None
    after: str | None
    hash: str
    journaled: bool = False

    @property
    def system(self) -> str:
        """The system whose rules changed."""
        return self.revision.system


def chained(change: Change, previous: str) -> str:
    """Return the hash that ``change`` must carry after a change of hash ``previous``."""
    made = change.revision
    content = canonical(
        [
            made.system,
            change.number,
            made.number,
            made.at.astimezone(UTC).isoformat(timespec="microseconds"),
            made.who.user,
            made.who.host,
            made.action,
            made.object,
            made.reason,
            change.key.part.value,
            change.key.name,
            change.key.seq,
            change.before,
            change.after,
        ]
    )
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()


def kept(revision: Revision) -> Revision:
    """Return a revision with its labels as the columns will give them back."""
    return replace(
        revision,
        who=Actor(clipped(revision.who.user), clipped(revision.who.host)),
        action=clipped(revision.action),
        object=clipped(revision.object),
        reason=None if revision.reason is None else clipped(revision.reason),
    )


def append(connection: Connection, revision: Revision, deltas: Sequence[Delta]) -> None:
    """Write a revision and its changes at the end of the system's history.

    The caller holds the system's row, so nobody else appends to this chain meanwhile.
    """
    connection.execute(
        insert(RevisionRow),
        {
            "system_name": revision.system,
            "revision": revision.number,
            "made_at": revision.at.astimezone(UTC).replace(tzinfo=None),
            "made_by": revision.who.user,
            "made_from": revision.who.host,
            "action": revision.action,
            "object_name": revision.object,
            "reason": revision.reason,
        },
    )
    number, previous = _last(connection, revision.system)
    rows: list[dict[str, Any]] = []
    for number, delta in enumerate(deltas, number + 1):  # noqa: B020 (counts on from the last)
        before, after = to_json(delta.before), to_json(delta.after)
        change = Change(number, revision, delta.key, before, after, "")
        previous = chained(change, previous)
        rows.append(_row(change, previous))
    connection.execute(insert(ChangeRow), rows)


def _last(connection: Connection, system: str) -> tuple[int, str]:
    row = connection.execute(
        select(ChangeRow.change_number, ChangeRow.chain_hash)
        .where(ChangeRow.system_name == system)
        .order_by(ChangeRow.change_number.desc())
        .limit(1)
    ).first()
    return (0, GENESIS) if row is None else (row[0], row[1])


def _row(change: Change, chain_hash: str) -> dict[str, Any]:
    return {
        "system_name": change.system,
        "change_number": change.number,
        "revision": change.revision.number,
        "part": change.key.part.value,
        "part_name": change.key.name,
        "seq": change.key.seq,
        "before_json": change.before,
        "after_json": change.after,
        "chain_hash": chain_hash,
        "journaled": "N",
    }
