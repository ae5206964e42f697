"""Non-blocking connects: their SK entry is written when the connection is established.

On loopback that is the case when connect() returns. Otherwise a duplicate waits in epoll until
the connection is decided; it is dropped as soon as nobody else has the socket open.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from epm.events import Job, SocketEventType
from simulators.linux import abi, holders, kernel
from simulators.linux.blocks import endpoint, known_endpoint
from simulators.linux.judge import Judge
from simulators.linux.kernel import SocketCalls
from simulators.linux.poller import EDGE, HANGUP, WRITE, Poller

_MAX_FOLLOWED = 8192
_TOO_MANY = f"more than {_MAX_FOLLOWED} connections are being established: one was refused"


class Connection(NamedTuple):
    """A connection that was asked for.

    Attributes:
        duplicate: ours of the connecting socket.
        job: who connects.
        number: the descriptor in the target.
        remote: kernel sockaddr of the destination.
    """

    duplicate: int
    job: Job
    number: int
    remote: bytes


class Established:
    """Records connections and follows those that are coming. Belongs to one thread."""

    def __init__(self, poller: Poller, judge: Judge, calls: SocketCalls) -> None:
        self._poller = poller
        self._judge = judge
        self._calls = calls
        self.followed: dict[int, Connection] = {}
        self._places: dict[int, Path] = {}

    def begun(self, connection: Connection, *, asked_again: bool) -> bool:
        """Record a connection that is there at once, follow one that is coming.

        Its duplicate stays the caller's.

        Args:
            connection: whose connect() just returned EINPROGRESS or 0.
            asked_again: it returned 0, so an earlier connect() had begun it: then it is
                recorded already, unless it is still followed.

        Returns:
            False when it could not be recorded or followed: it is disconnected.
        """
        state = self._state(connection.duplicate)
        if state in abi.TCP_NONE:
            return True  # refused at once
        if state not in abi.TCP_COMING:
            was_followed = bool(self.followed) and self._drop(self._inode(connection))
            return (asked_again and not was_followed) or self.record(*connection)
        return self._follow(connection)

    def _follow(self, connection: Connection) -> bool:
        """Follow a connection that is coming; return False when that cannot be done.

        INVARIANT: what is not followed is taken back: it would come without an SK entry.
        """
        followed = False
        try:
            inode = self._inode(connection)
            if inode not in self.followed:
                if len(self.followed) >= _MAX_FOLLOWED:
                    return self._judge.unrecorded(_TOO_MANY)
                self._watch(inode, connection)
            followed = True
        finally:
            if not followed and not self._judge.log_only:
                kernel.disconnect(connection.duplicate)
        return True

    def _watch(self, inode: int, connection: Connection) -> None:
        entry = connection._replace(duplicate=os.dup(connection.duplicate))
        try:
            # By edge: a connect that Fast Open put off is writable long before it is sent.
            events = WRITE | HANGUP | EDGE
            self._poller.add(entry.duplicate, lambda _events: self._ready(inode), events)
        except BaseException:
            os.close(entry.duplicate)
            raise
        self.followed[inode] = entry
        self._places[inode] = holders.place(entry.job.number, entry.number)
        self._poller.busy = True

    def record(self, duplicate: int, job: Job, number: int, remote: bytes) -> bool:
        """Record an established connection, see :class:`Connection`.

        INVARIANT: whatever happens, it is recorded or disconnected when this is left.

        Returns:
            False when it could not be recorded.
        """
        done = False
        try:
            local, other = endpoint(self._calls.local_end(duplicate)), known_endpoint(remote)
            done = self._judge.recorded(SocketEventType.CONNECT, job, local, other, number)
        finally:
            if not done:
                kernel.disconnect(duplicate)
        return done

    def _inode(self, connection: Connection) -> int:
        return os.fstat(connection.duplicate).st_ino

    def _state(self, duplicate: int) -> int:
        try:
            return self._calls.option(duplicate, abi.IPPROTO_TCP, abi.TCP_INFO, 1)[0]
        except OSError:
            # Protocols other than TCP: a peer means a connection.
            connected = self._calls.is_connected(duplicate)
            return abi.TCP_ESTABLISHED if connected else min(abi.TCP_COMING)

    def _ready(self, inode: int) -> None:
        """Look at a connection that was decided one way or the other."""
        entry = self.followed[inode]
        state = self._state(entry.duplicate)
        if state in abi.TCP_COMING:
            return
        if state not in abi.TCP_NONE:
            self.record(*entry)
        self._drop(inode)

    def _drop(self, inode: int) -> bool:
        """Follow a connection no longer; return whether it was followed."""
        entry = self.followed.pop(inode, None)
        if entry is None:
            return False
        del self._places[inode]
        self._poller.remove(entry.duplicate)
        os.close(entry.duplicate)
        return True

    def sweep(self) -> None:
        """Drop what the target itself has given up: only our duplicate keeps it alive.

        One that is not where it was may have another number by now, or another process.
        """
        moved = {i for i, where in self._places.items() if not holders.is_in(where, i)}
        if not moved:
            return
        found = holders.find(moved)
        self._places.update(found)
        for inode in moved - found.keys():
            self._ready(inode)  # it may have been decided since
            self._drop(inode)

    def close(self) -> None:
        """Let go of all."""
        for inode in list(self.followed):
            self._drop(inode)
