"""Where a journal ends: found at every opening, and after another process's damage.

Whatever is found, nothing is cut and nothing is hidden: a receiver that ends unsound, or that
has a hole in it after a power loss, is left byte for byte, and the next one begins with an
entry that says where the damage is and what its bytes hash to.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from journal.entry import GapEntry, GapReason
from journal.frames import NO_CHAIN, Frame, Kind
from journal.receiver import list_receivers, receiver_number
from journal.scan import Hole, digest_of, last_frame, last_sequence, open_receiver, walk


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a journal.

    Attributes:
        number, name: of the last receiver.
        size: its bytes; ``sound_bytes`` of them up to the last sound frame.
        sequence: number of the last entry; 0 if there is none.
        chain: chain value to go on from.
        frame: the last sound frame of this receiver; ``None`` if it holds none.
        gap: what to record before anything else; ``None`` if nothing is wrong.
    """

    number: int
    name: str
    size: int
    sound_bytes: int
    sequence: int
    chain: bytes
    frame: Frame | None
    gap: GapEntry | None

    @property
    def sealed(self) -> bool:
        """Whether the receiver is full, and sound."""
        return self.frame is not None and self.frame.kind == Kind.SEAL and self.gap is None


def find_tail(directory: Path, *, thorough: bool) -> Tail | None:
    """Return where the journal ends; ``None`` if it has no receiver. Call it under the lock.

    Args:
        directory: the journal's.
        thorough: read the last receiver whole (after a power loss, which can leave a hole
            before its end); otherwise its last frame alone, if that is sound.

    Raises:
        JournalError: a receiver cannot be read.
    """
    receivers = list_receivers(directory)
    if not receivers:
        return None
    path = receivers[-1]
    if not thorough:
        with open_receiver(path) as file:
            size = os.fstat(file.fileno()).st_size
            last = last_frame(file.fileno(), size)
        if last is not None:
            return _tail(path, size, size, last, None)
    return _examine(receivers)


def _tail(path: Path, size: int, sound: int, frame: Frame, gap: GapEntry | None) -> Tail:
    number, sequence = _number(path), last_sequence(frame)
    return Tail(number, path.name, size, sound, sequence, frame.chain, frame, gap)


def _number(path: Path) -> int:
    number = receiver_number(path.name)
    assert number is not None
    return number


def _examine(receivers: list[Path]) -> Tail:
    """Read the last receiver whole and say what is wrong with it."""
    path = receivers[-1]
    frame: Frame | None = None
    sound = places = 0
    hole: Hole | None = None
    with open_receiver(path) as file:
        size = os.fstat(file.fileno()).st_size
        for item in walk(file, end=size):
            if isinstance(item, Hole):
                hole, places = item, places + 1
            else:
                frame, sound = item.frame, item.offset + item.frame.size
        gap = None if hole is None else _torn(file, path.name, hole, places, size)
    if frame is not None:
        return _tail(path, size, sound, frame, gap)
    return _without_frame(receivers, size, gap)


def _without_frame(receivers: list[Path], size: int, gap: GapEntry | None) -> Tail:
    """The last receiver holds nothing sound: go on from the one before it."""
    path = receivers[-1]
    gap = gap or GapEntry(
        GapReason.TORN_TAIL, f"{path.name} was found empty", {"receiver": path.name, "bytes": 0}
    )
    sequence, chain = 0, NO_CHAIN
    for earlier in reversed(receivers[:-1]):
        before = _examine([earlier])
        if before.sound_bytes:
            sequence, chain = before.sequence, before.chain
            break
    return Tail(_number(path), path.name, size, 0, sequence, chain, None, gap)


def _torn(file: BinaryIO, name: str, last: Hole, places: int, size: int) -> GapEntry:
    """Return the entry that records the damage; it names the last hole and counts them all."""
    where = "at its end" if last.offset + last.size == size else "before its end"
    return GapEntry(
        GapReason.TORN_TAIL,
        f"{name} was found damaged {where}: an append was cut off, or bytes were changed",
        {
            "receiver": name,
            "offset": last.offset,
            "bytes": last.size,
            "places": places,
            "sha256": digest_of(file, last),
        },
    )
