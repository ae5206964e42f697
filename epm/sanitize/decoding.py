"""A value as the programs behind us may come to read it: decoded, folded, cleaned.

An attack hides behind encodings that some layer later undoes. :func:`forms` undoes them one
round at a time, at most four, and keeps every stage, because a stage may be the attack that
the next one destroys. Undone are: percent signs (bytes, ``%uXXXX``, UTF-8 longer than it may
be, and the malformed hex digits that some servers took), HTML character references,
backslash escapes of scripts, UTF-7, full-width and other compatibility characters, invisible
characters.

INVARIANT: no stage is longer than twice the value, and every function here is linear.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode
from binascii import Error as Base64Error
from html.entities import html5

ROUNDS = 4

#: A value without any of these is its own only form (ASCII apart from NUL is checked beside).
_CODED = re.compile(r"[%&\\\0]|\+[aA]")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_PERCENT_U = re.compile(r"%[uU]([0-9a-fA-F]{4})")
#: A percent sign before every character but blanks: a server that drops those reads the rest.
_INTERLEAVED = re.compile(r"(?:%.|\s){6,}", re.DOTALL)
_PERCENT_AND = re.compile(r"%(.)", re.DOTALL)
#: A lead byte of UTF-8 longer than it may be, and then not its second byte but the sign itself:
#: readers that drop what they cannot decode keep the sign.
_LEAD_DROPPED = re.compile(r"%[cC][01](?=[./\\])")
#: A percent sign before each of the two digits, as encoding a digit at a time wrongly gives.
_EACH_DIGIT = re.compile(r"%([0-9a-fA-F])%([0-9a-fA-F])(?![0-9a-fA-F])")
#: Lead byte C0 or C1 with a second that is no hexadecimal number: read by some old servers.
_BROKEN_OVERLONG = re.compile(r"%[cC][01]%(?![0-9a-fA-F]{2})[0-9a-zA-Z]{2}")
_REFERENCE = re.compile(
    r"&(?:#[xX]0{0,64}([0-9a-fA-F]{1,6})(?![0-9a-fA-F])|#0{0,64}([0-9]{1,7})(?![0-9])|([a-zA-Z]{2,31}));?"
)
_OLD_NAME = re.compile(r"&([lg])t", re.IGNORECASE)
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{0{0,8}([0-9a-fA-F]{1,6})\}|0?([0-7]{2,3}))"
)
_UTF7 = re.compile(r"\+(A[A-Za-z0-9+/]{2,64})-?")
_INVISIBLE = re.compile("[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_MAX_KEPT = 0x8000


class _Fold(dict[int, str]):
    """Maps a character to the ASCII one that it is a variant of, or to itself."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = character
        if code > 0x7F:
            wide = unicodedata.normalize("NFKC", character)
            if len(wide) == 1 and wide.isascii():
                plain = wide
        if len(self) < _MAX_KEPT:  # bounded: the characters of a value are a stranger's choice
            self[code] = plain
        return plain


_FOLD = _Fold(
    {
        # Characters that servers and databases narrow to ASCII by a best-fit table.
        0x02B9: "'", 0x02BC: "'", 0x02C8: "'", 0x2032: "'", 0x02BA: '"', 0x2033: '"',
        0x2044: "/", 0x2215: "/", 0x29F8: "/", 0xEFC8: "/", 0xF025: "/",
        0x2216: "\\", 0x29F5: "\\", 0x2024: ".", 0x2025: "..", 0xFE30: "..",
        0x2039: "<", 0x203A: ">", 0x2329: "<", 0x3008: "<", 0x232A: ">", 0x3009: ">",
    }
)  # fmt: skip


def forms(value: str) -> tuple[str, ...]:
    """Return the value and its decoded stages, each once, the value as it came first.

    Every stage is folded to ASCII where a compatibility mapping exists; case is kept.
    """
    first = fold(value)
    if _CODED.search(first) is None:
        return (first,)
    found = {first: None}
    current = first
    for _ in range(ROUNDS):
        decoded = fold(_decode_once(current))
        if decoded == current:
            break
        found[decoded] = None
        current = decoded
    return tuple(found)


def fold(text: str) -> str:
    """Return ``text`` with compatibility variants as ASCII and invisible characters gone."""
    if text.isascii():
        return text
    return _INVISIBLE.sub("", text).translate(_FOLD)


def _decode_once(text: str) -> str:
    if "%" in text:
        if text[0] == "%" and _INTERLEAVED.fullmatch(text) is not None:
            text = _PERCENT_AND.sub(r"\1", text)
        text = _PERCENT_U.sub(lambda m: _character(int(m[1], 16)), text)
        text = _BROKEN_OVERLONG.sub("/", text)
        text = _LEAD_DROPPED.sub("", text)
        text = _EACH_DIGIT.sub(lambda m: _character(int(m[1] + m[2], 16)), text)
        text = _PERCENT.sub(lambda m: bytes_as_text(bytes.fromhex(m[0].replace("%", ""))), text)
    if "&" in text:
        text = _REFERENCE.sub(_reference, text)
    if "\\" in text:
        text = _ESCAPE.sub(_escape, text)
    if "+A" in text:
        text = _UTF7.sub(_utf7, text)
    return text


def _character(code: int) -> str:
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"


def _reference(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if hexadecimal:
        return _character(int(hexadecimal, 16))
    if decimal:
        return _character(int(decimal))
    known = html5.get(f"{name};", "")
    if len(known) == 1:
        return known
    # Browsers read the oldest names without their end, whatever letters follow.
    old = _OLD_NAME.match(match[0])
    return match[0] if old is None else "<>"[old[1] in "gG"] + match[0][old.end() :]


def _escape(match: re.Match[str]) -> str:
    short, long, braced, octal = match.groups()
    if octal:
        code = int(octal, 8)
        return chr(code) if 0x20 < code < 0x7F else match[0]
    return _character(int(short or long or braced, 16))


def _utf7(match: re.Match[str]) -> str:
    body = match[1].replace("+", "")
    try:
        text = b64decode(body + "=" * (-len(body) % 4)).decode("utf-16-be", "replace")
    except Base64Error:
        return match[0]
    return text if text.isascii() and text.isprintable() else match[0]


def bytes_as_text(data: bytes) -> str:
    """Decode UTF-8; where that fails, as a lenient decoder would: overlong forms and all.

    A byte that begins no sequence of either kind stands for itself (Latin-1).
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _lenient(data)


def _lenient(data: bytes) -> str:
    out: list[str] = []
    at = 0
    while at < len(data):
        lead = data[at]
        tail = 1 if 0xC0 <= lead < 0xE0 else 2 if lead < 0xF0 else 3 if lead < 0xF8 else (
            4 if lead < 0xFC else 5)  # fmt: skip
        follow = data[at + 1 : at + 1 + tail]
        if lead >= 0xC0 and len(follow) == tail and _follows(lead, follow):
            out.append(_read(lead, follow))
            at += 1 + tail
        else:
            out.append(chr(lead))
            at += 1
    return "".join(out)


def _read(lead: int, follow: bytes) -> str:
    if lead < 0xC2 and follow[0] in b"./\\":
        return chr(follow[0])  # a second byte that is a sign itself: the lead was dropped
    code = lead & (0x7F >> (len(follow) + 1))
    for byte in follow:
        code = code << 6 | byte & 0x3F
    return _character(code)


def _follows(lead: int, follow: bytes) -> bool:
    # After C0 and C1, which begin nothing valid, old servers never looked at the second byte.
    return lead in (0xC0, 0xC1) or all(0x80 <= byte < 0xC0 for byte in follow)
