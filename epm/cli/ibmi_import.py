"""From an IBM i's journal into ours: each entry once, gaps noted, going on where it stopped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from epm.cli.ibmi_entries import CCSID, records_of
from epm.cli.ibmi_positions import Positions
from epm.cli.output import warn

if TYPE_CHECKING:
    from db.ibmi.query import Query
    from db.ibmi.sources import Source
    from db.ibmi.values import FetchedEntry, Gap, Position, Unreadable
    from exitprograms.ibmi.client import Client
    from journal.writer import Journal

#: Of numbers that were begun anew, the entries are kept under a source of their own: NAME#2.
_ANEW = re.compile(r"#(\d{1,9})$")


@dataclass(slots=True)
class Taken:
    """What came of fetching one journal.

    Attributes:
        imported, present, damaged, different: entries, as the import counts them.
        gaps: a line for each.
    """

    what: str
    imported: int = 0
    present: int = 0
    damaged: int = 0
    different: int = 0
    gaps: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return {
            "journal": self.what,
            "imported": self.imported,
            "present": self.present,
            "damaged": self.damaged,
            "different": self.different,
            "gaps": self.gaps,
        }


@dataclass(frozen=True, slots=True)
class Feed:
    """One journal of a system, and how it is asked for.

    Attributes:
        key: names it in messages and in the positions: what is fetched, by which service.
        source: what its numbers are counted under in our journal.
        system: the machine's own name.
        batch: entries of one query.
    """

    key: str
    source: str
    system: str
    origin: Source
    query: Query
    batch: int


def over_xmlservice(client: Client) -> Query:
    """Return a way to run queries over XMLSERVICE that tells apart what callers have to."""
    from db.ibmi.query import NotAuthorizedError, UnknownColumnError
    from exitprograms.ibmi.answers import ActionFailedError

    kinds = {"42703": UnknownColumnError, "42501": NotAuthorizedError}

    def query(statement: str) -> list[Any]:
        try:
            return client.query(statement)
        except ActionFailedError as error:
            known = kinds.get(error.failure.sqlstate)
            if known is not None:
                raise known(str(error)) from None
            raise

    return query


def take(journal: Journal, feed: Feed, positions: Positions, tell: Callable[[str], None]) -> Taken:
    """Fetch what is new in one journal and put it into ours.

    The position is kept in ``positions`` and not saved: that is for when our journal has been
    flushed to disk.

    Raises:
        RemoteError: the system cannot be asked any more; what came before is kept.
    """
    from journal.importing import import_records, last_sequences

    taken = Taken(feed.key)
    last = last_sequences(journal.directory)
    anew = max(_newest(last, feed.source), positions.anew.get(feed.key, 1))
    walk = _Walk(journal, feed, positions, taken, anew)
    walk.begin(last)
    while walk.more:
        before = taken.imported
        result = import_records(
            journal, records_of(walk.entries(), feed.system), ccsid=CCSID,
            system=feed.system, source=walk.source,
        )  # fmt: skip
        taken.imported += result.imported
        taken.present += result.present
        taken.damaged += result.damaged_count
        taken.different += result.different
        for line in result.damaged:
            warn(f"{feed.key}: {line.reason}")
        if taken.imported > before:
            tell(f"{feed.key}: {taken.imported} entries")
    return taken


def _newest(last: Iterable[str], source: str) -> int:
    """Return how often the numbers of a source were begun anew: 1 for never."""
    suffixes = (name[len(source) :] for name in last if name.startswith(f"{source}#"))
    return max([1, *(int(m[1]) for s in suffixes if (m := _ANEW.fullmatch(s)))])


class _Walk:
    """Goes through what is fetched; stops where the numbers begin anew, to go on under another."""

    def __init__(
        self, journal: Journal, feed: Feed, positions: Positions, taken: Taken, epoch: int
    ) -> None:
        self._journal, self._feed, self._positions, self._taken = journal, feed, positions, taken
        self._epoch = epoch
        self._found: Iterator[Any] = iter(())
        self.more = True

    @property
    def source(self) -> str:
        """What the numbers are counted under now."""
        return self._feed.source if self._epoch == 1 else f"{self._feed.source}#{self._epoch}"

    def begin(self, last: dict[str, int]) -> None:
        """Start where the journal and the kept position say."""
        from db.ibmi.fetch import fetch

        start = _start(self._feed, self._positions.places.get(self._feed.key), last.get(self.source))  # fmt: skip  # noqa: E501
        self._found = fetch(self._feed.query, self._feed.origin, start, batch=self._feed.batch)

    def entries(self) -> Iterator[FetchedEntry | Unreadable]:
        """Yield entries up to the end, or to where the numbers begin anew."""
        from db.ibmi.values import Gap, Reached

        for found in self._found:
            if isinstance(found, Reached):
                self._positions.places[self._feed.key] = found.position
            elif isinstance(found, Gap):
                self._note(found)
                if found.first is None:
                    self._epoch += 1
                    self._positions.anew[self._feed.key] = self._epoch
                    return
            else:
                yield found
        self.more = False

    def _note(self, gap: Gap) -> None:
        """A gap is said, and stands in the journal: never is one silent."""
        from journal.entry import GapEntry, GapReason

        text = f"{self._feed.key}: {gap.text}"
        warn(text)
        self._taken.gaps.append(gap.text)
        details: dict[str, str | int] = {"source": self.source}
        if gap.first is not None and gap.last is not None:
            details |= {"first": gap.first, "last": gap.last}
        self._journal.append(GapEntry(GapReason.SOURCE_LOST, text, details))


def _start(feed: Feed, kept: Position | None, last: int | None) -> Position | None:
    """Return where to go on: at the kept position, or behind the last entry that we hold.

    The position may be lost, or older than the journal where a fetch was killed.
    """
    from db.ibmi.values import Position

    if last is None or (kept is not None and kept.sequence >= last):
        return kept
    for receiver in reversed(feed.origin.chain(feed.query)):
        if receiver.first <= last <= receiver.last:
            return Position(receiver.lib, receiver.name, last)
    return Position("", "that held the last entry", last) if kept is None else kept
