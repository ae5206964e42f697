"""The fields of a call as people see them: how each is called, typed and shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from epm.calls import call_to_mapping
from epm.model import Call
from tui.display import Kind
from tui.kit.drawing import output_text

#: A field of a call: how it is called, how long it may be, what it takes.
CALL_FIELDS = {
    "rmtaddr": ("Remote address", 45, Kind.TEXT, ""),
    "rmtport": ("Remote port", 5, Kind.DIGITS, "0-65535"),
    "lcladdr": ("Local address", 45, Kind.TEXT, ""),
    "lclport": ("Local port", 5, Kind.DIGITS, "0-65535"),
    "bndaddr": ("Bound address", 45, Kind.TEXT, ""),
    "bndport": ("Bound port", 5, Kind.DIGITS, "0-65535"),
    "backlog": ("Backlog", 11, Kind.SIGNED, "Number"),
    "user": ("User profile", 10, Kind.UPPER, "Name"),
    "groups": ("Group profiles", 50, Kind.UPPER, ""),
    "job": ("Job name", 16, Kind.TEXT, "Name"),
    "pgm": ("Program", 50, Kind.TEXT, ""),
    "at": ("Time of the call", 19, Kind.UPPER, "2026-11-21T10:00, blank=now"),
}


def call_values(call: Call) -> dict[str, str]:
    """Return the fields of a call as this panel takes them; those that are missing are blank."""
    whole = call if call.at is None else replace(call, at=call.at.replace(microsecond=0))
    fields = call_to_mapping(whole)
    return {
        name: " ".join(value) if isinstance(value, list) else str(value)
        for name, value in fields.items()
    }


def call_lines(call: Call) -> Iterator[str]:
    """Yield a line for each field that a call carries."""
    values = call_values(call)
    for name, (label, _, _, _) in CALL_FIELDS.items():
        if name in values:
            yield output_text(label, values[name] or "(blank)")
