"""Outfiles of journal entries: the *TYPE5 record format, and QAUDITSK.

Source: IBM documentation of the *TYPE5 format (QJORDJE5), its fields in order. The field names of
the SK model file (QASYSKJ5) are not known (assumption A24): QAUDITSK has the header's names, the
whole entry-specific data in JOESD, and names of our own, SK + the field, for what SK entries hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulators.ibmi.cl.definition import Call
from simulators.ibmi.database import quoted, table_name
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.journals import JournalEntry
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import Qualified
from simulators.ibmi.objects import FileData
from simulators.ibmi.rights import ALL
from simulators.ibmi.sql.functions import stamp_text
from simulators.ibmi.sql.session import collation

_HEADER = (
    *(("JOENTL", "NUMERIC(5, 0)"), ("JOSEQN", "CHAR(20)"), ("JOCODE", "CHAR(1)")),
    *(("JOENTT", "CHAR(2)"), ("JOTSTP", "CHAR(26)"), ("JOJOB", "CHAR(10)"), ("JOUSER", "CHAR(10)")),
    *(("JONBR", "NUMERIC(6, 0)"), ("JOPGM", "CHAR(10)"), ("JOPGMLIB", "CHAR(10)")),
    *(("JOPGMDEV", "CHAR(10)"), ("JOPGMASP", "NUMERIC(5, 0)"), ("JOOBJ", "CHAR(10)")),
    *(("JOLIB", "CHAR(10)"), ("JOMBR", "CHAR(10)"), ("JOCTRR", "CHAR(20)"), ("JOFLAG", "CHAR(1)")),
    *(("JOCCID", "CHAR(20)"), ("JOUSPF", "CHAR(10)"), ("JOSYNM", "CHAR(8)")),
    *(("JORCV", "CHAR(10)"), ("JORCVLIB", "CHAR(10)")),
)
#: Columns of a *TYPE5 outfile; the length of JOESD is put in for the entries.
OUTFILE_COLUMNS: Sequence[tuple[str, str]] = (*_HEADER, ("JOESD", "VARCHARBIT({0})"))
SK_COLUMNS: Sequence[tuple[str, str]] = (
    *_HEADER,
    ("JOESD", "VARCHARBIT(2000)"),
    *(("SKTYPE", "CHAR(1)"), ("SKLPORT", "CHAR(5)"), ("SKRPORT", "CHAR(5)")),
    *(("SKDESC", "INTEGER"), ("SKFAMILY", "CHAR(10)"), ("SKLADDR", "CHAR(46)")),
    ("SKRADDR", "CHAR(46)"),
)
#: Where the entry-specific data begin in a *TYPE5 record (IBM documentation: 610, 1-based).
_ESD_OFFSET = 609


def outfile_row(job: JobState, entry: JournalEntry, most: int) -> tuple[Any, ...]:
    """Return one entry as a row; data longer than ``most`` are cut, as the system cuts them."""
    data = entry.data[:most]
    return (*_header(job, entry, len(data)), data)


def sk_row(job: JobState, entry: JournalEntry) -> tuple[Any, ...]:
    """Return one SK entry as a row of QAUDITSK; places: IBM documentation, SK entry layout."""

    def text(place: int, length: int) -> str:
        return entry.data[place - 1 : place - 1 + length].decode("cp037").strip()

    return (
        *_header(job, entry, len(entry.data)),
        entry.data,
        *(text(1, 1), text(17, 5), text(37, 5)),
        int.from_bytes(entry.data[41:45], "big", signed=True),
        *(text(572, 10), text(582, 46), text(628, 46)),
    )


def _header(job: JobState, e: JournalEntry, data_length: int) -> tuple[Any, ...]:
    return (
        *(_ESD_OFFSET + data_length, f"{e.sequence:020d}", e.code, e.type, stamp_text(e.time)),
        *(e.job, e.job_user, int(e.job_number), e.program, e.program_library, "", 0, e.object),
        *(e.object_library, "", f"{0:020d}", "0", f"{0:020d}", e.user, job.system.name),
        *(e.receiver, e.receiver_library),
    )


def write_outfile(
    call: Call,
    name: Qualified,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    length: int,
) -> None:
    """Make the outfile if it is missing, and replace its rows.

    Raises:
        EscapeError: the library is missing, or the file is not the user's to write.
    """
    job = call.job
    home = job.lib(name.lib)
    item = home.get(name.name, "*FILE")
    if item is None:
        job.create(home.name, name.name, "*FILE", FileData(), attribute="PF")
    elif not job.allows(item, ALL):
        raise EscapeError("CPF9822", name.name, home.name)
    library = job.database_library(home.name)
    job.system.database.drop(library, name.name)
    stored = quoted(table_name(library, name.name))
    body = ", ".join(f"{quoted(n)} {kind.format(length)}{collation(kind)}" for n, kind in columns)
    own = job.system.database.own
    own.execute(f"CREATE TABLE {stored} ({body})")
    marks = ", ".join("?" * len(columns))
    own.executemany(f"INSERT INTO {stored} VALUES ({marks})", rows)  # noqa: S608 - quoted
