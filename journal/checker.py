"""The walk of a verification: what each frame must be, given the frames before it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from epm.errors import JournalDamagedError
from journal.entry import GapEntry, Stored
from journal.findings import MAX_FINDINGS, Finding, FindingKind, VerifyReport
from journal.frames import NO_CHAIN, Frame, Kind, next_chain
from journal.payload_decode import decode_payload
from journal.receiver import (
    Previous,
    ReceiverHeader,
    decode_header,
    receiver_name,
    receiver_number,
)
from journal.scan import Hole, Placed, last_sequence, open_receiver, walk
from journal.skipped import Skipped
from journal.tails import Tear, tear_of, was_in_flight

_GAP_MARK = b'"k":"NG"'
_PROGRESS_EVERY = 4096


@dataclass(slots=True)
class Checker:
    """Walks receivers in order.

    Attributes:
        wanted: the known head: (sequence, chain value), or ``None``.
        chain: chain value that the next frame must follow from; ``None`` where it is not known.
        expected: number of the next entry.
        hole: bytes that are no frame, until the next frame says which entries they were.
    """

    wanted: tuple[int, bytes] | None
    chain: bytes | None = NO_CHAIN
    expected: int = 1
    first: int = 0
    last: int = 0
    last_chain: bytes = NO_CHAIN
    found: int = 0
    name: str = ""
    hole: Hole | None = None
    sealed: bool = False
    head_seen: bool = False
    count: int = 0
    findings: list[Finding] = field(default_factory=list)
    gaps: list[Stored] = field(default_factory=list)
    skipped: Skipped = field(default_factory=Skipped)
    tear: Tear | None = None

    def receiver(self, path: Path, is_last: bool) -> Iterator[int]:
        """Check one receiver; yields byte offsets now and then.

        Raises:
            JournalError: it cannot be read.
        """
        before, self.name = self.name, path.name
        begun = False
        with open_receiver(path) as file:
            size = os.fstat(file.fileno()).st_size
            for number, item in enumerate(walk(file, end=size)):
                if number % _PROGRESS_EVERY == 0:
                    yield item.offset
                if not begun:
                    begun = True
                    self._beginning(item, before)
                elif isinstance(item, Hole):
                    self.hole = item
                else:
                    self._frame(item)
            if is_last and self.hole is not None and was_in_flight(file, self.hole.offset):
                self.hole = None
            if self.hole is not None:
                self.tear = tear_of(file, self.name, self.hole)
        if not begun:
            self._find(FindingKind.CHANGED, None, 0, "the receiver is empty")
        if is_last:
            self._settle_end(None, before=self.name)

    def _beginning(self, item: Placed | Hole, before: str) -> None:
        """The first thing in a receiver is its header, and it follows from the one before."""
        header = _header_of(item, self.name)
        self._settle_end(header, before)
        if isinstance(item, Placed) and header is not None:
            self._follows(header, before)
            self._chained(item)
            self.sealed = False
            return
        self._find(FindingKind.CHANGED, None, 0, "its header is damaged")
        self.chain, self.sealed = None, False
        if isinstance(item, Placed):
            self._frame(item)

    def _settle_end(self, header: ReceiverHeader | None, before: str) -> None:
        """Judge bytes that a receiver ended with: its successor may have recorded them."""
        hole, self.hole = self.hole, None
        if hole is None:
            return
        known: Previous | None = header.previous if header is not None else None
        if known is not None and not known.sealed and known.sound_bytes == hole.offset:
            return
        kind = FindingKind.TORN if header is None else FindingKind.CHANGED
        text = f"{hole.size} bytes are no whole entry: an append cut off, or changed bytes"
        self._find(kind, self.expected, hole.offset, text, receiver=before)

    def _follows(self, header: ReceiverHeader, before: str) -> None:
        previous = header.previous
        if header.receiver != self.name:
            text = f"it is receiver {header.receiver} under another name"
            self._find(FindingKind.CHANGED, None, 0, text)
        named = previous.name if previous is not None else ""
        if named != before:
            text = (
                f"{named}, the receiver before it, is missing"
                if named
                else f"it is the first of a journal, and follows {before}"
            )
            self._find(FindingKind.MISSING_RECEIVER, None, 0, text)
            self.expected = self.expected if before else header.first
        elif previous is not None and previous.sealed and not self.sealed:
            self._find(FindingKind.CUT, None, None, "its seal is gone", receiver=before)
        if named != before or header.first != self.expected:
            # What is missing is named once; the chain is taken up from what the header says.
            self.chain = bytes.fromhex(header.chain)
        self._jump_to(header.first, 0)

    def _frame(self, item: Placed) -> None:
        self._settle_hole(item.frame)
        if self.sealed:
            self._find(FindingKind.CHANGED, None, item.offset, "there are bytes after the seal")
        kind, number = item.frame.kind, item.frame.number
        if kind == Kind.ENTRY:
            self._entry(item)
        elif kind == Kind.SEAL:
            if number + 1 == self.expected:
                self._chained(item)
            self._jump_to(number + 1, item.offset)
            self.chain, self.sealed = item.frame.chain, True
        else:
            self._find(FindingKind.CHANGED, None, item.offset, "a second header")

    def _settle_hole(self, following: Frame) -> None:
        """Name the entries that damaged bytes were, now that the next sound frame is known."""
        hole, self.hole = self.hole, None
        if hole is None:
            return
        last = last_sequence(following) - (following.kind == Kind.ENTRY)
        text = f"{hole.size} bytes are not what was written"
        if last > self.expected:
            text += f" (entries {self.expected}-{last})"
        sequence = self.expected if last >= self.expected else None
        self._find(FindingKind.CHANGED, sequence, hole.offset, text)
        self.expected, self.chain = max(self.expected, last + 1), None

    def _entry(self, item: Placed) -> None:
        frame = item.frame
        if frame.number == self.expected:
            self._chained(item)
        elif frame.number > self.expected:
            self._jump_to(frame.number, item.offset)
            self.chain = frame.chain
        else:
            # The next entry follows from the one with the largest number, not from this one.
            self._out_of_order(item)
        self.expected = max(self.expected, frame.number + 1)
        self._counted(frame)
        if _GAP_MARK in frame.payload[:64]:
            self._gap(frame)

    def _counted(self, frame: Frame) -> None:
        self.found += 1
        self.first = self.first or frame.number
        if frame.number > self.last:
            self.last, self.last_chain = frame.number, frame.chain
        if self.wanted is not None and frame.number == self.wanted[0]:
            self.head_seen = True
            if frame.chain != self.wanted[1]:
                text = "its chain value is not the known head's: history was written anew"
                self._find(FindingKind.REWRITTEN, frame.number, None, text)

    def _chained(self, item: Placed) -> None:
        """Compare a frame's chain value with what follows from the frame before."""
        frame = item.frame
        if self.chain is not None:
            follows = next_chain(self.chain, frame.kind, frame.number, frame.payload)
            if follows != frame.chain:
                sequence = frame.number if frame.kind == Kind.ENTRY else None
                text = "its chain value does not follow: it, or what came before it, was changed"
                self._find(FindingKind.CHANGED, sequence, item.offset, text)
        self.chain = frame.chain

    def _jump_to(self, number: int, offset: int) -> None:
        if number > self.expected:
            at_once = self.skipped.pass_over(self.expected, number - 1, self.name, offset)
            if at_once is not None:
                self._add(at_once)
        self.expected = max(self.expected, number)

    def _out_of_order(self, item: Placed) -> None:
        number = item.frame.number
        if self.skipped.comes_late(number):
            text = "it stands after entries with larger numbers"
            self._find(FindingKind.REORDERED, number, item.offset, text)
        else:
            text = "its number is there already"
            self._find(FindingKind.REPEATED, number, item.offset, text)

    def _gap(self, frame: Frame) -> None:
        try:
            stored = decode_payload(frame.payload, frame.number, self.name)
        except JournalDamagedError:
            return
        gap = stored.entry
        if not isinstance(gap, GapEntry):
            return
        if len(self.gaps) < MAX_FINDINGS:
            self.gaps.append(stored)
        tear = self.tear
        if tear is not None and tear.contradicts(gap):
            text = f"its torn bytes are not those that entry {stored.sequence} records"
            self._find(FindingKind.CHANGED, None, tear.offset, text, receiver=tear.receiver)

    def _find(
        self,
        kind: FindingKind,
        sequence: int | None,
        offset: int | None,
        text: str,
        receiver: str | None = None,
    ) -> None:
        self._add(Finding(kind, receiver or self.name, sequence, offset, text))

    def _add(self, finding: Finding) -> None:
        self.count += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)

    def receivers_gone(self, last: str, newest: int) -> None:
        """Find the receivers after ``last`` that writers told of, up to number ``newest``."""
        number = receiver_number(last) or newest
        for missing in range(number + 1, min(newest, number + MAX_FINDINGS) + 1):
            text = "it was written, and is not there"
            self._find(
                FindingKind.MISSING_RECEIVER, None, None, text, receiver=receiver_name(missing)
            )

    def report(self, receivers: int) -> VerifyReport:
        """Return what was found in ``receivers`` receivers."""
        for finding in self.skipped.missing():
            self._add(finding)
        if self.wanted is not None and not self.head_seen and self.wanted[0] > 0:
            text = f"entry {self.wanted[0]}, the known head, is not there"
            self._find(FindingKind.CUT, self.wanted[0], None, text)
        return VerifyReport(
            receivers=receivers,
            first=self.first,
            last=self.last,
            expected=self.last - self.first + 1 if self.found else 0,
            found=self.found,
            head=f"{self.last}:{self.last_chain.hex()}",
            findings=tuple(self.findings),
            finding_count=self.count,
            gaps=tuple(self.gaps),
        )


def _header_of(item: Placed | Hole, name: str) -> ReceiverHeader | None:
    if isinstance(item, Placed) and item.frame.kind == Kind.HEADER:
        try:
            return decode_header(item.frame.payload, name)
        except JournalDamagedError:
            return None
    return None
