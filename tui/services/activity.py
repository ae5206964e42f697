"""Captured transactions and the message queue, as the panels ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from epm.model import Call, Rule, Server


@dataclass(frozen=True, slots=True)
class CapturedCall:
    """Calls that are equal in every field but their time.

    Attributes:
        number: names it; a later one has a higher number.
        call: the last of them.
        ends: who calls whom, as text.
        count: how many there were.
        first_seen, last_seen: the system's local time, without zone.
    """

    number: int
    call: Call
    ends: str
    count: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """One message of the message queue.

    Attributes:
        number: its place in the queue; a later one has a higher number.
        at: when it was sent, the system's local time, without zone.
        severity: 0 information, 20 warning, 40 something was lost.
        server, rule: what sent it; ``None`` where no rule did.
        call: what it is about.
    """

    number: int
    at: datetime
    severity: int
    text: str
    server: Server | None
    rule: int | None
    call: Call | None


class CaptureService(Protocol):
    """The captured transactions of one system. Every method raises EpmError only."""

    def page(self, start: int, count: int, *, newer: bool = False) -> Sequence[CapturedCall]:
        """Return at most ``count``, newest first.

        They are of numbers up to ``start``; with ``newer`` those from ``start`` on that are
        nearest to it.
        """
        ...

    def captured(self, number: int) -> CapturedCall:
        """Return one, or raise NotFoundError."""
        ...

    def proposal(self, number: int) -> Rule:
        """Return the rule that :func:`epm.proposals.propose_rule` makes of one."""
        ...

    def delete(self, numbers: Sequence[int]) -> int:
        """Delete these; return how many there were."""
        ...

    def clear(self, through: int) -> int:
        """Delete all up to a number; return how many there were."""
        ...


class MessageService(Protocol):
    """The message queue of one system. Every method raises EpmError only."""

    def page(self, start: int, count: int, *, newer: bool = False) -> Sequence[QueuedMessage]:
        """Return at most ``count``, newest first, as :meth:`CaptureService.page` does."""
        ...

    def message(self, number: int) -> QueuedMessage:
        """Return one, or raise NotFoundError."""
        ...

    def delete(self, numbers: Sequence[int]) -> int:
        """Remove these; return how many there were."""
        ...

    def clear(self, through: int) -> int:
        """Remove all up to a number; return how many there were."""
        ...
