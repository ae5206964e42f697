"""HTML as a browser's tokeniser reads it, begun in any of the places a value may land.

One pass, linear: every pattern only moves forward. What matters to us are the tags and their
attributes; character data is skipped. Begun inside an attribute value, the pass first looks for
what ends the value; what follows then belongs to the tag that the page had already opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

#: Attributes that one tag is read for; browsers have no limit, attackers have one reason.
MAX_ATTRIBUTES = 256

_TAG = re.compile(r"<[\s\x00]*+(/?)([a-z!?%][^\s/>\"'=<(){}\[\]]*+)(?!>)")
_GAP = re.compile(r"[\s/\x00-\x20\"'`+,;<\\]*+")
_NAME = re.compile(r"[^\s/>=\"'<\x00]++[^\s/>=\x00]*+")
_VALUE = re.compile(
    r"[\s/\x00]*+=[\s\x00]*+(?:\"([^\"]*+)\"?+|'([^']*+)'?+|`([^`]*+)`?+|([^\s>]*+))"
)


class Start(Enum):
    """Where the value lands in a page: the character that ends the place, if any."""

    CONTENT = ""
    DOUBLE_QUOTED = '"'
    SINGLE_QUOTED = "'"
    UNQUOTED = " "


@dataclass(frozen=True, slots=True)
class Tag:
    """A start tag with its attributes, or the rest of the tag that the value broke out into.

    Attributes:
        name: in lower case, empty for a rest.
        attributes: (name, value) in order; the value is ``None`` without an equals sign.
        closing: whether it is an end tag.
    """

    name: str
    attributes: tuple[tuple[str, str | None], ...]
    closing: bool = False


def tags(text: str, start: Start = Start.CONTENT) -> Iterator[Tag]:
    """Yield the tags of ``text`` (in lower case), read from ``start``.

    A tag that is closed right behind its name has nothing to say and is left out.
    """
    at = 0
    if start is not Start.CONTENT:
        at = text.find(start.value) if start is not Start.UNQUOTED else -1
        if start is not Start.UNQUOTED and at < 0:
            return
        attributes, at = _attributes(text, at + 1)
        yield Tag("", attributes)
    while (match := _TAG.search(text, at)) is not None:
        attributes, at = _attributes(text, match.end())
        yield Tag(match[2], attributes, bool(match[1]))


def _attributes(text: str, at: int) -> tuple[tuple[tuple[str, str | None], ...], int]:
    found: list[tuple[str, str | None]] = []
    end = len(text)
    while at < end:
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        if text[at : at + 1] == ">":
            return tuple(found), at + 1
        name = _NAME.match(text, at)
        if name is None:
            at += 1
            continue
        at = name.end()
        value = _VALUE.match(text, at)
        if value is not None:
            at = value.end()
        if len(found) < MAX_ATTRIBUTES:
            given = (
                None if value is None else next((g for g in value.groups() if g is not None), "")
            )
            found.append((name[0], given))
    return tuple(found), end
