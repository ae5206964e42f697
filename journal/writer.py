"""The journal as a writer sees it: append an entry, and it is in the journal.

Rules of the file:

* INVARIANT: when :meth:`Journal.append` returns, the entry is in the receiver file, so that a
  killed process loses nothing; when it raises, the entry was not acknowledged and the caller
  must fail closed.
* INVARIANT: entries are numbered without gap and chained without break, whoever appends. Each
  append is made under a lock between processes that is held for one write; a writer that
  finds that another one has written meanwhile first takes over where that one stopped.
* The order of a process is: fork first, then :meth:`Journal.start` (which makes a thread).
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType

from epm.errors import JournalError
from journal.current import CurrentReceiver, Identity
from journal.durability import Flusher
from journal.entry import Entry, GapEntry, GapReason
from journal.failures import as_journal_error, journal_error
from journal.frames import MAX_PAYLOAD
from journal.locking import (
    OPENING_NAME,
    OPENING_WAIT_SECONDS,
    AppendLock,
    FileLock,
    OpenMark,
    boot_identity,
    collect_left_open,
)
from journal.payload import encode_payload

DEFAULT_RECEIVER_BYTES = 64 << 20
#: A holder needs microseconds, and tens of milliseconds where the processors are busy with others:
#: a call that waits no longer than that would be rejected for the machine's load.
LOCK_WAIT_SECONDS = 1.0
#: A clock that is set back by less is taken as jitter: the entry gets the time before it.
CLOCK_TOLERANCE = timedelta(seconds=1)


class Sync(StrEnum):
    """When an entry is on disk."""

    GROUP = "group"
    ALWAYS = "always"


class Journal:
    """An open journal. A context manager; thread-safe; not to be used across a fork."""

    def __init__(
        self,
        identity: Identity,
        sync: Sync,
        receiver_bytes: int,
        lock_wait: float,
    ) -> None:
        """Use :meth:`open`."""
        self._identity = identity
        self._always = sync is Sync.ALWAYS
        self._receiver_bytes = receiver_bytes
        self._mutex = threading.Lock()
        self._lock = AppendLock(identity.directory, lock_wait)
        self._flusher = Flusher(identity.directory)
        self._current = CurrentReceiver(identity, self._lock, self._flusher)
        self._pid = os.getpid()
        self._mark: OpenMark | None = None
        self._unwritten: list[GapEntry] = []
        self._open = True

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        journal_name: str,
        system: str,
        clock: Callable[[], datetime],
        sync: Sync | str = Sync.GROUP,
        create: bool = True,
        receiver_bytes: int = DEFAULT_RECEIVER_BYTES,
        lock_wait: float = LOCK_WAIT_SECONDS,
        boot: str | None = None,
    ) -> Journal:
        """Open a journal to append to; several processes may.

        Args:
            directory: where its receivers are; made (0700) if ``create``.
            journal_name: up to 10 characters, for the headers.
            system: the system that the entries are of.
            clock: gives the time with its zone; entries are stamped in UTC.
            sync: ``group``: on disk within 50 ms once :meth:`start` was called, before the
                append returns until then; ``always``: before the append returns.
            create: make the journal if there is none.
            receiver_bytes: a receiver that is larger is sealed, and a new one begun.
            lock_wait: seconds to wait at most for another process's append.
            boot: identity of the running boot, if not the machine's (for tests).

        Raises:
            JournalError: it is missing, may be written by others, or cannot be opened.
        """
        _prepare(directory, create)
        identity = Identity(directory, journal_name, system, lambda: _utc(clock()))
        journal = cls(identity, Sync(sync), receiver_bytes, lock_wait)
        try:
            journal._begin(boot_identity() if boot is None else boot)
        except BaseException:
            with contextlib.suppress(JournalError):
                journal.close()
            raise
        return journal

    def _begin(self, boot: str) -> None:
        """Find the journal's end, and settle what processes that did not close it left."""
        directory = self._identity.directory
        opening = FileLock(directory / OPENING_NAME, OPENING_WAIT_SECONDS)
        try:
            with as_journal_error(f"journal {directory}"), opening:
                self._mark = OpenMark(directory, boot, grouped=not self._always)
                left = collect_left_open(directory, boot)
                with self._lock:
                    self._note(self._current.attach(thorough=left.power_lost))
                    if left.power_lost:
                        self._note(_power_loss(self._current.sequence))
                # Not under the append lock: those who append do not wait for the disk.
                if left.marks:
                    self._flusher.flush()
                    left.forget()
        finally:
            opening.close()

    def start(self) -> None:
        """Flush in the background from now on. Makes a thread: call it after any fork."""
        self._flusher.start()

    @property
    def directory(self) -> Path:
        """Where the receivers are."""
        return self._identity.directory

    @property
    def last_sequence(self) -> int:
        """Number of the last entry that this writer knows of; 0 if there is none."""
        return self._current.sequence

    def append(self, entry: Entry) -> int:
        """Append an entry and return its number.

        Raises:
            JournalError: it cannot be written; nothing was acknowledged.
        """
        with self._mutex:
            if not self._open or os.getpid() != self._pid:
                raise JournalError(
                    f"journal {self.directory}: not open in this process (open it after a fork)"
                )
            current = self._current
            try:
                with self._lock:
                    self._note(current.take_over())
                    number = self._stamp_and_write(entry)
                    receiver = current.number
                    if current.size >= self._receiver_bytes:
                        current.rotate()
            except OSError as error:
                raise journal_error(f"journal {self.directory}", error) from None
        if self._always or not self._flusher.running:
            self._flusher.flush(receiver)
        else:
            self._flusher.appended()
        return number

    def _note(self, gap: GapEntry | None) -> None:
        """Write a gap entry, and those that there was no space for when they came up."""
        if gap is not None:
            self._unwritten.append(gap)
        while self._unwritten:
            self._stamp_and_write(self._unwritten[0])
            del self._unwritten[0]

    def _stamp_and_write(self, entry: Entry) -> int:
        now = self._identity.now()
        if now < self._current.latest:
            now = self._clock_went_back(now)
        self._current.latest = now
        at = now.isoformat(timespec="microseconds")
        payload = encode_payload(entry, at, self._identity.system)
        if len(payload) > MAX_PAYLOAD:
            raise JournalError(
                f"journal {self.directory}: an entry of {len(payload)} bytes is too large"
            )
        return self._current.write(payload)

    def _clock_went_back(self, now: datetime) -> datetime:
        """Return the time to use; a real step back is recorded, and time goes on from there."""
        latest = self._current.latest
        back = latest - now
        if back <= CLOCK_TOLERANCE:
            return latest
        self._current.latest = now
        text = f"the clock was set back by {back.total_seconds():.0f} s"
        before = latest.isoformat(timespec="microseconds")
        self._stamp_and_write(GapEntry(GapReason.CLOCK_STEP, text, {"latest": before}))
        return now

    def close(self) -> None:
        """Flush and close.

        Raises:
            JournalError: it cannot be flushed, nor can that be recorded; the mark that the
                journal was not closed stays.
        """
        with self._mutex:
            if not self._open:
                return
            self._open = False
            mark, self._mark = self._mark, None
            try:
                self._flush_last()
            except JournalError:
                if mark is not None:
                    mark.abandon()
                raise
            else:
                if mark is not None:
                    mark.remove()
            finally:
                self._flusher.close()
                self._lock.close()

    def _flush_last(self) -> None:
        """Flush; where that fails, say so in a new receiver."""
        self._flusher.stop()
        with contextlib.suppress(JournalError):
            self._flusher.flush()
        if self._flusher.failure is not None:
            with as_journal_error(f"journal {self.directory}"), self._lock:
                self._note(self._current.take_over())
            self._flusher.flush()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)


def _power_loss(after: int) -> GapEntry:
    text = "the system went down without an orderly close: up to 50 ms of entries may be missing"
    return GapEntry(GapReason.POWER_LOSS, text, {"after": after, "milliseconds": 50})


def _prepare(directory: Path, create: bool) -> None:
    """Make the directory, or make sure that nobody else may write to it."""
    with as_journal_error(f"journal {directory}"):
        if create:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = directory.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise JournalError(f"journal {directory} is not a directory")
    if status.st_uid not in (os.geteuid(), 0) or status.st_mode & 0o022:
        raise JournalError(f"journal {directory}: others may write to the directory (want 0700)")
