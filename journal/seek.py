"""Finding a place in a receiver without reading what lies before it.

Frames are in order, so their places can be halved: some twenty probes find any entry of a
receiver of any size. Where a receiver was damaged or its frames were reordered the place found
is one from which the entry is reached by walking on, or the entry is not where the order says
that it must be; :mod:`journal.verify` reads every byte and names both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from journal.frames import Frame, Kind
from journal.payload import TIME_SLICE
from journal.scan import Hole, frame_at, last_sequence, next_sound, walk

#: Halving stops at so many bytes: they are walked over.
_NEAR = 1 << 16

IsBefore = Callable[[Frame], bool]


def before_number(number: int) -> IsBefore:
    """Return what tells whether a frame lies before entry ``number``."""
    return lambda frame: last_sequence(frame) < number


def before_time(at: datetime) -> IsBefore:
    """Return what tells whether a frame lies before the entries of a time.

    Args:
        at: UTC, without zone. The times are the journal's; an imported record has another one
            of its own.
    """
    text = at.isoformat(timespec="microseconds").encode("ascii")

    def is_before(frame: Frame) -> bool:
        if frame.kind != Kind.ENTRY:
            return frame.kind == Kind.HEADER
        return frame.payload[TIME_SLICE] < text

    return is_before


def near(file: BinaryIO, is_before: IsBefore, size: int) -> int:
    """Return the place of a frame that is before what is sought, and mostly near it.

    Args:
        file: of a receiver.
        is_before: true for every frame up to some place, false from there on.
        size: bytes of the receiver to look at.

    Raises:
        JournalError: the file cannot be read.
    """
    low, high = 0, size
    while high - low > _NEAR:
        middle = (low + high) // 2
        place = next_sound(file, middle, size)
        frame = frame_at(file, place, size) if place < high else None
        if frame is not None and is_before(frame):
            low = place
        else:
            high = middle
    return low


def first_not_before(file: BinaryIO, is_before: IsBefore, size: int) -> tuple[int, Frame] | None:
    """Return (offset, frame) of the first frame that is not before; ``None`` if all are.

    Args:
        file: of a receiver.
        is_before: true for every frame up to some place, false from there on.
        size: bytes of the receiver to look at.

    Raises:
        JournalError: the file cannot be read.
    """
    for item in walk(file, near(file, is_before, size), size):
        if not isinstance(item, Hole) and not is_before(item.frame):
            return item.offset, item.frame
    return None
