"""Reports over the journal, as the panels ask for them: made, read by line, saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from epm.errors import EpmError
from tui.services.journal import JournalFilter


class FileExistsRefusedError(EpmError):
    """A file of that name is there already, and nobody said that it may be replaced."""


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """A format that a report may have.

    Attributes:
        text: what it is.
        shown: whether it is lines of text that a panel can show; others go to a file.
    """

    name: str
    text: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A report that went to a file.

    Attributes:
        path: where it is, as a person writes it.
        whole: whether the journal proved to be whole.
    """

    path: str
    whole: bool


class ReportLines(Protocol):
    """A report that was made and can be read by line. It is kept until nobody looks at it."""

    @property
    def count(self) -> int:
        """How many lines it has."""
        ...

    @property
    def whole(self) -> bool:
        """Whether the journal proved to be whole."""
        ...

    def lines(self, start: int, count: int) -> Sequence[str]:
        """Return at most ``count`` lines from number ``start`` on; the first is 1."""
        ...

    def save(self, path: str, *, replace: bool) -> str:
        """Save it as a private file and return its path as a person writes it.

        Raises:
            FileExistsRefusedError: the file is there already, and ``replace`` is false.
            FileUnavailableError: it cannot be written.
        """
        ...


class ReportService(Protocol):
    """Makes the reports that ``epm journal report`` makes. Raises EpmError only."""

    def formats(self) -> Sequence[ReportFormat]:
        """Return the formats there are."""
        ...

    def make(self, wanted: JournalFilter, form: str) -> ReportLines:
        """Return a report in a format that can be shown; FilterRefusedError for a bad filter."""
        ...

    def write(self, wanted: JournalFilter, form: str, path: str, *, replace: bool) -> Written:
        """Write a report in any format to a private file; as :meth:`ReportLines.save`."""
        ...
