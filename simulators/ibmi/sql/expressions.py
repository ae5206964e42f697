"""Expressions and clauses of Db2 for i -> what SQLite reads, token by token, names untouched."""

from __future__ import annotations

from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.functions import UNITS
from simulators.ibmi.sql.tokens import Kind, Token, made, matching, render, split
from simulators.ibmi.sql.typenames import read_type, size_of
from simulators.ibmi.sql.types import type_of

_REGISTERS = {
    "TIMESTAMP": "DB2_NOW()",
    "DATE": "DB2_TODAY()",
    "TIME": "DB2_TIME()",
    "USER": "DB2_USER()",
    "SCHEMA": "DB2_SCHEMA()",
    "SERVER": "DB2_SERVER()",
    "TIMEZONE": "0",
    "PATH": "'*LIBL'",
}
_JOINED = {
    **{f"CURRENT_{name}": text for name, text in _REGISTERS.items()},
    "SESSION_USER": "DB2_USER()",
    "SYSTEM_USER": "DB2_USER()",
    "USER": "DB2_USER()",
}
_RENAMED = {
    "HEX": "DB2_HEX",
    "SUBSTR": "DB2_SUBSTR",
    "SUBSTRING": "DB2_SUBSTR",
    "COUNT_BIG": "COUNT",
    "CHARACTER_LENGTH": "LENGTH",
    "CHAR_LENGTH": "LENGTH",
    # Keywords of joins, which SQLite does not take for functions.
    "LEFT": "DB2_LEFT",
    "RIGHT": "DB2_RIGHT",
}
#: Functions that convert: the name is the type.
_CONVERTS = frozenset(
    {
        *("INTEGER", "INT", "SMALLINT", "BIGINT", "DECIMAL", "DEC", "NUMERIC", "DOUBLE", "FLOAT"),
        *("CHAR", "VARCHAR", "CLOB", "BLOB", "BINARY", "VARBINARY", "GRAPHIC", "VARGRAPHIC"),
    }
)
_ISOLATIONS = frozenset({"UR", "CS", "RS", "RR", "NC"})
#: Functions in whose arguments FROM is no clause.
FROM_FUNCTIONS = frozenset({"DB2_SUBSTR", "SUBSTRING", "TRIM", "STRIP", "EXTRACT"})


def expressions(tokens: list[Token]) -> list[Token]:
    """Return the tokens with registers, functions, durations and row limits as SQLite has them.

    Raises:
        SqlFailedError: -104, a clause that is not well formed.
    """
    return _Pass(tokens).run()


