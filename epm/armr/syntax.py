"""An ARMR file as it was written: mods, blocks, statements, arguments. Values only.

INVARIANT: positions do not count when values are compared, so that a file and its canonical
text are equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Position:
    """Where something begins: line and column, both from 1."""

    line: int
    column: int


NOWHERE = Position(1, 1)


@dataclass(frozen=True, slots=True)
class Text:
    r"""A quoted string.

    Attributes:
        raw: what stands between the quotes, as written. A path keeps its ``\*`` there.
    """

    raw: str

    @property
    def plain(self) -> str:
        r"""The text that is meant: ``\"`` and ``\\`` are one character each."""
        return _ESCAPED.sub(r"\1", self.raw)


@dataclass(frozen=True, slots=True)
class Number:
    """An integer."""

    value: int


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word: ``any``, ``http``, ``Very-High``."""

    name: str


@dataclass(frozen=True, slots=True)
class Level:
    """A language level such as ``ARMR/2.8``, bare."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """Values in brackets."""

    items: tuple[Value, ...]

    @property
    def depth(self) -> int:
        """How deep arrays are nested in it, 1 for none."""
        return 1 + max((x.depth for x in self.items if isinstance(x, Array)), default=0)


Value = Text | Number | Word | Level | Array


@dataclass(frozen=True, slots=True)
class Argument:
    """A value, or a key with its value."""

    key: str | None
    value: Value
    position: Position = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """A name with arguments.

    Attributes:
        code: what stands from the colon to ``endcode``, as written, where there is such.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    code: str | None = None
    position: Position = field(default=NOWHERE, compare=False)

    def keyed(self) -> Iterator[tuple[str, Argument]]:
        """Yield the arguments that have a key."""
        for argument in self.arguments:
            if argument.key is not None:
                yield argument.key, argument

    def bare(self) -> Iterator[Argument]:
        """Yield the arguments without a key."""
        for argument in self.arguments:
            if argument.key is None:
                yield argument


@dataclass(frozen=True, slots=True)
class Block:
    """A rule as written: ``kind("name"): ... endkind``.

    Attributes:
        end: the word that ends it; another than ``end`` and the kind is V1.
    """

    kind: str
    arguments: tuple[Argument, ...]
    statements: tuple[Statement, ...]
    end: str
    position: Position = field(default=NOWHERE, compare=False)

    @property
    def name(self) -> str | None:
        """The rule's name, where it is given as one quoted string."""
        match self.arguments:
            case (Argument(key=None, value=Text() as text),):
                return text.plain
        return None


@dataclass(frozen=True, slots=True)
class ModSource:
    """A mod as written: ``app("name"): ... endapp``."""

    name: Text
    items: tuple[Statement | Block, ...]
    position: Position = field(default=NOWHERE, compare=False)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its rules, of every kind, in order."""
        return tuple(x for x in self.items if isinstance(x, Block))


@dataclass(frozen=True, slots=True)
class Source:
    """A whole file."""

    mods: tuple[ModSource, ...]
