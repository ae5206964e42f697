"""ODBC connection strings: names and values put together so that no value becomes a keyword. Pure.

Source: ODBC documentation, SQLDriverConnect: a value with one of ``[]{}(),;?*=!@``, or with a
blank at either end, stands in braces, where ``}`` is doubled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_SPECIAL = re.compile(r"[\[\]{}(),;?*=!@]|^\s|\s$")
_PAIR = re.compile(r"\s*([^=;]+?)\s*=\s*(\{(?:[^}]|\}\})*\}|[^;]*)\s*(?:;|$)")
_SECRETS = frozenset({"PWD", "PASSWORD"})


def quoted(value: str) -> str:
    """Return a value as it may stand in a connection string."""
    if _SPECIAL.search(value) is None:
        return value
    return "{" + value.replace("}", "}}") + "}"


def connection_string(source: str, values: Mapping[str, str]) -> str:
    """Return a connection string.

    Args:
        source: a data source's name, or a connection string of its own.
        values: more keywords; one that the source gives already is left as it is there.
    """
    given = dict(keywords(source)) if "=" in source else {"DSN": source}
    base = source.rstrip("; ") if "=" in source else f"DSN={quoted(source)}"
    more = [f"{name}={quoted(value)}" for name, value in values.items() if name not in given]
    return ";".join([base, *more])


def keywords(text: str) -> Iterator[tuple[str, str]]:
    """Yield the keywords of a connection string, in upper case, with their plain values."""
    for match in _PAIR.finditer(text):
        value = match[2]
        if value.startswith("{"):
            value = value[1:-1].replace("}}", "}")
        yield match[1].upper(), value


def secrets_of(text: str) -> list[str]:
    """Return the passwords that a connection string holds."""
    return [value for name, value in keywords(text) if name in _SECRETS and value]
