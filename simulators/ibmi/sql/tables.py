"""Table references of a statement -> SQLite tables, by the rules of naming of Db2 for i."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.expressions import FROM_FUNCTIONS
from simulators.ibmi.sql.tokens import Kind, Token, made, matching


class Names(Protocol):
    """Finds what table references name."""

    def table(self, schema: str | None, name: str, right: str) -> str:
        """Return the SQLite name, quoted, of a table or view.

        Args:
            schema: as written; None for an unqualified name.
            name: the table's.
            right: what is to be done: ``*READ``, ``*ADD``, ``*UPD`` or ``*DLT``.

        Raises:
            SqlFailedError: -204 not found, -551 not authorized.
        """
        ...

    def function(self, schema: str | None, name: str, arguments: Sequence[Token]) -> str:
        """Return the SQLite name, quoted, of the rows of a table function.

        Raises:
            SqlFailedError: -440, there is none; or it failed.
        """
        ...


#: What ends a FROM clause at its own depth.
_ENDS = frozenset(
    {"WHERE", "GROUP", "ORDER", "HAVING", "UNION", "EXCEPT", "INTERSECT", "LIMIT", "SET", "VALUES"}
)
#: What follows a table reference and is no correlation name.
_NO_ALIAS = _ENDS | {
    *("ON", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "OUTER", "NATURAL", "USING"),
    *("SELECT", "FOR", "WITH", "FETCH", "OFFSET", "OPTIMIZE", "EXCEPTION", "OVERRIDING"),
}


def qualified_name(tokens: Sequence[Token], at: int) -> tuple[str | None, str, int]:
    """Read ``LIB/NAME``, ``LIB.NAME`` or ``NAME``; return schema, name and the index behind.

    Raises:
        SqlFailedError: -104, there is no name.
    """
    if at >= len(tokens) or not tokens[at].is_name:
        raise failed(-104, "42601", tokens[at].text if at < len(tokens) else "END-OF-STATEMENT")
    first = tokens[at].text
    dotted = at + 2 < len(tokens) and (tokens[at + 1].is_("/") or tokens[at + 1].is_("."))
    if dotted and tokens[at + 2].is_name:
        return first, tokens[at + 2].text, at + 3
    return None, first, at + 1


def resolve(tokens: list[Token], names: Names) -> list[Token]:
    """Return the tokens with every table reference as SQLite's.

    Raises:
        SqlFailedError: a name is not found or not well formed.
    """
    return _Pass(tokens, names).run()


class _Pass:
    """One pass over tokens; a stack keeps, for each depth, whether a FROM clause is open."""

    def __init__(self, tokens: list[Token], names: Names) -> None:
        self._in = tokens
        self._names = names
        self._at = 0
        self._out: list[Token] = []
        self._from = [False]
        self._is_argument = [False]
        self._common = _common_names(tokens)
        self._statement = tokens[0].word if tokens else ""

    def run(self) -> list[Token]:
        """Return the translated tokens."""
        if self._statement == "UPDATE":
            self._out.append(self._in[0])
            self._at = 1
            self._reference("*UPD")
        while self._at < len(self._in):
            self._step()
        return self._out

    def _step(self) -> None:
        token = self._in[self._at]
        if token.is_("("):
            before = self._out[-1].text if self._out else ""
            self._from.append(False)
            self._is_argument.append(before in FROM_FUNCTIONS)
        elif token.is_(")") and len(self._from) > 1:
            self._from.pop()
            self._is_argument.pop()
        elif token.word in _ENDS:
            self._from[-1] = False
        elif self._opens(token):
            self._take()
            self._reference("*DLT" if self._is_delete() else "*READ")
            return
        elif token.word == "INTO":
            self._take()
            self._reference("*ADD")
            return
        elif self._column():
            return
        self._take()

    def _opens(self, token: Token) -> bool:
        if token.word == "FROM":
            distinct = bool(self._out) and self._out[-1].word == "DISTINCT"
            if self._is_argument[-1] or (
                distinct and self._out[-2:-1] != [] and self._out[-2].word in ("IS", "NOT")
            ):
                return False
            self._from[-1] = True
            return True
        return (token.word == "JOIN" or token.is_(",")) and self._from[-1]

    def _is_delete(self) -> bool:
        return self._statement == "DELETE" and len(self._out) == 2

    def _take(self) -> None:
        self._out.append(self._in[self._at])
        self._at += 1

    def _word(self, ahead: int = 0) -> str:
        index = self._at + ahead
        return self._in[index].word if index < len(self._in) else ""

    def _reference(self, right: str) -> None:
        """Translate the table reference that comes next."""
        if self._at < len(self._in) and self._in[self._at].is_("("):
            return
        follows = self._in[self._at + 1 : self._at + 2]
        if self._word() in ("TABLE", "LATERAL") and follows and follows[0].is_("("):
            self._at += 1
            if self._word(1) in ("SELECT", "VALUES", "WITH"):
                return
            self._function()
            return
        if self._word() in ("FINAL", "NEW", "OLD") and self._word(1) == "TABLE":
            raise failed(-84, "42612", "data-change-table-reference")
        schema, name, self._at = qualified_name(self._in, self._at)
        if schema is None and name in self._common:
            self._out.append(Token(Kind.DELIMITED, name))
            return
        self._out.append(made(self._names.table(schema, name, right)))
        self._alias(name if right != "*ADD" else None)

    def _function(self) -> None:
        end = matching(self._in, self._at)
        schema, name, behind = qualified_name(self._in, self._at + 1)
        if behind >= end or not self._in[behind].is_("("):
            raise failed(-104, "42601", self._in[behind].text)
        close = matching(self._in, behind)
        self._out.append(made(self._names.function(schema, name, self._in[behind + 1 : close])))
        self._at = end + 1
        self._alias(name)

    def _alias(self, default: str | None) -> None:
        """Give the table the correlation name that columns are qualified with."""
        if self._word() == "AS":
            self._at += 1
        elif not (
            self._at < len(self._in)
            and self._in[self._at].is_name
            and self._word() not in _NO_ALIAS
        ):
            if default is not None:
                self._out += [made("AS"), Token(Kind.DELIMITED, default)]
            return
        if default is None:
            return
        self._out += [made("AS"), Token(Kind.DELIMITED, self._in[self._at].text)]
        self._at += 1

    def _column(self) -> bool:
        """Drop the library of ``LIB.TABLE.COLUMN``."""
        window = self._in[self._at : self._at + 5]
        if len(window) == 5 and all(window[n].is_name for n in (0, 2, 4)) and window[3].is_("."):
            if not window[1].is_("."):
                return False
            self._out += [Token(Kind.DELIMITED, window[2].text), window[3], window[4]]
            self._at += 5
            return True
        return False


def _common_names(tokens: list[Token]) -> frozenset[str]:
    """Return the names of common table expressions: ``WITH name (...) AS (``."""
    found: set[str] = set()
    for index, token in enumerate(tokens[:-2]):
        if token.word not in ("WITH", "RECURSIVE") and not token.is_(","):
            continue
        at = index + 1
        if not tokens[at].is_name:
            continue
        name, at = tokens[at].text, at + 1
        if at < len(tokens) and tokens[at].is_("("):
            at = matching(tokens, at) + 1
        if at + 1 < len(tokens) and tokens[at].word == "AS" and tokens[at + 1].is_("("):
            found.add(name)
    return frozenset(found)
