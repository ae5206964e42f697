"""CSV exported from an outfile, or from IBM i's journal services.

The first line names the columns, in any order; case, blanks and underscores do not count.
Taken are the parser's own names, IBM's names of the *TYPE5 header fields (JOSEQN, JOTSTP ...),
and the column names of QSYS2.DISPLAY_JOURNAL. The names that IBM's QASYSKJ5 has for the SK
fields are not known here (assumption A24), so those must be the parser's names, or the whole
entry-specific data in hexadecimal in a column ``ENTRY_DATA`` or ``JOESD``. Other columns are
ignored. An empty or blank value is missing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import astuple
from typing import BinaryIO

from epm.errors import FormatError
from journal.layouts.esd import decode_esd
from journal.parsing.jsonl import check_row, checked
from journal.parsing.lines import read_lines
from journal.parsing.rows import KEYS, NUMBERS, Damaged, Record, Row, is_sk

_NAME = "outfile-csv"
_DATA = "entry data"
_ALIASES = {
    "JOSEQN": "sequence",
    "JOTSTP": "timestamp",
    "JOCODE": "code",
    "JOENTT": "entry_type",
    "JOJOB": "job",
    "JOUSER": "job_user",
    "JONBR": "job_number",
    "JOPGM": "program",
    "JOPGMLIB": "program_library",
    "JOUSPF": "user",
    "JOSYNM": "system",
    "JOESD": _DATA,
    "SEQUENCE_NUMBER": "sequence",
    "ENTRY_TIMESTAMP": "timestamp",
    "JOURNAL_CODE": "code",
    "JOURNAL_ENTRY_TYPE": "entry_type",
    "JOB_NAME": "job",
    "PROGRAM_NAME": "program",
    "CURRENT_USER": "user",
    "USER_NAME": "user",
    "SYSTEM_NAME": "system",
    "ENTRY_DATA": _DATA,
    "HEX_ENTRY_DATA": _DATA,
}
_SK_KEYS = (*("type",), *KEYS[12:])


def _folded(name: str) -> str:
    return "".join(c for c in name.upper() if c.isalnum())


_COLUMNS = {_folded(k): k for k in KEYS} | {_folded(a): key for a, key in _ALIASES.items()}


def read_outfile_csv(
    stream: BinaryIO, *, ccsid: int = 37, all_entries: bool = False
) -> Iterator[Record | Damaged]:
    """Yield a record for every row after the first.

    Args:
        stream: UTF-8 text, RFC 4180.
        ccsid: of entry-specific data in hexadecimal.
        all_entries: give other entries than SK too.
    """
    lines = _Lines(stream)
    reader = csv.reader(lines, strict=True)
    columns: list[str | None] | None = None
    while True:
        lines.first = 0
        try:
            cells = next(reader)
            if not cells:
                continue
            if columns is None:
                columns = _header(cells)
                continue
            row = _row(columns, cells, ccsid)
        except StopIteration:
            return
        except (csv.Error, ValueError, FormatError) as error:
            yield Damaged(lines.first, "line", str(error))
            if columns is None:
                return
            # What is left of a half-read row must not begin the next one.
            reader = csv.reader(lines, strict=True)
            continue
        if all_entries or is_sk(row):
            yield Record(lines.first, row, None, _NAME)


class _Lines(Iterator[str]):
    """Hands lines to the CSV reader, and keeps the number of a row's first one."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = read_lines(stream)
        self.first = 0

    def __next__(self) -> str:
        number, line = next(self._lines)
        self.first = self.first or number
        if line is None:
            raise ValueError("not UTF-8, or longer than a record can be")
        return line


def _header(cells: list[str]) -> list[str | None]:
    columns = [_COLUMNS.get(_folded(cell)) for cell in cells]
    known = [column for column in columns if column is not None]
    if not known:
        raise ValueError("the first line names no known column")
    doubled = {column for column in known if known.count(column) > 1}
    if doubled:
        raise ValueError(f"two columns are {sorted(doubled)[0]}")
    return columns


def _row(columns: list[str | None], cells: list[str], ccsid: int) -> Row:
    if len(cells) != len(columns):
        raise ValueError(f"{len(cells)} values in {len(columns)} columns")
    row: Row = dict.fromkeys(KEYS)
    data = ""
    for column, cell in zip(columns, cells, strict=True):
        text = cell.strip()
        if column == _DATA:
            data = text
        elif column is not None and text:
            row[column] = _number(column, text) if column in NUMBERS else text
    if data and row["entry_type"] in (None, "SK"):
        row.update(zip(_SK_KEYS, astuple(decode_esd(_hex(data), ccsid)), strict=True))
    check_row(row)
    return row


def _number(column: str, text: str) -> object:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 20:
        raise ValueError(f"{column} {text!r} is not a number")
    return checked(column, int(text))


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError("the entry data is not hexadecimal") from None
