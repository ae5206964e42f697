"""Where entries are fetched from: two services, and a file that a command wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from db.ibmi import statements
from db.ibmi.chain import Span
from db.ibmi.columns import Roles, find_roles
from db.ibmi.query import Query, UnknownColumnError
from db.ibmi.rows import entry_of, receiver_of
from db.ibmi.values import FetchedEntry, Receiver, Unreadable

AUDIT_LIBRARY, AUDIT_JOURNAL = "QSYS", "QAUDJRN"
_INFO = (
    *("JOURNAL_RECEIVER_LIBRARY", "JOURNAL_RECEIVER_NAME"),
    *("FIRST_SEQUENCE_NUMBER", "LAST_SEQUENCE_NUMBER"),
)


class Source(Protocol):
    """Something that entries can be fetched from, receiver by receiver.

    Attributes:
        whole: whether its receivers hold every number, so that one that is not there is lost.
    """

    whole: bool

    def chain(self, query: Query) -> list[Receiver]:
        """Return the receivers that can be read, oldest first."""
        ...

    def page(self, query: Query, span: Span, count: int) -> list[FetchedEntry | Unreadable]:
        """Return at most ``count`` entries of a span, in order."""
        ...


@dataclass(slots=True)
class DisplayJournal:
    """QSYS2.DISPLAY_JOURNAL: the entry data as they were written.

    Attributes:
        code: journal code of the entries; ``U`` of those that exit programs write.
        types: their entry types.
    """

    lib: str = AUDIT_LIBRARY
    journal: str = AUDIT_JOURNAL
    code: str = "T"
    types: Sequence[str] = ("SK",)
    whole: bool = field(default=True, init=False)
    _columns: Sequence[Sequence[str]] = field(default=statements.DISPLAY_COLUMNS, init=False)

    def chain(self, query: Query) -> list[Receiver]:
        """Return the journal's receivers, oldest first."""
        return _receivers(query, self.lib, self.journal)

    def page(self, query: Query, span: Span, count: int) -> list[FetchedEntry | Unreadable]:
        """Return entries of a span; the columns are those of the first list that is taken."""
        while True:
            columns = self._columns[0]
            text = statements.display_journal(
                self.lib, self.journal, span, count, columns, code=self.code, types=self.types
            )
            try:
                rows = list(query(text))
            except UnknownColumnError:
                if len(self._columns) == 1:
                    raise
                self._columns = self._columns[1:]
                continue
            roles = find_roles([c.strip('"') for c in columns] + ["ENTRY_DATA"], "DISPLAY_JOURNAL")
            return [entry_of(row, roles) for row in rows]


@dataclass(slots=True)
class AuditJournalSk:
    """SYSTOOLS.AUDIT_JOURNAL_SK: the entry data in columns (their names: assumption A24)."""

    whole: bool = field(default=True, init=False)

    def chain(self, query: Query) -> list[Receiver]:
        """Return the audit journal's receivers, oldest first."""
        return _receivers(query, AUDIT_LIBRARY, AUDIT_JOURNAL)

    def page(self, query: Query, span: Span, count: int) -> list[FetchedEntry | Unreadable]:
        """Return entries of a span; which column says what is found by the names of the result."""
        rows = list(query(statements.audit_journal_sk(span, count)))
        if not rows:
            return []
        roles: Roles = find_roles(rows[0], "AUDIT_JOURNAL_SK")
        found = [entry_of(row, roles, code="T", entry_type="SK") for row in rows]
        after = -1 if span.after is None else span.after
        return [one for one in found if one.sequence is None or one.sequence > after][:count]


def _receivers(query: Query, library: str, journal: str) -> list[Receiver]:
    rows = query(statements.receivers(library, journal))
    return [found for row in rows if (found := receiver_of(row, _INFO)) is not None]
