"""What a verification of a journal finds, as values.

=================  =========================================================================
changed            bytes that are no sound frame, or an entry whose chain value does not
                   follow from the entry before it
dropped            numbers that are missing
reordered          an entry after one with a larger number
repeated           a number for the second time
missing-receiver   a receiver that the next one names as its predecessor is not there
cut                the journal ends before the known head, or before what its own receivers say
rewritten          the entry with the known head's number has another chain value
torn               the last append was cut off; opening the journal records it
=================  =========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from journal.entry import Stored

#: More findings than this are counted, not kept.
MAX_FINDINGS = 1000


class FindingKind(StrEnum):
    """What is wrong; see the table of this module."""

    CHANGED = "changed"
    DROPPED = "dropped"
    REORDERED = "reordered"
    REPEATED = "repeated"
    MISSING_RECEIVER = "missing-receiver"
    CUT = "cut"
    REWRITTEN = "rewritten"
    TORN = "torn"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        receiver: where.
        sequence: number of the entry; ``None`` where no entry can be named.
        offset: byte offset in the receiver; ``None`` where nothing is there.
    """

    kind: FindingKind
    receiver: str
    sequence: int | None
    offset: int | None
    text: str

    def __str__(self) -> str:
        entry = "" if self.sequence is None else f", entry {self.sequence}"
        place = "" if self.offset is None else f", offset {self.offset}"
        return f"{self.kind.value}: receiver {self.receiver}{entry}{place}: {self.text}"


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a verification found.

    Attributes:
        receivers: how many there are.
        first, last: smallest and largest entry number; 0 in an empty journal.
        expected: how many entries that range holds; ``found`` how many are there.
        head: to be kept elsewhere and given to a later verification.
        findings: at most :data:`MAX_FINDINGS`; ``finding_count`` counts all.
        gaps: the U/NG entries: what the journal itself says may be missing.
    """

    receivers: int
    first: int
    last: int
    expected: int
    found: int
    head: str
    findings: tuple[Finding, ...]
    finding_count: int
    gaps: tuple[Stored, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.finding_count == 0
