"""Stateful jobs by ipc key: one caller at a time, ended when idle, reserved by start/use/stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.xmlservice.control import Control, Timeout
from simulators.xmlservice.host import Host, Job
from simulators.xmlservice.sqlstate import SqlState

#: Job name of a private job, as XMLSERVICE submits it.
JOB_NAME = "XTOOLKIT"
#: Private jobs at once; one takes about 100 KB.
MAX_SESSIONS = 512
#: Batch slots of a session.
SLOTS = 16
#: A caller whose ``*wait`` is 0 waits as long as anybody may.
_FOREVER = 3600.0


@dataclass(slots=True, eq=False)
class Session:
    """One private job.

    INVARIANT: ``job``, ``sql``, ``owner`` and ``results`` are used only with ``turn`` held.

    Attributes:
        turn: held by the caller whose request runs.
        idle: when it ends for want of work.
        used: monotonic seconds of its last use.
        owner: key of the reservation; empty for none.
        results: answers of batch work by slot; None while it runs.
        ended: set once the job is over; whoever gets the turn then must begin again.
    """

    ipc: str
    user: str
    job: Job
    idle: Timeout
    used: float
    sql: SqlState = field(default_factory=SqlState)
    turn: threading.Lock = field(default_factory=threading.Lock)
    owner: str = ""
    results: dict[int, str | None] = field(default_factory=dict)
    ended: bool = False

    def free_slot(self) -> int:
        """Return the first free batch slot, 0 for none."""
        return next((n for n in range(1, SLOTS + 1) if n not in self.results), 0)


class SessionLimitError(Exception):
    """Every private job that may be is there and at work."""


class Sessions:
    """The private jobs of one service.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, host: Host, clock: Callable[[], float]) -> None:
        self._host = host
        self._clock = clock
        self._all: dict[str, Session] = {}
        self._guard = threading.Lock()

    def find(self, ipc: str) -> Session | None:
        """Return the session of a key."""
        with self._guard:
            return self._all.get(ipc)

    def open(self, user: str, ipc: str, control: Control, description: str | None) -> Session:
        """Return the session of a key; start its job where there is none.

        Raises:
            SessionLimitError: no more jobs may be started.
            SignOnError: there is no such user profile.
        """
        with self._guard:
            session = self._all.get(ipc)
        if session is not None:
            return session
        job = self._host.start_job(user, name=JOB_NAME, description=description)
        made = Session(ipc, user, job, control.idle, self._clock())
        with self._guard:
            session = self._all.setdefault(ipc, made)
            full = session is made and len(self._all) > MAX_SESSIONS
            if full:
                del self._all[ipc]
        if session is not made or full:
            job.end()
        if full:
            raise SessionLimitError
        return session

    def take_turn(self, session: Session, wait: Timeout) -> bool:
        """Wait for a session's turn; return whether it came in time."""
        return session.turn.acquire(timeout=float(wait.seconds) or _FOREVER)

    def give_turn(self, session: Session) -> None:
        """End a turn."""
        session.used = self._clock()
        session.turn.release()

    def end(self, session: Session) -> None:
        """End a session's job; its turn is held by the caller."""
        with self._guard:
            if self._all.get(session.ipc) is session:
                del self._all[session.ipc]
        if not session.ended:
            session.ended = True
            session.sql.free_all()
            session.job.end()

    def forget(self, session: Session) -> None:
        """Take a session from the table while its work goes on; its turn ends the job."""
        with self._guard:
            if self._all.get(session.ipc) is session:
                del self._all[session.ipc]

    def sweep(self) -> None:
        """End the jobs that were idle for longer than they may."""
        now = self._clock()
        with self._guard:
            late = [
                session
                for session in self._all.values()
                if session.idle.seconds and now - session.used > session.idle.seconds
            ]
        for session in late:
            if session.turn.acquire(blocking=False):
                try:
                    self.end(session)
                finally:
                    session.turn.release()

    def close(self) -> None:
        """End every job; one that is at work ends when its work does."""
        with self._guard:
            sessions = list(self._all.values())
        for session in sessions:
            if session.turn.acquire(timeout=1.0):
                try:
                    self.end(session)
                finally:
                    session.turn.release()
            else:
                self.forget(session)
