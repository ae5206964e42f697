"""A small system in memory: its addresses, jobs, sockets and ports in use. No real socket."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from epm.addresses import UNSPECIFIED_V4, UNSPECIFIED_V6, is_v6, parse_address
from epm.errors import CallError
from epm.events import Endpoint, Job

FIRST_EPHEMERAL, LAST_PORT = 49152, 65535
#: The longest queue of connections that a listener may have, whatever its backlog.
SOMAXCONN = 512

_LOOPBACK = frozenset({parse_address("127.0.0.1"), parse_address("::1")})


@dataclass(slots=True)
class Socket:
    """One socket of a job.

    Attributes:
        queue: connections (remote, local) that arrived and were not accepted yet, oldest first.
        is_waiting: the job is inside accept().
        next_label: what that accept() will call its connection.
    """

    job: Job
    label: str
    descriptor: int
    local: Endpoint
    is_listening: bool = False
    backlog: int = 0
    accept_eperm: bool = False
    queue: deque[tuple[Endpoint, Endpoint]] = field(default_factory=deque)
    is_waiting: bool = False
    next_label: str | None = None

    @property
    def is_full(self) -> bool:
        """Whether no further connection can be queued."""
        return len(self.queue) >= max(1, min(self.backlog, SOMAXCONN))


class System:
    """Jobs by name, sockets by label."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.sockets: dict[str, Socket] = {}
        self._own = {False: parse_address("192.168.1.10"), True: parse_address("2001:db8::10")}
        self._addresses = set(self._own.values()) | _LOOPBACK
        self._next_job = 1
        self._next_label = 1
        self._next_port = FIRST_EPHEMERAL

    def add_address(self, address: int) -> None:
        """Give the system an address; connects of its family come from it from now on."""
        self._own[is_v6(address)] = address
        self._addresses.add(address)

    def start(self, job: Job) -> None:
        """Start a job.

        Raises:
            CallError: one of that name runs, or one of that number.
        """
        if job.name in self.jobs or any(j.number == job.number for j in self.jobs.values()):
            raise CallError(f"job {job.number}/{job.user}/{job.name} runs already")
        self.jobs[job.name] = job

    def free_job_number(self) -> int:
        """Return a job number that no job has."""
        taken = {j.number for j in self.jobs.values()}
        while self._next_job in taken:
            self._next_job += 1
        self._next_job += 1
        return self._next_job - 1

    def job(self, name: str) -> Job:
        """Return a job that runs.

        Raises:
            CallError: there is none of that name.
        """
        if name not in self.jobs:
            raise CallError(f"no job {name} runs")
        return self.jobs[name]

    def end(self, name: str) -> Job:
        """End a job: all its sockets close."""
        job = self.job(name)
        self.sockets = {n: s for n, s in self.sockets.items() if s.job is not job}
        del self.jobs[name]
        return job

    def open(self, job: Job, label: str | None, local: Endpoint) -> Socket:
        """Make a socket with the lowest free descriptor of the job.

        Raises:
            CallError: the label is taken.
        """
        if label is None:
            label = f"socket {self._next_label}"
            self._next_label += 1
        if label in self.sockets:
            raise CallError(f"there is a socket {label!r} already")
        taken = {s.descriptor for s in self.sockets.values() if s.job is job}
        descriptor = next(n for n in range(len(taken) + 1) if n not in taken)
        self.sockets[label] = Socket(job, label, descriptor, local)
        return self.sockets[label]

    def close(self, label: str) -> Socket:
        """Close a socket.

        Raises:
            CallError: there is none of that label.
        """
        if label not in self.sockets:
            raise CallError(f"there is no socket {label!r}")
        return self.sockets.pop(label)

    def listener(self, label: str) -> Socket:
        """Return a socket that listens.

        Raises:
            CallError: there is none of that label, or it does not listen.
        """
        found = self.sockets.get(label)
        if found is None or not found.is_listening:
            raise CallError(f"no socket {label!r} listens")
        return found

    def listener_at(self, to: Endpoint) -> Socket | None:
        """Return the listener that a connection to ``to`` reaches, the exact address first."""
        candidates = [
            s
            for s in self.sockets.values()
            if s.is_listening and s.local.port == to.port and self._reaches(s.local, to)
        ]
        return max(candidates, key=lambda s: s.local.address == to.address, default=None)

    def is_in_use(self, local: Endpoint) -> bool:
        """Whether a bind to ``local`` finds the port taken."""
        return local.port != 0 and any(
            s.local.port == local.port and _overlap(s.local.address, local.address)
            for s in self.sockets.values()
        )

    def bound(self, local: Endpoint) -> Endpoint:
        """Return ``local`` with a port: the next free one where it asks for none.

        Raises:
            CallError: every ephemeral port is in use.
        """
        if local.port:
            return local
        for _ in range(FIRST_EPHEMERAL, LAST_PORT + 1):
            chosen = Endpoint(local.address, self._next_port)
            self._next_port = FIRST_EPHEMERAL if chosen.port == LAST_PORT else chosen.port + 1
            if not self.is_in_use(chosen):
                return chosen
        raise CallError("every ephemeral port is in use")

    def source_of(self, destination: Endpoint) -> int:
        """Return the address that a connect from an unbound socket comes from."""
        if destination.address in _LOOPBACK:
            return destination.address
        return self._own[is_v6(destination.address)]

    def owns(self, address: int) -> bool:
        """Whether an address is the system's own."""
        return address in self._addresses

    def _reaches(self, bound: Endpoint, to: Endpoint) -> bool:
        if bound.address == to.address:
            return True
        return self.owns(to.address) and _overlap(bound.address, to.address)


def unspecified(like: Endpoint) -> Endpoint:
    """Return the local end of a socket that is not bound (A6), of the family of ``like``."""
    return Endpoint(UNSPECIFIED_V6 if is_v6(like.address) else UNSPECIFIED_V4, 0)


def _overlap(one: int, other: int) -> bool:
    """Whether two local addresses take the same port: equal, or one is any of its family.

    ``::`` takes a port of IPv4 too, as a listener of both families does.
    """
    if one == other or UNSPECIFIED_V6 in (one, other):
        return True
    return UNSPECIFIED_V4 in (one, other) and not is_v6(one) and not is_v6(other)
