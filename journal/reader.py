"""Reading a journal, live or at rest, without a lock: forwards, backwards, one entry.

A receiver only grows, so a reader takes each one's size when it comes to it and reads no
further. An append that is half written just then is not there yet. One frame at a time is in
memory, whatever the journal's size.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from epm.errors import JournalDamagedError, JournalError
from journal.entry import Stored
from journal.failures import as_journal_error
from journal.frames import Kind
from journal.payload import TIME_SLICE
from journal.payload_decode import decode_payload
from journal.receiver import ReceiverHeader, list_receivers
from journal.scan import Hole, last_frame, open_receiver, read_header, walk
from journal.seek import before_number, before_time, first_not_before, near


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry as it lies in a receiver, its payload not read yet.

    Attributes:
        offset: of its frame in the receiver.
        payload: ASCII JSON.
        chain: the chain value that its frame carries.
    """

    sequence: int
    receiver: str
    offset: int
    payload: bytes
    chain: bytes

    @property
    def time_text(self) -> str:
        """The time, ``YYYY-MM-DDTHH:MM:SS.mmmmmm`` UTC, without reading the payload."""
        return self.payload[TIME_SLICE].decode("ascii", "replace")

    def decode(self) -> Stored:
        """Return the entry.

        Raises:
            JournalDamagedError: the payload is not one of an entry.
        """
        return decode_payload(self.payload, self.sequence, self.receiver)


@dataclass(frozen=True, slots=True)
class Damage:
    """A place of a receiver that holds no sound frame."""

    receiver: str
    offset: int
    size: int

    def __str__(self) -> str:
        return f"receiver {self.receiver}: {self.size} damaged bytes at offset {self.offset}"


OnDamage = Callable[[Damage], None]


def refuse_damage(damage: Damage) -> None:
    """Stop at damage.

    Raises:
        JournalDamagedError: always.
    """
    raise JournalDamagedError(str(damage))


class JournalReader:
    """Reads the journal in a directory. Holds no descriptor between calls."""

    def __init__(self, directory: Path) -> None:
        """Read the journal in ``directory``.

        Raises:
            JournalError: it holds no receiver.
        """
        self._directory = directory
        self._headers: dict[str, ReceiverHeader] = {}
        if not list_receivers(directory):
            raise JournalError(f"journal {directory} holds no receiver")

    def receivers(self) -> list[tuple[Path, ReceiverHeader | None]]:
        """Return the receivers, oldest first, each with its header (``None`` if damaged)."""
        return [(path, self._header(path)) for path in list_receivers(self._directory)]

    def _header(self, path: Path) -> ReceiverHeader | None:
        header = self._headers.get(path.name)
        if header is None:
            try:
                header = read_header(path)
            except JournalDamagedError:
                return None
            self._headers[path.name] = header
        return header

    def entries(self, start: int = 1, *, on_damage: OnDamage = refuse_damage) -> Iterator[RawEntry]:
        """Yield the entries from number ``start`` on, up to the end as it is when reached.

        Args:
            start: number of the first entry wanted.
            on_damage: told of each damaged place at that entry or behind it; the default stops
                there.

        Raises:
            JournalError: a receiver cannot be read.
            JournalDamagedError: from ``on_damage``.
        """
        receivers = self.receivers()
        for position in range(_first_wanted(receivers, start), len(receivers)):
            path = receivers[position][0]
            is_last = position == len(receivers) - 1
            heed = on_damage if is_last else _unless_settled(receivers[position + 1][1], on_damage)
            with open_receiver(path) as file:
                yield from _forward(file, path.name, start, is_last, heed)

    def backward(
        self, before: int | None = None, *, on_damage: OnDamage = refuse_damage
    ) -> Iterator[RawEntry]:
        """Yield the entries that come before number ``before`` (all), newest first.

        Raises:
            JournalError: a receiver cannot be read.
            JournalDamagedError: from ``on_damage``.
        """
        receivers = self.receivers()
        last = len(receivers) if before is None else _first_wanted(receivers, before) + 1
        for position in reversed(range(last)):
            path = receivers[position][0]
            is_last = position == len(receivers) - 1
            heed = on_damage if is_last else _unless_settled(receivers[position + 1][1], on_damage)
            with open_receiver(path) as file:
                size = os.fstat(file.fileno()).st_size
                end = size if before is None else _end_before(file, before, size)
                for entry in _backward(file, path.name, is_last and end == size, heed, end):
                    if before is None or entry.sequence < before:
                        yield entry

    def entry(self, sequence: int) -> RawEntry:
        """Return the entry with a number.

        Raises:
            JournalError: there is none.
        """
        for entry in self.entries(sequence, on_damage=lambda _: None):
            if entry.sequence == sequence:
                return entry
            break
        raise JournalError(f"journal {self._directory}: there is no entry {sequence}")

    def number_at(self, at: datetime) -> int | None:
        """Return the number of the first entry that is not earlier; ``None`` if all are.

        Args:
            at: UTC, without zone. An imported record counts as of the time of its import.

        Raises:
            JournalError: a receiver cannot be read.
        """
        receivers = self.receivers()
        text = at.isoformat(timespec="microseconds")
        made = [header.created if header else "" for _, header in receivers]
        # The time may be of the end of the receiver before the first that was made later.
        begin = next((n for n, created in enumerate(made) if created > text), len(made)) - 1
        for path, _ in receivers[max(0, begin) :]:
            with open_receiver(path) as file:
                size = os.fstat(file.fileno()).st_size
                found = first_not_before(file, before_time(at), size)
            if found is not None and found[1].kind == Kind.ENTRY:
                return found[1].number
        return None

    def last(self) -> RawEntry | None:
        """Return the newest sound entry; ``None`` if there is none."""
        return next(self.backward(on_damage=lambda _: None), None)


