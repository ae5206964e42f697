"""Nested VALUES and derived tables with column names, which SQLite writes in another way."""

from __future__ import annotations

from simulators.ibmi.sql.selects import values_query
from simulators.ibmi.sql.tokens import Kind, Token, made, matching


def derived(tokens: list[Token]) -> list[Token]:
    """Return the tokens with ``(query) AS T(A, B)`` as ``(WITH T(A, B) AS (query) ...) AS T``."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        follows = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if not token.is_("(") or follows not in ("VALUES", "SELECT", "WITH"):
            out.append(token)
            at += 1
            continue
        end = matching(tokens, at)
        inside = derived(tokens[at + 1 : end])
        if follows == "VALUES":
            inside = values_query(inside)
        named = _named(tokens, end + 1)
        if named is None:
            out += [token, *inside, tokens[end]]
            at = end + 1
        else:
            name, columns, at = named
            label = Token(Kind.DELIMITED, name)
            opening, closing = token, tokens[end]
            out += [opening, Token(Kind.NAME, "WITH"), label, *columns, Token(Kind.NAME, "AS")]
            out += [opening, *inside, closing, made("SELECT *"), Token(Kind.NAME, "FROM"), label]
            out += [closing, Token(Kind.NAME, "AS"), label]
    return out


def _named(tokens: list[Token], at: int) -> tuple[str, list[Token], int] | None:
    """Return correlation name, its column list and the index behind, where there is a list."""
    if at < len(tokens) and tokens[at].word == "AS":
        at += 1
    if at + 1 >= len(tokens) or not tokens[at].is_name or not tokens[at + 1].is_("("):
        return None
    end = matching(tokens, at + 1)
    return tokens[at].text, tokens[at + 1 : end + 1], end + 1
