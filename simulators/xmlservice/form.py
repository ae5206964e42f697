"""Finds the request's fields as the CGI program does: by scanning the decoded body; pure.

The whole body is decoded first (``+`` to blank, then percent escapes, twice), a ``&`` is added,
and ``uid=`` and the others are searched in the result. Therefore ``&amp;uid=`` works, a ``&`` in a
password ends it, a literal ``%41`` sent as ``%2541`` arrives as ``A``, and ``xmlin`` runs to the
last ``&`` of the body. Source: XMLSERVICE documentation and published behaviour of its CGI program.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from dataclasses import dataclass

from epm.errors import FormatError
from simulators.xmlservice.digits import plain_number
from simulators.xmlservice.storedproc import DEFAULT_XMLOUT

#: Values are cut at these lengths.
SHORT = 10
LONG = 128
MAX_XMLOUT = 16_000_000
#: Per cent signs that begin no escape, in one body.
MAX_BARE = 1_000_000
_BARE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one request.

    Attributes:
        uid: ``*NONE`` where it is missing.
        xmlin: the document's bytes; None where there is no ``xmlin=``.
        xmlout: bytes that the answer may have.
    """

    db2: str
    uid: str
    pwd: str
    ipc: str
    ctl: str
    xmlin: bytes | None
    xmlout: int
    persis: str


def decode_body(body: bytes) -> bytes:
    """Return a body decoded as the CGI program does it; it ends at the first NUL.

    Raises:
        FormatError: more than :data:`MAX_BARE` per cent signs escape nothing.
    """
    data = body.partition(b"\0")[0].replace(b"+", b" ").replace(b"\r", b" ")
    for _ in range(2):
        data = _unescaped(data)
    return data.partition(b"\0")[0] + b"&"


def _unescaped(data: bytes) -> bytes:
    """Return bytes with their percent escapes resolved once; a bare per cent sign stays.

    Quoted-printable is the same with another sign, and its decoder runs in C: a body of nothing
    but escapes would otherwise keep the server from everything else for seconds.
    """
    sound, bare = _BARE.subn(b"%25", data, count=MAX_BARE + 1)
    if bare > MAX_BARE:
        raise FormatError("the body is not percent-encoded", 0)
    return a2b_qp(sound.replace(b"=", b"%3D").replace(b"%", b"="))


def _scanned(body: bytes, name: bytes, most: int) -> str:
    _, found, rest = body.partition(name + b"=")
    value = rest.partition(b"&")[0] if found else b""
    return value[:most].decode("utf-8", errors="replace").strip()


def _document(body: bytes) -> bytes | None:
    _, found, rest = body.partition(b"xmlin=")
    document = rest.rpartition(b"&")[0] if found else b""
    # An empty field with others behind it is no document either.
    return None if not document or document.lstrip().startswith(b"&") else document


def scan(body: bytes) -> Form:
    """Return the fields of a POST body or a query string.

    Raises:
        FormatError: it cannot be decoded.
    """
    data = decode_body(body)
    size = plain_number(_scanned(data, b"xmlout", LONG))
    document = _document(data)
    return Form(
        db2=_scanned(data, b"db2", SHORT),
        uid=_scanned(data, b"uid", SHORT) or "*NONE",
        pwd=_scanned(data, b"pwd", LONG),
        ipc=_scanned(data, b"ipc", LONG),
        ctl=_scanned(data, b"ctl", LONG),
        xmlin=document,
        xmlout=DEFAULT_XMLOUT if size is None else max(1, min(size, MAX_XMLOUT)),
        persis=_scanned(data, b"persis", SHORT),
    )
