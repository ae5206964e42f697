"""From the text of an ARMR file to what was written, with errors in words.

The grammar is ``armr.lark`` beside this. Curly quotes are content first: only where the text
does not parse and holds some are all of them read as ``"``, in a second pass, with a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from epm.armr.findings import ArmrError, Code, Finding, shortened
from epm.armr.syntax import (
    NOWHERE,
    Argument,
    Array,
    Block,
    Level,
    ModSource,
    Number,
    Position,
    Source,
    Statement,
    Text,
    Value,
    Word,
)

if TYPE_CHECKING:
    from lark import Lark, Token, UnexpectedInput

#: A text longer than this is refused; a hostile file must not take the machine.
MAX_CHARACTERS = 16 << 20
MAX_ARRAY_DEPTH = 8
_CURLY = "\u201c\u201d\u201e\u201f"
_STRAIGHT = str.maketrans(dict.fromkeys(_CURLY, '"'))
_COMMENT = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"|(?P<comment>#)')
_SHOWN = 30

_WORDS = {
    "APP": "`app`",
    "ENDAPP": "`endapp`",
    "NAME": "a statement",
    "WORD": "a word",
    "STRING": 'a string in "quotes"',
    "NUMBER": "a number",
    "LEVEL": "a level such as ARMR/2.8",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "$END": "the end of the file",
}
_VALUES = frozenset({"STRING", "NUMBER", "LEVEL", "WORD", "LSQB"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text holds, and what was said about reading it."""

    source: Source
    findings: tuple[Finding, ...] = ()


class _FaultError(Exception):
    """A fault found while the tree is built."""

    def __init__(self, text: str, position: Position) -> None:
        super().__init__(text)
        self.finding = Finding(Code.SYNTAX, text, position)


def parse(text: str, source: str = "policy") -> Parsed:
    """Return what the text of an ARMR file holds. A line ends in LF, CR LF or CR.

    Args:
        text: the whole file.
        source: its name, for error lines.

    Raises:
        ArmrError: the first thing that is not ARMR: line, column, what was expected.
    """
    if len(text) > MAX_CHARACTERS:
        fault = f"the file is longer than {MAX_CHARACTERS} characters"
        raise ArmrError(source, [Finding(Code.SYNTAX, fault, NOWHERE)])
    # A lone CR is a line end to whoever looks at the file; a comment must not go on behind it.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return Parsed(_parse(text))
    except _FaultError as first:
        if not any(quote in text for quote in _CURLY):
            raise ArmrError(source, [first.finding]) from None
        try:
            repaired = _parse(text.translate(_STRAIGHT))
        except _FaultError:
            # What is wrong with the text as it stands is what its author can see.
            raise ArmrError(source, [first.finding]) from None
    return Parsed(repaired, (_repaired(text),))


def has_comments(text: str) -> bool:
    """Whether a text that parses holds comments, which its canonical form does not keep."""
    return any(m["comment"] for m in _COMMENT.finditer(text))


