"""What fetching gives: entries, where it got to, and what is missing. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from epm.events import SkData

#: The largest number of a journal entry: 20 digits (IBM documentation: *TYPE5, JOSEQN).
MAX_SEQUENCE = 10**20 - 1


@dataclass(frozen=True, slots=True)
class Receiver:
    """A journal receiver that can be read, and the numbers it holds, first and last included.

    An outfile knows only those of the entries that were selected into it.
    """

    lib: str
    name: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.lib}/{self.name}" if self.lib else self.name or "the file"


@dataclass(frozen=True, slots=True)
class Position:
    """How far fetching got: every entry up to ``sequence`` of a receiver has been looked at."""

    lib: str
    receiver: str
    sequence: int


@dataclass(frozen=True, slots=True)
class FetchedEntry:
    """One journal entry.

    Exactly one of ``data``, ``record`` and ``sk`` says what the entry is about.

    Attributes:
        sequence: its number in the journal.
        timestamp: SAA text, ``YYYY-MM-DD-HH.MM.SS.mmmmmm``; which zone is assumption A22.
        code: journal code, ``T`` of the audit journal.
        entry_type: ``SK``.
        job_user: the user the job runs under; ``user`` is the current profile.
        remote_address: of the job's client, where the source tells.
        data: entry-specific data as written, in EBCDIC.
        record: the whole *TYPE5 record; then it says what the fields left ``None`` are.
        sk: the entry-specific data in columns.
    """

    sequence: int
    timestamp: str | None = None
    code: str | None = None
    entry_type: str | None = None
    job: str | None = None
    job_user: str | None = None
    job_number: int | None = None
    program: str | None = None
    program_library: str | None = None
    user: str | None = None
    system: str | None = None
    receiver: str | None = None
    receiver_library: str | None = None
    remote_address: str | None = None
    data: bytes | None = None
    record: bytes | None = None
    sk: SkData | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is no entry; those after it are given all the same.

    Attributes:
        sequence: its number, where at least that could be read.
    """

    sequence: int | None
    reason: str

    def __str__(self) -> str:
        place = "a row without a number" if self.sequence is None else f"entry {self.sequence}"
        return f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries that cannot be fetched any more, or numbers that were begun anew.

    Attributes:
        text: one line: which receiver, which numbers, why.
        first, last: the numbers that are lost, where they are known.
    """

    text: str
    first: int | None = None
    last: int | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Reached:
    """A place to go on from the next time: all before it has been given."""

    position: Position
