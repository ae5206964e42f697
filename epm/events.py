"""What happened and who did it: jobs, answers of exit programs, socket events. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from epm.model import Call, Decision


@dataclass(frozen=True, slots=True)
class Job:
    """Who made a call: the job (here: the process) that the exit program runs in.

    Attributes:
        name: job name; on Linux the command name.
        user: user profile that the job runs under.
        number: job number; on Linux the process id.
        program: path of the program.
        groups: group profiles; ``None`` where they are not known.
    """

    name: str
    user: str
    number: int
    program: str | None = None
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a connection: a number on the address axis, and a port."""

    address: int
    port: int


@dataclass(frozen=True, slots=True)
class ExitEvent:
    """One answer of an exit program, for the journal, the message queue and the captures.

    Attributes:
        revision: number of the rule set's revision; ``None`` where the rules are a file.
        enforced: false when a rejection was only logged (``--log-only``).
        error: what went wrong inside the decision path; ``None`` for an ordinary decision.
    """

    call: Call
    decision: Decision
    job: Job
    revision: int | None = None
    enforced: bool = True
    error: str | None = None


class SocketEventType(StrEnum):
    """What the operating system itself audits of a socket: the SK entry types written live."""

    ACCEPT = "A"
    CONNECT = "C"
    PORT_UNAVAILABLE = "P"


@dataclass(frozen=True, slots=True)
class SocketEvent:
    """A socket call that succeeded (or a port that could not be had), for an SK entry.

    Attributes:
        descriptor: the socket descriptor of the job.
    """

    type: SocketEventType
    job: Job
    local: Endpoint
    remote: Endpoint | None
    descriptor: int
