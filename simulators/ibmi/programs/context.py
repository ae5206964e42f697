"""What a running program sees of its system: its job, its static storage, the objects it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from epm.events import Job
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.objects import MessageQueue, Parameters, QueuedMessage
from simulators.ibmi.objects import UserSpace as _UserSpace
from simulators.ibmi.queues import send
from simulators.ibmi.rights import CHANGE, USE
from simulators.ibmi.storage import fault
from simulators.xmlservice.host import ProgramFaultError

#: A program: its context and its parameters' storage -> the returned value's storage.
Program = Callable[["ProgramContext", Parameters], bytes]


@dataclass(frozen=True, slots=True)
class ProgramContext:
    """One call of a program.

    Attributes:
        lib, name: which program.
        static: what it keeps between calls in this job, as an activation group does.
    """

    job: JobState
    lib: str
    name: str
    static: dict[str, Any]

    @property
    def caller(self) -> Job:
        """The job that runs the program, as the exit points know it: groups, user and number."""
        job = self.job
        return Job(
            job.name,
            job.user,
            int(job.number),
            f"{self.lib}/{self.name}",
            job.profile.groups,
        )

    def now(self) -> datetime:
        """Return the system's local time."""
        return self.job.system.now()

    def user_space(self, library: str, name: str, *, change: bool = False) -> bytearray:
        """Return the bytes of a user space, shared with every other job (as a pointer is).

        Raises:
            ProgramFaultError: CPF9801 missing, CPF9802 not authorized.
        """
        with faults():
            _, item = self.job.need(library, name, "*USRSPC", CHANGE if change else USE)
        assert isinstance(item.data, _UserSpace)
        return item.data.data

    def send_data_queue(self, library: str, name: str, data: bytes, key: bytes = b"") -> None:
        """Send an entry to a data queue.

        Raises:
            ProgramFaultError: CPF9801, CPF9802, CPF950A full, CPF950B too long.
        """
        with faults():
            send(self.job, library, name, data, key)

    def send_journal_entry(self, library: str, name: str, type_: str, data: bytes) -> int:
        """Write a user entry (code U) as QJOSJRNE does; return its sequence number.

        Raises:
            ProgramFaultError: CPF9801, there is no such journal.
        """
        with faults():
            home, _ = self.job.need(library, name, "*JRN")
            journal = self.job.system.journal(home.name, name)
            origin = self.job.origin(self.name, self.lib)
            return journal.append("U", type_, bytes(data), origin, self.job.system.now()).sequence

    def send_message(self, library: str, name: str, text: str) -> None:
        """Send an informational message to a message queue.

        Raises:
            ProgramFaultError: CPF2403, there is no such queue.
        """
        with faults():
            _, item = self.job.need(library, name, "*MSGQ", missing="CPF2403")
        queue_message(self.job, item.data, text)


def queue_message(
    job: JobState, queue: object, text: str, message_id: str = "", kind: str = "*INFO"
) -> None:
    """Put a message on a message queue's data."""
    assert isinstance(queue, MessageQueue)
    key = queue.messages[-1].key + 1 if queue.messages else 1
    queue.messages.append(QueuedMessage(message_id, text, kind, job.user, job.system.now(), key))


class faults:
    """Turns an escape message inside a program into the fault that ends the program."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Turn an EscapeError into a ProgramFaultError."""
        if isinstance(error, EscapeError):
            raise ProgramFaultError(str(error), error.id) from error


def require_at_least(parameters: Parameters, least: int) -> None:
    """Refuse a call of a procedure with fewer parameters; of more it takes no notice.

    Raises:
        ProgramFaultError: MCH0802.
    """
    require(parameters, least, max(least, len(parameters)))


def require(parameters: Parameters, least: int, most: int | None = None) -> None:
    """Refuse a call with another number of parameters.

    Raises:
        ProgramFaultError: MCH0802.
    """
    if not least <= len(parameters) <= (least if most is None else most):
        raise fault("MCH0802")
