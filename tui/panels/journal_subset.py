"""The fields that say which journal entries are wanted; for a list and for a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

from epm.model import Server
from tui.display import Kind
from tui.kit.entry import Entry, EntryPanel
from tui.kit.values import Choice
from tui.outcomes import FieldRefusedError, Result
from tui.services import Desk, JournalFilter
from tui.services.journal import FilterRefusedError
from tui.session import Session

FILTER_ENTRIES = (
    Entry("start", "From time", 26, Kind.UPPER, "2026-11-21 10:00, UTC"),
    Entry("end", "To time", 26, Kind.UPPER, "Before; date is its end"),
    Entry("server", "Server", 10, Kind.UPPER, "Name, F4 for list"),
    Entry("user", "User profile", 10, Kind.UPPER, "Name, generic*"),
    Entry("type", "Type", 2, Kind.UPPER, "SK NA NR NC NG, or A-X of SK"),
    Entry("verdict", "Verdict", 6, Kind.UPPER, "ALLOW, REJECT"),
    Entry("address", "Address", 45, Kind.TEXT),
    Entry("port", "Port", 5, Kind.DIGITS, "0-65535"),
)
_CHOICES: dict[str, tuple[Choice, ...]] = {
    "server": tuple(Choice(str(server), server.exit_point) for server in Server),
    "verdict": (Choice("ALLOW", "allowed"), Choice("REJECT", "rejected, or only logged so")),
    "type": (
        Choice("SK", "socket calls, of all types"),
        Choice("NA", "allowed by an exit program"),
        Choice("NR", "rejected by an exit program"),
        Choice("NC", "rules, groups, configuration or activation changed"),
        Choice("NG", "gaps"),
        Choice("A", "SK: accepted"),
        Choice("C", "SK: connected"),
        Choice("P", "SK: port not available"),
        Choice("T", "audit trail entries"),
        Choice("U", "user-defined entries"),
    ),
}
_NAMES = tuple(f.name for f in fields(JournalFilter))


def filter_values(wanted: JournalFilter) -> dict[str, str]:
    """Return a filter as the values of its fields."""
    return {name: getattr(wanted, name) for name in _NAMES}


def filter_of(values: dict[str, str], journal: str) -> JournalFilter:
    """Return the filter that fields hold."""
    typed = {name: values.get(name, "") for name in _NAMES if name != "journal"}
    return JournalFilter(journal, **typed)


def filter_choices(name: str) -> Sequence[Choice]:
    """Return the values that F4 lists for a field of a filter."""
    return _CHOICES.get(name, ())


class SubsetJournal(EntryPanel):
    """F17: which entries are wanted; a field left blank asks nothing."""

    name = "subset"
    title = "Subset Journal Entries"
    prompts = True

    def __init__(
        self, wanted: JournalFilter, take: Callable[[Session, JournalFilter], None]
    ) -> None:
        """Begin with a filter; ``take`` is given the other one, and refuses a bad one."""
        super().__init__(filter_values(wanted))
        self._journal = wanted.journal
        self._take = take

    def entries(self) -> Sequence[Entry]:
        """Return the fields of a filter."""
        return FILTER_ENTRIES

    def choices(self, name: str, desk: Desk) -> Sequence[Choice]:
        """Return what a field may be."""
        return filter_choices(name)

    def enter(self, session: Session) -> None:
        """Take the subset."""
        try:
            self._take(session, filter_of(self.values, self._journal))
        except FilterRefusedError as error:
            raise FieldRefusedError(str(error), error.field) from None
        session.leave(Result(done=True))
