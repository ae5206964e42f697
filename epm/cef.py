"""ArcSight Common Event Format: header, extension, escaping. Pure text, no transport.

Layout (ArcSight CEF implementation standard, version 27)::

    CEF:0|Device Vendor|Device Product|Device Version|Event Class ID|Name|Severity|extension

The extension is ``key=value`` pairs with one space between them. What the standard leaves open
is decided here: a run of CR and LF in a header becomes one space; TAB stays in values; every
other control character, and what some readers take for a line end (U+2028, U+2029), becomes a
space; what is no Unicode text (a lone surrogate) becomes U+FFFD. So a line is one line whatever
its values hold. Sizes count characters (the standard does not say of what).

INVARIANT: a value is cut before it is escaped, so that no escape is ever cut in half.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from epm.logtext import CONTROLS, one_line, sound

_LINE_ENDS = re.compile(r"[\r\n]+")
#: An escape stands for CR and LF in a value, and a TAB stays.
_CONTROL = re.compile(f"(?![\t\r\n])[{CONTROLS}]")
_KEY = re.compile(r"[A-Za-z0-9]+")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: Sizes of the header fields; severity is a word or a number and has none.
HEADER_SIZES: Mapping[str, int] = MappingProxyType(
    {"vendor": 63, "product": 63, "version": 31, "event_class": 1023, "name": 512}
)
#: Sizes of predefined extension keys that epm writes. A key that is not here is not cut.
VALUE_SIZES: Mapping[str, int] = MappingProxyType(
    {
        "act": 63,
        "msg": 1023,
        "reason": 1023,
        "request": 1023,
        "dvchost": 100,
        "outcome": 63,
        "externalId": 40,
        **{f"cs{n}": 4000 for n in range(1, 7)},
        **{f"cs{n}Label": 1023 for n in range(1, 7)},
    }
)


@dataclass(frozen=True, slots=True)
class CefHeader:
    """The header fields as plain text.

    Attributes:
        severity: Unknown, Low, Medium, High, Very-High, or 0 to 10.
    """

    vendor: str
    product: str
    version: str
    event_class: str
    name: str
    severity: str


def cef_header(text: str) -> str:
    """Return one header field, escaped: backslash and pipe; ``=`` and blanks stay."""
    line = one_line(_LINE_ENDS.sub(" ", text))
    return line.replace("\\", "\\\\").replace("|", "\\|")


def cef_value(text: str) -> str:
    r"""Return one extension value, escaped: backslash, ``=``, LF as ``\n``, CR as ``\r``."""
    # INVARIANT: the backslash first, or the escapes would be escaped.
    escaped = _CONTROL.sub(" ", sound(text)).replace("\\", "\\\\").replace("=", "\\=")
    return escaped.replace("\r", "\\r").replace("\n", "\\n")


def cef_line(
    header: CefHeader,
    extension: Iterable[tuple[str, str | int]],
    sizes: Mapping[str, int] = VALUE_SIZES,
) -> str:
    """Return a line that starts at ``CEF:0``, without line end.

    Args:
        header: cut to :data:`HEADER_SIZES`.
        extension: keys and values in the order they are to stand. A reader loses blanks at the
            end of the last value, so what comes from outside does not belong there.
        sizes: the longest value of a key, in characters.

    Raises:
        ValueError: a key is not one alphanumeric word, which no escape could mend.
    """
    fields = [cef_header(getattr(header, name)[:size]) for name, size in HEADER_SIZES.items()]
    fields.append(cef_header(header.severity))
    pairs = []
    for key, value in extension:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not a CEF key: one alphanumeric word")
        pairs.append(f"{key}={cef_value(str(value)[: sizes.get(key)])}")
    return "|".join(["CEF:0", *fields, " ".join(pairs)])


def cef_date(at: datetime) -> str:
    """Return ``MMM dd yyyy HH:mm:ss.SSS zzz``, such as ``Mar 22 2021 11:03:42.919 +0000``.

    Months are English whatever the locale; milliseconds are cut, not rounded.

    Raises:
        ValueError: the time has no offset.
    """
    if at.utcoffset() is None:
        raise ValueError("a CEF date needs a time with an offset")
    day = f"{_MONTHS[at.month - 1]} {at.day:02} {at.year:04}"
    return f"{day} {at:%H:%M:%S}.{at.microsecond // 1000:03} {at:%z}"


def severity_word(number: int) -> str:
    """Return the word for a severity of 0 to 10: 0-3 Low, 4-6 Medium, 7-8 High, 9-10 Very-High.

    Raises:
        ValueError: another number.
    """
    if not 0 <= number <= 10:
        raise ValueError(f"severity {number} is not 0 to 10")
    for limit, word in ((3, "Low"), (6, "Medium"), (8, "High")):
        if number <= limit:
            return word
    return "Very-High"
