"""Host names to addresses, off the decision path and time-limited."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable

from epm.addresses import parse_address
from epm.conditions import Resolved
from epm.errors import ConditionError

ONE_SHOT_SECONDS = 3.0


class Resolver:
    """Keeps the last resolved addresses of names; a failed refresh keeps what was there.

    A name-service call cannot be interrupted, so each runs in a daemon thread that is left
    behind when the time is up. There is at most one for each name.
    """

    def __init__(self) -> None:
        """Start without any name."""
        self._resolved: dict[str, frozenset[int]] = {}
        self._found: dict[str, frozenset[int]] = {}
        self._under_way: dict[str, threading.Thread] = {}

    @property
    def resolved(self) -> Resolved:
        """The last resolved set of each name that ever resolved."""
        return self._resolved

    def refresh(self, names: Iterable[str], seconds: float = ONE_SHOT_SECONDS) -> bool:
        """Resolve ``names`` again; whether any address set changed."""
        wanted = tuple(names)
        threads = [self._look_up(name) for name in wanted]
        deadline = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        merged = {**self._resolved, **self._found}
        kept = {name: merged[name] for name in wanted if name in merged}
        changed = kept != self._resolved
        self._resolved = kept
        return changed

    def _look_up(self, name: str) -> threading.Thread:
        thread = self._under_way.get(name)
        if thread is None or not thread.is_alive():
            thread = threading.Thread(target=self._ask, args=(name,), daemon=True)
            self._under_way[name] = thread
            thread.start()
        return thread

    def _ask(self, name: str) -> None:
        addresses = _addresses(name)
        if addresses:
            self._found[name] = addresses


def resolve(names: Iterable[str], seconds: float = ONE_SHOT_SECONDS) -> Resolved:
    """Return the addresses (all A and AAAA records) of the names that resolve in time."""
    resolver = Resolver()
    resolver.refresh(names, seconds)
    return resolver.resolved


def _addresses(name: str) -> frozenset[int]:
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return frozenset()
    numbers = set()
    for _, _, _, _, sockaddr in answers:
        try:
            numbers.add(parse_address(str(sockaddr[0])))
        except ConditionError:
            continue
    return frozenset(numbers)
