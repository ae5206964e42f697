"""One epoll with a handler for each descriptor, and one clock tick for housekeeping."""

from __future__ import annotations

import select
from collections.abc import Callable

READ = select.EPOLLIN
WRITE = select.EPOLLOUT
HANGUP = select.EPOLLHUP
EDGE = select.EPOLLET
_AT_ONCE = 16

Handler = Callable[[int], object]
"""Called with the events that happened."""


class Poller:
    """Who is to be told of which descriptor. Belongs to one thread.

    Attributes:
        busy: set by whoever leaves something behind that a sweep has to look after.
    """

    def __init__(self) -> None:
        self.busy = False
        self._epoll = select.epoll()
        self._handlers: dict[int, Handler] = {}

    def add(self, descriptor: int, handler: Handler, events: int = READ) -> None:
        """Call ``handler`` whenever one of the events is there."""
        self._epoll.register(descriptor, events)
        self._handlers[descriptor] = handler

    def remove(self, descriptor: int) -> None:
        """Stop watching. INVARIANT: called before the descriptor is closed."""
        if self._handlers.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    def run_once(self, timeout: float) -> None:
        """Wait at most ``timeout`` seconds and call the handlers of what is ready."""
        handlers = self._handlers
        for descriptor, events in self._epoll.poll(timeout, _AT_ONCE):
            handler = handlers.get(descriptor)  # an earlier handler may have removed it
            if handler is not None:
                handler(events)

    def close(self) -> None:
        """Let go of everything."""
        self._epoll.close()
