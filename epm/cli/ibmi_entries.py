"""Entries fetched from an IBM i as the records that the journal imports. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple
from io import BytesIO
from typing import TYPE_CHECKING

from epm.errors import FormatError

if TYPE_CHECKING:
    from db.ibmi.values import FetchedEntry, Unreadable
    from epm.events import SkData
    from journal.parsing.rows import Damaged, Record

#: CCSID of what is fetched (assumption A14).
CCSID = 37


def record_of(entry: FetchedEntry | Unreadable, system: str) -> Record | Damaged:
    """Return a fetched entry as a record, or as a damaged one, counted by its number.

    Args:
        entry: as it was fetched.
        system: the machine's own name, for entries that do not say theirs.
    """
    from db.ibmi.values import Unreadable
    from journal.parsing.rows import Damaged

    if isinstance(entry, Unreadable):
        return Damaged(entry.sequence or 0, "line", entry.reason)
    if entry.record is not None:
        return _of_record(entry)
    return _of_columns(entry, system)


def _of_record(entry: FetchedEntry) -> Record | Damaged:
    """A whole *TYPE5 record is read as one from a file is."""
    from journal.parsing.api import parse
    from journal.parsing.rows import Damaged

    found = list(parse(BytesIO(entry.record or b""), "type5", ccsid=CCSID, all_entries=True))
    if len(found) != 1:
        return Damaged(entry.sequence, "line", "not one *TYPE5 record")
    return found[0]


def _of_columns(entry: FetchedEntry, system: str) -> Record | Damaged:
    from journal.layouts.esd import decode_esd
    from journal.layouts.values import HeaderData
    from journal.parsing.rows import NO_SK, Damaged, Record, make_row

    header = HeaderData(
        entry.sequence,
        entry.timestamp,
        entry.code,
        entry.entry_type,
        entry.job,
        entry.job_user,
        entry.job_number,
        entry.program,
        entry.program_library,
        entry.user,
        entry.system or system,
    )
    sk: SkData | None = None
    try:
        if entry.sk is not None:
            sk = entry.sk
        elif entry.entry_type == "SK":
            sk = decode_esd(entry.data or b"", CCSID)
    except FormatError as error:
        return Damaged(entry.sequence, "line", f"entry {entry.sequence}: {error}")
    row = make_row(astuple(header), NO_SK if sk is None else astuple(sk))
    form = "jsonl" if entry.data is None else "esd"
    return Record(entry.sequence, row, entry.data, form)


def records_of(
    entries: Iterable[FetchedEntry | Unreadable], system: str
) -> Iterator[Record | Damaged]:
    """Yield the record of each entry."""
    return (record_of(entry, system) for entry in entries)