def _repaired(text: str) -> Finding:
    at = min(text.index(quote) for quote in _CURLY if quote in text)
    position = Position(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
    return Finding(Code.QUOTE, "curly quotes were read as plain ones, in the whole file", position)


def _parse(text: str) -> Source:
    from lark import UnexpectedInput

    try:
        tree: Any = _lark().parse(text)
    except UnexpectedInput as error:
        raise _fault(error, text) from None
    assert isinstance(tree, Source)
    return tree


@lru_cache(maxsize=1)
def _lark() -> Lark:
    from lark import Lark, Transformer

    transformer: Any = type("Builder", (Transformer,), dict(_BUILDERS))()
    return Lark.open_from_package(
        "epm.armr",
        "armr.lark",
        parser="lalr",
        lexer="contextual",
        transformer=transformer,
        maybe_placeholders=True,
    )


# ----------------------------------------------------------------------- building the values


def _position(token: Token) -> Position:
    return Position(token.line or 1, token.column or 1)


def _value(_: object, parts: Sequence[Any]) -> tuple[Value, Position]:
    (part,) = parts
    if isinstance(part, tuple):
        return part  # an array, with its place
    position, text = _position(part), str(part)
    match part.type:
        case "STRING":
            return Text(text[1:-1]), position
        case "NUMBER":
            return Number(int(text)), position
        case "LEVEL":
            return Level(tuple(map(int, text.partition("/")[2].strip().split(".")))), position
    return Word(text), position


def _array(_: object, parts: Sequence[Any]) -> tuple[Value, Position]:
    bracket, *rest = parts
    position = _position(bracket)
    items = [part for part in rest if part is not None]
    array = Array(tuple(value for value, _ in items))
    if array.depth > MAX_ARRAY_DEPTH:
        raise _FaultError(f"arrays are nested deeper than {MAX_ARRAY_DEPTH}", position)
    return array, position


def _argument(_: object, parts: Sequence[Any]) -> Argument:
    key, (value, position) = parts
    if key is None:
        return Argument(None, value, position)
    return Argument(str(key), value, _position(key))


def _arguments(_: object, parts: Sequence[Any]) -> tuple[Argument, ...]:
    return tuple(parts)


def _statement(_: object, parts: Sequence[Any]) -> Statement:
    name, arguments, code = parts
    return Statement(str(name), arguments or (), code and str(code), _position(name))


def _body(_: object, parts: Sequence[Any]) -> tuple[tuple[Statement, ...], str]:
    *statements, end = parts
    return tuple(statements), str(end)


def _item(_: object, parts: Sequence[Any]) -> Statement | Block:
    name, arguments, body = parts
    if body is None:
        return Statement(str(name), arguments or (), None, _position(name))
    return Block(str(name), arguments or (), body[0], body[1], _position(name))


def _mod(_: object, parts: Sequence[Any]) -> ModSource:
    app, name, *items, _end = parts
    return ModSource(Text(str(name)[1:-1]), tuple(items), _position(app))


def _start(_: object, parts: Sequence[Any]) -> Source:
    return Source(tuple(parts))


_BUILDERS: dict[str, Callable[[object, Sequence[Any]], object]] = {
    "value": _value,
    "array": _array,
    "argument": _argument,
    "arguments": _arguments,
    "statement": _statement,
    "body": _body,
    "item": _item,
    "mod": _mod,
    "start": _start,
}


# -------------------------------------------------------------------------- errors in words


def _fault(error: UnexpectedInput, text: str) -> _FaultError:
    from lark import UnexpectedCharacters, UnexpectedToken

    if isinstance(error, UnexpectedToken):
        token: Token = error.token
        if token.type == "$END":
            return _FaultError(f"the file ends where {_expected(error)} is expected", _end_of(text))
        found = f"`{_short(str(token))}`"
        return _FaultError(f"expected {_expected(error)}, found {found}", _position(token))
    position = Position(error.line, error.column)
    assert isinstance(error, UnexpectedCharacters)
    at = error.pos_in_stream or 0
    if text[at] == '"':
        return _FaultError("the string that begins here has no closing quote on its line", position)
    return _FaultError(f"expected {_expected(error)}, found {text[at]!r}", position)


def _end_of(text: str) -> Position:
    last = text.rstrip()
    return Position(last.count("\n") + 1, len(last) - (last.rfind("\n") + 1) + 1)


def _short(text: str) -> str:
    return shortened(text.partition("\n")[0], _SHOWN)


def _expected(error: Any) -> str:
    """Return what the grammar takes here, in words."""
    wanted = set(getattr(error, "accepts", None) or getattr(error, "expected", None) or ())
    wanted |= set(getattr(error, "allowed", None) or ())
    wanted -= {"WS", "COMMENT", "CODE"}
    said = []
    if wanted >= _VALUES:
        wanted -= _VALUES
        said.append("a value")
    if "ENDAPP" in wanted and "NAME" in wanted:
        wanted.discard("NAME")
        said.append("a rule")
    if "END" in wanted:
        wanted.discard("END")
        said.append(_end_word(error))
    said += [word for name, word in _WORDS.items() if name in wanted]
    return _or(said) or "something else"


def _end_word(error: Any) -> str:
    """Return the end keyword of the rule that is open: its kind stands below its colon."""
    parser = getattr(error, "interactive_parser", None)
    stack = parser.parser_state.value_stack if parser is not None else ()
    kinds = [
        str(stack[at - 4])
        for at in range(4, len(stack))
        if getattr(stack[at], "type", "") == "COLON"
        and getattr(stack[at - 4], "type", "") == "NAME"
    ]
    return f"`end{kinds[-1]}`" if kinds else "the end of the rule"


def _or(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"
