"""The catalogue of tables and columns: QSYS2.SYSTABLES, SYSCOLUMNS, SYSSCHEMAS; IFS_READ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulators.ibmi.database import quoted, table_name
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.objects import SystemObject
from simulators.ibmi.rights import USE
from simulators.ibmi.sql.services import FUNCTIONS, VIEWS, Row, Service
from simulators.ibmi.sql.types import SqlType, declared

_V10, _V128 = "VARCHAR(10)", "VARCHAR(128)"
MAX_LINES = 1_000_000


def tables(job: JobState) -> Iterator[tuple[str, SystemObject, str]]:
    """Every table and view that the job may see: library, *FILE object, ``T`` or ``V``."""
    for library in (*job.system.libraries, job.qtemp):
        if not job.allows(library.header, USE):
            continue
        stored = set(job.system.database.tables(job.database_library(library.name)))
        for item in library.select("*ALL", "*FILE"):
            if item.name in stored and job.allows(item, USE):
                yield library.name, item, "V" if item.attribute == "LF" else "T"


def columns(job: JobState, library: str, name: str) -> list[tuple[str, SqlType, bool, str | None]]:
    """Return a table's columns: name, type, nullable, default."""
    stored = quoted(table_name(job.database_library(library), name))
    found = job.system.database.own.execute(f"PRAGMA table_info({stored})").fetchall()
    return [
        (str(row[1]), declared(str(row[2])) or SqlType("VARCHAR", 128), not row[3], row[4])
        for row in found
    ]


def keys(job: JobState, library: str, name: str) -> list[str]:
    """Return the columns of a table's primary key, in order."""
    stored = quoted(table_name(job.database_library(library), name))
    found = job.system.database.own.execute(f"PRAGMA table_info({stored})").fetchall()
    return [str(row[1]) for row in sorted((r for r in found if r[5]), key=lambda r: int(r[5]))]


def _systables(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    for library, item, kind in tables(job):
        count = len(columns(job, library, item.name))
        yield item.name, item.owner, kind, count, library, item.name, library, item.text or None


def _syscolumns(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    for library, item, _kind in tables(job):
        for place, (name, kind, nullable, default) in enumerate(
            columns(job, library, item.name), 1
        ):
            yield (
                *(name, item.name, library, place, kind.name, kind.length, kind.scale),
                *("Y" if nullable else "N", default, name),
            )


def _sysschemas(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    for library in job.system.libraries:
        yield library.name, library.header.owner, library.name, library.header.text or None


def _lines(job: JobState, given: Mapping[str, Any]) -> Iterable[Row]:
    found = job.system.files.read(str(given["PATH_NAME"]).strip())
    codec = "utf-8" if found.ccsid == 1208 else "cp037"
    text = found.data.decode(codec, "replace").replace("\x85", "\n")
    yield from enumerate(text.splitlines()[:MAX_LINES], 1)


VIEWS["QSYS2", "SYSTABLES"] = Service(
    (
        *(("TABLE_NAME", _V128), ("TABLE_OWNER", _V128), ("TABLE_TYPE", "CHAR(1)")),
        *(("COLUMN_COUNT", "INTEGER"), ("TABLE_SCHEMA", _V128), ("SYSTEM_TABLE_NAME", _V10)),
        *(("SYSTEM_TABLE_SCHEMA", _V10), ("TABLE_TEXT", "VARCHAR(50)")),
    ),
    _systables,
)
VIEWS["QSYS2", "SYSCOLUMNS"] = Service(
    (
        *(("COLUMN_NAME", _V128), ("TABLE_NAME", _V128), ("TABLE_SCHEMA", _V128)),
        *(("ORDINAL_POSITION", "INTEGER"), ("DATA_TYPE", "VARCHAR(20)"), ("LENGTH", "INTEGER")),
        *(
            ("NUMERIC_SCALE", "INTEGER"),
            ("IS_NULLABLE", "CHAR(1)"),
            ("COLUMN_DEFAULT", "VARCHAR(2000)"),
        ),
        ("SYSTEM_COLUMN_NAME", _V10),
    ),
    _syscolumns,
)
VIEWS["QSYS2", "SYSSCHEMAS"] = Service(
    (
        *(("SCHEMA_NAME", _V128), ("SCHEMA_OWNER", _V128), ("SYSTEM_SCHEMA_NAME", _V10)),
        ("SCHEMA_TEXT", "VARCHAR(50)"),
    ),
    _sysschemas,
)
for _name in ("IFS_READ", "IFS_READ_UTF8"):
    FUNCTIONS["QSYS2", _name] = Service(
        (("LINE_NUMBER", "INTEGER"), ("LINE", "CLOB(2097152)")),
        _lines,
        ("PATH_NAME", "MAXIMUM_LINE_LENGTH", "END_OF_LINE"),
        ("PATH_NAME",),
        is_function=True,
    )
