"""The calls that may have to wait for their answer: what is known of each meanwhile."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import NamedTuple

from epm.events import Job
from simulators.linux.established import Connection
from simulators.linux.replay import CallKey
from simulators.linux.target import TargetThread


class AcceptCall(NamedTuple):
    """One accept of a target thread. Made for each accept, so a tuple.

    Attributes:
        notification: names it to the kernel.
        number: the listening descriptor in the target.
        address: where the target wants the peer's sockaddr, 0 for nowhere.
        length_address: where its room for that is.
        flags: of accept4.
        deadline: monotonic time at which SO_RCVTIMEO ends the wait.
    """

    notification: int
    thread: TargetThread
    number: int
    address: int
    length_address: int
    flags: int
    deadline: float | None = None


@dataclass(slots=True)
class ConnectCall:
    """One connect of a target thread.

    Attributes:
        thread: who made it.
        number: the descriptor in the target.
        duplicate: ours; -1 once it is closed.
        raw: the destination, as read from the target.
        job: who made it; ``None`` where nothing is judged (not a TCP connect).
        waiting: notifications that wait for the answer (a call issued again joins).
        deadline: monotonic time at which SO_SNDTIMEO ends the wait.
        late: what it then fails with.
        abandoned: monotonic time at which nobody waited any more.
    """

    thread: TargetThread
    number: int
    duplicate: int
    raw: bytes
    job: Job | None
    waiting: list[int]
    deadline: float | None = None
    late: int = errno.EINPROGRESS
    abandoned: float | None = None

    def close(self) -> None:
        """Close the duplicate. INVARIANT: done before the answer."""
        if self.duplicate >= 0:
            os.close(self.duplicate)
            self.duplicate = -1

    @property
    def key(self) -> CallKey:
        """What a call issued again has in common with this one, but for the socket itself."""
        return (self.thread.tid, self.number, self.raw)

    @property
    def connection(self) -> Connection | None:
        """What is to be recorded of it, ``None`` where nothing is judged."""
        if self.job is None:
            return None
        return Connection(self.duplicate, self.job, self.number, self.raw)
