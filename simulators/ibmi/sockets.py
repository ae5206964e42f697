"""Socket calls of the simulated system: the exit program asked, the audit entry written.

Sources: IBM documentation of the socket exit points. Where several programs are registered at one
point they are asked in order of their numbers until one rejects; how the operating system asks
them is not known (assumption A11). A program that is registered and missing rejects (A8), and so
does one that ends with an error (A7). After a rejection there is no SK entry (A9).
"""

from __future__ import annotations

from dataclasses import dataclass

from epm.errors import FormatError
from epm.events import Endpoint, Job, SocketEvent, SocketEventType
from epm.model import Server
from exitprograms.formats import acpt0100, conn0100
from exitprograms.indicator import Answer, understood
from exitprograms.registry import RegisteredProgram
from simulators.ibmi.calls import call_program
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError
from simulators.xmlservice.host import ProgramFaultError, ProgramMissingError

_SERVERS = {server.format_name: server for server in Server}
#: What the indicator holds before the program sets it: blank, which rejects.
_UNSET = b"\x40"


@dataclass(frozen=True, slots=True)
class SocketAnswer:
    """What became of a socket call.

    Attributes:
        allowed: whether the call went on.
        indicators: what each program that was asked returned, in order, as characters.
        sequence: number of the audit entry; None where none was written.
        problem: why it was rejected without an indicator; None for an ordinary answer.
    """

    allowed: bool
    indicators: tuple[str, ...]
    sequence: int | None
    problem: str | None = None


def ask(
    job: JobState, format_name: str, block: bytes, pinned: set[tuple[str, str, int]]
) -> SocketAnswer:
    """Ask the exit programs of a socket call, in the job that makes it.

    Args:
        job: the job.
        format_name: ``ACPT0100``, ``CONN0100`` or ``LSTN0100``.
        block: the exit point's data, which each program gets a copy of.
        pinned: (format, job number, program number) that answered '9' before; added to.

    Raises:
        EscapeError: there is no such format; an SK entry cannot be written.
    """
    server = _SERVERS.get(format_name)
    if server is None:
        raise EscapeError("CPF3C21", format_name)
    indicators: list[str] = []
    for program in job.system.registration.programs_of(server):
        key = (format_name, job.number, program.number)
        if key in pinned:
            continue
        try:
            indicators.append(_indicator(job, program, block))
        except (ProgramFaultError, ProgramMissingError) as error:
            return SocketAnswer(False, tuple(indicators), None, str(error))
        answer = understood(indicators[-1])
        if answer is Answer.REJECTED:
            return SocketAnswer(False, tuple(indicators), None)
        if answer is Answer.ALLOWED_FOR_PROCESS:
            pinned.add(key)
    return SocketAnswer(True, tuple(indicators), _audited(job, server, block))


def _indicator(job: JobState, program: RegisteredProgram, block: bytes) -> str:
    storage, indicator = bytearray(block), bytearray(_UNSET)
    where, _, name = program.qualified.partition("/")
    call_program(job, where, name, None, [storage, indicator])
    return indicator[:1].decode("cp037")


def _audited(job: JobState, server: Server, block: bytes) -> int | None:
    """Write the T/SK entry of a call that succeeded: A for accept, C for connect."""
    caller = Job(job.name, job.user, int(job.number), None, job.profile.groups)
    try:
        if server is Server.ACCEPT:
            accept = acpt0100.decode(block)
            event = _event(SocketEventType.ACCEPT, caller, accept.incoming, accept.remote)
        elif server is Server.CONNECT:
            connect = conn0100.decode(block)
            event = _event(SocketEventType.CONNECT, caller, connect.local, connect.destination)
        else:
            return None
    except FormatError as error:
        raise EscapeError("CPF9898", f"The block is not {server.format_name}: {error}") from error
    entry = job.system.write_sk(event, job.origin())
    return None if entry is None else entry.sequence


def _event(kind: SocketEventType, caller: Job, local: Endpoint, remote: Endpoint) -> SocketEvent:
    return SocketEvent(kind, caller, local, remote, 0)
