"""What SQLite would take and Db2 for i refuses: found in the tokens of a statement, before it runs.

Each check refuses only what is certainly not Db2's; what else is wrong is left to the translation.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache

from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.tokens import Kind, Token, matching, split

#: Built into SQLite and known to Db2 for i with the same meaning.
_SHARED = frozenset(
    {
        *("ABS", "ACOS", "ASIN", "ATAN", "ATAN2", "AVG", "CEIL", "CEILING", "COALESCE", "COS"),
        *("COSH", "COUNT", "CUME_DIST", "DEGREES", "DENSE_RANK", "EXP", "FIRST_VALUE", "FLOOR"),
        *("IFNULL", "INSTR", "JSON_ARRAY", "JSON_OBJECT", "LAG", "LAST_VALUE", "LEAD", "LENGTH"),
        *("LN", "LOG10", "LOWER", "LTRIM", "MAX", "MIN", "MOD", "NTH_VALUE", "NTILE", "NULLIF"),
        *("PERCENT_RANK", "POWER", "RADIANS", "RANK", "REPLACE", "ROUND", "ROW_NUMBER", "RTRIM"),
        *("SIGN", "SIN", "SINH", "SOUNDEX", "SQRT", "SUBSTR", "SUBSTRING", "SUM", "TAN", "TANH"),
        *("TRIM", "TRUNC", "UPPER", "HEX", "CHAR", "DATE", "TIME", "LIKE"),
    }
)
#: Operators of SQLite that stand behind an operand.
_OPERATORS = frozenset({"GLOB", "REGEXP", "MATCH", "ISNULL", "NOTNULL"})
#: What a name with a list in parentheses follows where it is no function.
_NAMES_A_TABLE = frozenset(
    {"INTO", "TABLE", "VIEW", "INDEX", "ON", "REFERENCES", "AS", "WITH", "PROCEDURE", "CALL"}
)
_AGGREGATES = frozenset({"COUNT", "COUNT_BIG", "SUM", "AVG", "MIN", "MAX", "LISTAGG"})
_SETS = frozenset({"UNION", "EXCEPT", "INTERSECT"})
_AFTER_GROUPS = _SETS | {"HAVING", "ORDER", "FETCH", "LIMIT", "OFFSET", "FOR", "WITH", "OPTIMIZE"}
_REGISTERS = frozenset({"USER", "SESSION_USER", "SYSTEM_USER", "CURRENT_DATE", "CURRENT_TIME"})


@cache
def _foreign() -> frozenset[str]:
    """Names of the functions that SQLite has and Db2 for i has not."""
    connection = sqlite3.connect(":memory:")
    try:
        found = connection.execute("SELECT name FROM pragma_function_list").fetchall()
    finally:
        connection.close()
    return frozenset(str(name).upper() for (name,) in found) - _SHARED


def refuse_foreign(tokens: Sequence[Token], known: frozenset[str]) -> None:
    """Refuse what is SQLite's own.

    Args:
        tokens: one statement as it was written.
        known: functions of Db2 for i that this system adds.

    Raises:
        SqlFailedError: -104 for syntax, -204 for a function, -122 for a column without GROUP BY.
    """
    words = [t.word for t in tokens[:2]]
    if words in (["INSERT", "OR"], ["UPDATE", "OR"]):
        raise failed(-104, "42601", "OR")
    is_body = "PROCEDURE" in [t.word for t in tokens[:5]]
    for at, token in enumerate(tokens):
        if token.is_(";") and not is_body:
            raise failed(-104, "42601", ";")
        if token.kind is Kind.NAME:
            _refuse_word(tokens, at)
            if _follows(tokens, at).is_("(") and token.word in _foreign() - known:
                _refuse_function(tokens, at)
    _refuse_queries_without_from(tokens)
    for query in _queries(list(tokens)):
        _refuse_ungrouped(query)


def _follows(tokens: Sequence[Token], at: int) -> Token:
    return tokens[at + 1] if at + 1 < len(tokens) else Token(Kind.MADE, "")


def _refuse_word(tokens: Sequence[Token], at: int) -> None:
    word, follows = tokens[at].word, _follows(tokens, at)
    ends = follows.text in ("", "(", ")", ",", ".") or follows.word in ("FROM", "AS")
    behind = word in _OPERATORS and at > 0 and _is_operand(tokens[at - 1])
    if behind and (not ends or (word.endswith("NULL") and follows.text in ("", ")"))):
        raise failed(-104, "42601", word)
    if word == "RETURNING" and tokens[0].word in ("INSERT", "UPDATE", "DELETE") and not ends:
        raise failed(-104, "42601", word)
    if word == "CONFLICT" and at and tokens[at - 1].word == "ON":
        raise failed(-104, "42601", word)
    if word == "INDEXED" and follows.word == "BY":
        raise failed(-104, "42601", word)


def _is_operand(token: Token) -> bool:
    if token.kind is Kind.NAME:
        return token.word not in ("SELECT", "AS", "WHERE", "AND", "OR", "NOT", "BY", "ON", "SET")
    return token.kind is not Kind.OPERATOR or token.is_(")")


def _refuse_function(tokens: Sequence[Token], at: int) -> None:
    name, before = tokens[at].word, at - 1
    while before > 0 and (tokens[before].is_(".") or tokens[before].is_("/")):
        before -= 2
    if before < 0 or tokens[before].word not in _NAMES_A_TABLE:
        raise failed(-204, "42704", name, "*LIBL", "N")


def _refuse_queries_without_from(tokens: Sequence[Token]) -> None:
    """Every SELECT has a FROM clause; SYSIBM.SYSDUMMY1 is there for what needs no table."""
    open_selects = [False]
    for token in tokens:
        if token.is_("("):
            open_selects.append(False)
        elif token.is_(")") or token.is_(";") or token.word in _SETS:
            if open_selects[-1]:
                raise failed(-104, "42601", token.text)
            if token.is_(")") and len(open_selects) > 1:
                open_selects.pop()
        elif token.word in ("SELECT", "FROM"):
            open_selects[-1] = token.word == "SELECT"
    if open_selects[-1]:
        raise failed(-104, "42601", "END-OF-STATEMENT")


def _queries(tokens: list[Token]) -> Iterator[list[Token]]:
    """Every query of a statement, from behind its SELECT to its end, nested ones in it."""
    for at, token in enumerate(tokens):
        if token.word != "SELECT":
            continue
        depth, end = 0, at + 1
        while end < len(tokens) and not (depth == 0 and tokens[end].word in _SETS):
            depth += tokens[end].is_("(") - tokens[end].is_(")")
            if depth < 0 or tokens[end].is_(";"):
                break
            end += 1
        yield tokens[at + 1 : end]


def _refuse_ungrouped(query: list[Token]) -> None:
    """A column beside an aggregate function is one of GROUP BY (-122)."""
    words = _top_words(query)
    if "FROM" not in words:
        return
    items = split(query[: words.index("FROM")])
    if not any(_is_aggregate(item) for item in items) and "GROUP" not in words:
        return
    groups: list[list[Token]] = []
    if "GROUP" in words:
        start = words.index("GROUP") + 2
        ends = (at for at in range(start, len(words)) if words[at] in _AFTER_GROUPS)
        groups = split(query[start : next(ends, len(words))])
        if any(_follows_list(group) for group in groups):
            return
    allowed = {group[-1].text for group in groups if group}
    for item in items:
        column = _plain_column(item)
        if column is not None and column not in allowed:
            raise failed(-122, "42803", column)


def _top_words(tokens: list[Token]) -> list[str]:
    """Return the word of each token, empty inside parentheses."""
    words, depth = [], 0
    for token in tokens:
        depth += token.is_("(") - token.is_(")")
        words.append("" if depth else token.word)
    return words


def _follows_list(group: list[Token]) -> bool:
    """Whether GROUP BY has ROLLUP, CUBE or an expression: columns are then not compared."""
    return any(token.is_("(") for token in group)


def _is_aggregate(item: list[Token]) -> bool:
    if len(item) < 4 or item[0].word not in _AGGREGATES or not item[1].is_("("):
        return False
    end = matching(item, 1)
    if item[0].word in ("MIN", "MAX") and len(split(item[2:end])) > 1:
        return False
    return end + 1 >= len(item) or item[end + 1].word != "OVER"


def _plain_column(item: list[Token]) -> str | None:
    """Return the column that an item of the select list is, without its qualifiers."""
    if len(item) > 2 and item[-2].word == "AS":
        item = item[:-2]
    is_name = len(item) in (1, 3) and item[-1].is_name and item[-1].word not in _REGISTERS
    if not is_name or (len(item) == 3 and not item[1].is_(".")):
        return None
    return None if item[-1].word == "NULL" else item[-1].text
