"""The body of an SQL procedure: tokens -> steps. Pure.

Known: BEGIN and END, DECLARE of variables and cursors (WITH RETURN), SET, OPEN, FETCH, CLOSE, IF,
WHILE, RETURN, and any SQL statement. Source: IBM documentation, SQL control statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.tokens import Kind, Token
from simulators.ibmi.sql.typenames import read_type
from simulators.ibmi.sql.types import SqlType

#: Blocks and conditions in each other.
MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Declared:
    """DECLARE of variables; ``default`` is empty for NULL."""

    names: tuple[str, ...]
    type: SqlType
    default: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class CursorOf:
    """DECLARE of a cursor; with ``returns`` its rows are a result set if it stays open."""

    name: str
    query: tuple[Token, ...]
    returns: bool


@dataclass(frozen=True, slots=True)
class Assign:
    """SET."""

    name: str
    value: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Cursors:
    """OPEN, CLOSE, or FETCH into ``targets``."""

    verb: str
    name: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """IF: conditions with their steps, the first that holds runs; an empty condition holds."""

    arms: tuple[tuple[tuple[Token, ...], tuple[Step, ...]], ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """WHILE."""

    condition: tuple[Token, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """RETURN."""


@dataclass(frozen=True, slots=True)
class Run:
    """Any other SQL statement."""

    tokens: tuple[Token, ...]


Step = Declared | CursorOf | Assign | Cursors | Branch | Loop | Leave | Run


def parse_body(tokens: Sequence[Token]) -> tuple[Step, ...]:
    """Return the steps of a procedure's body.

    Raises:
        SqlFailedError: -104, it is not well formed; -84, a statement is not known here.
    """
    parser = _Parser(tokens)
    if parser.word() == "BEGIN":
        parser.next()
        if [t.word for t in tokens[1:3]] == ["NOT", "ATOMIC"]:
            parser.next()
        if parser.word() == "ATOMIC":
            parser.next()
        steps = parser.steps(("END",), 0)
        parser.next()
    else:
        steps = (parser.step(0),)
    parser.end()
    return steps


class _Parser:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def word(self) -> str:
        return self._tokens[self._at].word if self._at < len(self._tokens) else ""

    def next(self) -> Token:
        if self._at >= len(self._tokens):
            raise failed(-104, "42601", "END-OF-STATEMENT")
        self._at += 1
        return self._tokens[self._at - 1]

    def expect(self, word: str) -> None:
        token = self.next()
        if token.word != word and not token.is_(word):
            raise failed(-104, "42601", token.text)

    def end(self) -> None:
        while self._at < len(self._tokens) and self._tokens[self._at].is_(";"):
            self._at += 1
        if self._at < len(self._tokens):
            raise failed(-104, "42601", self._tokens[self._at].text)

    def until(self, *stops: str) -> tuple[Token, ...]:
        """Return the tokens before a word or a semicolon that is in no parentheses or CASE."""
        start, depth = self._at, 0
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if not depth and (token.word in stops or token.is_(";")):
                break
            depth += token.is_("(") + (token.word == "CASE")
            depth -= token.is_(")") + (token.word == "END" and depth > 0)
            self._at += 1
        return tuple(self._tokens[start : self._at])

    def name(self) -> str:
        token = self.next()
        if token.kind not in (Kind.NAME, Kind.DELIMITED):
            raise failed(-104, "42601", token.text)
        return token.text

    def names(self) -> tuple[str, ...]:
        found = [self.name()]
        while self._at < len(self._tokens) and self._tokens[self._at].is_(","):
            self.next()
            found.append(self.name())
        return tuple(found)

    def steps(self, stops: tuple[str, ...], depth: int) -> tuple[Step, ...]:
        found: list[Step] = []
        while self.word() not in stops:
            found.append(self.step(depth))
            self.expect(";")
        return tuple(found)

    def step(self, depth: int) -> Step:
        if depth > MAX_DEPTH:
            raise failed(-101, "54001")
        match self.word():
            case "DECLARE":
                self.next()
                return self._declare()
            case "SET":
                return self._assign()
            case "OPEN" | "CLOSE":
                return Cursors(self.next().word, self.name())
            case "FETCH":
                return self._fetch()
            case "IF":
                self.next()
                return self._branch(depth)
            case "WHILE":
                self.next()
                condition = self.until("DO")
                self.expect("DO")
                steps = self.steps(("END",), depth + 1)
                self.expect("END")
                self.expect("WHILE")
                return Loop(condition, steps)
            case "RETURN":
                self.until()
                return Leave()
        tokens = self.until()
        if not tokens or tokens[0].word in ("BEGIN", "FOR", "LOOP", "REPEAT", "CASE", "SIGNAL"):
            raise failed(-84, "42612", tokens[0].text if tokens else "END-OF-STATEMENT")
        return Run(tokens)

    def _declare(self) -> Step:
        names = self.names()
        if self.word() in (
            "CURSOR",
            "CONDITION",
            "HANDLER",
            "INSENSITIVE",
            "SENSITIVE",
            "ASENSITIVE",
        ):
            options = self.until("FOR")
            if not any(t.word == "CURSOR" for t in options):
                raise failed(-84, "42612", "DECLARE HANDLER")
            self.expect("FOR")
            return CursorOf(names[0], self.until(), any(t.word == "RETURN" for t in options))
        kind, self._at = read_type(list(self._tokens), self._at)
        default: tuple[Token, ...] = ()
        if self.word() == "DEFAULT":
            self.next()
            default = self.until()
        return Declared(names, kind, default)

    def _assign(self) -> Step:
        start = self._at
        self.next()
        name = self.next()
        if name.is_name and self._at < len(self._tokens) and self._tokens[self._at].is_("="):
            self.next()
            return Assign(name.text, self.until())
        self._at = start
        return Run(self.until())

    def _fetch(self) -> Step:
        self.next()
        if self.word() == "NEXT":
            self.next()
        if self.word() == "FROM":
            self.next()
        name = self.name()
        self.expect("INTO")
        return Cursors("FETCH", name, self.names())

    def _branch(self, depth: int) -> Step:
        arms = []
        while True:
            condition = self.until("THEN")
            self.expect("THEN")
            arms.append((condition, self.steps(("ELSEIF", "ELSE", "END"), depth + 1)))
            word = self.next().word
            if word == "ELSE":
                arms.append(((), self.steps(("END",), depth + 1)))
                self.expect("END")
            if word != "ELSEIF":
                break
        self.expect("IF")
        return Branch(tuple(arms))
