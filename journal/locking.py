"""The locks that several processes share, and the marks of those that have the journal open.

``lock``: held (flock) for the microseconds of one append. Its *size* is the number of the
current receiver, so that a writer learns from one call that another has gone on to a new one.

``opening``: held while a process opens the journal, flushes included, so that those who append
meanwhile never wait for a disk.

``open.PID.RANDOM``: one per process that appends, locked as long as it lives, holding the boot
that it lives in. A mark that is not locked was left by a process that was killed; if its boot
is over too, the machine went down, and what had not been flushed may be gone.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from epm.errors import JournalError
from journal.failures import as_journal_error

LOCK_NAME = "lock"
OPENING_NAME = "opening"
#: Opening flushes files and, after a power loss, reads a receiver.
OPENING_WAIT_SECONDS = 30.0
_MARK_PREFIX = "open."
_PRIVATE = 0o600
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class FileLock:
    """An exclusive lock between processes, waited for a bounded time.

    A context manager; not re-entrant, and between threads guarded by its owner.
    """

    def __init__(self, path: Path, wait_seconds: float) -> None:
        """Open the lock file.

        Args:
            path: of the lock file, in the journal's directory.
            wait_seconds: after so long the caller gets an error, so that a decision fails
                closed instead of waiting for a stopped process.

        Raises:
            JournalError: it cannot be opened.
        """
        self._wait = wait_seconds
        self._path = path
        with as_journal_error(f"journal {path.parent}"):
            self._descriptor = os.open(path, _FLAGS, _PRIVATE)

    def __enter__(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._contend()

    def _contend(self) -> None:
        deadline = time.monotonic() + self._wait
        pause = 0.00005
        while True:
            time.sleep(pause)
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise JournalError(
                        f"journal {self._path.parent}: another process has held its lock for "
                        f"{self._wait * 1000:.0f} ms"
                    ) from None
                pause = min(pause * 2, 0.001)
            else:
                return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the lock file."""
        os.close(self._descriptor)


class AppendLock(FileLock):
    """The lock of one append, and the number of the current receiver."""

    def __init__(self, directory: Path, wait_seconds: float) -> None:
        """Open the lock file of the journal in ``directory``; see :class:`FileLock`.

        Raises:
            JournalError: it cannot be opened.
        """
        super().__init__(directory / LOCK_NAME, wait_seconds)

    def generation(self) -> int:
        """Return the number of the current receiver; 0 in a new journal."""
        return os.lseek(self._descriptor, 0, os.SEEK_END)

    def set_generation(self, number: int) -> None:
        """Tell every other writer that the receiver with this number is the current one."""
        os.ftruncate(self._descriptor, number)


def newest_receiver(directory: Path) -> int:
    """Return the number of the newest receiver that a writer told of; 0 where none did.

    Raises:
        OSError: the lock file is there and cannot be looked at.
    """
    try:
        return (directory / LOCK_NAME).stat().st_size
    except FileNotFoundError:
        return 0


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """What marks of processes that did not close the journal say.

    Those of this boot were killed: nothing is lost, but not all may be flushed.

    Attributes:
        marks: their files; to be taken away once what follows from them is on disk.
        power_lost: at least one lived in a boot that is over, and flushed in groups.
    """

    marks: tuple[Path, ...] = ()
    power_lost: bool = False

    def forget(self) -> None:
        """Take the marks away.

        Raises:
            JournalError: one cannot be.
        """
        for path in self.marks:
            with as_journal_error(f"journal {path.parent}"):
                path.unlink(missing_ok=True)


class OpenMark:
    """The mark of this process that it has the journal open."""

    def __init__(self, directory: Path, boot: str, grouped: bool) -> None:
        """Set the mark, on disk before this returns.

        Args:
            directory: the journal's.
            boot: identity of the running boot.
            grouped: whether this process flushes in groups, so that power loss loses entries.

        Raises:
            JournalError: it cannot be written.
        """
        name = f"{os.getpid()}.{secrets.token_hex(4)}"
        self._path = directory / f"{_MARK_PREFIX}{name}"
        # Locked before it has the name of a mark: no one may take it for one that was left.
        draft = directory / f"new.{name}"
        text = json.dumps({"boot": boot, "grouped": grouped}).encode("ascii")
        with as_journal_error(f"journal {directory}"):
            self._descriptor = os.open(draft, _FLAGS | os.O_EXCL, _PRIVATE)
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)
                os.write(self._descriptor, text)
                os.fsync(self._descriptor)
                draft.rename(self._path)
                sync_directory(directory)
            except BaseException:
                os.close(self._descriptor)
                draft.unlink(missing_ok=True)
                raise

    def remove(self) -> None:
        """Take the mark away: everything that this process appended is on disk.

        Raises:
            JournalError: it cannot be taken away; then it stays, unlocked.
        """
        # Unlinked before the lock is given up, or another process would take it for one that
        # was left.
        try:
            with as_journal_error(f"journal {self._path.parent}"):
                self._path.unlink(missing_ok=True)
        finally:
            os.close(self._descriptor)

    def abandon(self) -> None:
        """Close without taking the mark away: something may not be on disk."""
        os.close(self._descriptor)


def collect_left_open(directory: Path, boot: str) -> LeftOpen:
    """Return what the marks of processes that are no more say.

    To be called under the lock of opening.

    Raises:
        JournalError: the directory cannot be read or written.
    """
    found: list[tuple[Path, str | None, bool]] = []
    with as_journal_error(f"journal {directory}"):
        for path in sorted(directory.glob(f"{_MARK_PREFIX}*")):
            content = _unless_held(path)
            if content is not None:
                found.append((path, *_read_mark(content)))
    return LeftOpen(
        marks=tuple(path for path, _, _ in found),
        power_lost=any(left != boot and grouped for _, left, grouped in found),
    )


def _unless_held(path: Path) -> bytes | None:
    """Return what a mark holds, or ``None`` if the process that set it lives, or has just closed.

    A process takes its mark away without the lock of opening: the mark may be gone between its
    listing and here, or between the opening and the lock.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        gone = os.fstat(descriptor).st_nlink == 0
        return None if gone else os.read(descriptor, 4096)
    except BlockingIOError:
        return None
    finally:
        os.close(descriptor)


def _read_mark(data: bytes) -> tuple[str | None, bool]:
    """Return (boot, grouped); a mark that cannot be read counts as one of another boot."""
    try:
        value = json.loads(data)
        return str(value["boot"]), bool(value["grouped"])
    except (LookupError, TypeError, ValueError):
        return None, True


def sync_directory(directory: Path) -> None:
    """Flush a directory, so that a new file in it outlives a power loss.

    Raises:
        OSError: it cannot be flushed.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def boot_identity() -> str:
    """Return the identity of the running boot; empty where the system does not tell.

    Where it is empty, a power loss cannot be told from a killed process, and leaves no entry.
    """
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
