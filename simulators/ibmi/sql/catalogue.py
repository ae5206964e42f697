"""Catalogue calls of the call-level interface: tables, columns, keys, procedures and so on.

Column names and codes: the ODBC and CLI specification of SQLTables, SQLColumns and their kin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from epm.text import like
from simulators.ibmi.database import quoted, table_name
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.sql.cursor import Rows
from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.routines import PROCEDURES
from simulators.ibmi.sql.services_catalogue import columns, keys, tables
from simulators.ibmi.sql.types import SqlType

_V128, _V254 = SqlType("VARCHAR", 128), SqlType("VARCHAR", 254)
_SMALL, _INT = SqlType("SMALLINT", 5), SqlType("INTEGER", 10)

#: SQL_xxx type codes.
_CODES = {
    "CHAR": 1,
    "NUMERIC": 2,
    "DECIMAL": 3,
    "INTEGER": 4,
    "SMALLINT": 5,
    "REAL": 7,
    "DOUBLE": 8,
    "VARCHAR": 12,
    "DATE": 91,
    "TIME": 92,
    "TIMESTAMP": 93,
    "CLOB": -99,
    "BLOB": -98,
    "BIGINT": -5,
    "BINARY": -2,
    "VARBINARY": -3,
    "GRAPHIC": -95,
    "VARGRAPHIC": -96,
}

_Given = Sequence[str | None]
_Row = tuple[Any, ...]
_Shape = Sequence[tuple[str, SqlType]]


_WILDCARDS = str.maketrans({"%": "*", "_": "?", "*": "\0", "?": "\0"})


def _fits(pattern: str | None, name: str) -> bool:
    """Whether a name fits a search pattern: ``%`` any run, ``_`` one character."""
    if pattern in (None, "", "%"):
        return True
    assert pattern is not None
    # No name holds the wildcards that the patterns of rules have.
    return like(name, pattern[:128].translate(_WILDCARDS))


def _argument(given: _Given, place: int) -> str | None:
    return given[place] if place < len(given) and given[place] else None


def _selected(job: JobState, given: _Given) -> Iterator[tuple[str, str, str]]:
    for library, item, kind in tables(job):
        schema, name = _argument(given, 1), _argument(given, 2)
        if schema == "*LIBL" or schema == "*USRLIBL":
            if library not in job.libl:
                continue
            schema = None
        if _fits(schema, library) and _fits(name, item.name):
            yield library, item.name, kind


def _tables(job: JobState, given: _Given) -> Iterator[_Row]:
    wanted = (_argument(given, 3) or "").replace("'", "").upper()
    for library, name, kind in _selected(job, given):
        word = {"T": "TABLE", "V": "VIEW"}[kind]
        if not wanted or word in wanted.split(","):
            yield job.system.name, library, name, word, None


def _columns(job: JobState, given: _Given) -> Iterator[_Row]:
    for library, table, _kind in _selected(job, given):
        for place, (name, kind, nullable, default) in enumerate(columns(job, library, table), 1):
            if _fits(_argument(given, 3), name):
                yield (
                    *(job.system.name, library, table, name, _CODES.get(kind.name, 12), kind.name),
                    *(kind.length, kind.length, kind.scale, 10, int(nullable), None, default),
                    *(_CODES.get(kind.name, 12), None, kind.length, place),
                    "YES" if nullable else "NO",
                )


def _primary(job: JobState, given: _Given) -> Iterator[_Row]:
    for library, table, _kind in _selected(job, given):
        for place, name in enumerate(keys(job, library, table), 1):
            yield job.system.name, library, table, name, place, None


def _special(job: JobState, given: _Given) -> Iterator[_Row]:
    # Catalogue, schema and table; the kind of identifier stands before them as a number, as the
    # call level interface has it, or its scope behind them as a word.
    first = (_argument(given, 0) or "").strip()
    for library, table, _kind in _selected(job, given[1:] if first.isdigit() else given):
        types = {name: kind for name, kind, _, _ in columns(job, library, table)}
        for name in keys(job, library, table):
            kind = types[name]
            yield (
                *(1, name, _CODES.get(kind.name, 12), kind.name, kind.length, kind.length),
                *(kind.scale, 1),
            )


def _foreign(job: JobState, given: _Given) -> Iterator[_Row]:
    for library, item, _kind in tables(job):
        stored = quoted(table_name(job.database_library(library), item.name))
        found = job.system.database.own.execute(f"PRAGMA foreign_key_list({stored})").fetchall()
        for row in found:
            parent_library, _, parent = str(row[2]).partition("/")
            matches = (
                _fits(_argument(given, 1), parent_library)
                and _fits(_argument(given, 2), parent)
                and _fits(_argument(given, 4), library)
                and _fits(_argument(given, 5), item.name)
            )
            if matches:
                yield (
                    *(job.system.name, parent_library, parent, row[4], job.system.name, library),
                    *(item.name, row[3], int(row[1]) + 1, 3, 0 if "CASCADE" in row[6] else 3),
                    *(None, None, 7),
                )


def _statistics(job: JobState, given: _Given) -> Iterator[_Row]:
    for library, table, _kind in _selected(job, given):
        stored = quoted(table_name(job.database_library(library), table))
        own = job.system.database.own
        rows = own.execute(f"SELECT COUNT(*) FROM {stored}").fetchone()[0]  # noqa: S608 - quoted
        # The table itself comes first: type 0 (SQL_TABLE_STAT), its rows and pages.
        yield job.system.name, library, table, *[None] * 3, 0, *[None] * 3, rows, 1, None
        for row in own.execute(f"PRAGMA index_list({stored})").fetchall():
            index = str(row[1]).rpartition("/")[2]
            for part in own.execute(f"PRAGMA index_info({quoted(str(row[1]))})").fetchall():
                yield (
                    *(job.system.name, library, table, int(not row[2]), library, index, 3),
                    *(int(part[0]) + 1, part[2], "A", None, None, None),
                )


def _privileges(job: JobState, given: _Given) -> Iterator[_Row]:
    words = (("SELECT", "*READ"), ("INSERT", "*ADD"), ("UPDATE", "*UPD"), ("DELETE", "*DLT"))
    for library, item, _kind in tables(job):
        if not (_fits(_argument(given, 1), library) and _fits(_argument(given, 2), item.name)):
            continue
        for grantee, rights in [("PUBLIC", item.public), *sorted(item.grants.items())]:
            for word, right in words:
                if right in rights:
                    yield (
                        *(job.system.name, library, item.name, item.owner, grantee, word),
                        "YES" if grantee == item.owner else "NO",
                    )


def _column_privileges(job: JobState, given: _Given) -> Iterator[_Row]:
    for row in _privileges(job, given):
        for name, *_ in columns(job, row[1], row[2]):
            if _fits(_argument(given, 3), name) and row[5] != "DELETE":
                yield (*row[:3], name, *row[3:])


def _procedures(job: JobState, given: _Given) -> Iterator[_Row]:
    for name in sorted(PROCEDURES):
        if _fits(_argument(given, 1), "QSYS2") and _fits(_argument(given, 2), name):
            yield job.system.name, "QSYS2", name, None, None, 0, None, 1


def _procedure_columns(job: JobState, given: _Given) -> Iterator[_Row]:
    for name in sorted(PROCEDURES):
        if not (_fits(_argument(given, 1), "QSYS2") and _fits(_argument(given, 2), name)):
            continue
        for place, parameter in enumerate(PROCEDURES[name][0].parameters, 1):
            if _fits(_argument(given, 3), parameter):
                yield job.system.name, "QSYS2", name, parameter, 1, 12, "VARCHAR", place


def _shape(*names: str) -> _Shape:
    numbers = {"SEQ", "POSITION", "NULLABLE", "NON_UNIQUE", "RULE", "TYPE_CODE", "SCOPE", "RADIX"}
    return [
        (n, _SMALL if any(n.endswith(x) for x in numbers) or n.startswith("NUM_") else _V128)
        for n in names
    ]


_CALLS: Mapping[str, tuple[_Shape, Callable[[JobState, _Given], Iterator[_Row]]]] = {
    "tables": (_shape("TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE", "REMARKS"), _tables),
    "columns": (
        [
            *_shape("TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "COLUMN_NAME"),
            *(("DATA_TYPE", _SMALL), ("TYPE_NAME", _V128), ("COLUMN_SIZE", _INT)),
            *(("BUFFER_LENGTH", _INT), ("DECIMAL_DIGITS", _SMALL), ("NUM_PREC_RADIX", _SMALL)),
            *(("NULLABLE", _SMALL), ("REMARKS", _V254), ("COLUMN_DEF", _V254)),
            *(("SQL_DATA_TYPE", _SMALL), ("SQL_DATETIME_SUB", _SMALL)),
            *(("CHAR_OCTET_LENGTH", _INT), ("ORDINAL_POSITION", _INT), ("IS_NULLABLE", _V128)),
        ],
        _columns,
    ),
    "primarykeys": (
        _shape("TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "COLUMN_NAME", "KEY_SEQ", "PK_NAME"),
        _primary,
    ),
    "special": (
        [
            *(("SCOPE", _SMALL), ("COLUMN_NAME", _V128), ("DATA_TYPE", _SMALL)),
            *(("TYPE_NAME", _V128), ("COLUMN_SIZE", _INT), ("BUFFER_LENGTH", _INT)),
            *(("DECIMAL_DIGITS", _SMALL), ("PSEUDO_COLUMN", _SMALL)),
        ],
        _special,
    ),
    "foreignkeys": (
        [
            *_shape("PKTABLE_CAT", "PKTABLE_SCHEM", "PKTABLE_NAME", "PKCOLUMN_NAME"),
            *_shape("FKTABLE_CAT", "FKTABLE_SCHEM", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ"),
            *_shape("UPDATE_RULE", "DELETE_RULE", "FK_NAME", "PK_NAME"),
            ("DEFERRABILITY", _SMALL),
        ],
        _foreign,
    ),
    "statistics": (
        [
            *_shape("TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "NON_UNIQUE", "INDEX_QUALIFIER"),
            *(("INDEX_NAME", _V128), ("TYPE", _SMALL), ("ORDINAL_POSITION", _SMALL)),
            *_shape("COLUMN_NAME", "ASC_OR_DESC", "CARDINALITY", "PAGES", "FILTER_CONDITION"),
        ],
        _statistics,
    ),
    "tablepriv": (
        _shape(
            *("TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "GRANTOR", "GRANTEE", "PRIVILEGE"),
            "IS_GRANTABLE",
        ),
        _privileges,
    ),
    "columnpriv": (
        _shape(
            *("TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "COLUMN_NAME", "GRANTOR", "GRANTEE"),
            *("PRIVILEGE", "IS_GRANTABLE"),
        ),
        _column_privileges,
    ),
    "procedures": (
        [
            *_shape("PROCEDURE_CAT", "PROCEDURE_SCHEM", "PROCEDURE_NAME", "NUM_INPUT_PARAMS"),
            *_shape("NUM_OUTPUT_PARAMS", "NUM_RESULT_SETS", "REMARKS"),
            ("PROCEDURE_TYPE", _SMALL),
        ],
        _procedures,
    ),
    "pcolumns": (
        [
            *_shape("PROCEDURE_CAT", "PROCEDURE_SCHEM", "PROCEDURE_NAME", "COLUMN_NAME"),
            *(("COLUMN_TYPE", _SMALL), ("DATA_TYPE", _SMALL), ("TYPE_NAME", _V128)),
            ("ORDINAL_POSITION", _INT),
        ],
        _procedure_columns,
    ),
}


def catalogue_rows(job: JobState, action: str, values: _Given) -> Rows:
    """Return the rows of a catalogue call.

    Raises:
        SqlFailedError: there is no such call.
    """
    found = _CALLS.get(action)
    if found is None:
        raise failed(-84, "42612", action)
    shape, rows = found
    # Ordered as the interface says: by schema, then table, then the rest in catalogue order.
    return Rows([n for n, _ in shape], [t for _, t in shape], list(rows(job, values)))
