"""How a format takes part: a class that is told the head, each row, and the end.

To add a format, write a module with a writer class and name it in :mod:`journal.report.run`.
"""

from __future__ import annotations

from typing import BinaryIO, Protocol

from journal.report.context import ReportContext
from journal.report.totals import Totals
from journal.view import EntryView


class ReportWriter(Protocol):
    """Writes one report in one format. Rows are handed over one by one and not kept.

    Attributes:
        totals_first: whether the totals must be known before the rows; costs one more reading
            of the journal.
    """

    totals_first: bool

    def begin(self, context: ReportContext, totals: Totals) -> None:
        """Write what comes before the rows; the totals are empty unless ``totals_first``."""
        ...

    def row(self, view: EntryView) -> None:
        """Write one row."""
        ...

    def end(self, context: ReportContext, totals: Totals) -> None:
        """Write what comes after the rows."""
        ...


class WriterFactory(Protocol):
    """Makes a writer for one report."""

    def __call__(self, out: BinaryIO) -> ReportWriter:
        """Write to ``out``."""
        ...
