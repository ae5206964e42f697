"""Names of users and groups, without ever looking one up while a call waits.

A name-service look-up may take seconds, or ask a server that is itself supervised and so wait
for its own answer. So names come from a cache: filled at the start, refreshed by a thread. A
number that it does not know is shown as that number until the thread has found its name.
"""

from __future__ import annotations

import grp
import pwd
import queue
import threading
from collections.abc import Callable

_REFRESH_SECONDS = 60.0
_MAX_NAMES = 200_000
_MAX_UNKNOWN = 1024

_Request = tuple[bool, int]  # whether a user, number


class Accounts:
    """User and group names by number.

    Attributes:
        generation: grows whenever a name may have changed; whoever keeps names compares it.
    """

    def __init__(self, *, filled: bool = True) -> None:
        """Make the cache.

        Args:
            filled: read all that can be listed right away.
        """
        self.generation = 0
        self._users: dict[int, str] = {}
        self._groups: dict[int, str] = {}
        self._asked: set[_Request] = set()
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        if filled:
            self._fill()

    def start(self) -> None:
        """Start the thread that looks names up. INVARIANT: not before the fork."""
        self._thread = threading.Thread(target=self._work, name="epm-accounts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Tell the thread to end; it is not waited for, it may be in a slow look-up."""
        self._requests.put(None)

    def user(self, number: int) -> str:
        """Return the user's name, or the number as text while it is not known."""
        name = self._users.get(number)
        return name if name is not None else self._unknown(True, number)

    def group(self, number: int) -> str:
        """Return the group's name, or the number as text while it is not known."""
        name = self._groups.get(number)
        return name if name is not None else self._unknown(False, number)

    def _unknown(self, is_user: bool, number: int) -> str:
        request = (is_user, number)
        if request not in self._asked and len(self._asked) < _MAX_UNKNOWN:
            self._asked.add(request)
            self._requests.put(request)
        return str(number)

    def _work(self) -> None:
        while True:
            try:
                request = self._requests.get(timeout=_REFRESH_SECONDS)
            except queue.Empty:
                self._guarded(self._refresh)
                continue
            if request is None:
                return
            self._guarded(self._look_up, *request)

    def _guarded(self, task: Callable[..., None], *given: object) -> None:
        """Do a task. INVARIANT: whatever a directory service answers, the thread lives on."""
        try:
            task(*given)
        except Exception:  # noqa: BLE001 - a name that cannot be had stays a number
            return

    def _refresh(self) -> None:
        self._fill()
        self._asked.clear()  # so that a number without a name is tried again

    def _look_up(self, is_user: bool, number: int) -> None:
        if is_user:
            self._users[number] = pwd.getpwuid(number).pw_name
        else:
            self._groups[number] = grp.getgrgid(number).gr_name
        self.generation += 1

    def _fill(self) -> None:
        """Read all that can be listed; keep what a directory does not list but answered."""
        users = {entry.pw_uid: entry.pw_name for entry in reversed(pwd.getpwall()[:_MAX_NAMES])}
        groups = {entry.gr_gid: entry.gr_name for entry in reversed(grp.getgrall()[:_MAX_NAMES])}
        users, groups = self._users | users, self._groups | groups
        if users != self._users or groups != self._groups:
            self._users, self._groups = users, groups
            self.generation += 1
