"""The history of rule changes, as the panels ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from epm.model import Server
from tui.services.rules import Saved


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """Who made a revision, when (the system's local time), doing what to what, and why."""

    number: int
    at: datetime
    user: str
    host: str
    action: str
    subject: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One object before and after.

    Attributes:
        place: its place in the list that it belongs to, from 1 without gap.
        subject: names it, such as ``rule QSOACCEPT 10``.
        before, after: plain values with the rule file's names; ``None`` is not there.
    """

    place: int
    subject: str
    before: object
    after: object


class HistoryService(Protocol):
    """The revisions of one system. Every method raises EpmError only."""

    def page(
        self,
        start: int,
        count: int,
        *,
        newer: bool = False,
        server: Server | None = None,
        seq: int | None = None,
    ) -> Sequence[RevisionLine]:
        """Return at most ``count`` revisions, newest first.

        They are of numbers up to ``start``; with ``newer`` those from ``start`` on that are
        nearest to it. With ``server`` or ``seq`` only those that changed such rules.
        """
        ...

    def differences(
        self, revision: int, start: int, count: int, *, backward: bool = False
    ) -> Sequence[Difference]:
        """Return at most ``count`` of what a revision changed: from place ``start`` on, or to."""
        ...

    def compare(self, old: int, new: int) -> Sequence[Difference]:
        """Return what is different at revision ``new`` from what was at ``old``."""
        ...

    def revert(self, revision: int, seen: int) -> Saved:
        """Make the rules what they were at a revision, past the lock-out guard.

        EditConflictError when ``seen`` is not the current revision any more.
        """
        ...