def _first_wanted(receivers: list[tuple[Path, ReceiverHeader | None]], start: int) -> int:
    """Return the place of the receiver that holds entry ``start``, or of one before it.

    A receiver with a damaged header counts as beginning where the one before it begins.
    """
    firsts: list[int] = []
    for _, header in receivers:
        firsts.append(header.first if header else (firsts[-1] if firsts else 1))
    return max(0, bisect_right(firsts, start) - 1)


def _unless_settled(following: ReceiverHeader | None, on_damage: OnDamage) -> OnDamage:
    """Return ``on_damage``, but for the torn end that the next receiver has on record.

    A killed writer may leave half of an append that nobody was told of; opening the journal
    wrote a U/NG entry about it, so it is no damage any more.
    """
    previous = following.previous if following is not None else None
    if previous is None or previous.sealed:
        return on_damage

    def heed(damage: Damage) -> None:
        if damage.offset != previous.sound_bytes:
            on_damage(damage)

    return heed


def _forward(
    file: BinaryIO, name: str, start: int, is_last: bool, on_damage: OnDamage
) -> Iterator[RawEntry]:
    size = os.fstat(file.fileno()).st_size
    begin = near(file, before_number(start), size) if start > 1 else 0
    for item in walk(file, begin, size):
        if isinstance(item, Hole):
            half_written = is_last and item.offset + item.size == size
            if not half_written:
                on_damage(Damage(name, item.offset, item.size))
        elif item.frame.kind == Kind.ENTRY and item.frame.number >= start:
            frame = item.frame
            yield RawEntry(frame.number, name, item.offset, frame.payload, frame.chain)


def _end_before(file: BinaryIO, before: int, size: int) -> int:
    """Return how many of ``size`` bytes hold a receiver's entries before number ``before``."""
    found = first_not_before(file, before_number(before), size)
    return size if found is None else found[0]


def _backward(
    file: BinaryIO, name: str, to_the_end: bool, on_damage: OnDamage, end: int
) -> Iterator[RawEntry]:
    """Yield a receiver's entries from ``end`` back, by the lengths that end the frames.

    ``to_the_end``: ``end`` is that of the journal, where an append may be half written.
    """
    descriptor = file.fileno()
    begun = end
    while end > 0:
        with as_journal_error(f"receiver {file.name}"):
            frame = last_frame(descriptor, end)
        if frame is None:
            at_end = to_the_end and end == begun
            yield from _backward_over_damage(file, name, end, at_end, on_damage)
            return
        end -= frame.size
        if frame.kind == Kind.ENTRY:
            yield RawEntry(frame.number, name, end, frame.payload, frame.chain)


def _backward_over_damage(
    file: BinaryIO, name: str, end: int, at_end: bool, on_damage: OnDamage
) -> Iterator[RawEntry]:
    """Backwards there is no way past damage: find the sound frames forwards, keep their places.

    Eight bytes a frame are kept: a receiver of 64 MiB cannot cost more than 10.
    """
    ends = array("Q")
    for item in walk(file, end=end):
        if isinstance(item, Hole):
            half_written = at_end and item.offset + item.size == end
            if not half_written:
                on_damage(Damage(name, item.offset, item.size))
        else:
            ends.append(item.offset + item.frame.size)
    for frame_end in reversed(ends):
        with as_journal_error(f"receiver {file.name}"):
            frame = last_frame(file.fileno(), frame_end)
        if frame is not None and frame.kind == Kind.ENTRY:
            place = frame_end - frame.size
            yield RawEntry(frame.number, name, place, frame.payload, frame.chain)


def head_of(entry: RawEntry | None) -> str:
    """Return the head of a journal, to be kept elsewhere: ``sequence:chain`` of its last entry."""
    return "0:" + bytes(32).hex() if entry is None else f"{entry.sequence}:{entry.chain.hex()}"
