"""Making a report: verify, count, then write row by row.

The journal is read two or three times (proof; totals, where they come first; rows) and never
held, so memory stays bounded; every reading stops at the entry that was the last when the
report was begun, so a live journal gives a report that agrees with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from epm.errors import SettingsError
from journal.query import Query, select
from journal.reader import JournalReader
from journal.report.context import ReportContext
from journal.report.csv import CsvWriter
from journal.report.html import HtmlWriter
from journal.report.jsonl import JsonlWriter
from journal.report.lines import line_writer
from journal.report.text import TextWriter
from journal.report.totals import Totals
from journal.report.writer import WriterFactory
from journal.siem.formats import FORMATTERS
from journal.verify import verify

#: Every format by its name.
WRITERS: Mapping[str, WriterFactory] = MappingProxyType(
    {
        "text": TextWriter,
        "csv": CsvWriter,
        "jsonl": JsonlWriter,
        "html": HtmlWriter,
        **{name: line_writer(formatter) for name, formatter in FORMATTERS.items()},
    }
)


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What a report is to be.

    Attributes:
        format: a key of :data:`WRITERS`.
        query: which entries.
        generated: the time to print, with its zone.
        user: who asks for it.
        software: name and version of the program.
        known_head: head of the journal kept from an earlier time.
        host: the machine's name, for formats that name it.
    """

    format: str
    query: Query
    generated: datetime
    user: str
    software: str
    known_head: str | None = None
    host: str = ""


def write_report(
    directory: Path,
    request: ReportRequest,
    out: BinaryIO,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> ReportContext:
    """Write a report of a journal, and return its head and proof.

    The same journal and request give the same bytes. Damaged places are left out of the rows
    and named by the proof.

    Args:
        directory: the journal's.
        request: what is wanted.
        out: binary.
        progress: told (bytes done, bytes in all) of the verification.

    Raises:
        SettingsError: the format is not known.
        JournalError: the journal cannot be read, or the head is malformed.
    """
    factory = WRITERS.get(request.format)
    if factory is None:
        raise SettingsError(f"format {request.format!r} is not one of {', '.join(WRITERS)}")
    reader = JournalReader(directory)
    proof = verify(directory, request.known_head, progress=progress)
    header = next((header for _, header in reader.receivers() if header is not None), None)
    context = ReportContext(
        journal=header.journal if header else directory.name,
        system=header.system if header else "",
        generated=request.generated.astimezone(UTC).replace(tzinfo=None),
        user=request.user,
        software=request.software,
        filter=request.query.describe(),
        in_journal=proof.found,
        known_head=request.known_head,
        proof=proof,
        host=request.host,
    )
    totals, writer = Totals(), factory(out)
    if writer.totals_first:
        for _, view in select(reader, request.query, stop=proof.last, on_damage=_in_the_proof):
            totals.add(view)
    writer.begin(context, totals)
    for _, view in select(reader, request.query, stop=proof.last, on_damage=_in_the_proof):
        if not writer.totals_first:
            totals.add(view)
        writer.row(view)
    writer.end(context, totals)
    return context


def _in_the_proof(_: object) -> None:
    """Damage is no reason to give no report: the proof names it."""