class _Pass:
    """One pass over tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self._in = tokens
        self._at = 0
        self._out: list[Token] = []

    def run(self) -> list[Token]:
        """Return the translated tokens."""
        while self._at < len(self._in):
            if not (self._register() or self._function() or self._clause() or self._duration()):
                self._out.append(self._in[self._at])
                self._at += 1
        return self._out

    def _next(self, ahead: int = 1) -> Token:
        index = self._at + ahead
        return self._in[index] if index < len(self._in) else Token(Kind.MADE, "")

    def _emit(self, text: str, taken: int) -> bool:
        self._out.append(made(text))
        self._at += taken
        return True

    def _register(self) -> bool:
        word = self._next(0).word
        if self._out and self._out[-1].is_("."):
            return False
        if word == "CURRENT" and self._next().word in _REGISTERS:
            return self._emit(_REGISTERS[self._next().word], 2)
        if word in _JOINED and not self._next().is_("(") and not self._next().is_("."):
            before = self._out[-1].word if self._out else ""
            if word == "USER" and before in ("AS", ","):
                return False
            return self._emit(_JOINED[word], 1)
        if word in ("DATE", "TIME", "TIMESTAMP") and self._next().kind is Kind.STRING:
            text = self._next().sql
            return self._emit(text if word == "TIME" else f"{word}({text})", 2)
        return False

    def _function(self) -> bool:
        word = self._next(0).word
        if word and self._is_qualified_function():
            self._at += 2
            return True
        if not word or not self._next().is_("("):
            return False
        start, end = self._at + 1, matching(self._in, self._at + 1)
        inside = self._in[start + 1 : end]
        if word in ("CAST", "INTERPRET"):
            return self._cast(word, inside, end)
        if word in _CONVERTS and len(inside) > 0 and not self._is_type_place():
            return self._convert(word, inside, end)
        if word in ("SUBSTRING", "TRIM", "STRIP", "POSITION", "EXTRACT"):
            return self._worded(word, inside, end)
        if word == "LISTAGG":
            self._at = end + 1
            if self._next(0).word == "WITHIN":
                self._at = matching(self._in, self._at + 2) + 1
            return self._emit(f"group_concat({render(expressions(inside))})", 0)
        if word in _RENAMED:
            self._out.append(made(_RENAMED[word]))
            self._at += 1
            return True
        return False

    def _is_qualified_function(self) -> bool:
        """Whether ``LIB.FUNCTION(`` stands here, and not a table with a column list."""
        if not (self._next().is_(".") or self._next().is_("/")) or not self._next(2).is_name:
            return False
        before = self._out[-1] if self._out else Token(Kind.MADE, "")
        in_table = before.is_("(") and self._out[-2:-1] != [] and self._out[-2].word == "TABLE"
        return self._next(3).is_("(") and not in_table and before.word not in ("INTO", "FROM")

    def _is_type_place(self) -> bool:
        """Whether a type name stands where a column is defined, not where a function is called."""
        return (
            bool(self._out)
            and self._out[-1].is_name
            and self._out[-1].word
            not in (
                *(
                    "SELECT",
                    "WHERE",
                    "AND",
                    "OR",
                    "ON",
                    "BY",
                    "VALUES",
                    "THEN",
                    "ELSE",
                    "WHEN",
                    "NOT",
                ),
                *("BETWEEN", "IN", "LIKE", "SET", "DISTINCT", "ALL", "CASE", "HAVING", "LIMIT"),
            )
        )

    def _cast(self, word: str, inside: list[Token], end: int) -> bool:
        depth = 0
        for index in range(len(inside) - 1, -1, -1):
            depth += inside[index].is_(")") - inside[index].is_("(")
            if depth == 0 and inside[index].word == "AS":
                kind, behind = read_type(inside, index + 1)
                if behind != len(inside):
                    raise failed(-104, "42601", inside[behind].text)
                body = render(expressions(inside[:index]))
                self._at = end + 1
                return self._emit(
                    f"DB2_{word}({body}, '{kind.name}', {kind.length}, {kind.scale})", 0
                )
        raise failed(-104, "42601", ")")

    def _convert(self, word: str, inside: list[Token], end: int) -> bool:
        parts = split(inside)
        body = render(expressions(parts[0]))
        sizes = [size_of(p) for p in parts[1:3] if len(p) == 1 and p[0].kind is Kind.NUMBER]
        self._at = end + 1
        if word in ("CHAR", "VARCHAR", "GRAPHIC", "VARGRAPHIC") and not sizes:
            return self._emit(f"DB2_CHAR({body})", 0)
        if word in ("DECIMAL", "DEC", "NUMERIC") and not sizes:
            sizes = [15, 0]
        kind = type_of(word, *sizes)
        assert kind is not None
        return self._emit(f"DB2_CAST({body}, '{kind.name}', {kind.length}, {kind.scale})", 0)

    def _worded(self, word: str, inside: list[Token], end: int) -> bool:
        words = [t.word for t in inside]
        if word == "POSITION" and "IN" in words:
            place = words.index("IN")
            arguments = [inside[:place], inside[place + 1 :]]
            name = "LOCATE"
        elif word == "EXTRACT" and "FROM" in words:
            place = words.index("FROM")
            arguments, name = [inside[place + 1 :]], words[0]
        elif word == "SUBSTRING" and "FROM" in words:
            place = words.index("FROM")
            rest = inside[place + 1 :]
            far = [t.word for t in rest]
            cut = far.index("FOR") if "FOR" in far else len(rest)
            arguments, name = [inside[:place], rest[:cut]], "DB2_SUBSTR"
            if cut < len(rest):
                arguments.append(rest[cut + 1 :])
        elif word in ("TRIM", "STRIP") and "FROM" in words:
            place = words.index("FROM")
            side = words[0] if words[0] in ("LEADING", "TRAILING", "BOTH") else "BOTH"
            fill = inside[1:place] if words[0] == side else inside[:place]
            arguments = [inside[place + 1 :], [made(f"'{side}'")], fill or [made("' '")]]
            name = "STRIP"
        else:
            return False
        self._at = end + 1
        body = ", ".join(render(expressions(a)) for a in arguments)
        return self._emit(f"{name}({body})", 0)

    def _clause(self) -> bool:
        words = [self._next(n).word for n in range(4)]
        if words[0] == "CONCAT" and not self._next().is_("(") and self._out:
            return self._emit("||", 1)
        if words[0] == "FETCH" and words[1] in ("FIRST", "NEXT"):
            return self._fetch()
        if words[0] == "OFFSET" and self._next(2).word in ("ROW", "ROWS"):
            return self._offset()
        if words[0] == "FOR" and words[1] in ("READ", "FETCH") and words[2] == "ONLY":
            return self._emit("", 3)
        if words[0] == "FOR" and words[1] == "UPDATE" and self._out:
            taken = 2  # rows are not locked here until they are changed
            if words[2] == "OF":
                while self._next(taken).text and self._next(taken).word != "WITH":
                    taken += 1
            return self._emit("", taken)
        if words[0] == "OPTIMIZE" and words[1] == "FOR":
            return self._emit("", 4)
        if words[0] == "WITH" and words[1] in _ISOLATIONS and self._at > 0:
            return self._emit("", 2)
        return False

    def _fetch(self) -> bool:
        self._at += 2
        count = "1"
        if self._next(0).word not in ("ROW", "ROWS"):
            token = self._next(0)
            count = "CAST(? AS INTEGER)" if token.kind is Kind.MARKER else token.sql
            self._at += 1
        if self._next(0).word not in ("ROW", "ROWS") or self._next().word != "ONLY":
            raise failed(-104, "42601", self._next(0).text or "END-OF-STATEMENT")
        return self._emit(f"LIMIT {count}", 2)

    def _offset(self) -> bool:
        # SQLite's form LIMIT offset, count keeps the order of markers that the text has.
        token = self._next()
        skip = "CAST(? AS INTEGER)" if token.kind is Kind.MARKER else token.sql
        self._at += 3
        if self._next(0).word != "FETCH":
            return self._emit(f"LIMIT {skip}, -1", 0)
        self._at += 2
        count = self._next(0)
        shown = "CAST(? AS INTEGER)" if count.kind is Kind.MARKER else count.sql
        return self._emit(f"LIMIT {skip}, {shown}", 3)

    def _duration(self) -> bool:
        """``x + 3 DAYS`` becomes a call of DB2_ADD over the operand that was emitted last."""
        sign = self._next(0)
        if not (sign.is_("+") or sign.is_("-")) or self._next(2).word not in UNITS:
            return False
        if self._next().kind not in (Kind.NUMBER, Kind.MARKER):
            return False
        start = _operand(self._out)
        body = render(self._out[start:])
        del self._out[start:]
        amount = f"{'-' if sign.text == '-' else ''}{self._next().sql}"
        return self._emit(f"DB2_ADD({body}, {amount}, '{self._next(2).word}')", 3)


def _operand(out: list[Token]) -> int:
    """Return where the operand at the end of ``out`` begins."""
    at = len(out) - 1
    if at < 0:
        raise failed(-104, "42601", "+")
    if out[at].is_(")"):
        depth = 0
        while at >= 0:
            depth += out[at].is_(")") - out[at].is_("(")
            if depth == 0:
                break
            at -= 1
        named = at > 0 and (out[at - 1].kind is Kind.MADE or out[at - 1].is_name)
        return at - 1 if named and out[at - 1].word not in ("AND", "OR", "WHERE", "ON") else at
    while at >= 2 and out[at - 1].is_("."):
        at -= 2
    return at
