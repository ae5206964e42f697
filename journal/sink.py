"""The journal as the live adapters see it: the sink that records their answers and events."""

from __future__ import annotations

from epm.events import ExitEvent, Job, SocketEvent
from journal.entry import ChangeEntry
from journal.writer import Journal


class JournalSink:
    """Writes events to a journal before their calls are answered (``epm.ports.Sink``)."""

    def __init__(self, journal: Journal) -> None:
        """Write to ``journal``, which stays its opener's to close."""
        self._append = journal.append

    def decided(self, event: ExitEvent) -> None:
        """Write U/NA or U/NR if the decision is logged: audited, rejected, or an error.

        Raises:
            JournalError: it cannot be written; the caller must fail closed.
        """
        if event.decision.is_logged or event.error is not None:
            self._append(event)

    def socket_event(self, event: SocketEvent) -> None:
        """Write T/SK.

        Raises:
            JournalError: it cannot be written.
        """
        self._append(event)

    def changed(
        self,
        *,
        who: str,
        what: str,
        subject: str,
        before: str | None,
        after: str | None,
        job: Job,
        number: int = 0,
        revision: int | None = None,
    ) -> int:
        """Write U/NC and return the entry's number.

        Args:
            who: the user that made the change.
            what: its kind, such as ``rule-add``, ``rule-change``, ``activate``.
            subject: what was changed, such as ``QSOACCEPT 10``.
            before: JSON text; ``None`` where there was nothing.
            after: JSON text; ``None`` where there is nothing.
            job: the job that made it.
            number: of the change in the store's history.
            revision: of the rule set after the change.

        Raises:
            JournalError: it cannot be written.
        """
        return self._append(ChangeEntry(number, revision, who, what, subject, before, after, job))
