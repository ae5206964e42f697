"""What the journal holds: the kinds of entry, as frozen values.

==========  =========================================================  =====================
code/type   what it records                                            value
==========  =========================================================  =====================
T/SK        a socket call, as the operating system audits it           SocketEvent, SocketEntry
U/NA, U/NR  an answer of an exit program: allowed, rejected            ExitEvent
U/NC        a change of rules, groups, configuration or activation     ChangeEntry
U/NG        a gap: what the journal knows that it may not hold         GapEntry
any         a record of another journal, kept byte for byte            ForeignEntry
==========  =========================================================  =====================

A live adapter hands over its event as it is (nothing is copied on the decision path); read
back, an SK entry is always a :class:`SocketEntry`. The journal gives each entry its number,
its time (UTC) and its system.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from epm.events import ExitEvent, Job, SkData, SocketEvent
from epm.model import Verdict
from journal.layouts.values import HeaderData


@dataclass(frozen=True, slots=True)
class SocketEntry:
    """A T/SK entry of any of the eleven types.

    Attributes:
        job: who made the call; ``number`` may be larger than a record's header can show.
        data: the entry-specific data.
    """

    job: Job
    data: SkData


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """A U/NC entry: one change of what decides calls.

    Attributes:
        number: number of the change in the store's history; 0 where it has none.
        revision: revision of the rule set after the change; ``None`` where there is none.
        who: the user profile (off IBM i: the user) that made it.
        what: kind of change, such as ``rule-add`` or ``activate``.
        subject: what was changed, such as ``QSOACCEPT 10``.
        before, after: JSON text; ``None`` where there was, or is, nothing.
        job: the job that made it.
    """

    number: int
    revision: int | None
    who: str
    what: str
    subject: str
    before: str | None
    after: str | None
    job: Job


class GapReason(StrEnum):
    """Why entries may be missing, or why the record of time is not even."""

    POWER_LOSS = "power-loss"
    TORN_TAIL = "torn-tail"
    FLUSH_FAILED = "flush-failed"
    CUT = "cut"
    CLOCK_STEP = "clock-step"
    SOURCE_LOST = "source-lost"


@dataclass(frozen=True, slots=True)
class GapEntry:
    """A U/NG entry: a gap is never silent.

    Attributes:
        text: one sentence for a reader.
        details: what is known, such as receiver, offset, bytes, sha256.
    """

    reason: GapReason
    text: str
    details: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class ForeignEntry:
    """A record of another journal, imported.

    Attributes:
        source: system that wrote it; with ``sequence`` it is imported exactly once.
        sequence: its number in the journal it comes from.
        header, data: what it says; ``data`` is ``None`` for other entries than SK.
        form: what ``raw`` is: ``type5``, ``type4`` or ``esd``.
        ccsid: of ``raw``.
        raw: the record byte for byte; ``None`` if it came as JSON or CSV.
    """

    source: str
    sequence: int
    header: HeaderData
    data: SkData | None
    form: str | None = None
    ccsid: int = 37
    raw: bytes | None = None


Entry = SocketEvent | SocketEntry | ExitEvent | ChangeEntry | GapEntry | ForeignEntry


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it was read from a receiver.

    Attributes:
        sequence: its number in the journal, from 1 without gap.
        at: UTC, without zone; never earlier than the entry before it, but where a U/NG entry
            says that the clock was set back.
        system: the system that it is of.
        receiver: name of the receiver that holds it.
    """

    sequence: int
    at: datetime
    system: str
    receiver: str
    entry: Entry


def entry_type(entry: Entry) -> tuple[str, str]:
    """Return (journal code, entry type), such as ``("U", "NR")``."""
    if isinstance(entry, ExitEvent):
        return "U", "NA" if entry.decision.verdict is Verdict.ALLOW else "NR"
    if isinstance(entry, ForeignEntry):
        return entry.header.code or "T", entry.header.entry_type or "SK"
    return _TYPES[type(entry)]


_TYPES: Mapping[type, tuple[str, str]] = MappingProxyType(
    {
        SocketEvent: ("T", "SK"),
        SocketEntry: ("T", "SK"),
        ChangeEntry: ("U", "NC"),
        GapEntry: ("U", "NG"),
    }
)
