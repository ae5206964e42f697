"""The report as CSV (RFC 4180), one table: the first column says what each line is.

Text that a spreadsheet would run as a formula is given a leading apostrophe; control characters
are shown with escapes, so a record is one line. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

from epm.errors import one_line
from journal.report.context import ReportContext, utc
from journal.report.totals import TOP, Totals
from journal.view import COLUMNS, EntryView

_HEADER = ("record", *COLUMNS, "count")
#: What a spreadsheet takes for the beginning of a formula (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> object:
    """Return a value as a cell that no spreadsheet runs."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = one_line(value)
        return f"'{text}" if value.startswith(_FORMULA) else text
    if isinstance(value, bool):
        return "Y" if value else "N"
    return value


class CsvWriter:
    """Writes UTF-8 with CR LF after each record."""

    totals_first = False

    def __init__(self, out: BinaryIO) -> None:
        """Write to ``out``."""
        self._out = out
        self._line = io.StringIO(newline="")
        self._csv = csv.writer(self._line)

    def _write(self, values: list[object]) -> None:
        self._csv.writerow(values)
        self._out.write(self._line.getvalue().encode("utf-8", "backslashreplace"))
        self._line.seek(0)
        self._line.truncate()

    def _summary(self, record: str, **values: object) -> None:
        values["record"] = record
        self._write([cell(values.get(name)) for name in _HEADER])

    def begin(self, context: ReportContext, totals: Totals) -> None:
        """Write the names of the columns."""
        self._write(list(_HEADER))

    def row(self, view: EntryView) -> None:
        """Write one entry."""
        values = [cell(getattr(view, name)) for name in COLUMNS]
        values[1] = view.time_text("microseconds")
        self._write(["row", *values, ""])

    def end(self, context: ReportContext, totals: Totals) -> None:
        """Write totals and the proof, in the same columns."""
        for server, verdict, kind, count in totals.group_rows():
            self._summary("total", server=server, verdict=verdict, entry_type=kind, count=count)
        for address, count in totals.talkers.top(TOP):
            self._summary("talker", remote_address=address, count=count)
        for address, count in totals.rejected_talkers.top(TOP):
            self._summary("rejected-talker", remote_address=address, count=count)
        for begin, count in totals.rejections.series():
            self._summary("rejections", time=utc(begin), count=count)
        for (server, rule, name, revision), count in totals.rules.top(totals.rules.limit):
            self._summary(
                "rule", server=server, rule=rule, rule_name=name, revision=revision, count=count
            )
        entries = ("Entries", f"{totals.entries} of {context.in_journal}")
        for title, text in [*context.head_rows(), entries, *context.proof_rows()]:
            self._summary("report", reason=title, detail=text)
