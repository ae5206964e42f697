"""Ask the exit program and the journal; whatever goes wrong there rejects."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from epm.errors import one_line
from epm.events import Endpoint, Job, SocketEvent, SocketEventType
from epm.model import Server
from epm.ports import SocketSink
from exitprograms.indicator import Answer, understood
from simulators.linux.options import ExitRunner, RunOptions

_SAME_WARNING_SECONDS = 30.0
_MAX_WARNINGS = 256
_MAX_EXEMPT = 4096


@dataclass(frozen=True, slots=True)
class ExitPoint:
    """What is asked and counted for one kind of call, spelled out once: this path is hot.

    Attributes:
        format_name: of the block.
        allowed, rejected: names of the two counts.
    """

    format_name: str
    allowed: str
    rejected: str


ON_ACCEPT = ExitPoint(Server.ACCEPT.format_name, "accept-allowed", "accept-rejected")
ON_CONNECT = ExitPoint(Server.CONNECT.format_name, "connect-allowed", "connect-rejected")
ON_LISTEN = ExitPoint(Server.LISTEN.format_name, "listen-allowed", "listen-rejected")


class Warnings:
    """Say the same thing once in a while, not with every call. INVARIANT: it never raises."""

    def __init__(self, warn: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._warn = warn
        self._clock = clock
        self._said: dict[str, float] = {}

    def __call__(self, text: str) -> None:
        """Pass a line on, unless it was said within the last half minute."""
        now = self._clock()
        if now - self._said.get(text, -_SAME_WARNING_SECONDS) < _SAME_WARNING_SECONDS:
            return
        if len(self._said) >= _MAX_WARNINGS:
            self._said.clear()
        self._said[text] = now
        with contextlib.suppress(Exception):  # to tell must not change what is answered
            self._warn(one_line(text))


class Judge:
    """Decides calls and records what came of them. Belongs to one thread.

    INVARIANT: it fails closed; only ``log_only`` never blocks.

    Attributes:
        log_only: whether rejections are not enforced.
    """

    def __init__(
        self,
        options: RunOptions,
        exit_program: ExitRunner,
        sockets: SocketSink,
        warn: Callable[[str], None],
        counts: Counter[str],
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.log_only = options.log_only
        self._exit_program = exit_program
        self._sockets = sockets
        self._warn = warn
        self._counts = counts
        self._now = now
        self._exempt: set[tuple[str, str]] = set()

    def allows(self, point: ExitPoint, block: bytes, job: Job) -> bool:
        """Run the exit program for one call; return whether the call may go on."""
        if self._exempt and (point.format_name, _process_name(job.number)) in self._exempt:
            return True
        try:
            answer = understood(self._exit_program(point.format_name, block, job, self._now()))
        except Exception as error:  # noqa: BLE001  fail closed, whatever it is
            self._warn(f"exit program for {point.format_name}: {type(error).__name__}: {error}")
            answer = Answer.REJECTED
        if answer is Answer.ALLOWED:
            self._counts[point.allowed] += 1
            return True
        if answer is Answer.ALLOWED_FOR_PROCESS:
            self._counts[point.allowed] += 1
            if len(self._exempt) < _MAX_EXEMPT:
                self._exempt.add((point.format_name, _process_name(job.number)))
            return True
        self._counts[point.rejected] += 1
        return self.log_only

    def recorded(
        self,
        kind: SocketEventType,
        job: Job,
        local: Endpoint,
        remote: Endpoint | None,
        descriptor: int,
    ) -> bool:
        """Record a socket event before its call is answered; return whether it may succeed.

        Args:
            kind: the SK entry type.
            job: who made the call.
            local: the local end.
            remote: the other end, or ``None``.
            descriptor: the descriptor that the call named.
        """
        try:
            self._sockets.socket_event(SocketEvent(kind, job, local, remote, descriptor))
        except Exception as error:  # noqa: BLE001  what is not journaled must not happen
            return self.unrecorded(f"journal: {type(error).__name__}: {error}")
        return True

    def unrecorded(self, reason: str) -> bool:
        """Tell of an event without SK entry; return whether its call may succeed all the same."""
        self._warn(reason)
        self._counts["not-journaled"] += 1
        return self.log_only


def _process_name(number: int) -> str:
    """Return a name for a process that a later one with the same number does not have."""
    try:
        stat = Path(f"/proc/{number}/stat").read_bytes()
    except OSError:
        return f"{number} {time.monotonic_ns()}"  # it ended: no later call is its
    start = stat.rpartition(b")")[2].split()[19]
    return f"{number} {start.decode()}"
