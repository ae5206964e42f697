"""When appended bytes reach the disk: one flush for many appends, or one before each answer.

Rules of the file:

* A descriptor whose flush failed is never flushed again: the kernel may have dropped the pages
  and would report success (PostgreSQL's lesson of 2018). It is given up, and the journal goes
  on in a new receiver.
* A receiver that is left (full, or given up) is flushed before it is forgotten.
* A new receiver counts only when its directory is flushed too.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path

from epm.errors import JournalError
from journal.locking import sync_directory

#: Pause between group flushes, in seconds: with the flush itself it stays below the 50 ms
#: that the journal promises.
GROUP_PAUSE = 0.02


class Flusher:
    """Flushes the current receiver, and those that were left since the last flush.

    Thread-safe. Without :meth:`start` nothing runs in the background, and the owner flushes
    before each answer.
    """

    def __init__(self, directory: Path) -> None:
        """Make a flusher for the journal in ``directory``."""
        self._directory = directory
        self._guard = threading.Lock()
        self._flushing = threading.Lock()
        self._current: int | None = None
        self._number = 0
        self._given_up = 0
        self._left: list[int] = []
        self._directory_dirty = False
        self._dirty = threading.Event()
        self._stop = False
        self._thread: threading.Thread | None = None
        #: Why the current receiver was given up; ``None`` while it is sound.
        self.failure: str | None = None

    def use(self, descriptor: int, number: int) -> None:
        """Take receiver ``number`` as the current one; the one before is flushed, then closed."""
        with self._guard:
            if self._current is not None:
                if self.failure is None:
                    self._left.append(self._current)
                else:
                    os.close(self._current)
            self._current, self._number = descriptor, number
            self._directory_dirty = True
            self.failure = None

    @property
    def running(self) -> bool:
        """Whether a background thread flushes."""
        return self._thread is not None

    def start(self) -> None:
        """Flush in the background from now on. Call it after any fork."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="journal-flush", daemon=True)
            self._thread.start()

    def appended(self) -> None:
        """Say that bytes were appended."""
        if not self._dirty.is_set():
            self._dirty.set()

    def _run(self) -> None:
        while True:
            self._dirty.wait()
            if self._stop:
                return
            self._dirty.clear()
            # A failure is kept: the next append goes on in a new receiver and says so.
            with contextlib.suppress(JournalError):
                self.flush()
            # Whatever is appended in this pause shares the next flush.
            time.sleep(GROUP_PAUSE)

    def flush(self, number: int | None = None) -> None:
        """Bring everything appended so far to the disk.

        Args:
            number: the receiver that the caller has appended to, if it must know of that one.

        Raises:
            JournalError: it cannot be flushed, and the current receiver is given up; or
                receiver ``number`` was given up before its bytes were flushed.
        """
        with self._flushing:
            if number is not None and number <= self._given_up:
                raise JournalError(f"journal {self._directory}: flush failed")
            with self._guard:
                left, self._left = self._left, []
                current = self._current if self.failure is None else None
                directory_dirty, self._directory_dirty = self._directory_dirty, False
            try:
                for descriptor in left:
                    _flush(descriptor)
                if current is not None:
                    _flush(current)
                if directory_dirty:
                    sync_directory(self._directory)
            except OSError as error:
                text = f"journal {self._directory}: flush failed: {error.strerror}"
                with self._guard:
                    if self._current == current:
                        self.failure = error.strerror or "input/output error"
                        self._given_up = self._number
                raise JournalError(text) from None
            finally:
                for descriptor in left:
                    os.close(descriptor)

    def stop(self) -> None:
        """Stop the background thread."""
        self._stop = True
        self._dirty.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def close(self) -> None:
        """Close the receivers; :meth:`stop` and :meth:`flush` come before."""
        with self._guard:
            for descriptor in (*self._left, self._current):
                if descriptor is not None:
                    os.close(descriptor)
            self._left, self._current = [], None


def _flush(descriptor: int) -> None:
    """Flush a file's data and what is needed to find it; where only fsync exists, by that."""
    if hasattr(os, "fdatasync"):
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)
