"""The journal, as the panels ask for it: pages of entries by number, and one entry whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from epm.errors import EpmError


class FilterRefusedError(EpmError):
    """A part of a filter is not what it must be.

    Attributes:
        field: the part's name in :class:`JournalFilter`, or ``position``.
    """

    def __init__(self, message: str, field: str) -> None:
        """Take the line to show and the part that it is about."""
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which entries are wanted, as it was typed; an empty text is no condition.

    Attributes:
        journal: name of a journal; empty is the one that the configuration names.
        start, end: ISO date or time, UTC; from and before; a date as ``end`` is its end.
        type: an SK type, an entry type or a journal code.
        address: address, CIDR or range that holds any address of the entry.
    """

    journal: str = ""
    start: str = ""
    end: str = ""
    server: str = ""
    user: str = ""
    type: str = ""
    verdict: str = ""
    address: str = ""
    port: str = ""

    def describe(self) -> str:
        """Return what is set apart from the journal, such as ``server QSOACCEPT, port 22``."""
        words = {"start": "from", "end": "before"}
        parts = [
            f"{words.get(f.name, f.name)} {getattr(self, f.name)}"
            for f in fields(self)
            if f.name != "journal" and getattr(self, f.name)
        ]
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One entry as a line of a list; what it does not have is empty.

    Attributes:
        code: journal code, T or U.
        kind: entry type and, of an SK entry, its type: ``SK A``.
        verdict: ``ALLOW``, ``REJECT``, or ``LOGGED`` for a rejection that was not enforced.
        local, remote: ``address:port``.
        time: to the second, in UTC where the journal knows that.
        detail: what else there is to say: the deciding rule, or the change.
    """

    sequence: int
    code: str
    kind: str
    server: str
    verdict: str
    local: str
    remote: str
    job: str
    user: str
    time: str
    detail: str


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Some of the wanted entries.

    Attributes:
        rows: newest first.
        stopped: number of the last entry looked at, when the search was given up there because
            it had looked at so many; ``None`` when there was enough, or nothing more.
        damaged: damaged places that were met and left out.
    """

    rows: Sequence[JournalRow]
    stopped: int | None = None
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class EntryText:
    """One entry as a person reads it, in lines.

    Attributes:
        header: the fields that every entry has.
        details: the fields of this kind of entry.
        characters, digits: its entry-specific data, 50 columns a line, as characters and as
            two lines of hexadecimal digits each.
    """

    sequence: int
    header: Sequence[str]
    details: Sequence[str]
    characters: Sequence[str]
    digits: Sequence[str]


class JournalService(Protocol):
    """Reads a system's journal. Every method raises EpmError only."""

    def check(self, wanted: JournalFilter) -> str:
        """Return the name of the journal that a filter is for; FilterRefusedError if it is bad."""
        ...

    def older(self, wanted: JournalFilter, before: int | None, count: int) -> JournalPage:
        """Return at most ``count`` wanted entries, from the one before ``before`` (the end) on."""
        ...

    def newer(self, wanted: JournalFilter, after: int, count: int) -> JournalPage:
        """Return at most ``count`` wanted entries: the ones that came next after ``after``."""
        ...

    def number_before(self, wanted: JournalFilter, position: str) -> int | None:
        """Return the number behind the entry to begin with for a time; ``None`` is the end.

        Raises:
            FilterRefusedError: the position is no time.
        """
        ...

    def entry(self, wanted: JournalFilter, sequence: int) -> EntryText:
        """Return one entry."""
        ...
