"""YAML as a tree of text with line numbers, and nothing more.

The parser's events are taken as they come; none of YAML's guesses are: every scalar stays the
text that was written, so that an unquoted ``17:00``, ``NO`` or ``010`` means itself. Aliases,
tags and merge keys are refused: a rule file needs none, and they are how a small file becomes
a large one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from epm.errors import RuleFileError

MAX_DEPTH = 24
MAX_CHARACTERS = 256 << 20

#: What YAML does not allow in a stream; lone surrogates cannot even be encoded.
_REFUSED = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
#: JSON writes a character outside the basic plane as two escapes, YAML as one.
_SURROGATES = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)

try:
    _LOADER: type = yaml.CBaseLoader
except AttributeError:  # PyYAML without libyaml: slower, the same events
    _LOADER = yaml.BaseLoader


@dataclass(slots=True)
class Scalar:
    """A text. ``plain`` when it was written without quotes."""

    text: str
    line: int
    plain: bool


@dataclass(slots=True)
class Sequence:
    """A list of nodes."""

    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Pairs of a key and a node, in the order of the file; keys are unique."""

    line: int
    pairs: dict[str, Node] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)


Node = Scalar | Sequence | Mapping


def parse_yaml(text: str, source: str) -> Node:
    """Return the one document of ``text``.

    Raises:
        RuleFileError: not YAML, more than one document, or too deep; names file and line.
    """
    if len(text) > MAX_CHARACTERS:
        raise RuleFileError(f"{source}: larger than {MAX_CHARACTERS} characters")
    refused = _REFUSED.search(text)
    if refused is not None:
        line = text.count("\n", 0, refused.start()) + 1
        raise RuleFileError(f"{source}:{line}: character U+{ord(refused[0]):04X} is not allowed")
    if text.lstrip().startswith(("{", "[")):
        text = _SURROGATES.sub(_joined, text)
    try:
        return _Builder(source).build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise RuleFileError(f"{source}:{line}: not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        reason = str(error).partition("\n")[0]
        raise RuleFileError(f"{source}: not YAML: {reason}") from None


class _Builder:
    """Builds the tree from events with a stack of its own, so that no depth can hurt."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._open: list[tuple[Sequence | Mapping, Scalar | None]] = []
        self._root: Node | None = None

    def build(self, text: str) -> Node:
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark is not None else 1
            if getattr(event, "anchor", None) is not None:
                self._fail(line, "anchors and aliases are not taken")
            if getattr(event, "tag", None) is not None:
                self._fail(line, "tags are not taken")
            if isinstance(event, yaml.ScalarEvent):
                plain = event.style is None or event.style == ""
                self._add(Scalar(event.value, line, plain))
            elif isinstance(event, yaml.SequenceStartEvent):
                self._push(Sequence(line))
            elif isinstance(event, yaml.MappingStartEvent):
                self._push(Mapping(line))
            elif isinstance(event, yaml.CollectionEndEvent):
                self._open.pop()
        if self._root is None:
            raise RuleFileError(f"{self._source}: the file is empty")
        return self._root

    def _push(self, node: Sequence | Mapping) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._fail(node.line, f"nested deeper than {MAX_DEPTH}")
        self._add(node)
        self._open.append((node, None))

    def _add(self, node: Node) -> None:
        if not self._open:
            if self._root is not None:
                self._fail(node.line, "a second document; one is taken")
            self._root = node
            return
        parent, key = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif key is None:
            self._open[-1] = (parent, self._as_key(parent, node))
        else:
            parent.pairs[key.text] = node
            parent.key_lines[key.text] = key.line
            self._open[-1] = (parent, None)

    def _as_key(self, parent: Mapping, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            self._fail(node.line, "a key must be a text")
        assert isinstance(node, Scalar)
        if node.plain and node.text == "<<":
            self._fail(node.line, "merge keys are not taken")
        if node.text in parent.pairs:
            self._fail(node.line, f"key {node.text!r} is there twice")
        return node

    def _fail(self, line: int, why: str) -> None:
        raise RuleFileError(f"{self._source}:{line}: {why}")


def _joined(pair: re.Match[str]) -> str:
    high, low = int(pair[2], 16), int(pair[3], 16)
    return f"{pair[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"
