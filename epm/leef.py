"""IBM Log Event Extended Format 2.0: header and attributes. Pure text, no transport.

Layout (IBM LEEF 2.0 guide)::

    LEEF:2.0|Vendor|Product|Version|EventID|Delimiter|key=value<delimiter>key=value...

The format defines no escape at all. So what would break a line apart becomes one blank: TAB, CR,
LF, other controls, the pipe and the delimiter. A text that must survive whole, such as a payload,
is percent-encoded by :func:`leef_payload` instead.

INVARIANT: no value can end its attribute, its line or its header field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from epm.logtext import CONTROLS, sound

DELIMITER = "^"
EVENT_ID_SIZE = 255

_UNSAFE = re.compile(f"[{CONTROLS}|{DELIMITER}]")
_UNSAFE_PAYLOAD = re.compile(f"[{CONTROLS}%|{DELIMITER}]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEY = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class LeefHeader:
    """The header fields as plain text.

    Attributes:
        event_id: static, never translated; cut to 255 characters.
    """

    vendor: str
    product: str
    version: str
    event_id: str


def leef_text(text: str) -> str:
    """Return a header field or value in which nothing separates: such characters are blanks."""
    return _UNSAFE.sub(" ", sound(text))


def leef_payload(text: str) -> str:
    """Return a value with ``%``, pipe, caret and controls as ``%XX`` of their UTF-8 bytes."""
    return _UNSAFE_PAYLOAD.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), sound(text)
    )


def leef_time(at: datetime) -> int:
    """Return devTime as milliseconds since 1970, cut, which needs no devTimeFormat.

    Raises:
        ValueError: the time has no offset.
    """
    if at.utcoffset() is None:
        raise ValueError("a LEEF time needs a time with an offset")
    return (at - _EPOCH) // timedelta(milliseconds=1)


def leef_line(
    header: LeefHeader,
    attributes: Iterable[tuple[str, str | int]],
    payloads: frozenset[str] = frozenset(),
) -> str:
    """Return a line without its end.

    Args:
        header: the fields before the attributes.
        attributes: keys and values in the order they are to stand, each key once.
        payloads: keys whose values are kept whole, percent-encoded.

    Raises:
        ValueError: a key is not one alphanumeric word, or is there twice.
    """
    fields = (header.vendor, header.product, header.version, header.event_id[:EVENT_ID_SIZE])
    pairs: dict[str, str] = {}
    for key, value in attributes:
        if not _KEY.fullmatch(key) or key in pairs:
            raise ValueError(f"{key!r} is not a LEEF key: one alphanumeric word, once")
        pairs[key] = (leef_payload if key in payloads else leef_text)(str(value))
    shown = DELIMITER.join(f"{key}={value}" for key, value in pairs.items())
    return "|".join(["LEEF:2.0", *map(leef_text, fields), DELIMITER, shown])
