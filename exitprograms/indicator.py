"""The return indicator: one character that answers a call, and what the caller makes of it.

Source: IBM documentation of the accept, connect and listen exit programs, the second parameter,
output Char(1). As text here; on IBM i the characters are x'F0', x'F1' and x'F9'. The values are
the reverse of those of most other exit points, where '1' allows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from epm.events import Job

ALLOW = "0"
REJECT = "1"
ALLOW_PROCESS = "9"

#: An exit program: format name, block, job, local time -> indicator.
Run = Callable[[str, bytes, Job, datetime], str]


class Answer(StrEnum):
    """What an indicator means."""

    ALLOWED = "allowed"
    REJECTED = "rejected"
    #: Allowed, and the program is not to be called again for this process (A10: until it ends).
    ALLOWED_FOR_PROCESS = "allowed-for-process"


_MEANINGS = {
    ALLOW: Answer.ALLOWED,
    REJECT: Answer.REJECTED,
    ALLOW_PROCESS: Answer.ALLOWED_FOR_PROCESS,
}


def understood(indicator: str) -> Answer:
    """Return what an indicator means; any other character than 0, 1 and 9 rejects."""
    return _MEANINGS.get(indicator, Answer.REJECTED)


class ExitPointCaller:
    """The caller's side of an exit program: asks it, understands it, honours its '9'.

    What an operating system does around the program; ours never returns '9', another's may.
    A process is known by its job number, for each format apart: '9' speaks of one exit program.

    Attributes:
        MAX_PINNED: how many (format, process) pairs are remembered. Beyond that a process is
            asked again each time, which is the safe side.
    """

    MAX_PINNED = 65536

    def __init__(self, run: Run) -> None:
        """Take the exit program to call."""
        self._run = run
        self._pinned: set[tuple[str, int]] = set()

    def allows(self, format_name: str, block: bytes, job: Job, at: datetime) -> bool:
        """Whether the call may go on. An exception of the program rejects (assumption A7)."""
        process = (format_name, job.number)
        if process in self._pinned:
            return True
        try:
            answer = understood(self._run(format_name, block, job, at))
        except Exception:  # noqa: BLE001 - the fail-closed boundary around another's program
            return False
        if answer is Answer.ALLOWED_FOR_PROCESS and len(self._pinned) < self.MAX_PINNED:
            self._pinned.add(process)
        return answer is not Answer.REJECTED

    def is_pinned(self, format_name: str, job: Job) -> bool:
        """Whether a '9' has exempted the process from this format's program."""
        return (format_name, job.number) in self._pinned

    def ended(self, number: int) -> None:
        """Forget a process that has ended: the next with its number is asked again."""
        self._pinned = {p for p in self._pinned if p[1] != number}
