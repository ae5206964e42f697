"""A request without its blocked payloads: protect by null instead of refusal.

What a null is differs by where it stands: a member of JSON becomes ``null``, a parameter of a
query or form is gone, which is what an application's look-up takes for none. Other bodies have
no null, and a request that needs one there is refused instead.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from epm.sanitize import json_body
from epm.sanitize.charsets import UTF8, charset_of
from epm.sanitize.faults import BodyError
from epm.sanitize.leaves import FORM, is_json, media_type, parameters
from epm.sanitize.request import Limits, Request


def without(request: Request, blocked: Collection[int], limits: Limits) -> Request | None:
    """Return the request without the leaves at the indexes ``blocked``.

    Args:
        request: as it was decided.
        blocked: indexes among its leaves.
        limits: those that it was decided by.

    Returns:
        ``None`` where a blocked payload stands in a body that has no null.
    """
    if limits.check_keys:
        return None  # a name cannot be null
    in_query = sum(1 for _ in parameters(request.query, limits))
    query = _kept(request.query, frozenset(i for i in blocked if i < in_query))
    in_body = frozenset(i - in_query for i in blocked if i >= in_query)
    if not in_body:
        return replace(request, query=query)
    body = _body(request, in_body, limits)
    return None if body is None else replace(request, query=query, body=body)


def _body(request: Request, blocked: frozenset[int], limits: Limits) -> bytes | None:
    if request.truncated or request.encoded or len(request.body) > limits.body:
        return None
    if is_json(request.content_type):
        try:
            return json_body.nulled(request.body, blocked, limits)
        except BodyError:
            return None
    if media_type(request.content_type) == FORM and charset_of(request.content_type) == UTF8:
        try:
            return _kept(request.body.decode().strip("\r\n"), blocked).encode()
        except UnicodeDecodeError:
            return None
    return None


def _kept(text: str, blocked: frozenset[int]) -> str:
    """Return the parameters that are not blocked, as they were sent."""
    if not blocked:
        return text
    parts = [part for part in text.split("&") if part]
    return "&".join(part for index, part in enumerate(parts) if index not in blocked)
