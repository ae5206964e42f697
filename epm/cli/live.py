"""The rules in force while programs run: loaded whole, swapped whole, never mixed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from epm.cli.files import read_text
from epm.cli.resolve import Resolver
from epm.engine import Engine, host_names, warnings
from epm.errors import EpmError, FileUnavailableError, one_line
from epm.evaluate import Mode
from epm.model import FailMode, RuleSet

if TYPE_CHECKING:
    from db.snapshots import Snapshot
    from db.store import Store
    from db.watch import Watcher

RESOLVE_SECONDS = 30.0
FILE_POLL_SECONDS = 0.25
#: A rule file counts only when it has not changed for so long: nobody is still writing it.
FILE_REST_SECONDS = 1.0

Warn = Callable[[str], None]
Stamp = tuple[int, int, int]


class Background:
    """Threads that look again and again for what has changed; no error ends one."""

    def __init__(self, warn: Warn) -> None:
        """Take who is told when something cannot be looked at."""
        self._warn = warn
        self._stop = threading.Event()

    def close(self) -> None:
        """Ask the threads to end."""
        self._stop.set()

    def repeat(self, task: Callable[[], None], wait: Callable[[], object]) -> None:
        """Do ``task`` after each ``wait``, in a thread of its own."""

        def loop() -> None:
            while True:
                wait()
                if self._stop.is_set():
                    return
                try:
                    task()
                except Exception as error:  # noqa: BLE001 - a dead thread would freeze the rules
                    text = str(error) if isinstance(error, EpmError) else repr(error)
                    self._warn(one_line(f"the last good rules stay in force: {text}"))

        threading.Thread(target=loop, daemon=True).start()

    def follow_file(
        self, path: str, seen: Stamp, take: Callable[[str], None]
    ) -> Callable[[], None]:
        """Return what starts following a file after the state ``seen``.

        A file that is written in place is taken when it has come to rest; one that is renamed
        over the old is whole at any moment, and the better way.

        Args:
            path: of the file.
            seen: its state that is in force.
            take: gets its text whenever that is another; what it raises is told.
        """
        state = _FileState(seen)

        def look() -> None:
            stamp = state.rested(path)
            if stamp is None:
                return
            text = read_text(path)
            if file_stamp(path) != stamp:
                return  # it moved while it was read: look again
            state.seen = stamp
            take(text)

        return lambda: self.repeat(look, lambda: self._stop.wait(FILE_POLL_SECONDS))

    def follow_names(self, refresh: Callable[[], None], wanted: threading.Event) -> None:
        """Start refreshing the addresses of host names, now and then and when ``wanted``."""

        def wait() -> None:
            wanted.wait(RESOLVE_SECONDS)
            wanted.clear()

        self.repeat(refresh, wait)


class LiveRules:
    """Holds the engine in force.

    INVARIANT: :attr:`engine` is one reference, replaced by one assignment: a decision that
    read it is made wholly by that engine. Whatever cannot be loaded leaves the last good one.
    """

    def __init__(self, ruleset: RuleSet, revision: int | None, warn: Warn) -> None:
        """Compile the first rules; host names are resolved by :meth:`begin`."""
        self._warn = warn
        self._resolver = Resolver()
        self._lock = threading.Lock()
        self._background = Background(warn)
        self._names_wanted = threading.Event()
        self.engine = Engine(ruleset, Mode.LIVE, revision=revision)

    def begin(self) -> None:
        """Resolve host names once, time-limited, and warn of rules that are not enforced.

        It may leave a thread behind that waits for the name service: after any fork only.
        """
        self._refresh_names()
        for line in warnings(self.engine.ruleset, self._resolver.resolved):
            self._warn(line)

    def current(self) -> Engine:
        """Return the engine in force."""
        return self.engine

    def fail_mode(self) -> FailMode:
        """Return what an error inside the decision path answers now."""
        return self.engine.fail

    def publish(self, ruleset: RuleSet, revision: int | None) -> None:
        """Put another rule set in force at once, with the addresses known so far.

        Names it has that are new are resolved in the background, and the rules compiled again.
        """
        with self._lock:
            self.engine = Engine(
                ruleset, Mode.LIVE, revision=revision, resolved=self._resolver.resolved
            )
        self._names_wanted.set()

    def _refresh_names(self) -> None:
        """Resolve the names of the rules in force, outside the lock; compile if any moved."""
        names = host_names(self.engine.ruleset)
        if names and self._resolver.refresh(names):
            with self._lock:
                engine = self.engine
                self.engine = Engine(
                    engine.ruleset,
                    Mode.LIVE,
                    revision=engine.revision,
                    resolved=self._resolver.resolved,
                )

    def close(self) -> None:
        """Ask the threads to end."""
        self._background.close()
        self._names_wanted.set()

    # ---------------------------------------------------------------- where changes come from

    def follow_store(self, store: Store, seen: Snapshot) -> Watcher:
        """Return a watcher, not yet started, of the store's revisions after ``seen``."""
        from db.watch import Watcher

        def changed(snapshot: Snapshot) -> None:
            self.publish(snapshot.ruleset, snapshot.revision)

        def failed(error: EpmError) -> None:
            self._warn(f"the last good rules stay in force: {error}")

        return Watcher(store, seen.system, changed, failed, seen=seen)

    def follow_file(self, path: str, seen: Stamp) -> Callable[[], None]:
        """Return what starts following a rule file after the state ``seen``."""
        return self._background.follow_file(
            path, seen, lambda text: self.publish(_parsed(text, path), None)
        )

    def follow_names(self) -> None:
        """Start refreshing the addresses of host names, now and then and when asked."""
        self._background.follow_names(self._refresh_names, self._names_wanted)


class _FileState:
    """Which state of a file is in force, and since when it shows another."""

    def __init__(self, seen: Stamp) -> None:
        self.seen = seen
        self._candidate: Stamp | None = None
        self._since = 0.0

    def rested(self, path: str) -> Stamp | None:
        """Return the file's stamp when it is another than ``seen`` and has come to rest."""
        try:
            stamp = file_stamp(path)
        except FileUnavailableError:
            return None  # being replaced, or gone: the rules in force stay
        now = time.monotonic()
        if stamp != self._candidate:
            self._candidate, self._since = stamp, now
        if stamp == self.seen or now - self._since < FILE_REST_SECONDS:
            return None
        return stamp


def _parsed(text: str, path: str) -> RuleSet:
    from epm.rulefile.load import load_rules

    return load_rules(text, path).ruleset


def file_stamp(path: str) -> Stamp:
    """Return what changes when a file does.

    Raises:
        FileUnavailableError: it is not there.
    """
    try:
        status = Path(path).stat() if path != "-" else os.fstat(0)
    except OSError as error:
        raise FileUnavailableError(f"{path}: cannot be read: {error.strerror}") from None
    return status.st_mtime_ns, status.st_size, status.st_ino
