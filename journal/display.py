"""One entry as a person reads it, in the manner of IBM's Display Journal Entry. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from epm.errors import one_line
from journal.entry import ChangeEntry, ForeignEntry, Stored
from journal.layouts.ccsid import DEFAULT_CCSID, codec_of
from journal.records import header_of, specific_data
from journal.view import COLUMNS, view_of

#: Entry-specific data is shown 50 columns a line, as IBM does.
COLUMNS_A_LINE = 50
DATA_TITLE = "          Entry specific data"
RULER = "*...+....1....+....2....+....3....+....4....+....5"


class DataForm(Enum):
    """How entry-specific data is shown."""

    CHARACTER = "characters"
    HEXADECIMAL = "two lines of hexadecimal digits"
    BOTH = "characters, and the digits below them"


_CODES = {"T": "Audit trail entry", "U": "User-defined entry", "J": "Journal or receiver"}
_KINDS = {
    "SK": "Sockets connections",
    "NA": "Exit program allowed a call",
    "NR": "Exit program rejected a call",
    "NC": "Rules, groups, configuration or activation changed",
    "NG": "Gap",
}


def entry_lines(stored: Stored, ccsid: int = DEFAULT_CCSID) -> list[str]:
    """Return the lines of one entry: its header, its fields, its entry-specific data.

    Raises:
        SettingsError: the CCSID is not supported.
    """
    lines = [*header_lines(stored), "", *field_lines(stored), "", DATA_TITLE]
    lines += specific_lines(raw_specific_data(stored, ccsid), ccsid)
    return lines


def header_lines(stored: Stored) -> list[str]:
    """Return a line for every field that each entry has."""
    header = header_of(stored)
    code, kind = header.code or "", header.entry_type or ""
    lines = [
        _line("Receiver", stored.receiver),
        _line("Sequence", stored.sequence),
        _line("Code", _named(code, _CODES)),
        _line("Type", _named(kind, _KINDS)),
        _line("Date and time", header.timestamp),
        _line("Job", f"{header.job_number or 0:06d}/{header.job_user or ''}/{header.job or ''}"),
        _line("Program", header.program),
        _line("Library", header.program_library),
        _line("User profile", header.user),
        _line("System", header.system),
    ]
    if isinstance(stored.entry, ForeignEntry):
        lines.append(_line("Imported from", f"{stored.entry.source} {stored.entry.sequence}"))
    return lines


def _line(title: str, value: object) -> str:
    begin = title + " " * (2 - len(title) % 2)
    dots = ". " * ((24 - len(begin)) // 2)
    if isinstance(value, bool):
        value = "Yes" if value else "No"
    text = "" if value is None else one_line(str(value))
    return f"{begin}{dots}:   {text}".rstrip()


def _named(value: str, names: dict[str, str]) -> str:
    return f"{value} - {names[value]}" if value in names else value


def field_lines(stored: Stored) -> list[str]:
    """Return a line for every field that the entry has, beyond its header."""
    view = view_of(stored)
    shown = [
        _line(name.replace("_", " ").capitalize(), getattr(view, name))
        for name in COLUMNS[5:]
        if getattr(view, name) is not None
    ]
    entry = stored.entry
    if isinstance(entry, ChangeEntry):
        shown += [_line("Before", entry.before), _line("After", entry.after)]
    return shown


def raw_specific_data(stored: Stored, ccsid: int = DEFAULT_CCSID) -> bytes:
    """Return the entry-specific data: an imported record's own bytes, or what we would write."""
    entry = stored.entry
    if isinstance(entry, ForeignEntry) and entry.raw is not None:
        start = {"type5": 609, "type4": 223}.get(entry.form or "", 0)
        return entry.raw[start:]
    return specific_data(stored, ccsid)[0]


def specific_lines(
    data: bytes, ccsid: int = DEFAULT_CCSID, form: DataForm = DataForm.BOTH
) -> Iterator[str]:
    """Yield entry-specific data, 50 columns a line.

    The two lines of hexadecimal hold the first and the second digit of each byte, as IBM's
    display shows them. What cannot be shown is a full stop.

    Raises:
        SettingsError: the CCSID is not supported.
    """
    codec = codec_of(ccsid)
    yield f" Column      {RULER}"
    for start in range(0, len(data), COLUMNS_A_LINE):
        piece = data[start : start + COLUMNS_A_LINE]
        text = "".join(c if c.isprintable() else "." for c in piece.decode(codec))
        digits = piece.hex().upper()
        label = f" {start + 1:05d}      "
        if form is not DataForm.HEXADECIMAL:
            yield f"{label}'{text.ljust(COLUMNS_A_LINE)}'"
            label = " " * len(label)
        if form is not DataForm.CHARACTER:
            yield f"{label} {digits[0::2]}"
            yield f"{' ' * len(label)} {digits[1::2]}"
