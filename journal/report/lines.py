"""The report as CEF, LEEF or syslog: a line for each entry, nothing else.

A SIEM counts and draws by itself; what it cannot take is a line that is not an event. The proof
of the chain is said by the command.
"""

from __future__ import annotations

from typing import BinaryIO

from epm.syslog5424 import Origin
from journal.report.context import ReportContext
from journal.report.totals import Totals
from journal.report.writer import WriterFactory
from journal.siem.formats import Formatter
from journal.view import EntryView


class LineWriter:
    """Writes UTF-8 lines that end in LF."""

    totals_first = False

    def __init__(self, out: BinaryIO, formatter: Formatter) -> None:
        """Write to ``out``."""
        self._out = out
        self._formatter = formatter
        self._origin = Origin("", "epm", "")
        self._version = ""

    def begin(self, context: ReportContext, totals: Totals) -> None:
        """Take who makes the report."""
        self._origin = Origin(context.host or context.system, "epm", "")
        self._version = context.software.rpartition(" ")[2]

    def row(self, view: EntryView) -> None:
        """Write one entry."""
        line = self._formatter(view, self._origin, self._version)
        self._out.write(line.encode("utf-8") + b"\n")

    def end(self, context: ReportContext, totals: Totals) -> None:
        """Write nothing: a total is no event."""


def line_writer(formatter: Formatter) -> WriterFactory:
    """Return what makes a writer of such lines."""

    def make(out: BinaryIO) -> LineWriter:
        return LineWriter(out, formatter)

    return make
