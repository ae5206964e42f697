"""ORDER BY: nulls sort as the highest values in Db2 for i; SQLite has them lowest."""

from __future__ import annotations

from simulators.ibmi.sql.tokens import Kind, Token

_ENDS = frozenset({"FETCH", "LIMIT", "OFFSET", "FOR", "OPTIMIZE", "WITH", "ROWS", "RANGE"})


def nulls_highest(tokens: list[Token]) -> list[Token]:
    """Return the tokens with NULLS LAST or NULLS FIRST behind each sort key that says neither."""
    out: list[Token] = []
    keys = [False]  # for each depth, whether the keys of ORDER BY are read
    for at, token in enumerate(tokens):
        ends = token.word in _ENDS or token.is_(")") or token.is_(",")
        if keys[-1] and ends:
            _close(out)
            keys[-1] = token.is_(",")
        if token.is_("("):
            keys.append(False)
        elif token.is_(")") and len(keys) > 1:
            keys.pop()
        elif token.word == "BY" and at and tokens[at - 1].word == "ORDER":
            keys[-1] = True
        out.append(token)
    if keys[-1]:
        _close(out)
    return out


def _close(out: list[Token]) -> None:
    """End one sort key."""
    if out[-1].word in ("FIRST", "LAST") and len(out) > 1 and out[-2].word == "NULLS":
        return
    place = "FIRST" if out[-1].word == "DESC" else "LAST"
    out += [Token(Kind.NAME, "NULLS"), Token(Kind.NAME, place)]
