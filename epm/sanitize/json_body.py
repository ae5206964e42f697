"""JSON bodies: their string leaves, and the same body with some of them nulled.

Duplicate members are kept: which of them an application takes is its own affair. Numbers stay
text, so that none is read and a rewritten body holds them as they were sent.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from json.encoder import encode_basestring_ascii
from typing import Any

from epm.sanitize.faults import BodyError
from epm.sanitize.request import Leaf, Limits, attribute

_DICT, _LIST = "builtins.dict", "builtins.list"


class _Object(list[tuple[str, Any]]):
    """An object as its members in order."""


class _Number(str):
    """A number or constant as it was sent."""

    __slots__ = ()


def leaves(body: bytes, limits: Limits) -> Iterator[Leaf]:
    """Yield the string leaves in the order they stand.

    An item of an array bears the name of the member that holds the array.

    Raises:
        BodyError: not JSON, or deeper than the limit.
    """
    found = [leaf for leaf, _ in _walk(_parse(body), limits)]
    if len(found) > limits.leaves:
        raise BodyError("a JSON body has more strings than are read")
    return iter(found)


def nulled(body: bytes, blocked: Collection[int], limits: Limits) -> bytes:
    """Return the body with the leaves at the indexes ``blocked`` replaced by null.

    Raises:
        BodyError: as :func:`leaves`.
    """
    tree = [_parse(body)]
    for index, (_, (holder, at)) in enumerate(_walk(tree[0], limits, tree)):
        if index in blocked:
            member = holder[at]
            holder[at] = (member[0], None) if isinstance(holder, _Object) else None
    return "".join(_written(tree[0])).encode("ascii")


def _parse(body: bytes) -> Any:
    try:
        text = body.decode(json.detect_encoding(body))
        return json.loads(
            text,
            object_pairs_hook=_Object,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_Number,
        )
    except RecursionError:
        raise BodyError("a JSON body is nested too deeply") from None
    except (ValueError, LookupError):
        raise BodyError("a body is not JSON") from None


_Place = tuple[list[Any], int]


def _walk(tree: Any, limits: Limits, top: list[Any] | None = None) -> Iterator[tuple[Leaf, _Place]]:
    """Yield (leaf, where it stands) in document order, without recursion.

    Raises:
        BodyError: deeper than the limit.
    """
    top = [tree] if top is None else top
    # name, dotted path, class and depth of what holds the values that the iterator gives
    stack: list[tuple[Iterator[tuple[int, Any]], list[Any], str, str, int]] = [
        (iter([(0, tree)]), top, "", "", 0)
    ]
    while stack:
        values, holder, name, path, depth = stack[-1]
        step = next(values, None)
        if step is None:
            stack.pop()
            continue
        at, value = step
        if isinstance(holder, _Object):
            name, value = value
            path = f"{path}.{name}" if path else name
            if limits.check_keys:
                yield Leaf(attribute("MAP_KEY", name), name, name, _DICT, path), ([None], 0)
        if isinstance(value, list):
            if depth >= limits.depth:
                raise BodyError("a JSON body is nested too deeply")
            stack.append((iter(enumerate(value)), value, name, path, depth + 1))
        elif isinstance(value, str) and not isinstance(value, _Number):
            yield _leaf(holder, name, path, value), (holder, at)


def _leaf(holder: list[Any], name: str, path: str, value: str) -> Leaf:
    place = attribute("MAP_KEY", name) if path or name else "BODY"
    kind = _DICT if isinstance(holder, _Object) else _LIST
    return Leaf(place, name or "BODY", value, kind, path or name or "BODY")


def _written(value: Any) -> Iterator[str]:
    """Yield JSON text. INVARIANT: no deeper than the limit that :func:`_walk` has held."""
    if isinstance(value, _Object):
        yield "{"
        for number, (name, member) in enumerate(value):
            yield f"{',' if number else ''}{encode_basestring_ascii(name)}:"
            yield from _written(member)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for number, item in enumerate(value):
            if number:
                yield ","
            yield from _written(item)
        yield "]"
    elif isinstance(value, _Number):
        yield str(value)
    else:
        yield encode_basestring_ascii(value) if isinstance(value, str) else json.dumps(value)
