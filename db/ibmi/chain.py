"""Which receivers to read from where, and what is missing between them. Pure.

A journal numbers its entries without gap from receiver to receiver, until somebody begins the
numbers anew (CHGJRN SEQOPT(*RESET)). So the chain's own numbers tell what was deleted before it
was fetched, even though only some of the entries are of the type that is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from db.ibmi.values import Gap, Position, Receiver


@dataclass(frozen=True, slots=True)
class Span:
    """What to read of a receiver: numbers above ``after``, up to its last one.

    Attributes:
        after: a number the receiver holds; ``None`` to begin with its first entry.
    """

    receiver: Receiver
    after: int | None = None


def plan(chain: Sequence[Receiver], start: Position | None, *, whole: bool) -> Iterator[Span | Gap]:
    """Yield what to read, oldest first, and each gap where it lies.

    Args:
        chain: the receivers that are there, oldest first.
        start: how far an earlier fetch got; ``None`` to read all there is.
        whole: the chain holds every entry, as a journal does and an outfile does not; only then
            is a number that no receiver holds a loss.
    """
    if not chain:
        return
    index = 0 if start is None else _place_of(chain, start)
    if start is None:
        yield Span(chain[0])
    elif index is None:
        yield from _after_deletion(chain[0], start) if whole else (Span(chain[0]),)
    else:
        yield from _resumed(chain[index], start)
    yield from _rest(chain[index or 0 :], whole)


def _resumed(found: Receiver, start: Position) -> Iterator[Span | Gap]:
    if not found.first - 1 <= start.sequence <= found.last:
        yield Gap(
            f"receiver {found} holds entries {found.first} to {found.last} and not "
            f"{start.sequence}, where the last fetch ended: it was replaced, or the numbers were "
            "begun anew; it is read from its beginning"
        )
        yield Span(found)
    elif start.sequence < found.first:
        yield Span(found)
    elif start.sequence < found.last:
        yield Span(found, start.sequence)


def _place_of(chain: Sequence[Receiver], start: Position) -> int | None:
    places = (
        place
        for place, receiver in enumerate(chain)
        if (receiver.lib, receiver.name) == (start.lib, start.receiver)
    )
    return next(places, None)


def _after_deletion(oldest: Receiver, start: Position) -> Iterator[Span | Gap]:
    gone = Receiver(start.lib, start.receiver, 0, start.sequence)
    if oldest.first > start.sequence + 1:
        yield _lost(start.sequence + 1, oldest.first - 1, f"receiver {gone} was deleted")
    elif oldest.first <= start.sequence:
        yield Gap(
            f"receiver {gone} was deleted and the numbers were begun anew: entries after "
            f"{start.sequence} of the old numbers may be lost; reading goes on with {oldest}, "
            f"entry {oldest.first}"
        )
    yield Span(oldest)


def _rest(chain: Sequence[Receiver], whole: bool) -> Iterator[Span | Gap]:
    for earlier, receiver in pairwise(chain):
        if receiver.first <= earlier.last:
            yield Gap(
                f"the numbers were begun anew: receiver {receiver} begins with entry "
                f"{receiver.first}, {earlier} ended with {earlier.last}"
            )
        elif whole and receiver.first > earlier.last + 1:
            why = f"no receiver between {earlier} and {receiver} is there"
            yield _lost(earlier.last + 1, receiver.first - 1, why)
        yield Span(receiver)


def _lost(first: int, last: int, why: str) -> Gap:
    return Gap(f"entries {first} to {last} are lost: {why}", first, last)
