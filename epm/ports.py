"""What the core needs of the world, as protocols; ``epm.cli`` hands in what fulfils them.

Adapters depend on these, never on each other.
"""

from __future__ import annotations

from typing import Protocol

from epm.events import ExitEvent, SocketEvent
from epm.model import Call, Decision, FailMode


class Decider(Protocol):
    """Decides calls by one published rule set. An error it raises is answered by ``fail``."""

    @property
    def revision(self) -> int | None:
        """Number of the revision it decides by; ``None`` where the rules are a file."""
        ...

    @property
    def fail(self) -> FailMode:
        """What an error inside the decision path answers."""
        ...

    def decide(self, call: Call) -> Decision:
        """Decide one call."""
        ...


class DecisionSink(Protocol):
    """Records the answers of exit programs."""

    def decided(self, event: ExitEvent) -> None:
        """Record one answer before it is given.

        Raises:
            JournalError: it cannot be recorded; the caller must then fail closed.
        """
        ...


class SocketSink(Protocol):
    """Records what the operating system would audit."""

    def socket_event(self, event: SocketEvent) -> None:
        """Record one SK entry before the call that it records is answered.

        Raises:
            JournalError: it cannot be recorded.
        """
        ...


class Sink(DecisionSink, SocketSink, Protocol):
    """Both: what a live adapter records to."""
