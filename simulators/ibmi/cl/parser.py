"""A CL command as text -> its name and values.

Source: IBM documentation of CL syntax. A value is a word (folded to upper case), text in
apostrophes, hexadecimal text ``X'..'``, or a list in parentheses. Nesting and length are bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from simulators.ibmi.messages import EscapeError

#: The longest command that QCMDEXC takes.
MAX_COMMAND = 32_702
MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Item:
    """One value; ``quoted`` tells text in apostrophes from a word."""

    text: str
    quoted: bool = False


Value = Item | tuple["Value", ...]


@dataclass(slots=True)
class Statement:
    """A command as it was written: keywords in order, positional values before them.

    Attributes:
        raw: the text between the parentheses of each keyword, for values that are commands.
    """

    lib: str
    name: str
    positional: list[tuple[Value, ...]] = field(default_factory=list)
    keywords: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)


_BLANK = re.compile(r"\s+")
_NAME = re.compile(r"(?:([A-Z#$@*][A-Z0-9#$@_]*)[/])?([A-Z#$@][A-Z0-9#$@_]*)", re.IGNORECASE)
_KEYWORD = re.compile(r"([A-Z#$@][A-Z0-9#$@_]*)\(", re.IGNORECASE)
_HEX = re.compile(r"X'([0-9A-Fa-f]*)'")
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_NAME_QUOTED = re.compile(r'"[^"]*"')
_WORD = re.compile(r"[^\s()']+")


def parse(text: str) -> Statement:
    """Read one command.

    Raises:
        EscapeError: CPD0013, CPD0014, CPD0017, CPD0020 or CPD0042; what is not well formed.
    """
    if len(text) > MAX_COMMAND:
        raise EscapeError("CPD0072", text[:20], "CMD")
    return _Reader(text).statement()


class _Reader:
    """Reads one command from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._at = 0

    def statement(self) -> Statement:
        """Read the whole command."""
        self._blanks()
        found = _NAME.match(self._text, self._at)
        if found is None:
            raise EscapeError("CPD0020", self._text[:1], "")
        self._at = found.end()
        made = Statement((found[1] or "*LIBL").upper(), found[2].upper())
        while True:
            before = self._at
            self._blanks()
            if self._at >= len(self._text):
                return made
            if self._at == before:
                raise EscapeError("CPD0020", self._text[before], self._text[:before][-10:])
            self._parameter(made)

    def _parameter(self, made: Statement) -> None:
        keyword = _KEYWORD.match(self._text, self._at)
        if keyword is None:
            if made.keywords:
                raise EscapeError("CPD0017", made.name)
            value = self._value(0)
            made.positional.append(value if isinstance(value, tuple) else (value,))
            return
        name = keyword[1].upper()
        if name in made.keywords:
            raise EscapeError("CPD0042", name)
        self._at = keyword.end()
        made.keywords[name] = self._list(0)
        made.raw[name] = self._text[keyword.end() : self._at - 1].strip()

    def _list(self, depth: int) -> tuple[Value, ...]:
        """Read values up to the closing parenthesis; the opening one is read."""
        if depth > MAX_DEPTH:
            raise EscapeError("CPD0013")
        values: list[Value] = []
        while True:
            self._blanks()
            if self._at >= len(self._text):
                raise EscapeError("CPD0013")
            if self._text[self._at] == ")":
                self._at += 1
                return tuple(values)
            values.append(self._value(depth))

    def _value(self, depth: int) -> Value:
        text, at = self._text, self._at
        if text[at] == "(":
            self._at += 1
            return self._list(depth + 1)
        if text[at] == ")":
            raise EscapeError("CPD0013")
        hexadecimal = _HEX.match(text, at)
        if hexadecimal is not None:
            self._at = hexadecimal.end()
            if len(hexadecimal[1]) % 2:
                raise EscapeError("CPD0020", "'", f"X'{hexadecimal[1]}")
            return Item(bytes.fromhex(hexadecimal[1]).decode("cp037"), quoted=True)
        if text[at] == "'":
            found = _QUOTED.match(text, at)
            if found is None:
                raise EscapeError("CPD0014")
            self._at = found.end()
            return Item(found[1].replace("''", "'"), quoted=True)
        word = _NAME_QUOTED.match(text, at) or _WORD.match(text, at)
        assert word is not None
        self._at = word.end()
        return Item(word[0] if word[0].startswith('"') else word[0].upper())

    def _blanks(self) -> None:
        """Skip blanks and comments; a comment without end is not well formed."""
        while True:
            found = _BLANK.match(self._text, self._at)
            if found is not None:
                self._at = found.end()
            if not self._text.startswith("/*", self._at):
                return
            end = self._text.find("*/", self._at + 2)
            if end < 0:
                raise EscapeError("CPD0020", "/*", self._text[: self._at][-10:])
            self._at = end + 2
