"""Ask the exit program and the journal; whatever goes wrong there rejects."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from epm.errors import one_line
from epm.events import Endpoint, Job, SocketEvent, SocketEventType
from epm.model import Server
from epm.ports import SocketSink
from exitprograms.indicator import REJECT, ExitPointCaller
from simulators.linux.options import ExitRunner, RunOptions

_SAME_WARNING_SECONDS = 30.0
_MAX_WARNINGS = 256


@dataclass(frozen=True, slots=True)
class ExitPoint:
    """What is asked and counted for one kind of call, spelled out once: this path is hot.

    Attributes:
        format_name: of the block.
        allowed, rejected, logged: names of the counts; a rejection that is only logged is one
            of the third.
    """

    format_name: str
    allowed: str
    rejected: str
    logged: str


def _exit_point(server: Server, call: str) -> ExitPoint:
    return ExitPoint(
        server.format_name, f"{call}-allowed", f"{call}-rejected", f"{call}-would-be-rejected"
    )


ON_ACCEPT = _exit_point(Server.ACCEPT, "accept")
ON_CONNECT = _exit_point(Server.CONNECT, "connect")
ON_LISTEN = _exit_point(Server.LISTEN, "listen")


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
        self._caller = ExitPointCaller(self._run)
        self._began: dict[int, str] = {}

    def allows(self, point: ExitPoint, block: bytes, job: Job) -> bool:
        """Run the exit program for one call; return whether the call may go on."""
        if self._began and self._is_exempt(point, job):
            return True
        allowed = self._caller.allows(point.format_name, block, job, self._now())
        if allowed:
            self._counts[point.allowed] += 1
            if self._caller.is_pinned(point.format_name, job):
                self._began[job.number] = _beginning_of(job.number)
            return True
        self._counts[point.logged if self.log_only else point.rejected] += 1
        return self.log_only

    def _is_exempt(self, point: ExitPoint, job: Job) -> bool:
        """Whether the process was answered '9' here; forget one that another's number is now."""
        began = self._began.get(job.number)
        if began is None:
            return False
        if not began or began != _beginning_of(job.number):
            self._caller.ended(job.number)
            del self._began[job.number]
            return False
        return self._caller.is_pinned(point.format_name, job)

    def _run(self, format_name: str, block: bytes, job: Job, at: datetime) -> str:
        try:
            return self._exit_program(format_name, block, job, at)
        except Exception as error:  # noqa: BLE001  fail closed, whatever it is
            self._warn(f"exit program for {format_name}: {type(error).__name__}: {error}")
            return REJECT

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


def _beginning_of(number: int) -> str:
    """Return when a process began: a later one with its number differs. Empty if it ended."""
    try:
        stat = Path(f"/proc/{number}/stat").read_bytes()
    except OSError:
        return ""
    return stat.rpartition(b")")[2].split()[19].decode()
