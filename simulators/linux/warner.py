"""Tells the operator what went wrong, without ever making a call wait or fail for it.

Standard error may be a pipe that nobody reads, or that is closed. So lines go through a short
queue to a thread of their own.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable

_MAX_LINES = 1024
_LAST_LINES_SECONDS = 1.0


class Warner:
    """Takes lines from any thread. INVARIANT: a call of it never raises and never waits.

    Attributes:
        lost: how many lines found no room.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        """Take what writes a line; it may raise and it may wait."""
        self.lost = 0
        self._write = write
        self._lines: queue.Queue[str | None] = queue.Queue(_MAX_LINES)
        self._thread: threading.Thread | None = None

    def __call__(self, text: str) -> None:
        """Take a line; it is dropped when a thousand wait."""
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self.lost += 1

    def start(self) -> None:
        """Start to write. INVARIANT: not before the fork."""
        self._thread = threading.Thread(target=self._work, name="epm-warner", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is left, for a second at most."""
        if self._thread is None:
            return
        with contextlib.suppress(queue.Full):
            self._lines.put(None, timeout=_LAST_LINES_SECONDS)
            self._thread.join(_LAST_LINES_SECONDS)

    def _work(self) -> None:
        while (line := self._lines.get()) is not None:
            with contextlib.suppress(Exception):  # there is nobody left to tell
                self._write(line)
                if self.lost:
                    lost, self.lost = self.lost, 0
                    self._write(f"{lost} warnings were lost: they came faster than written")
