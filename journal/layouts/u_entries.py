r"""Entry-specific data of the exit-point manager's own entries, journal code U. Version 1.

Two readers want these: an RPG program or an SQL statement over an outfile, which takes fixed
positions; and a SIEM, which wants everything that is known. So each layout begins with fixed
fields, cut to their lengths, and ends with the full values as JSON, preceded by its length. The
JSON is in the record's CCSID as well, and of ASCII characters only (others as \uXXXX), so that
a display on IBM i shows it and a transfer that translates characters leaves it whole. Offsets
are 1-based from the first byte of the entry-specific data.

Other products write U entries too (some with the same entry types), so ours begin with the
mark ``EPM1`` in EBCDIC, whose last character is the version of the layout: a reader that finds
another mark must leave the entry alone. A later version may add fields before the JSON; its
offset stands in bytes 5..7.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from epm.errors import FormatError
from journal.layouts.ccsid import codec_of, encode_text
from journal.layouts.kit import FieldKind, FixedField, Layout
from journal.layouts.type5 import MAX_ESD_BYTES

MARK = "EPM1"
_ZONED, _BINARY = FieldKind.ZONED, FieldKind.BINARY
_BEGIN = (FixedField("mark", 1, 4), FixedField("json_offset", 5, 3, _ZONED))

#: U/NA (allowed) and U/NR (rejected).
DECISION = Layout(
    "U/NA, U/NR entry-specific data",
    379,
    (
        *_BEGIN,
        FixedField("verdict", 8, 1),  # Y allow, N reject
        FixedField("enforced", 9, 1),  # N: only logged
        FixedField("server", 10, 10),
        FixedField("format", 20, 8),
        FixedField("reason", 28, 13),
        FixedField("rule", 41, 5, _ZONED),  # sequence; 00000 where no rule decided
        FixedField("rule_name", 46, 50),
        FixedField("revision", 96, 10, _ZONED),  # 0000000000 where the rules are a file
        FixedField("local_address", 106, 46),
        FixedField("local_port", 152, 5),
        FixedField("bound_address", 157, 46),
        FixedField("bound_port", 203, 5),
        FixedField("remote_address", 208, 46),
        FixedField("remote_port", 254, 5),
        FixedField("backlog", 259, 4, _BINARY),
        FixedField("user", 263, 10),
        FixedField("job", 273, 10),
        FixedField("error", 283, 93),
        FixedField("json_length", 376, 4, _BINARY),
    ),
)

#: U/NC (change).
CHANGE = Layout(
    "U/NC entry-specific data",
    151,
    (
        *_BEGIN,
        FixedField("what", 8, 20),
        FixedField("subject", 28, 50),
        FixedField("who", 78, 50),
        FixedField("number", 128, 10, _ZONED),
        FixedField("revision", 138, 10, _ZONED),
        FixedField("json_length", 148, 4, _BINARY),
    ),
)

#: U/NG (gap).
GAP = Layout(
    "U/NG entry-specific data",
    131,
    (
        *_BEGIN,
        FixedField("reason", 8, 20),
        FixedField("text", 28, 100),
        FixedField("json_length", 128, 4, _BINARY),
    ),
)

LAYOUTS: Mapping[str, Layout] = {"NA": DECISION, "NR": DECISION, "NC": CHANGE, "NG": GAP}


def encode_u(
    layout: Layout, values: Mapping[str, str | int | None], full: str, ccsid: int = 37
) -> bytes:
    """Return entry-specific data.

    Args:
        layout: one of this module's.
        values: of the fixed fields.
        full: the full values, JSON of ASCII characters.
        ccsid: of all characters.

    Raises:
        SettingsError: the CCSID is not supported.
    """
    every = {
        **values,
        "mark": MARK,
        "json_offset": layout.length + 1,
        "json_length": len(full),
    }
    codec = codec_of(ccsid)
    return layout.encode(every, codec) + encode_text(full, codec)


def room(layout: Layout) -> int:
    """Return how many bytes of JSON a *TYPE5 record has room for."""
    return MAX_ESD_BYTES - layout.length


def is_ours(data: bytes, codec: str) -> bool:
    """Whether entry-specific data begins with our mark and version."""
    return data[:4] == MARK.encode(codec)


def decode_u(entry_type: str, data: bytes, ccsid: int = 37) -> tuple[dict[str, Any], Any]:
    """Return (the fixed fields, the full values) of our own entry-specific data.

    Raises:
        FormatError: it is not ours, or not what its layout says.
        SettingsError: the CCSID is not supported.
    """
    codec = codec_of(ccsid)
    layout = LAYOUTS.get(entry_type)
    if layout is None or not is_ours(data, codec):
        raise FormatError(f"U/{entry_type}: no entry-specific data of epm", 0)
    fixed: dict[str, Any] = layout.decode(data, codec)
    start, length = fixed["json_offset"] - 1, fixed["json_length"]
    if start < layout.length or length < 0 or start + length > len(data):
        raise FormatError("the full values are not where the fixed fields say", 4)
    try:
        return fixed, json.loads(data[start : start + length].decode(codec))
    except (ValueError, RecursionError):
        raise FormatError("the full values are no JSON", start) from None
