"""Writing a journal out: *TYPE5 records back to back, or JSON Lines with the parser's names."""

from __future__ import annotations

import json
from typing import BinaryIO

from epm.errors import SettingsError
from journal.layouts.ccsid import DEFAULT_CCSID, codec_of
from journal.query import Query, select
from journal.reader import JournalReader, OnDamage, refuse_damage
from journal.records import row_of, to_type5

FORMATS = ("type5", "jsonl")


def export(
    reader: JournalReader,
    out: BinaryIO,
    format: str,
    *,
    query: Query | None = None,
    ccsid: int = DEFAULT_CCSID,
    on_damage: OnDamage = refuse_damage,
) -> int:
    """Write the wanted entries and return how many; one at a time is in memory.

    Args:
        reader: of the journal.
        out: binary.
        format: one of :data:`FORMATS`.
        query: what is wanted; everything if ``None``.
        ccsid: of *TYPE5 records.
        on_damage: told of damaged places; the default stops there.

    Raises:
        SettingsError: the format or the CCSID is not known.
        JournalError: the journal cannot be read.
        JournalDamagedError: from ``on_damage``.
    """
    if format not in FORMATS:
        raise SettingsError(f"format {format!r} is not one of {', '.join(FORMATS)}")
    codec_of(ccsid)
    count = 0
    for stored, _ in select(reader, query or Query(), on_damage=on_damage):
        if format == "type5":
            out.write(to_type5(stored, ccsid))
        else:
            out.write(json.dumps(row_of(stored)).encode("ascii") + b"\n")
        count += 1
    return count
