"""From what was written to canonical text: two blanks a level, one statement a line.

INVARIANT: ``parse(unparse(x)).source == x``, and the canonical text of that is the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from epm.armr.syntax import (
    Argument,
    Array,
    Block,
    Level,
    ModSource,
    Number,
    Source,
    Statement,
    Text,
    Value,
    Word,
)


def unparse(source: Source) -> str:
    """Return the canonical text; comments and layout are not part of it."""
    return "\n".join(line for mod in source.mods for line in _mod(mod)) + "\n"


def quoted(text: str) -> Text:
    r"""Return the string that means ``text``; a line break in it becomes a blank.

    A backslash is doubled and a quote escaped, so ``quoted(x).plain == x`` for one line.
    """
    line = text.replace("\r", " ").replace("\n", " ")
    return Text(line.replace("\\", "\\\\").replace('"', '\\"'))


def _mod(mod: ModSource) -> Iterator[str]:
    yield f"app({_value(mod.name)}):"
    for item in mod.items:
        yield from _block(item) if isinstance(item, Block) else _statement(item, "  ")
    yield "endapp"


def _block(block: Block) -> Iterator[str]:
    yield f"  {block.kind}({_arguments(block.arguments)}):"
    for statement in block.statements:
        yield from _statement(statement, "    ")
    yield f"  {block.end}"


def _statement(statement: Statement, indent: str) -> Iterator[str]:
    code = statement.code or ""
    yield f"{indent}{statement.name}({_arguments(statement.arguments)}){code}"


def _arguments(arguments: Iterable[Argument]) -> str:
    return ", ".join(
        _value(a.value) if a.key is None else f"{a.key}: {_value(a.value)}" for a in arguments
    )


def _value(value: Value) -> str:
    match value:
        case Text(raw):
            return f'"{raw}"'
        case Number(number):
            return str(number)
        case Word(name):
            return name
        case Level(numbers):
            return "ARMR/" + ".".join(map(str, numbers))
        case Array(items):
            return f"[{', '.join(map(_value, items))}]"
