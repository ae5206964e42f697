"""SQL text -> tokens. Names are folded; what is not well formed is refused with -104 or -10."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from simulators.ibmi.sql.errors import failed

#: The longest statement (Db2 for i: 2 097 152 bytes).
MAX_STATEMENT = 2_097_152
#: Tokens of a statement, and parentheses in each other; more is too complex (-101).
MAX_TOKENS = 100_000
MAX_NESTING = 64


class Kind(Enum):
    """What a token is."""

    NAME = "name"
    DELIMITED = "delimited name"
    STRING = "string"
    HEX = "hexadecimal string"
    NUMBER = "number"
    OPERATOR = "operator"
    MARKER = "parameter marker"
    #: SQLite text that the translation has made; it is passed on as it is.
    MADE = "made"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``text`` is the folded name, the string's value, or as it was written."""

    kind: Kind
    text: str

    @property
    def word(self) -> str:
        """The keyword that it may be: an ordinary name; empty for anything else."""
        return self.text if self.kind is Kind.NAME else ""

    @property
    def is_name(self) -> bool:
        """Whether it names something."""
        return self.kind in (Kind.NAME, Kind.DELIMITED)

    def is_(self, operator: str) -> bool:
        """Whether it is that operator."""
        return self.kind is Kind.OPERATOR and self.text == operator

    @property
    def sql(self) -> str:
        """It as SQLite reads it."""
        if self.kind is Kind.STRING:
            return "'" + self.text.replace("'", "''") + "'"
        if self.kind is Kind.HEX:
            return f"x'{self.text}'"
        if self.kind is Kind.DELIMITED:
            # SQLite takes a name in quotation marks that it does not know for a character string.
            return "`" + self.text.replace("`", "``") + "`"
        return self.text


_TOKEN = re.compile(
    r"""
      (?P<space>\s+|--[^\n]*|/\*.*?\*/)
    | (?P<open>/\*)
    | (?P<hex>(?P<form>X|BX|GX|UX)'(?P<digits>[0-9A-Fa-f\s]*)')
    | (?P<string>[NG]?'(?P<inside>[^']*(?:''[^']*)*)')
    | (?P<delimited>"(?P<name>(?:[^"]|"")+)")
    | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:E[+-]?\d+)?)
    | (?P<word>[A-Z_#$@\u00c0-\U0010ffff][A-Z0-9_#$@\u00c0-\U0010ffff]*)
    | (?P<marker>\?)
    | (?P<operator>\|\||!!|<>|<=|>=|!=|\u00ac=|=>|[-+*/%(),.=<>;:\[\]!])
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def tokenise(text: str) -> list[Token]:
    """Return the tokens of one statement; a semicolon at the end is dropped.

    Raises:
        SqlFailedError: -104, a character that starts no token, or a comment without end; -10, a
            string without end; -101, it is too long or too complex.
    """
    if len(text) > MAX_STATEMENT:
        raise failed(-101, "54001")
    found: list[Token] = []
    at = depth = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match["open"] is not None:
            if text[at] in "'\"":
                raise failed(-10, "42603", text[at : at + 20])
            raise failed(-104, "42601", text[at])
        at = match.end()
        if match["space"] is None:
            found.append(_token(match))
            depth += found[-1].is_("(") - found[-1].is_(")")
            if depth > MAX_NESTING or len(found) > MAX_TOKENS:
                raise failed(-101, "54001")
    while found and found[-1].is_(";"):
        found.pop()
    return found


def _token(match: re.Match[str]) -> Token:
    if match["hex"] is not None:
        digits = "".join(match["digits"].split())
        if len(digits) % 2:
            raise failed(-110, "42606", digits)
        if match["form"].upper() == "UX":
            return Token(Kind.STRING, _utf16(digits))
        return Token(Kind.HEX, digits)
    if match["string"] is not None:
        return Token(Kind.STRING, match["inside"].replace("''", "'"))
    if match["delimited"] is not None:
        return Token(Kind.DELIMITED, match["name"].replace('""', '"'))
    if match["number"] is not None:
        return Token(Kind.NUMBER, match[0])
    if match["word"] is not None:
        return Token(Kind.NAME, match[0].upper())
    if match["marker"] is not None:
        return Token(Kind.MARKER, "?")
    operator = {"!!": "||", "\u00ac=": "<>"}.get(match[0], match[0])
    return Token(Kind.OPERATOR, operator)


def _utf16(digits: str) -> str:
    """Return what UX'...' says: UTF-16 (CCSID 1200), four digits each; a graphic constant."""
    try:
        return bytes.fromhex(digits).decode("utf-16-be")
    except UnicodeDecodeError:
        raise failed(-110, "42606", digits[:40]) from None


def made(text: str) -> Token:
    """Return SQLite text as a token."""
    return Token(Kind.MADE, text)


def matching(tokens: list[Token], start: int) -> int:
    """Return the index of the parenthesis that closes the one at ``start``.

    Raises:
        SqlFailedError: -104, it is never closed.
    """
    depth = 0
    for index in range(start, len(tokens)):
        depth += tokens[index].is_("(") - tokens[index].is_(")")
        if depth == 0:
            return index
    raise failed(-104, "42601", "END-OF-STATEMENT")


def split(tokens: list[Token], operator: str = ",") -> list[list[Token]]:
    """Split tokens at an operator that is in no parentheses; no tokens give no part."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += token.is_("(") - token.is_(")")
        if depth == 0 and token.is_(operator):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts if tokens else []


def render(tokens: list[Token]) -> str:
    """Return tokens as SQLite text."""
    return " ".join(token.sql for token in tokens)
