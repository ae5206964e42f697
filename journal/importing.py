"""Putting records of other journals into ours, each exactly once."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from epm.errors import JournalError, SettingsError
from journal.entry import ForeignEntry
from journal.parsing.rows import Damaged, Record, split_row
from journal.reader import JournalReader, RawEntry
from journal.receiver import list_receivers
from journal.writer import Journal

_LOCK_NAME = "import.lock"
_KEY = re.compile(rb'"source":"((?:[^"\\]|\\.)*)","number":([0-9]{1,20}),')
_FOREIGN = b'"k":"FR"'
_BITS = 16
#: A block with more numbers than this is kept as a bit map instead of a set.
_DENSE = 256


class SequenceSet:
    """A set of numbers, small for runs and for stragglers: bit maps of 65,536, made when dense."""

    def __init__(self) -> None:
        """Make it empty."""
        self._blocks: dict[int, set[int] | bytearray] = {}

    def add(self, number: int) -> bool:
        """Add a number; false if it was there."""
        high, low = number >> _BITS, number & ((1 << _BITS) - 1)
        block = self._blocks.setdefault(high, set())
        if isinstance(block, set):
            if low in block:
                return False
            block.add(low)
            if len(block) > _DENSE:
                self._blocks[high] = _bit_map(block)
            return True
        byte, bit = low >> 3, 1 << (low & 7)
        if block[byte] & bit:
            return False
        block[byte] |= bit
        return True


def _bit_map(numbers: set[int]) -> bytearray:
    block = bytearray(1 << (_BITS - 3))
    for number in numbers:
        block[number >> 3] |= 1 << (number & 7)
    return block


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did.

    Attributes:
        imported: records put in.
        present: records whose system and number were there already.
        different: of those, how many say something else than what is there: the numbers of
            that system's journal were begun anew, or one of the two is not genuine.
        damaged: records that cannot be read, at most :data:`MAX_DAMAGED`.
    """

    imported: int
    present: int
    different: int
    damaged: tuple[Damaged, ...]
    damaged_count: int


#: More damaged records than this are counted, not kept.
MAX_DAMAGED = 1000
#: Of more records that are there already, the rest is not compared.
MAX_COMPARED = 50_000


def import_records(
    journal: Journal,
    records: Iterable[Record | Damaged],
    *,
    ccsid: int = 37,
    system: str | None = None,
    source: str | None = None,
) -> ImportResult:
    """Put parsed records into a journal; those already there, by system and number, stay once.

    Flushing in groups is much faster: call :meth:`Journal.start` first. A second import at the
    same time is refused, because the two could not see each other's records.

    Args:
        journal: open to append.
        records: of :func:`journal.parsing.api.parse`; other entries than SK too, if wanted.
        ccsid: that they were parsed with.
        system: of records that do not say theirs.
        source: what numbers these are, where they are not those of the system's audit journal:
            another journal's, or numbers that were begun anew. Records are counted under it.

    Raises:
        JournalError: the journal cannot be written, or another import is running.
        SettingsError: a record has no sequence number (bare entry-specific data), or neither
            it nor ``system`` says which system it is of.
    """
    imported = present = damaged_count = 0
    doubtful: dict[tuple[str, int], ForeignEntry] = {}
    damaged: list[Damaged] = []
    with _alone(journal.directory):
        known = known_sequences(journal.directory)
        for record in records:
            if isinstance(record, Damaged):
                damaged_count += 1
                damaged += [record] if len(damaged) < MAX_DAMAGED else []
                continue
            entry = foreign_entry(record, ccsid, system, source)
            if known.setdefault(entry.source, SequenceSet()).add(entry.sequence):
                journal.append(entry)
                imported += 1
            else:
                present += 1
                if len(doubtful) < MAX_COMPARED:
                    doubtful[entry.source, entry.sequence] = entry
        different = _different(journal.directory, doubtful)
    return ImportResult(imported, present, different, tuple(damaged), damaged_count)


def _different(directory: Path, doubtful: Mapping[tuple[str, int], ForeignEntry]) -> int:
    """Return how many entries of the journal say something else than ``doubtful`` does."""
    count = 0
    for source, number, raw in _foreign(directory) if doubtful else ():
        new = doubtful.get((source, number))
        if new is not None:
            old = raw.decode().entry
            same = isinstance(old, ForeignEntry) and (old.header, old.data) == (
                new.header,
                new.data,
            )
            count += not same
    return count


def foreign_entry(
    record: Record, ccsid: int, system: str | None, source: str | None = None
) -> ForeignEntry:
    """Return a parsed record as an entry; arguments as :func:`import_records`.

    Raises:
        SettingsError: it has no sequence number, or no system.
    """
    header, data = split_row(record.row)
    if header.sequence is None:
        raise SettingsError("records without a sequence number cannot be imported exactly once")
    source = source or header.system or system
    if not source:
        raise SettingsError("the records do not say which system they are of: name it")
    return ForeignEntry(source, header.sequence, header, data, record.form, ccsid, record.raw)


def known_sequences(directory: Path) -> dict[str, SequenceSet]:
    """Return the numbers of the records that a journal holds already, by system.

    Raises:
        JournalError: the journal cannot be read.
    """
    known: dict[str, SequenceSet] = {}
    for source, number, _ in _foreign(directory):
        known.setdefault(source, SequenceSet()).add(number)
    return known


def last_sequences(directory: Path) -> dict[str, int]:
    """Return the highest number that a journal holds of each system's records.

    Raises:
        JournalError: the journal cannot be read.
    """
    last: dict[str, int] = {}
    for source, number, _ in _foreign(directory):
        last[source] = max(number, last.get(source, 0))
    return last


def _foreign(directory: Path) -> Iterator[tuple[str, int, RawEntry]]:
    """Yield (system, its number, entry) of each imported record, its payload not decoded."""
    if not list_receivers(directory):
        return
    for raw in JournalReader(directory).entries(on_damage=lambda _: None):
        if _FOREIGN not in raw.payload[:64]:
            continue
        match = _KEY.search(raw.payload)
        if match is not None:
            # The name is JSON text; only a name with escapes needs a decoder.
            name = match[1].decode("ascii")
            source = name if "\\" not in name else _unescaped(match[1])
            yield source, int(match[2]), raw


def _unescaped(text: bytes) -> str:
    value = json.loads(b'"' + text + b'"')
    assert isinstance(value, str)
    return value


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        descriptor = os.open(directory / _LOCK_NAME, flags, 0o600)
    except OSError as error:
        raise JournalError(f"journal {directory}: {error.strerror}") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalError(f"journal {directory}: another import is running") from None
        yield
    finally:
        os.close(descriptor)
