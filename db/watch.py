"""Watching a system for new revisions, so that running programs take up rule changes at once.

The last good rules stay in force whatever happens to the store; every outage is told once.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from db.failures import translated
from db.snapshots import Snapshot, Stamp
from db.store import Store
from epm.errors import EpmError, StoreError, StoreUnavailableError

_LONGEST_PAUSE = 2.0


class Watcher:
    """A thread that hands over each new revision, whole and consistent."""

    def __init__(
        self,
        store: Store,
        system: str,
        on_change: Callable[[Snapshot], None],
        on_error: Callable[[EpmError], None],
        *,
        seen: Snapshot | None = None,
        interval: float = 0.1,
        stalled_after: float = 10.0,
    ) -> None:
        """Set up, without starting.

        Args:
            store: the store to poll.
            system: the system to watch.
            on_change: gets each new snapshot, in the watcher's thread.
            on_error: told once for each outage, or for each revision that ``on_change`` refuses.
            seen: the snapshot already in force; without one the first look hands one over.
            interval: seconds between two looks.
            stalled_after: seconds without an answer after which a silent store is an outage.
        """
        self._store = store
        self._system = system
        self._on_change = on_change
        self._on_error = on_error
        self._seen = None if seen is None else seen.stamp
        self._interval = interval
        self._stalled_after = stalled_after
        self._probe = _Probe(store)
        self._stop = threading.Event()
        self._told: str | None = None
        self._tell_lock = threading.Lock()
        self._answered = monotonic()
        self._threads = [
            threading.Thread(target=run, name=f"epm-watch-{run.__name__}", daemon=True)
            for run in (self._poll, self._alarm)
        ]

    def start(self) -> None:
        """Start watching."""
        self._answered = monotonic()
        for thread in self._threads:
            thread.start()

    def close(self, timeout: float = 5.0) -> None:
        """Stop watching."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout)

    def _poll(self) -> None:
        pause = self._interval
        while not self._stop.is_set():
            pause = self._interval if self._look() else min(2 * pause, _LONGEST_PAUSE)
            self._answered = monotonic()
            self._stop.wait(pause)
        self._probe.close()

    def _look(self) -> bool:
        try:
            if self._probe.moved():
                self._take(self._store.stamp(self._system))
        except EpmError as error:
            self._probe.close()
            self._tell(error)
            return False
        except Exception as error:  # noqa: BLE001 (a thread that dies here would freeze the rules)
            self._probe.close()
            self._tell(StoreError(f"new rules were not taken: {type(error).__name__}: {error}"))
            return False
        self._told = None
        return True

    def _take(self, stamp: Stamp) -> None:
        if stamp == self._seen:
            return
        snapshot = self._store.load(self._system)
        self._on_change(snapshot)
        self._seen = snapshot.stamp

    def _alarm(self) -> None:
        """Tell of a store that neither answers nor fails, such as a stopped server."""
        while not self._stop.wait(self._stalled_after / 4):
            if monotonic() - self._answered > self._stalled_after:
                self._tell(StoreUnavailableError(f"store {self._store.label}: it does not answer"))

    def _tell(self, error: EpmError) -> None:
        # However an outage shows, it is one; anything else is told again when it is another.
        outage = "outage" if isinstance(error, StoreUnavailableError) else str(error)
        with self._tell_lock:
            if self._told != outage:
                self._told = outage
                self._on_error(error)


class _Probe:
    """Says, in microseconds, whether anything in an SQLite store may have changed.

    ``PRAGMA data_version`` changes when another connection commits (SQLite documentation). It
    says nothing about a file that was replaced by another one, so its identity is watched too.
    A server is simply asked each time.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: sqlite3.Connection | None = None
        self._version: tuple[int, int, int] | None = None

    def moved(self) -> bool:
        """Whether the store may have changed since the last time; true at first."""
        path = self._store.database.path
        if path is None:
            return True
        try:
            status = os.stat(path)  # noqa: PTH116 (on the path 10 times a second)
        except OSError as error:
            raise StoreUnavailableError(f"store {path}: {error.strerror}") from None
        file = (status.st_dev, status.st_ino)
        if self._version is None or self._version[:2] != file:
            self.close()
            self._store.reconnect()
        version = (*file, self._data_version())
        moved = version != self._version
        self._version = version
        return moved

    def _data_version(self) -> int:
        connect = self._store.database.connect
        assert connect is not None
        with translated(self._store.database.where):
            if self._connection is None:
                self._connection = connect()
            row = self._connection.execute("PRAGMA data_version").fetchone()
        return int(row[0])

    def close(self) -> None:
        """Forget everything; the next look is a first one."""
        self._version = None
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
