"""The receiver that is being appended to, and how the journal goes on when it cannot be.

Rules of the file:

* INVARIANT: every method that writes is called under the append lock.
* What was written is never changed. Only an append of our own that did not fit is cut back.
* A receiver that is found damaged, cut, or that could not be flushed is left as it is: the
  journal goes on in a new one, whose header says where the sound part ended, and whose first
  entry (U/NG) says what happened. Methods that do this return that entry.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from epm.errors import JournalError
from journal import frames, recovery
from journal.durability import Flusher
from journal.entry import GapEntry, GapReason
from journal.failures import as_journal_error, journal_error
from journal.frames import NO_CHAIN, Frame, Kind
from journal.locking import AppendLock
from journal.payload import TIME_SLICE
from journal.receiver import (
    Previous,
    ReceiverHeader,
    first_frame,
    receiver_name,
)
from journal.scan import last_frame, last_sequence

_CREATE = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_OPEN = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Identity:
    """What every receiver's header repeats, and the journal's clock (UTC, without zone)."""

    directory: Path
    journal: str
    system: str
    now: Callable[[], datetime]


class CurrentReceiver:
    """The current receiver, as this process knows it.

    Attributes:
        number: its number; 0 if it must be looked for.
        size: bytes up to the last frame that we know.
        sequence: number of the last entry.
        latest: time of the latest entry that we know.
    """

    def __init__(self, identity: Identity, lock: AppendLock, flusher: Flusher) -> None:
        """Nothing is opened before :meth:`attach`."""
        self._identity = identity
        self._lock = lock
        self._flusher = flusher
        self._descriptor = -1
        self._chain = NO_CHAIN
        self.number = 0
        self.size = 0
        self.sequence = 0
        self.latest = datetime.min

    def attach(self, *, thorough: bool) -> GapEntry | None:
        """Open the current receiver, or go on in a new one if it is damaged, sealed or none.

        Args:
            thorough: read it whole (after a power loss), not its last frame alone.

        Raises:
            JournalError: it can be neither opened nor followed by a new one.
        """
        tail = recovery.find_tail(self._identity.directory, thorough=thorough)
        if tail is None:
            self._create(1, None, 0, NO_CHAIN)
            return None
        newest = self._lock.generation()
        if newest > tail.number:
            return self._leave_gone(tail, newest)
        if tail.frame is not None and tail.gap is None and not tail.sealed:
            descriptor = _open(self._identity.directory / tail.name, _OPEN)
            self._flusher.use(descriptor, tail.number)
            self._descriptor, self.number = descriptor, tail.number
            self._adopt(tail.size, tail.frame)
            self._lock.set_generation(tail.number)
            return None
        previous = Previous(tail.name, tail.sealed, tail.sound_bytes)
        self._create(tail.number + 1, previous, tail.sequence, tail.chain)
        return tail.gap

    def take_over(self) -> GapEntry | None:
        """Make sure that our view is the journal's: another process may have appended.

        Raises:
            JournalError: as :meth:`attach`.
        """
        failure = self._flusher.failure
        if failure is not None:
            return self._leave_failed(failure)
        if self._lock.generation() != self.number:
            return self.attach(thorough=False)
        size = os.lseek(self._descriptor, 0, os.SEEK_END)
        if size < self.size:
            return self._leave_cut(size)
        return self._catch_up(size) if size > self.size else None

    def _catch_up(self, size: int) -> GapEntry | None:
        last = last_frame(self._descriptor, size)
        if last is None or last.kind == Kind.SEAL:
            return self.attach(thorough=False)
        self._adopt(size, last)
        return None

    def _adopt(self, size: int, frame: Frame) -> None:
        self.size, self.sequence, self._chain = size, last_sequence(frame), frame.chain
        if frame.kind == Kind.ENTRY:
            # Time stays in order across writers; a payload that has none changes nothing.
            with contextlib.suppress(ValueError):
                at = datetime.fromisoformat(frame.payload[TIME_SLICE].decode("ascii"))
                self.latest = max(self.latest, at)

    def write(self, payload: bytes) -> int:
        """Append an entry and return its number.

        Raises:
            JournalError: it was not written.
        """
        self._write(Kind.ENTRY, self.sequence + 1, payload)
        self.sequence += 1
        return self.sequence

    def _write(self, kind: Kind, number: int, payload: bytes) -> None:
        data, chain = frames.encode_frame(self._chain, kind, number, payload)
        try:
            _write_whole(self._descriptor, data, self._identity.directory)
        except JournalError:
            # Our own half-written append: nobody was told of it, and the lock is ours. If even
            # this fails, the next writer finds a torn tail and leaves it as it is.
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)
        self._chain = chain

    def rotate(self) -> None:
        """Seal the receiver and go on in a new one.

        The entry that made it full is written and stays acknowledged, so a failure here is left
        to the next append, which finds the receiver sealed, or still too large.
        """
        with contextlib.suppress(JournalError):
            self._write(Kind.SEAL, self.sequence, b"{}")
            full, self.number = self.number, 0
            previous = Previous(receiver_name(full), True, self.size)
            self._create(full + 1, previous, self.sequence, self._chain)

    def _leave_failed(self, why: str) -> GapEntry:
        """Go on in a new receiver: the flush of the current one failed."""
        name, after = receiver_name(self.number), self.sequence
        if self._lock.generation() == self.number:
            size = os.lseek(self._descriptor, 0, os.SEEK_END)
            last = last_frame(self._descriptor, size)
            if last is not None:
                self._adopt(size, last)
            self._continue_after(name)
        else:
            self.attach(thorough=False)
        text = f"up to {name} could not be flushed ({why}): last entries may not be on disk"
        return GapEntry(GapReason.FLUSH_FAILED, text, {"receiver": name, "after": after})

    def _leave_cut(self, size: int) -> GapEntry:
        """Go on in a new receiver, by what this process knows: someone cut the current one."""
        name, cut = receiver_name(self.number), self.size - size
        after = self.sequence
        self._continue_after(name)
        text = f"{name} was made shorter by someone while it was open"
        return GapEntry(GapReason.CUT, text, {"receiver": name, "bytes": cut, "after": after})

    def _leave_gone(self, tail: recovery.Tail, newest: int) -> GapEntry:
        """Go on after receivers that were written and are not there any more."""
        previous = Previous(tail.name, tail.sealed, tail.sound_bytes)
        self._create(newest + 1, previous, tail.sequence, tail.chain)
        text = f"the receivers after {tail.name}, up to {receiver_name(newest)}, are gone"
        details: dict[str, str | int] = {
            "receiver": tail.name,
            "newest": receiver_name(newest),
            "after": tail.sequence,
        }
        return GapEntry(GapReason.CUT, text, details)

    def _continue_after(self, name: str) -> None:
        previous = Previous(name, False, self.size)
        self._create(self.number + 1, previous, self.sequence, self._chain)

    def _create(self, number: int, previous: Previous | None, sequence: int, chain: bytes) -> None:
        identity, name = self._identity, receiver_name(number)
        created = identity.now().isoformat(timespec="microseconds")
        header = ReceiverHeader(
            identity.journal, identity.system, name, sequence + 1, created, previous, chain.hex()
        )
        data, chain = first_frame(header)
        path = identity.directory / name
        with as_journal_error(f"receiver {path}"):
            descriptor = _make(path, data)
            self._flusher.use(descriptor, number)
            self._descriptor, self.number = descriptor, number
            self.size, self.sequence, self._chain = len(data), sequence, chain
            self._lock.set_generation(number)


def _make(path: Path, header: bytes) -> int:
    """Make a receiver and return its descriptor.

    It is written beside and renamed, so that no reader ever sees a receiver without header.

    Raises:
        OSError: it cannot be made.
        JournalError: there is no space for its header.
    """
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, _CREATE, 0o600)
    try:
        _write_whole(descriptor, header, draft)
        draft.rename(path)
    except BaseException:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    return descriptor


def _open(path: Path, flags: int) -> int:
    with as_journal_error(f"receiver {path}"):
        return os.open(path, flags, 0o600)


def _write_whole(descriptor: int, data: bytes, where: Path) -> None:
    """Write ``data`` in one go.

    Raises:
        JournalError: it was not written whole.
    """
    try:
        written = os.write(descriptor, data)
    except OSError as error:
        raise journal_error(f"journal {where}", error) from None
    if written != len(data):
        raise JournalError(f"journal {where}: no space left for an entry")
