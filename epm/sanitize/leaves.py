"""The payload leaves of a request: query, form, multipart, JSON, XML, or the body as it is.

A body that is not what its content type says, or is beyond a limit, is a leaf itself, named
``BODY``: judged as text, and never better than UNDETERMINED. Nothing here raises for what a
client sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from urllib.parse import unquote_plus

from epm.sanitize import json_body, multipart_body, xml_body
from epm.sanitize.charsets import UTF8, charset_of
from epm.sanitize.faults import BodyError
from epm.sanitize.request import Leaf, Limits, Request, attribute

#: Characters of a body that cannot be read that are kept as its payload.
DOUBTFUL_SIZE = 1 << 16
_PARAMETERS = "urllib.parse.parse_qsl"
_PLAIN_NAME = re.compile(r"[\w.\[\]-]*")
_JSON = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?json|[\w.-]+/[\w.-]+\+json")
_XML = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?xml|[\w.-]+/[\w.-]+\+xml")
#: How JSON and XML begin, and no form: a browser encodes these signs.
_OTHER = tuple("{[<")
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def media_type(content_type: str | None) -> str:
    """Return the type of a content type header, in lower case and without parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def is_json(content_type: str | None) -> bool:
    """Whether a content type header names JSON."""
    return _JSON.fullmatch(media_type(content_type)) is not None


def leaves(request: Request, limits: Limits) -> tuple[Leaf, ...]:
    """Return every payload leaf of a request, in the order they stand: query, then body."""
    found = list(islice(_all(request, limits), limits.leaves + 1))
    if len(found) > limits.leaves:
        found[-1] = _doubtful("", "more payloads than are read")
    return tuple(found)


def _all(request: Request, limits: Limits) -> Iterator[Leaf]:
    charset = charset_of(request.content_type) or UTF8
    yield from parameters(request.query, limits, charset)
    if not request.body:
        return
    if request.truncated or request.encoded or len(request.body) > limits.body:
        yield _unread(request.body, charset)
        return
    try:
        yield from _body(request, limits)
    except BodyError:
        yield _unread(request.body, charset)


def parameters(text: str, limits: Limits, charset: str = UTF8) -> Iterator[Leaf]:
    """Yield the leaves of ``a=1&b=2``, duplicates and blank values included.

    ``charset`` is the codec of what is percent-encoded.

    A part without ``=`` is a parameter without value; where it is no plain name, somebody may
    print it, and it is its own payload.
    """
    for number, part in enumerate(text.split("&", limits.leaves + 1)):
        if not part or number > limits.leaves:
            continue
        raw_name, equals, raw_value = part.partition("=")
        name = _unquoted(raw_name, charset)
        if not equals and _PLAIN_NAME.fullmatch(name) is None:
            raw_value = raw_name
        for raw in (raw_name, raw_value) if limits.check_keys else (raw_value,):
            yield _parameter(name, raw, charset)


def _parameter(name: str, raw: str, charset: str) -> Leaf:
    value = _unquoted(raw, charset)
    plain = value if charset == UTF8 else _unquoted(raw, UTF8)
    others = () if plain == value else (plain,)
    return Leaf(attribute("PARAMETER", name), name, value, _PARAMETERS, name, others=others)


def _unquoted(text: str, charset: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    if charset != UTF8:
        return unquote_plus(text, charset, "replace")
    # Bytes that are no UTF-8 stay apart as surrogates: nothing is lost or taken for another.
    return unquote_plus(text, errors="surrogateescape")


def _body(request: Request, limits: Limits) -> Iterator[Leaf]:
    """Yield the body's leaves, whole or not at all: half a reading is none.

    Raises:
        BodyError: the body is not what its content type says, or beyond a limit.
    """
    kind = media_type(request.content_type)
    body = request.body
    if kind == FORM:
        yield from _form(body, charset_of(request.content_type), limits)
    elif kind == MULTIPART:
        yield from multipart_body.leaves(body, request.content_type or "", limits)
    elif _JSON.fullmatch(kind) is not None:
        yield from json_body.leaves(body, limits)
    elif _XML.fullmatch(kind) is not None:
        yield from xml_body.leaves(body, limits)
    else:
        text = _strict(body, charset_of(request.content_type))
        plain = body.decode("utf-8", "replace")
        others = () if plain == text else (plain,)
        yield Leaf("BODY", "BODY", text, "builtins.bytes", "BODY", others=others)


def _form(body: bytes, charset: str | None, limits: Limits) -> Iterator[Leaf]:
    # Where what is percent-encoded alone is in the set, the rest of a form is ASCII.
    coded = charset not in (None, "utf-7") and body.isascii() and b"\0" not in body
    text = _strict(body, UTF8 if coded else charset).strip("\r\n")
    if text.lstrip()[:1] in _OTHER:
        raise BodyError("a body is not a form")
    if text.count("&") >= limits.leaves:
        raise BodyError("a form has more fields than are read")
    found = parameters(text, limits, charset or UTF8)
    return found if coded or charset == UTF8 else _with_plain(found, body, limits)


def _with_plain(found: Iterator[Leaf], body: bytes, limits: Limits) -> Iterator[Leaf]:
    """Yield the leaves; the first bears what all are to whoever reads the form as UTF-8."""
    text = body.decode("utf-8", "replace")
    plain = tuple(leaf.payload for leaf in parameters(text, limits))
    for leaf in islice(found, 1):
        yield replace(leaf, others=(*leaf.others, *plain))
    yield from found


def _strict(body: bytes, charset: str | None) -> str:
    if charset is None:
        raise BodyError("a body in an unknown character set")
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        raise BodyError("a body is not in its character set") from None


def _readable(body: bytes) -> str:
    return body[:DOUBTFUL_SIZE].decode("utf-8", "replace")


def _unread(body: bytes, charset: str) -> Leaf:
    """Return a body that was not read as what it says it is."""
    leaf = _doubtful(_readable(body))
    if charset == UTF8:
        return leaf
    return replace(leaf, others=(body[:DOUBTFUL_SIZE].decode(charset, "replace"),))


def _doubtful(payload: str, what: str = "") -> Leaf:
    return Leaf("BODY", "BODY", payload or what, "builtins.bytes", "BODY", doubtful=True)
