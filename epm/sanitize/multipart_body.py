"""Multipart form bodies: the fields' values, and the names of uploaded files.

What a file holds is not a parameter, and stays with the application; its name is one, and is
what a path traversal comes in.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from binascii import a2b_qp
from collections.abc import Iterator
from urllib.parse import unquote

from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from epm.sanitize.faults import BodyError
from epm.sanitize.request import Leaf, Limits, attribute

_BOUNDARY = re.compile(r";\s*boundary\s*=", re.IGNORECASE)
#: A file's name with its character set and language (RFC 5987): ``filename*=utf-8''x``.
_EXTENDED = re.compile(r";\s*filename\*\s*=\s*\"?(?:[\w-]*'[^';]*')?([^;\"]*)", re.IGNORECASE)
_CODING = "Content-Transfer-Encoding"
_PLAIN_CODINGS = ("", "7bit", "8bit", "binary")
_FIELD, _FILE = "multipart.MultipartPart", "multipart.MultipartPart.filename"


def leaves(body: bytes, content_type: str, limits: Limits) -> Iterator[Leaf]:
    """Yield the payloads in the order they stand.

    Args:
        body: the whole body.
        content_type: the header's value; its parameter ``boundary`` divides the parts.
        limits: of fields and header lines.

    Raises:
        BodyError: not multipart, cut off, or beyond a limit.
    """
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    if not boundary or not boundary.isascii() or len(_BOUNDARY.findall(content_type)) > 1:
        raise BodyError("a multipart body without boundary, or with several")
    try:
        return iter(list(_parts(body, boundary, limits)))
    except (MultipartError, UnicodeDecodeError, ValueError):
        raise BodyError("a body is not multipart, or beyond a limit") from None


def _parts(body: bytes, boundary: str, limits: Limits) -> Iterator[Leaf]:
    name, is_file, coding, value = "", False, "", bytearray()
    with PushMultipartParser(
        boundary,
        content_length=len(body),
        max_header_size=limits.header,
        max_segment_count=limits.leaves,
    ) as parser:
        for part in parser.parse(body):
            if part is None:
                if not is_file:
                    yield from (_leaf(name, text, _FIELD) for text in _readings(value, coding))
                value.clear()
            elif isinstance(part, (bytes, bytearray)):
                if not is_file:
                    value += part
            else:
                name, coding = part.name or "", (part.header(_CODING) or "").lower()
                # Who does not know ``filename*`` takes such a part for a field: it is both.
                is_file = part.filename is not None
                yield from (_leaf(name, given, _FILE) for given in _file_names(part) if given)


def _file_names(part: MultipartSegment) -> Iterator[str]:
    """Yield each name that a part gives its file; a reader may take either."""
    if part.filename is not None:
        yield part.filename
    for given in _EXTENDED.findall(part.header("Content-Disposition") or ""):
        yield unquote(given)


def _readings(value: bytearray, coding: str) -> Iterator[str]:
    """Yield a field's text as it came and, where it differs, without its transfer coding.

    Some readers undo a coding and some do not know that there are any.
    """
    text = value.decode()
    yield text
    if coding in _PLAIN_CODINGS:
        return
    if coding == "base64":
        try:
            decoded = b64decode(value)
        except Base64Error:
            return  # who undoes it takes the text as it came
    elif coding == "quoted-printable":
        decoded = a2b_qp(value)
    else:
        raise BodyError("a part in an unknown transfer coding")
    if decoded != value:
        yield decoded.decode("utf-8", "replace")


def _leaf(name: str, payload: str, class_name: str) -> Leaf:
    return Leaf(attribute("PARAMETER", name), name, payload, class_name, name)
