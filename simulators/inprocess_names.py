"""The names behind addresses: what this process looked up before it connects to an address.

``create_connection``, asyncio, http.client and urllib resolve a name first and connect to what it
resolved to; who decides is to know the name all the same, because where it came from may matter.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

#: Addresses remembered; when there are more, all are forgotten, and looked up anew as they come.
MAX_ADDRESSES = 4096
#: Names remembered for an address, the latest ones.
MAX_NAMES = 8


class LookedUp:
    """Names by address, the latest look-ups of this process.

    An address that several names lead to has them all: a name that nobody trusts counts for its
    address until it is forgotten. Threads share it without a lock: each step is one assignment.
    """

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, ...]] = {}

    def of(self, address: str) -> tuple[str, ...]:
        """Return the names that led to an address."""
        return self._names.get(address, ())

    def note(self, name: str, addresses: Iterable[str]) -> None:
        """Remember that a name led to addresses."""
        if len(self._names) >= MAX_ADDRESSES:
            self._names = {}
        for address in addresses:
            others = tuple(known for known in self.of(address) if known != name)
            self._names[address] = (*others, name)[-MAX_NAMES:]

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Remember what ``socket.getaddrinfo`` gives in the block; leaving restores it exactly."""
        plain = socket.getaddrinfo
        socket.getaddrinfo = self._around(plain)
        try:
            yield
        finally:
            socket.getaddrinfo = plain

    def _around(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        def getaddrinfo(host: Any, *args: Any, **words: Any) -> Any:
            found = plain(host, *args, **words)
            name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
            if isinstance(name, str):
                self.note(name, {str(info[4][0]) for info in found})
            return found

        return getaddrinfo
