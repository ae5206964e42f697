"""How far a receiver has been told of some entries, kept on disk: the journal is the spool.

Entries are on disk before anybody is told of them, and numbered without gap, so one number is
all that a restart needs.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from epm.errors import JournalError

_MAX_BYTES = 64


class Cursor:
    """The last wanted entry that has arrived at a receiver. One forwarder at a time holds it."""

    def __init__(self, folder: Path, target: str, wanted: str = "") -> None:
        """Keep it in ``folder``, under a name made of these.

        Args:
            folder: of the journal's cursors.
            target: the receiver.
            wanted: which entries it is sent, in words: another choice has not arrived there.
        """
        digest = hashlib.sha256(f"{target} {wanted}".rstrip().encode()).hexdigest()[:16]
        self._path = folder / f"{digest}.arrived"
        self._lock = folder / f"{digest}.lock"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold it against another forwarder to the same receiver.

        Raises:
            JournalError: another one runs, or the folder cannot be written.
        """
        try:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self._lock, flags, 0o600)
        except OSError as error:
            raise JournalError(f"{self._lock}: {error.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise JournalError(
                "another forwarder sends these entries to this receiver already"
            ) from None
        finally:
            os.close(descriptor)

    def read(self) -> int | None:
        """Return the number of the last entry that arrived; ``None`` when none ever did.

        Raises:
            JournalError: the file is damaged or cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                text = file.read(_MAX_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise JournalError(f"{self._path}: {error.strerror}") from None
        if not text.strip().isdigit():
            raise JournalError(f"{self._path}: holds no number; remove it to send all again")
        return int(text)

    def write(self, sequence: int) -> None:
        """Keep a number, whole or not at all.

        Raises:
            JournalError: it cannot be written.
        """
        fresh = self._path.with_suffix(".new")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(fresh, flags, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(b"%d\n" % sequence)
                file.flush()
                os.fsync(descriptor)
            fresh.replace(self._path)
        except OSError as error:
            raise JournalError(f"{self._path}: {error.strerror}") from None
