"""The names and types of a query's columns, from its text."""

from __future__ import annotations

import re

from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.tokens import Kind, Token, made, matching, split
from simulators.ibmi.sql.types import SqlType, declared

#: What ends the rows of VALUES at its own depth.
_AFTER_VALUES = frozenset({"UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT", "FETCH", "OFFSET"})
#: The name that an expression gets until its place is known.
_UNNAMED = "\u00a4"
_OPEN, _CLOSE = Token(Kind.OPERATOR, "("), Token(Kind.OPERATOR, ")")
_CAST = re.compile(r"DB2_(?:CAST|INTERPRET)\(.*, '([A-Z ]+)', (\d+), (\d+)\)", re.DOTALL)
_WHOLE = re.compile(r"(?:COUNT|LENGTH|LOCATE|DAYS|YEAR|MONTH|DAY|ROW_NUMBER)\s*\(", re.IGNORECASE)
_MADE_TYPES = {
    "DB2_NOW()": SqlType("TIMESTAMP", 26, 6),
    "DB2_TODAY()": SqlType("DATE", 10),
    "DB2_TIME()": SqlType("TIME", 8),
    "DB2_USER()": SqlType("VARCHAR", 18),
    "DB2_SCHEMA()": SqlType("VARCHAR", 128),
    "DB2_SERVER()": SqlType("VARCHAR", 18),
}


def values_query(tokens: list[Token]) -> list[Token]:
    """Return ``VALUES a, b`` as rows of SQLite; each element is a row, or a list in parentheses."""
    end, depth = 1, 0
    while end < len(tokens) and (depth or tokens[end].word not in _AFTER_VALUES):
        depth += tokens[end].is_("(") - tokens[end].is_(")")
        end += 1
    rows: list[Token] = [tokens[0]]
    for place, part in enumerate(split(tokens[1:end])):
        if not part:
            raise failed(-104, "42601", ",")
        if place:
            rows.append(made(","))
        enclosed = part[0].is_("(") and matching(part, 0) == len(part) - 1
        if enclosed and len(part) > 1 and part[1].word in ("SELECT", "WITH", "VALUES"):
            enclosed = False  # a query in parentheses is one element
        rows += part if enclosed else [_OPEN, *part, _CLOSE]
    return [*rows, *tokens[end:]]


def row_types(tokens: list[Token]) -> list[SqlType | None]:
    """Return the types of ``VALUES (...)`` with one row; nothing for more rows or other text."""
    if len(tokens) < 3 or tokens[0].word != "VALUES" or matching(tokens, 1) != len(tokens) - 1:
        return []
    return [_type_of(part) for part in split(tokens[2:-1])]


def name_items(tokens: list[Token]) -> tuple[list[Token], list[SqlType | None]]:
    """Give each unnamed expression of the outermost select list a mark for a name.

    Returns:
        The tokens, and the type of each item as far as its text tells; an item ``*`` has none
        and ends what is known by place.
    """
    start = _outermost_select(tokens)
    if start is None:
        return tokens, []
    end, depth = start, 0
    while end < len(tokens):
        depth += tokens[end].is_("(") - tokens[end].is_(")")
        if depth < 0 or (depth == 0 and tokens[end].word in ("FROM", "UNION", "LIMIT", "WHERE")):
            break
        end += 1
    items = split(tokens[start:end])
    out = tokens[:start]
    for place, item in enumerate(items):
        if place:
            out.append(made(","))
        out += item
        if item and not _is_named(item):
            out += [made("AS"), Token(Kind.DELIMITED, _UNNAMED)]
    return [*out, *tokens[end:]], [_type_of(item) for item in items]


def column_name(name: str, place: int) -> str:
    """Return the name of a result column: its own, or its number in five digits."""
    return f"{place:05d}" if name.startswith((_UNNAMED, "column")) else name


def probed(text: str, hint: SqlType | None) -> SqlType | None:
    """Return a column's type: as declared where SQLite knows it, else what its text told."""
    return (declared(text) if text else None) or hint


def _outermost_select(tokens: list[Token]) -> int | None:
    depth = 0
    for index, token in enumerate(tokens):
        depth += token.is_("(") - token.is_(")")
        if depth == 0 and token.word == "SELECT":
            follows = tokens[index + 1].word if index + 1 < len(tokens) else ""
            return index + 1 + (follows in ("DISTINCT", "ALL"))
    return None


def _is_named(item: list[Token]) -> bool:
    last, before = item[-1], item[-2] if len(item) > 1 else None
    if last.is_("*"):
        return before is None or before.is_(".")
    if not last.is_name:
        return False
    if before is None or before.is_(".") or before.word == "AS":
        return True
    # ``a b`` names the expression a; after an operator a name is part of the expression.
    return (last.word != "END" and before.kind is not Kind.OPERATOR) or before.is_(")")


def _type_of(item: list[Token]) -> SqlType | None:
    if len(item) > 2 and item[-2].word == "AS":
        item = item[:-2]
    elif len(item) > 1 and item[-1].is_name and item[-2].kind is not Kind.OPERATOR:
        item = item[:-1]
    if len(item) == 1:
        token = item[0]
        if token.kind is Kind.STRING:
            return SqlType("VARCHAR", max(len(token.text), 1))
        if token.kind is Kind.MADE:
            if token.text in _MADE_TYPES:
                return _MADE_TYPES[token.text]
            if token.text.startswith("DB2_ADD("):
                return SqlType("TIMESTAMP", 26, 6)
            found = _CAST.fullmatch(token.text)
            if found is not None:
                return SqlType(found[1], int(found[2]), int(found[3]))
    head = item[0].text + "(" if len(item) > 1 and item[1].is_("(") else ""
    return SqlType("INTEGER", 10) if _WHOLE.fullmatch(head) and item[-1].is_(")") else None
