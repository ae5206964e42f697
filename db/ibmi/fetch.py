"""Fetching SK entries incrementally, from wherever they are, without losing one silently.

Over any :data:`~db.ibmi.query.Query`: ODBC (:meth:`db.ibmi.odbc.OdbcConnection.query`) or another
way to the same statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from db.ibmi.chain import Span, plan
from db.ibmi.query import NotAuthorizedError, Query
from db.ibmi.sources import Source
from db.ibmi.values import FetchedEntry, Gap, Position, Reached, Receiver, Unreadable
from epm.errors import RemoteError

#: Entries of one query.
BATCH = 5_000
Fetched = FetchedEntry | Unreadable | Gap | Reached


def fetch(
    query: Query, source: Source, start: Position | None = None, *, batch: int = BATCH
) -> Iterator[Fetched]:
    """Yield the entries after ``start``, in journal order, up to the newest there is now.

    A :class:`Reached` follows whatever its position stands for, so a caller that keeps entries
    first and the position then gets each entry at least once; that it is put into the journal
    once is the import's doing.

    Args:
        query: runs statements.
        source: where the entries are.
        start: the last position that was reached; ``None`` to begin with the oldest receiver.
        batch: entries of one query.

    Raises:
        RemoteError: the system cannot be asked, or its answers do not lead on. What was yielded
            before is sound, and the last position holds.
        NotAuthorizedError: the journal or its receivers may not be seen, or are not there.
    """
    place = start
    while True:
        chain = source.chain(query)
        _refuse_empty(chain, place, source)
        try:
            for step in plan(chain, place, whole=source.whole):
                if isinstance(step, Gap):
                    yield step
                    continue
                # From here on this receiver is promised, even before its first entry was read.
                place = _before(step)
                for found in _read(query, source, step, batch):
                    if isinstance(found, Reached):
                        place = found.position
                    yield found
        except RemoteError:
            if place is None or _is_there(source.chain(query), place):
                raise
            # Its receiver was deleted meanwhile: planning again says what that lost.
            continue
        return


def _refuse_empty(chain: list[Receiver], place: Position | None, source: Source) -> None:
    if not chain and source.whole:
        held = "" if place is None else f"; entries after {place.sequence} may be lost"
        raise NotAuthorizedError(f"no journal receiver is there, or none may be seen{held}")


def _is_there(chain: list[Receiver], place: Position) -> bool:
    return any((r.lib, r.name) == (place.lib, place.receiver) for r in chain)


def _before(span: Span) -> Position:
    after = span.receiver.first - 1 if span.after is None else span.after
    return Position(span.receiver.lib, span.receiver.name, after)


def _read(
    query: Query, source: Source, span: Span, batch: int
) -> Iterator[FetchedEntry | Unreadable | Reached]:
    receiver = span.receiver
    while True:
        page = source.page(query, span, batch)
        highest = _before(span).sequence
        for found in page:
            if found.sequence is not None:
                _check_order(found.sequence, highest, receiver)
                highest = found.sequence
            yield found
        if len(page) < batch:
            # All of the receiver was looked at, up to the number that it had when it was listed.
            yield Reached(Position(receiver.lib, receiver.name, receiver.last))
            return
        if highest == _before(span).sequence:
            raise RemoteError(f"receiver {receiver}: {len(page)} rows without a readable number")
        span = replace(span, after=highest)
        yield Reached(Position(receiver.lib, receiver.name, highest))


def _check_order(number: int, before: int, receiver: Receiver) -> None:
    """Refuse numbers that do not grow: going on from them would leave entries out."""
    if not before < number <= receiver.last:
        raise RemoteError(
            f"receiver {receiver}: entry {number} came after {before}, up to {receiver.last} "
            "was asked for"
        )
