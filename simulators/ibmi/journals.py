"""Journals: chained receivers, numbered entries, receivers attached, detached and deleted.

The entry-specific data of an entry are bytes, as the operating system writes them; what they mean
is known to whoever wrote them. The layout of an SK entry is handed in (:class:`SkEncoder`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from epm.events import SocketEvent
from simulators.ibmi.messages import EscapeError

FIRST_SEQUENCE = 1


class SkEncoder(Protocol):
    """Makes the entry-specific data of an SK entry (IBM documentation: SK entry layout)."""

    def __call__(self, event: SocketEvent) -> bytes:
        """Return the bytes of one SK entry, CCSID 37."""
        ...


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One entry.

    Attributes:
        time: the system's local time, to the microsecond.
        data: entry-specific data, from its first byte on.
    """

    sequence: int
    time: datetime
    code: str
    type: str
    job: str
    job_user: str
    job_number: str
    user: str
    program: str
    program_library: str
    data: bytes
    receiver: str
    receiver_library: str
    object: str = ""
    object_library: str = ""


@dataclass(slots=True)
class Receiver:
    """A journal receiver and its entries; ``detached`` is None while it is attached."""

    lib: str
    name: str
    attached: datetime | None = None
    detached: datetime | None = None
    entries: list[JournalEntry] = field(default_factory=list)

    @property
    def status(self) -> str:
        """As WRKJRNA shows it."""
        if self.attached is None:
            return "UNATTACHED"
        return "ATTACHED" if self.detached is None else "ONLINE"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote an entry: the job, its current user and the program."""

    job: str
    job_user: str
    job_number: str
    user: str
    program: str = "*NONE"
    program_library: str = "*NONE"


@dataclass(slots=True)
class Journal:
    """A journal: its receiver chain, the attached one last.

    INVARIANT: sequence numbers run without gap over the receivers of the chain until RESET.
    """

    lib: str
    name: str
    chain: list[Receiver]
    next_sequence: int = FIRST_SEQUENCE

    @property
    def attached(self) -> Receiver:
        """The receiver that entries go to."""
        return self.chain[-1]

    def append(
        self, code: str, type_: str, data: bytes, origin: Origin, at: datetime, thing: str = ""
    ) -> JournalEntry:
        """Write one entry to the attached receiver.

        Args:
            code: one character, such as ``T``.
            type_: two characters, such as ``SK``.
            data: entry-specific data.
            origin: who writes it.
            at: the system's local time.
            thing: ``LIB/NAME`` of the object it is about, or empty.
        """
        library, _, name = thing.rpartition("/")
        entry = JournalEntry(
            self.next_sequence,
            at.replace(tzinfo=None),
            code,
            type_,
            origin.job,
            origin.job_user,
            origin.job_number,
            origin.user,
            origin.program,
            origin.program_library,
            data,
            self.attached.name,
            self.attached.lib,
            name,
            library,
        )
        self.attached.entries.append(entry)
        self.next_sequence += 1
        return entry

    def attach(self, receiver: Receiver, origin: Origin, at: datetime, *, reset: bool) -> None:
        """Detach the attached receiver and attach another; J/PR is its first entry."""
        if self.chain:
            self.attached.detached = at
        if reset:
            self.next_sequence = FIRST_SEQUENCE
        receiver.attached = at
        self.chain.append(receiver)
        self.append("J", "PR", b"", origin, at)

    def next_name(self, taken: Sequence[str] = ()) -> str:
        """Return the name of the next receiver, as CHGJRN JRNRCV(*GEN) makes it."""
        name = self.attached.name
        head = name.rstrip("0123456789")
        digits = name[len(head) :]
        if not digits:
            head, digits = name[:6], "0000"
        number = int(digits)
        while True:
            number += 1
            made = f"{head}{number:0{len(digits)}d}"
            if len(made) > 10:
                made = head[: 10 - len(str(number))] + str(number)
            if made not in taken and all(r.name != made for r in self.chain):
                return made

    def delete_receiver(self, name: str) -> Receiver:
        """Delete a detached receiver from the chain; a reader may find its entries gone.

        Raises:
            EscapeError: CPF7022, it is attached; CPF9801, it is not in the chain.
        """
        found = next((r for r in self.chain if r.name == name), None)
        if found is None:
            raise EscapeError("CPF9801", name, self.lib)
        if found is self.attached:
            raise EscapeError("CPF7022", name, found.lib, self.name)
        self.chain.remove(found)
        return found

    def receivers(self, starting: str, ending: str = "*CURRENT") -> list[Receiver]:
        """Return the receivers of a range.

        Args:
            starting: a name, ``*CURRENT``, ``*CURCHAIN``, ``*CURAVLCHN`` or ``*CURSEQCHN``.
            ending: a name or ``*CURRENT``.

        Raises:
            EscapeError: CPF7053, a receiver is not in the chain, or they are in the wrong order.
        """
        if starting in ("*CURCHAIN", "*CURAVLCHN", "*CURSEQCHN"):
            first = 0
        else:
            first = self._place(starting)
        last = self._place(ending)
        if first > last:
            raise EscapeError("CPF7053", f"{starting} comes after {ending}")
        return self.chain[first : last + 1]

    def read(
        self,
        starting: str = "*CURRENT",
        ending: str = "*CURRENT",
        *,
        after: int = 0,
        types: frozenset[str] | None = None,
        codes: frozenset[str] | None = None,
    ) -> Iterator[JournalEntry]:
        """Entries of a range of receivers in order.

        Args:
            starting: as :meth:`receivers`.
            ending: as :meth:`receivers`.
            after: only entries with a higher sequence number.
            types: only these entry types; None is all.
            codes: only these journal codes; None is all.
        """
        for receiver in self.receivers(starting, ending):
            for entry in receiver.entries:
                if (
                    entry.sequence > after
                    and (types is None or entry.type in types)
                    and (codes is None or entry.code in codes)
                ):
                    yield entry

    def _place(self, name: str) -> int:
        if name == "*CURRENT":
            return len(self.chain) - 1
        for place, receiver in enumerate(self.chain):
            if receiver.name == name:
                return place
        raise EscapeError("CPF7053", f"receiver {name} is not in the chain of {self.name}")
