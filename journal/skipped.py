"""Entry numbers that a verification passed over: each may still come late, or is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from journal.findings import MAX_FINDINGS, Finding, FindingKind


@dataclass(frozen=True, slots=True)
class _Jump:
    """Numbers that were passed over at one place, first and last included."""

    first: int
    last: int
    receiver: str
    offset: int


@dataclass(slots=True)
class Skipped:
    """What was passed over, and what of it came late. INVARIANT: bounded by MAX_FINDINGS each."""

    _jumps: list[_Jump] = field(default_factory=list)
    _late: set[int] = field(default_factory=set)

    def pass_over(self, first: int, last: int, receiver: str, offset: int) -> Finding | None:
        """Note that the numbers ``first`` to ``last`` are missing before a place.

        Returns:
            That they are, where there are too many such places to wait for them.
        """
        jump = _Jump(first, last, receiver, offset)
        if len(self._jumps) < MAX_FINDINGS:
            self._jumps.append(jump)
            return None
        return self._dropped(jump)

    def comes_late(self, number: int) -> bool:
        """Whether an entry that is out of order is one that was passed over; it is then noted."""
        passed = any(jump.first <= number <= jump.last for jump in self._jumps)
        if not passed or number in self._late or len(self._late) >= MAX_FINDINGS:
            return False
        self._late.add(number)
        return True

    def missing(self) -> Iterator[Finding]:
        """Yield a finding for each place whose numbers have not all come after all."""
        for jump in self._jumps:
            finding = self._dropped(jump)
            if finding is not None:
                yield finding

    def _dropped(self, jump: _Jump) -> Finding | None:
        gone = sum(jump.first <= number <= jump.last for number in self._late)
        missing = jump.last - jump.first + 1 - gone
        if missing == 0:
            return None
        sequence = next(n for n in range(jump.first, jump.last + 1) if n not in self._late)
        which = (
            f"entry {sequence} is" if missing == 1 else f"{missing} entries from {sequence} on are"
        )
        text = f"{which} missing before this place"
        return Finding(FindingKind.DROPPED, jump.receiver, sequence, jump.offset, text)
