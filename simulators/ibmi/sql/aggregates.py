"""The types of SUM, AVG, MIN and MAX over a column, which follow from the column's.

Source: IBM documentation, SQL reference for Db2 for i, aggregate functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulators.ibmi.sql.tokens import Kind, Token, made, matching, split
from simulators.ibmi.sql.types import DECIMALS, INTEGERS, SqlType

_FUNCTIONS = frozenset({"SUM", "AVG", "MIN", "MAX"})
_SETS = frozenset({"UNION", "EXCEPT", "INTERSECT"})
_ENDS = frozenset({"GROUP", "HAVING", "ORDER", "FETCH", "LIMIT", "OFFSET", "FOR", "OPTIMIZE"})
#: Digits of the longest decimal number.
_DIGITS = 31


def columns_below(tokens: list[Token]) -> tuple[list[Token], list[str]] | None:
    """Return a query of the columns that aggregate functions of the select list are over.

    Returns:
        Its tokens, and for each item the function's name, empty for another item; None where no
        item is such a function, or items cannot be told by place.
    """
    if not tokens or tokens[0].word != "SELECT":
        return None
    depth, words = 0, []
    for token in tokens:
        depth += token.is_("(") - token.is_(")")
        words.append("" if depth else token.word)
    if "FROM" not in words or _SETS & set(words):
        return None
    start = 1 + (words[1] in ("DISTINCT", "ALL"))
    end = next((at for at, word in enumerate(words) if word in _ENDS), len(tokens))
    found = [_column(item) for item in split(tokens[start : words.index("FROM")])]
    if not any(name for name, _ in found) or any(column[-1].is_("*") for _, column in found):
        return None
    items: list[Token] = []
    for place, (_, column) in enumerate(found):
        items += [made(","), *column] if place else column
        items += [Token(Kind.NAME, "AS"), Token(Kind.DELIMITED, f"C{place}")]
    return [*tokens[:start], *items, *tokens[words.index("FROM") : end]], [n for n, _ in found]


def _column(item: list[Token]) -> tuple[str, list[Token]]:
    """Return function and column of an item, or no function and a constant in its place."""
    if len(item) > 3 and item[0].word in _FUNCTIONS and item[1].is_("("):
        inside = item[2 : matching(item, 1)]
        behind = item[len(inside) + 3 :]
        is_name = len(inside) in (1, 3) and inside[-1].is_name
        if is_name and (not behind or behind[0].word == "AS" or len(behind) == 1):
            return item[0].word, inside
    if any(token.is_("*") for token in item[-1:]):
        return "", item
    return "", [Token(Kind.NUMBER, "0")]


def typed(function: str, column: SqlType | None) -> SqlType | None:
    """Return the type of a function over a column; None where only the values tell."""
    if column is None or function in ("MIN", "MAX"):
        return column
    if column.name in INTEGERS:
        return SqlType("BIGINT", 19) if column.name == "BIGINT" else SqlType("INTEGER", 10)
    if column.name in DECIMALS:
        # Db2's AVG has 31 digits; a number here has 15, which are shown as they are.
        return SqlType("DECIMAL", _DIGITS, column.scale) if function == "SUM" else None
    return SqlType("DOUBLE", 53) if column.name in ("DOUBLE", "REAL") else None


def merged(
    types: Sequence[SqlType | None], functions: Sequence[str], columns: Sequence[SqlType | None]
) -> list[SqlType | None]:
    """Return types with those of the functions put in, place by place."""
    if not len(types) == len(functions) == len(columns):
        return list(types)
    return [
        typed(function, column) if function else known
        for known, function, column in zip(types, functions, columns, strict=True)
    ]
