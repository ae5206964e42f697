"""The state of one simulated system: everything that its jobs share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from epm.events import SocketEvent
from simulators.ibmi.compiler import Compiler
from simulators.ibmi.database import Database
from simulators.ibmi.ifs import FileTree
from simulators.ibmi.journals import Journal, JournalEntry, Origin, Receiver, SkEncoder
from simulators.ibmi.libraries import Libraries
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.objects import BASE_SIZE, SystemObject
from simulators.ibmi.profiles import Profiles, UserProfile
from simulators.ibmi.registration import Registration
from simulators.ibmi.sysvals import SystemValues, of_the_clock

AUDIT_JOURNAL = ("QSYS", "QAUDJRN")
OPERATOR_QUEUE = ("QSYS", "QSYSOPR")


class AnyJob(Protocol):
    """A job as the list of active jobs knows it."""

    @property
    def name(self) -> str:
        """Job name."""
        ...

    @property
    def user(self) -> str:
        """Job user."""
        ...

    @property
    def number(self) -> str:
        """Six digits."""
        ...

    @property
    def subsystem(self) -> str:
        """Subsystem it runs in."""
        ...


class SystemState:
    """Everything that jobs share. Every access holds ``lock``, which a waiting job gives back.

    Attributes:
        clock: gives the system's local time.
        lock: a condition: notified when a queue is sent to, a job ends or a transaction ends.
        capacity: bytes of auxiliary storage; what is created beyond it is refused.
        jobs: active jobs by number.
    """

    def __init__(
        self,
        name: str,
        clock: Callable[[], datetime],
        *,
        sk_encoder: SkEncoder | None = None,
        compiler: Compiler | None = None,
        maximum_socket_programs: int | None = None,
        capacity: int = 256 * 1024 * 1024,
    ) -> None:
        """Make an empty system of the given name with its system libraries' state.

        Args:
            name: up to 8 characters.
            clock: gives the system's local time.
            sk_encoder: makes the entry-specific data of SK entries; without one none are written.
            compiler: makes programs of C sources.
            maximum_socket_programs: how many programs each socket exit point takes (A11).
            capacity: bytes of auxiliary storage.
        """
        self.name = name
        self.clock = clock
        self.lock = threading.Condition(threading.RLock())
        self.libraries = Libraries()
        self.profiles = Profiles()
        self.registration = Registration(maximum_socket_programs)
        self.values = SystemValues(name)
        self.files = FileTree()
        self.database = Database()
        self.compiler = compiler
        self.sk_encoder = sk_encoder
        self.capacity = capacity
        self.jobs: dict[str, AnyJob] = {}
        self._next_job = 1

    def now(self) -> datetime:
        """Return the system's local time, without zone."""
        return self.clock().replace(tzinfo=None)

    def value(self, name: str) -> str:
        """Return a system value, kept or made by the clock; CPF1028 if there is none."""
        return of_the_clock(self.now()).get(name) or self.values.get(name)

    def next_job_number(self) -> str:
        """Return the next free job number, six digits; they wrap after 999999."""
        while f"{self._next_job:06d}" in self.jobs:
            self._next_job = self._next_job % 999_999 + 1
        number = f"{self._next_job:06d}"
        self._next_job = self._next_job % 999_999 + 1
        return number

    def object(self, library: str, name: str, type_: str) -> SystemObject | None:
        """Return an object of a library that is no QTEMP, or None."""
        found = self.libraries.get(library)
        return None if found is None else found.get(name, type_)

    def journal(self, library: str, name: str) -> Journal:
        """Return a journal.

        Raises:
            EscapeError: CPF9801, there is none.
        """
        found = self.object(library, name, "*JRN")
        if found is None or not isinstance(found.data, Journal):
            raise EscapeError("CPF9801", name, library)
        return found.data

    @property
    def audit_journal(self) -> Journal:
        """QSYS/QAUDJRN; CPF9801 where auditing was never set up."""
        return self.journal(*AUDIT_JOURNAL)

    def delete_receiver(self, library: str, name: str, chain: Journal | None) -> Receiver | None:
        """Delete a receiver from its library and from the chain of its journal."""
        home = self.libraries.get(library)
        item = home.get(name, "*JRNRCV") if home else None
        removed = chain.delete_receiver(name) if chain is not None else None
        if home is not None and item is not None:
            home.remove(item)
        return removed

    def journal_of(self, library: str, receiver: str) -> Journal | None:
        """Return the journal in whose chain a receiver is, or None."""
        for home in self.libraries:
            for item in home.select("*ALL", "*JRN"):
                if isinstance(item.data, Journal) and any(
                    (r.lib, r.name) == (library, receiver) for r in item.data.chain
                ):
                    return item.data
        return None

    def write_sk(self, event: SocketEvent, origin: Origin) -> JournalEntry | None:
        """Write a T/SK entry if sockets are audited; None if they are not.

        A system that was made without an encoder cannot write them and says so.

        Raises:
            EscapeError: CPF7003, there is no encoder.
        """
        if not self.values.audits_sockets or self.object(*AUDIT_JOURNAL, "*JRN") is None:
            return None
        if self.sk_encoder is None:
            raise EscapeError("CPF7003", "QAUDJRN", "no encoder of SK entries was handed in")
        return self.audit_journal.append("T", "SK", self.sk_encoder(event), origin, self.now())

    def used(self) -> int:
        """Return the bytes that all objects and stream files take."""
        objects = sum(item.size for library in self.libraries for item in library.objects.values())
        streams = sum(len(found.data) + BASE_SIZE for found in self.files.files.values())
        return objects + streams + len(self.files.directories) * BASE_SIZE

    def require_storage(self, owner: UserProfile, more: int) -> None:
        """Refuse what would not fit.

        Raises:
            EscapeError: CPF0907, auxiliary storage is full; CPF2222, the owner's limit.
        """
        if self.used() + more > self.capacity:
            raise EscapeError("CPF0907", "1")
        if owner.max_storage is None:
            return
        owned = sum(
            item.size
            for library in self.libraries
            for item in library.objects.values()
            if item.owner == owner.name
        )
        if owned + more > owner.max_storage * 1024:
            raise EscapeError("CPF2222", owner.name)
