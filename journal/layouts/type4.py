"""The *TYPE4 record: a header of 223 bytes, then the entry-specific data without secure fields.

IBM documentation: QJORDJE4 (model file QADSPJR4), offsets 1-based, no longer updated by IBM.
1..121 are documented; 122..223 are assumption A21, and the sum closes on 224.
"""

from __future__ import annotations

from journal.layouts.ccsid import codec_of
from journal.layouts.header import HeaderLayout
from journal.layouts.kit import FieldKind, FixedField, Layout
from journal.layouts.values import HeaderData

HEADER_BYTES = 223
_ZONED, _BINARY = FieldKind.ZONED, FieldKind.BINARY

LAYOUT = Layout(
    "*TYPE4 header",
    HEADER_BYTES,
    (
        FixedField("length", 1, 5, _ZONED),
        FixedField("sequence", 6, 10, _ZONED),
        FixedField("code", 16, 1),
        FixedField("entry_type", 17, 2),
        FixedField("timestamp", 19, 26),
        FixedField("job", 45, 10),
        FixedField("job_user", 55, 10),
        FixedField("job_number", 65, 6, _ZONED),
        FixedField("program", 71, 10),
        FixedField("object", 81, 10),
        FixedField("library", 91, 10),
        FixedField("member", 101, 10),
        FixedField("count", 111, 10, _ZONED),
        FixedField("flag", 121, 1),
        FixedField("commit_cycle", 122, 10, _ZONED),
        FixedField("user", 132, 10),
        FixedField("system", 142, 8),
        FixedField("journal_id", 150, 10),
        FixedField("constraint", 160, 1),
        FixedField("trigger", 161, 1),
        FixedField("incomplete", 162, 1),
        FixedField("ignored", 163, 1),
        FixedField("minimized", 164, 1),
        FixedField("reserved", 165, 5),
        FixedField("null_indicators", 170, 50),
        FixedField("esd_length", 220, 4, _BINARY),
    ),
)
HEADER = HeaderLayout("type4", LAYOUT)


def encode_type4(header: HeaderData, esd: bytes, ccsid: int = 37) -> bytes:
    """Return a *TYPE4 record; it has no room for the program's library.

    Args:
        header: text is cut to its field; a sequence keeps its last ten digits, a job number
            its last six.
        esd: entry-specific data, at most 99,776 bytes.
        ccsid: of the characters.

    Raises:
        ValueError: the entry-specific data is too long for the length field.
        SettingsError: the CCSID is not supported.
    """
    if HEADER_BYTES + len(esd) > 99_999:
        raise ValueError(f"{len(esd)} bytes of entry-specific data are too many")
    values: dict[str, str | int | None] = {
        "length": HEADER_BYTES + len(esd),
        "sequence": header.sequence,
        "code": header.code,
        "entry_type": header.entry_type,
        "timestamp": header.timestamp,
        "job": header.job,
        "job_user": header.job_user,
        "job_number": header.job_number,
        "program": header.program,
        "user": header.user,
        "system": header.system,
        "esd_length": len(esd),
    }
    return LAYOUT.encode(values, codec_of(ccsid)) + esd
