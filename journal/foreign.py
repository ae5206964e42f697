"""What an imported U entry of an exit program says: it was written by this product elsewhere."""

from __future__ import annotations

from typing import Any

from epm.errors import FormatError, SettingsError
from journal.entry import ForeignEntry
from journal.layouts.type5 import HEADER
from journal.layouts.u_entries import decode_u

_DECISIONS = ("NA", "NR")


def specific_of(entry: ForeignEntry) -> bytes | None:
    """Return an imported entry's own entry-specific data, byte for byte; ``None`` if unknown."""
    if entry.raw is None:
        return None
    if entry.form == "esd":
        return entry.raw
    return entry.raw[HEADER.size :] if entry.form == "type5" else None


def decision_of(entry: ForeignEntry) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return (fixed fields, full values) of an imported U/NA or U/NR entry of ours, or ``None``.

    Another product's entry of the same type, and a damaged one, is none.
    """
    kind = entry.header.entry_type or ""
    data = specific_of(entry)
    if entry.header.code != "U" or kind not in _DECISIONS or data is None:
        return None
    try:
        fixed, full = decode_u(kind, data, entry.ccsid)
    except (FormatError, SettingsError):
        return None
    return (fixed, full) if isinstance(full, dict) else None
