"""What happened and who did it: jobs, answers, socket events, SK entries. Values only."""

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


@dataclass(frozen=True, slots=True)
class SkData:
    """What an SK entry of the audit journal says, whoever wrote it (its entry-specific data).

    ``None`` is a field that the entry does not hold.

    Attributes:
        type: the SK entry type, one letter.
        local_address, remote_address: text as recorded.
        local_port, remote_port: 0..65535.
        descriptor: socket descriptor of the job, signed 32 bits.
        address_family: ``*IPV4`` or ``*IPV6``.
        mac_address, host_name: of a DHCP client.
        filter_description, filter_data: of filtered mail; data of at most 512 characters.
        secure_version, secure_properties: protocol level; cipher, signature, curve.
    """

    type: str
    local_address: str | None = None
    local_port: int | None = None
    remote_address: str | None = None
    remote_port: int | None = None
    descriptor: int | None = None
    address_family: str | None = None
    mac_address: str | None = None
    host_name: str | None = None
    filter_description: str | None = None
    filter_data: str | None = None
    secure_version: str | None = None
    secure_properties: str | None = None
