"""One entrance to every format that ``epm journal parse`` and ``import`` take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from epm.errors import SettingsError
from journal.layouts.ccsid import DEFAULT_CCSID
from journal.parsing.fixed import read_fixed
from journal.parsing.forms import form_of
from journal.parsing.jsonl import read_jsonl
from journal.parsing.outfile_csv import read_outfile_csv
from journal.parsing.rows import Damaged, Record

FORMATS = ("type5", "type4", "esd", "outfile-csv", "jsonl")


def parse(
    stream: BinaryIO, format: str, *, ccsid: int = DEFAULT_CCSID, all_entries: bool = False
) -> Iterator[Record | Damaged]:
    """Yield every record of a stream, sound or damaged, in order; memory stays bounded.

    Args:
        stream: binary, read forwards only.
        format: one of :data:`FORMATS`.
        ccsid: of EBCDIC characters.
        all_entries: give other entries than SK too.

    Raises:
        SettingsError: the format or the CCSID is not known.
    """
    if format == "jsonl":
        return read_jsonl(stream, all_entries=all_entries)
    if format == "outfile-csv":
        return read_outfile_csv(stream, ccsid=ccsid, all_entries=all_entries)
    try:
        form = form_of(format, ccsid)
    except KeyError:
        raise SettingsError(f"format {format!r} is not one of {', '.join(FORMATS)}") from None
    return read_fixed(stream, form, all_entries=all_entries)
