"""Accepted connections that could not be handed over: the next accept on the listener gets them.

The caller was interrupted, ended, or its descriptor table was full. What was decided for it says
nothing about who comes next: a connection that is taken from here is judged like a new one.
"""

from __future__ import annotations

import os
from collections import deque
from typing import NamedTuple

from epm.events import Job

_KEEP_SECONDS = 10.0
_MAX_KEPT = 1024

Told = tuple[int, Job]
"""Thread and job that accepted."""


class Accepted(NamedTuple):
    """A connection that the supervisor accepted.

    Attributes:
        descriptor: ours of the connection.
        bound: kernel sockaddr that the listening socket is bound to.
        incoming: kernel sockaddr of our end.
        remote: kernel sockaddr of the peer.
        told: whom its SK entry names, ``None`` while none was written.
    """

    descriptor: int
    bound: bytes
    incoming: bytes
    remote: bytes
    told: Told | None = None


class Kept:
    """Connections by the inode of their listening socket. Belongs to one thread."""

    def __init__(self) -> None:
        self._queues: dict[int, deque[tuple[Accepted, float]]] = {}
        self._count = 0

    def __bool__(self) -> bool:
        """Whether any connection is kept."""
        return self._count > 0

    def keep(self, inode: int, connection: Accepted, now: float) -> bool:
        """Keep a connection; return whether there was room (else it stays the caller's)."""
        if self._count >= _MAX_KEPT:
            return False
        self._queues.setdefault(inode, deque()).append((connection, now + _KEEP_SECONDS))
        self._count += 1
        return True

    def take(self, inode: int) -> Accepted | None:
        """Return and give away the oldest of a listening socket, ``None`` if there is none."""
        queue = self._queues.get(inode)
        if queue is None:
            return None
        connection, _ = queue.popleft()
        self._count -= 1
        if not queue:
            del self._queues[inode]
        return connection

    def sweep(self, now: float) -> None:
        """Close what nobody came for in ten seconds."""
        for inode, queue in list(self._queues.items()):
            while queue and now >= queue[0][1]:
                os.close(queue.popleft()[0].descriptor)
                self._count -= 1
            if not queue:
                del self._queues[inode]

    def close(self) -> None:
        """Close all."""
        self.sweep(float("inf"))
