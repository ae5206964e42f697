"""Outfiles of journal entries: the record formats *TYPE1 to *TYPE5, and those of CPYAUDJRNE.

Source: IBM documentation of the formats (QJORDJE, QJORDJE2, QJORDJE4, QJORDJE5), their fields in
order; *TYPE3 is *TYPE2 with a timestamp (from memory), fields of *TYPE4 behind 122 and of *TYPE5
behind 136 are assumptions A21 and A20. The field names of the SK model file (QASYSKJ5) are not
known (assumption A24): QAUDITSK has the header's names, the whole entry-specific data in JOESD,
and names of our own, SK + the field, for what SK entries hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.ibmi.cl.definition import Call
from simulators.ibmi.collation import collation
from simulators.ibmi.database import atomic, quoted, table_name
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.journals import JournalEntry
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import Qualified
from simulators.ibmi.objects import FileData
from simulators.ibmi.rights import ALL
from simulators.ibmi.sql.functions import stamp_text

#: Fields as ``NAME length`` (characters) or ``NAME length Z`` (zoned, no decimals).
_DATED = "JODATE 6,JOTIME 6 Z,"
_STAMPED = "JOTSTP 26,"
_JOB = "JOJOB 10,JOUSER 10,JONBR 6 Z,JOPGM 10,"
_OBJECT = "JOOBJ 10,JOLIB 10,JOMBR 10,JOCTRR 10 Z,JOFLAG 1,JOCCID 10 Z,"
_START = "JOENTL 5 Z,JOSEQN 10 Z,JOCODE 1,JOENTT 2,"
_USER = "JOUSPF 10,JOSYNM 8,"
_FORMATS: Mapping[str, tuple[str, int]] = {
    "*TYPE1": (_START + _DATED + _JOB + _OBJECT + "JOINCDAT 1,JOMINESD 1,JORES 6", 125),
    "*TYPE2": (_START + _DATED + _JOB + _OBJECT + _USER + "JOINCDAT 1,JOMINESD 1,JORES 18", 155),
    "*TYPE3": (_START + _STAMPED + _JOB + _OBJECT + _USER + "JOINCDAT 1,JOMINESD 1,JORES 18", 169),
    "*TYPE4": (
        _START + _STAMPED + _JOB + _OBJECT + _USER + "JOJID 10,JORCST 1,JOTGR 1,JOINCDAT 1,"
        "JOIGNAPY 1,JOMINESD 1,JORES 5,JONVI 50",
        223,
    ),
    "*TYPE5": (
        "JOENTL 5 Z,JOSEQN 20,JOCODE 1,JOENTT 2," + _STAMPED + _JOB + "JOPGMLIB 10,JOPGMDEV 10,"
        "JOPGMASP 5 Z,JOOBJ 10,JOLIB 10,JOMBR 10,JOCTRR 20,JOFLAG 1,JOCCID 20," + _USER +
        "JOJID 10,JORCST 1,JOTGR 1,JOINCDAT 1,JOIGNAPY 1,JOMINESD 1,JOOBJIND 1,JOSYSSEQ 20,"
        "JORCV 10,JORCVLIB 10,JORCVDEV 10,JORCVASP 5 Z,JOARM 5 Z,JOTHD 8,JOTHDX 16,JOADF 1,"
        "JORPORT 5 Z,JORADR 46,JOLUW 39,JOXID 140,JOOBJTYP 7,JOFILTYP 1,JOCMTLVL 7,JORES 5,"
        "JONVI 50",
        609,
    ),
}  # fmt: skip
#: What the simulated system keeps of an entry; any other field is blank, or 0.
_KEPT: Mapping[str, Callable[[JobState, JournalEntry], object]] = {
    "JOSEQN": lambda job, e: e.sequence,
    "JOCODE": lambda job, e: e.code,
    "JOENTT": lambda job, e: e.type,
    "JODATE": lambda job, e: f"{e.time:%m%d%y}",
    "JOTIME": lambda job, e: int(f"{e.time:%H%M%S}"),
    "JOTSTP": lambda job, e: stamp_text(e.time),
    "JOJOB": lambda job, e: e.job,
    "JOUSER": lambda job, e: e.job_user,
    "JONBR": lambda job, e: int(e.job_number),
    "JOPGM": lambda job, e: e.program,
    "JOPGMLIB": lambda job, e: e.program_library,
    "JOOBJ": lambda job, e: e.object,
    "JOLIB": lambda job, e: e.object_library,
    "JOCTRR": lambda job, e: 0,
    "JOFLAG": lambda job, e: "0",
    "JOCCID": lambda job, e: 0,
    "JOUSPF": lambda job, e: e.user,
    "JOSYNM": lambda job, e: job.system.name,
    "JOINCDAT": lambda job, e: "0",
    "JOMINESD": lambda job, e: "0",
    "JOSYSSEQ": lambda job, e: 0,
    "JORCV": lambda job, e: e.receiver,
    "JORCVLIB": lambda job, e: e.receiver_library,
}


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a format; ``length`` is characters, or digits of a zoned number."""

    name: str
    length: int
    zoned: bool

    def value(self, job: JobState, entry: JournalEntry, total: int) -> object:
        """Return what an entry has in it; ``total`` is the length of the whole record."""
        if self.name == "JOENTL":
            return min(total, 99_999)
        kept = _KEPT.get(self.name)
        found = kept(job, entry) if kept is not None else 0 if self.zoned else ""
        # A number that a format keeps in characters has all digits.
        is_text = isinstance(found, int) and not self.zoned
        return f"{found:0{self.length}d}" if is_text else found


