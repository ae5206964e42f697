"""Text that is fit to stand in an answer, whatever the request or the system holds; pure.

The real service writes much of it raw, and its clients then fail to read the answer; this one
changes only what XML 1.0 forbids.
"""

from __future__ import annotations

import re

_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(lt|gt|amp|quot|apos));", re.ASCII)
_WHOLE_REFERENCE = re.compile(r"(&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|lt|gt|amp|quot|apos);)", re.ASCII)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FIVE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"},
)
_SURROGATES = range(0xD800, 0xE000)
#: An XML declaration that a reader of the answer accepts.
DECLARATION = re.compile(
    r"""<\?xml\s+version\s*=\s*(?:'1\.\d'|"1\.\d")"""
    r"""(?:\s+encoding\s*=\s*(?:'[A-Za-z][\w.-]{0,40}'|"[A-Za-z][\w.-]{0,40}"))?"""
    r"""(?:\s+standalone\s*=\s*(?:'(?:yes|no)'|"(?:yes|no)"))?\s*\?>""",
    re.ASCII,
)


def _meant(match: re.Match[str]) -> str:
    """Return the character that a reference means; empty where it means none."""
    decimal, hexadecimal, name = match.groups()
    if name:
        return _NAMED[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return "" if number > 0x10FFFF or number in _SURROGATES else chr(number)


def resolve(raw: str) -> str:
    """Return characters with the five names and numeric references resolved, others kept."""
    return _REFERENCE.sub(lambda match: _meant(match) or match.group(), raw) if "&" in raw else raw


def printable(text: str) -> str:
    """Return text with every character that XML 1.0 forbids as a blank."""
    return _FORBIDDEN.sub(" ", text)


def echoed(raw: str) -> str:
    """Return raw request text fit to stand in an answer: well-formed, otherwise unchanged."""
    text = printable(raw)
    if "&" in text:
        # References stand at the odd places; between them an ampersand is only itself.
        pieces = _WHOLE_REFERENCE.split(text)
        pieces[::2] = [piece.replace("&", "&amp;") for piece in pieces[::2]]
        kept = {reference: _kept(reference) for reference in set(pieces[1::2])}
        pieces[1::2] = [kept[reference] for reference in pieces[1::2]]
        text = "".join(pieces)
    return text.replace("<", "&lt;").replace("]]>", "]]&gt;")


def _kept(reference: str) -> str:
    """Return a reference, as text where XML allows none to its character."""
    meant = resolve(reference)
    sound = meant != reference and printable(meant) == meant
    return reference if sound else f"&amp;{reference[1:]}"


def in_cdata(text: str) -> str:
    """Return text in a CDATA section, well-formed whatever it holds."""
    return f"<![CDATA[{printable(text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def escaped(text: str) -> str:
    """Return text with the five XML characters escaped."""
    return printable(text).translate(_FIVE)


def plain(text: str) -> str:
    """Return text as XMLSERVICE writes it without ``*cdata``, except that it stays well-formed.

    Just ``<``, ``&`` and ``]]>`` are escaped.
    """
    safe = printable(text).replace("&", "&amp;").replace("<", "&lt;")
    return safe.replace("]]>", "]]&gt;")


def attribute(text: str) -> str:
    """Return text as it stands in an attribute of single quotes."""
    return plain(text).replace("'", "&apos;")
