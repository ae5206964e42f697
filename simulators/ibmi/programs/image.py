"""Storage images of structures, written with the type words of XMLSERVICE."""

from __future__ import annotations

from functools import cache

from simulators.xmlservice.datatypes import DataType, parse_type


@cache
def _type(word: str) -> DataType:
    return parse_type({"type": word})


def image(*fields: tuple[str, object]) -> bytes:
    """Return the storage of a structure: each field's type (``10a``, ``12p2``) and its value.

    Raises:
        FormatError: a type is not known or a value is none of it.
    """
    return b"".join(_type(word).encode(str(value)) for word, value in fields)


def size_of(*words: str) -> int:
    """Return the bytes that fields of these types take.

    Raises:
        FormatError: a type is not known.
    """
    return sum(_type(word).size for word in words)