def _fields(form: str) -> list[_Field]:
    parts = [part.split() for part in _FORMATS[form][0].split(",")]
    return [_Field(part[0], int(part[1]), len(part) > 2) for part in parts]


Columns = Sequence[tuple[str, str]]
FORMATS = tuple(_FORMATS)


def _header(form: str) -> Columns:
    return [
        (f.name, f"NUMERIC({f.length}, 0)" if f.zoned else f"CHAR({f.length})")
        for f in _fields(form)
    ]


def outfile_columns(form: str, length: int) -> Columns:
    """Return the columns of a DSPJRN outfile; entry-specific data have at most ``length`` bytes."""
    return [*_header(form), ("JOESD", f"VARCHARBIT({max(length, 1)})")]


def outfile_row(job: JobState, entry: JournalEntry, form: str, most: int) -> tuple[Any, ...]:
    """Return one entry as a row; data longer than ``most`` are cut, as the system cuts them."""
    data = entry.data[:most]
    total = _FORMATS[form][1] + len(data)
    return (*(field.value(job, entry, total) for field in _fields(form)), data)


_SK_COLUMNS: Columns = (
    *(("SKTYPE", "CHAR(1)"), ("SKLPORT", "CHAR(5)"), ("SKRPORT", "CHAR(5)")),
    *(("SKDESC", "INTEGER"), ("SKFAMILY", "CHAR(10)"), ("SKLADDR", "CHAR(46)")),
    ("SKRADDR", "CHAR(46)"),
)
#: Bytes of entry-specific data that an outfile of CPYAUDJRNE holds.
_AUDIT_DATA = 2000


def audit_columns(type_: str) -> Columns:
    """Return the columns of an outfile of CPYAUDJRNE for an entry type."""
    return [*outfile_columns("*TYPE5", _AUDIT_DATA), *(_SK_COLUMNS if type_ == "SK" else ())]


def audit_row(job: JobState, entry: JournalEntry) -> tuple[Any, ...]:
    """Return one audit entry as a row; places of SK: IBM documentation, SK entry layout."""

    def text(place: int, length: int) -> str:
        return entry.data[place - 1 : place - 1 + length].decode("cp037").strip()

    row = outfile_row(job, entry, "*TYPE5", _AUDIT_DATA)
    if entry.type != "SK":
        return row
    return (
        *row,
        *(text(1, 1), text(17, 5), text(37, 5)),
        int.from_bytes(entry.data[41:45], "big", signed=True),
        *(text(572, 10), text(582, 46), text(628, 46)),
    )


def write_outfile(
    call: Call,
    name: Qualified,
    columns: Columns,
    rows: Sequence[Sequence[Any]],
    *,
    adds: bool = False,
) -> None:
    """Make the outfile if it is missing, and replace its rows, or add to them.

    Raises:
        EscapeError: the library is missing, the file is not the user's to write, or its format is
            another.
    """
    job = call.job
    home = job.lib(name.lib)
    item = home.get(name.name, "*FILE")
    if item is not None and not job.allows(item, ALL):
        raise EscapeError("CPF9822", name.name, home.name)
    library, own = job.database_library(home.name), job.system.database.own
    stored = quoted(table_name(library, name.name))
    with atomic(own):
        if not adds or name.name not in job.system.database.tables(library):
            job.system.database.drop(library, name.name)
            body = ", ".join(f"{quoted(n)} {kind}{collation(kind)}" for n, kind in columns)
            own.execute(f"CREATE TABLE {stored} ({body})")
        there = [row[1] for row in own.execute(f"PRAGMA table_info({stored})")]
        if there != [column for column, _ in columns]:
            raise EscapeError("CPF9898", f"File {name.name} has another record format.")
        marks = ", ".join("?" * len(columns))
        own.executemany(f"INSERT INTO {stored} VALUES ({marks})", rows)  # noqa: S608 - quoted
        if item is None:
            job.create(home.name, name.name, "*FILE", FileData(), attribute="PF")
