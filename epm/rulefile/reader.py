"""Typed access to a tree of nodes; every refusal names file, line, place and field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn, TypeVar

from epm.errors import RuleError, RuleFileError
from epm.rulefile.nodes import Mapping, Node, Scalar, Sequence
from epm.text import parse_number

E = TypeVar("E", bound=StrEnum)
_YES = frozenset({"y", "yes", "true"})
_NO = frozenset({"n", "no", "false"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a mapping stands: its name for people, and its node."""

    source: str
    what: str
    node: Mapping

    def fail(self, why: object, key: str | None = None) -> NoReturn:
        """Raise RuleFileError for this place, or for one of its keys."""
        line = self.node.key_lines.get(key, self.node.line) if key else self.node.line
        where = f"{self.what}: " if self.what else ""
        field = f"{key}: " if key else ""
        raise RuleFileError(f"{self.source}:{line}: {where}{field}{why}")

    def known(self, keys: Iterable[str]) -> None:
        """Refuse a key that is not one of ``keys``."""
        allowed = tuple(keys)
        for key in self.node.pairs:
            if key not in allowed:
                self.fail(f"unknown key; the keys here are {' '.join(allowed)}", key)

    def under(self, key: str, what: str | None = None) -> Place | None:
        """Return the mapping under ``key``, or ``None`` when the key is absent."""
        node = self.node.pairs.get(key)
        if node is None or _is_nothing(node):
            return None
        if not isinstance(node, Mapping):
            self.fail("must be a mapping of names to values", key)
        return Place(self.source, self.what if what is None else what, node)

    def mappings(self, key: str) -> Iterator[Mapping]:
        """Yield the mappings of the list under ``key``."""
        for node in self.items(key):
            if not isinstance(node, Mapping):
                where = f"{self.what}: " if self.what else ""
                raise RuleFileError(
                    f"{self.source}:{node.line}: {where}an item of {key} must be a mapping"
                )
            yield node

    def items(self, key: str) -> list[Node]:
        """Return the items of the list under ``key``; absent is empty."""
        node = self.node.pairs.get(key)
        if node is None or _is_nothing(node):
            return []
        if not isinstance(node, Sequence):
            self.fail("must be a list", key)
        return node.items

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of the list under ``key``."""
        out = []
        for node in self.items(key):
            if not isinstance(node, Scalar):
                self.fail("must be a list of texts", key)
            out.append(node.text)
        return tuple(out)

    def text(self, key: str) -> str | None:
        """Return the text under ``key``, or ``None`` when the key is absent."""
        node = self.node.pairs.get(key)
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.fail("must be a text", key)
        return node.text

    def required(self, key: str) -> str:
        """Return the text under ``key``, which must be there and not be empty."""
        text = self.text(key)
        if text is None or not text:
            self.fail(f"{key} is missing")
        return text

    def number(self, key: str, low: int, high: int) -> int | None:
        """Return the plain number under ``key``, or ``None`` when the key is absent."""
        text = self.text(key)
        if text is None:
            return None
        try:
            return parse_number(text, low, high, key)
        except RuleError as error:
            self.fail(error, key)

    def yes_no(self, key: str, default: bool, taken: str = "Y or N") -> bool:
        """Return Y/N under ``key``; YAML's yes, no, true and false are taken too.

        ``taken`` is what an error says that the key takes.
        """
        text = self.text(key)
        if text is None:
            return default
        if text.lower() in _YES:
            return True
        if text.lower() in _NO:
            return False
        self.fail(f"{text!r} is not {taken}", key)

    def choice(self, key: str, kind: type[E], default: E | None) -> E:
        """Return the member of ``kind`` under ``key``."""
        text = self.text(key)
        if text is None:
            if default is None:
                self.fail(f"{key} is missing")
            return default
        if text in kind.__members__.values():
            return kind(text)
        self.fail(f"{text!r} is not one of {' '.join(kind)}", key)


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text in ("", "~", "null")
