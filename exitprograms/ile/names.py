"""Name dimensions of an image: a hash table of names and prefixes, and sets of tests.

As :class:`epm.indexes.NameIndex` divides them: a box with one condition on the field goes into
the table (a name that is met adds it, or takes it away where the condition is negative); boxes
with several conditions, or with a pattern that is no prefix, become test sets, tried one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from epm.boxes import Tests, names_of, tabulated
from epm.conditions import Names, Test
from epm.errors import RuleError
from exitprograms.ile.arena import Arena
from exitprograms.ile.bits import BitStore
from exitprograms.ile.charset import Charset
from exitprograms.ile.layout import (
    ANY_ONE,
    ANY_RUN,
    ATOM,
    DIMENSION,
    MAX_TEXT,
    NAME,
    TEST,
    TEST_SET,
    Atom,
    Kind,
)

_FNV_BASIS, _FNV_PRIME = 2166136261, 16777619
_Key = tuple[Atom, bytes]
Text = TypeVar("Text", bytes, list[int])
_WILDCARDS = {"*": ANY_RUN, "?": ANY_ONE}


class NameTables:
    """The tables of one name field."""

    def __init__(self, store: BitStore, arena: Arena, charset: Charset, *, fold: bool) -> None:
        """Begin without a box; ``fold`` says whether names compare in upper case."""
        self._store = store
        self._arena = arena
        self._fold = fold
        self._charset = charset
        self._encode: Callable[[str], bytes | None] = charset.folded if fold else charset.exact
        self._negative: list[int] = []
        self._rows: dict[_Key, tuple[list[int], list[int]]] = {}
        self._sets: dict[Tests, list[int]] = {}
        self._atoms: dict[int, tuple[int, int]] = {}

    def add(self, box: int, tests: Tests) -> None:
        """Add what a box asks of the field."""
        members = tabulated(tests)
        if members is None:
            self._sets.setdefault(tests, []).append(box)
            return
        negated = tests[0].negated
        if negated:
            self._negative.append(box)
        for key in self._keys(members):
            self._rows.setdefault(key, ([], []))[negated].append(box)

    def record(self, field: int, free: Iterable[int]) -> bytes:
        """Place the tables and return the dimension record; ``free`` ask nothing of the field."""
        free = list(free)
        names = self._name_records()
        slots, probes = _hash_table(list(self._rows))
        lengths = sorted({len(text) for kind, text in self._rows if kind is Atom.PREFIX})
        sets = b"".join(self._set_record(tests, boxes) for tests, boxes in self._sets.items())
        numbers = (
            self._store.row([*free, *self._negative]),
            len(slots) // 4,
            self._arena.place(slots),
            probes,
            len(self._rows),
            self._arena.place(names),
            len(lengths),
            self._arena.place(b"".join(n.to_bytes(2, "big") for n in lengths)),
            len(self._sets),
            self._arena.place(sets),
        )
        return DIMENSION.pack(field, Kind.NAMES, self._fold, self._store.row(free), *numbers)

    def _keys(self, members: Names) -> list[_Key]:
        """Return names and prefixes that a name of this character set can meet.

        Raises:
            RuleError: one is longer than an image can say.
        """
        found = [(Atom.WHOLE, self._encode(text)) for text in sorted(members.exact)]
        found += [(Atom.PREFIX, self._encode(text)) for text in dict.fromkeys(members.prefixes)]
        return [(kind, _checked(text)) for kind, text in found if text is not None]

    def _name_records(self) -> bytes:
        records = bytearray()
        for (kind, text), (met, denied) in self._rows.items():
            rows = self._store.row(met), self._store.row(denied)
            records += NAME.pack(self._arena.place(text, 1), len(text), kind, *rows)
        return bytes(records)

    def _set_record(self, tests: Tests, boxes: list[int]) -> bytes:
        placed = self._arena.place(b"".join(map(self._test_record, tests)))
        return TEST_SET.pack(self._store.row(boxes), placed, len(tests))

    def _test_record(self, test: Test) -> bytes:
        members = names_of(test)
        # By identity: a group that many rules name is one value, and is placed once.
        if id(members) not in self._atoms:
            atoms = [self._atom(kind, text) for kind, text in self._keys(members)]
            atoms += [a for a in map(self._pattern, members.patterns) if a is not None]
            self._atoms[id(members)] = self._arena.place(b"".join(atoms)), len(atoms)
        return TEST.pack(test.negated, *self._atoms[id(members)])

    def _atom(self, kind: Atom, text: bytes) -> bytes:
        return ATOM.pack(kind, len(text), self._arena.place(text, 1))

    def _pattern(self, pattern: str) -> bytes | None:
        """Return the atom of a pattern; ``None`` where no name of the set can match."""
        tokens: list[int] = []
        for character in pattern:
            if character in _WILDCARDS:
                tokens.append(_WILDCARDS[character])
                continue
            literal = self._encode(character)
            if literal is None:
                return None
            tokens += literal
        packed = b"".join(t.to_bytes(2, "big") for t in _checked(tokens))
        return ATOM.pack(Atom.PATTERN, len(tokens), self._arena.place(packed, 2))


def _checked(text: Text) -> Text:
    """Return a name as bytes, or a pattern as tokens, that an image can say the length of.

    Raises:
        RuleError: it is longer.
    """
    if len(text) > MAX_TEXT:
        raise RuleError(
            f"a name or pattern of a rule has {len(text)} bytes, a rule image takes {MAX_TEXT}"
        )
    return text


def _hash_table(keys: list[_Key]) -> tuple[bytes, int]:
    """Return (the slots, longest run of slots that a name needs): open addressing, half full."""
    if not keys:
        return b"", 0
    size = 1
    while size < 2 * len(keys):
        size *= 2
    slots = [0] * size
    probes = 0
    for index, (kind, text) in enumerate(keys):
        at = _hash(kind, text)
        run = 0
        while slots[(at + run) % size]:
            run += 1
        slots[(at + run) % size] = index + 1
        probes = max(probes, run + 1)
    return b"".join(s.to_bytes(4, "big") for s in slots), probes


def _hash(kind: Atom, text: bytes) -> int:
    """FNV-1a of 32 bits; the kind shifts its start, so a name and a prefix differ."""
    value = _FNV_BASIS + kind
    for byte in text:
        value = (value ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    return value
