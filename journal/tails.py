"""Damaged ends of receivers, as a verification meets them: in flight, recorded, or torn."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import BinaryIO

from journal.entry import GapEntry
from journal.scan import Hole, digest_of, frame_at

#: A live writer's half-written append is whole after microseconds; this is long enough.
_RETRIES, _RETRY_SECONDS = 3, 0.001


@dataclass(frozen=True, slots=True)
class Tear:
    """Damaged bytes that a receiver ends with."""

    receiver: str
    offset: int
    sha256: str

    def contradicts(self, gap: GapEntry) -> bool:
        """Whether a gap entry records this tear with other bytes."""
        details = gap.details
        same_place = (details.get("receiver"), details.get("offset")) == (
            self.receiver,
            self.offset,
        )
        return same_place and details.get("sha256") != self.sha256


def tear_of(file: BinaryIO, receiver: str, hole: Hole) -> Tear:
    """Return the tear that a receiver ends with."""
    return Tear(receiver, hole.offset, digest_of(file, hole))


def was_in_flight(file: BinaryIO, offset: int) -> bool:
    """Whether the damaged end is a sound frame by now: it was being appended just then."""
    for _ in range(_RETRIES):
        size = os.fstat(file.fileno()).st_size
        if frame_at(file, offset, size) is not None:
            return True
        time.sleep(_RETRY_SECONDS)
    return False
