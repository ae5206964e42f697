"""A document on its way in and out: bytes and text, ``*hex``, ``*before`` and ``*after``; pure."""

from __future__ import annotations

import re

from simulators.xmlservice import ccsid
from simulators.xmlservice.control import Control

_ENCODING = re.compile(r"""<\?xml[^>]{0,100}encoding\s*=\s*['"]([A-Za-z0-9._-]{1,40})['"]""", re.I)
_LATIN = frozenset(("iso-8859-1", "iso8859-1", "latin-1", "latin1", "windows-1252", "us-ascii"))
_HEX = re.compile(r"[0-9A-Fa-f]*")


def _latin(head: str) -> bool:
    match = _ENCODING.search(head)
    return match is not None and match[1].lower() in _LATIN


def to_text(document: bytes) -> str:
    """Return a document's text: UTF-8, or Latin-1 where it says so or is no UTF-8."""
    if _latin(document[:300].decode("latin-1")):
        return document.decode("latin-1")
    try:
        return document.decode("utf-8")
    except UnicodeDecodeError:
        return document.decode("latin-1")


def to_bytes(answer: str) -> bytes:
    """Return an answer's bytes in the encoding that its declaration names, else UTF-8."""
    if _latin(answer[:300]):
        return answer.encode("latin-1", errors="xmlcharrefreplace")
    return answer.encode("utf-8", errors="replace")


def convert_in(text: str, control: Control) -> str:
    """Return the document that a request means: first ``*hex``, then ``*before``.

    Raises:
        UnsupportedError: a CCSID is not known.
    """
    if not control.hex_in and not control.before:
        return text
    if control.hex_in:
        digits = _HEX.match(text.strip())
        assert digits is not None
        data = bytes.fromhex(digits[0][: len(digits[0]) // 2 * 2])
        if not control.before:
            return ccsid.decode(data) if data[:1] == b"\x4c" else to_text(data)
    else:
        data = ccsid.encode(text)
    return ccsid.decode(ccsid.convert(data, control.before))


def convert_out(answer: str, control: Control) -> str:
    """Return an answer as the request wants it: first ``*after``, then ``*hex``.

    Raises:
        UnsupportedError: a CCSID is not known.
    """
    if not control.hex_out and not control.after:
        return answer
    data = ccsid.convert(ccsid.encode(answer), control.after)
    return data.hex().upper() if control.hex_out else ccsid.decode(data)
