"""Where the answers of exit programs go: to several places in order, to none, to memory."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence

from epm.errors import one_line
from epm.events import ExitEvent, SocketEvent
from epm.ports import DecisionSink, Sink, SocketSink

#: Tells the operator one line about something that went wrong and may not be silent.
Warn = Callable[[str], None]

MAX_ERROR_TEXT = 500


def log_warning(text: str) -> None:
    """Tell through the standard logger ``epm.exitprograms``, which writes to standard error."""
    logging.getLogger("epm.exitprograms").warning("%s", text)


def error_text(error: BaseException) -> str:
    """Return an error as one bounded line without control characters."""
    name = type(error).__name__
    try:
        text = one_line(str(error)[:MAX_ERROR_TEXT])
    except Exception:  # noqa: BLE001 - called where nothing may be raised any more
        return name
    return f"{name}: {text}" if text else name


class FanOut:
    """A sink that records to the journal first, then to others (messages, captures, activity).

    INVARIANT: only the journal's failure reaches the exit program; a failure of the others is
    told through ``warn`` and never changes a verdict.
    """

    def __init__(
        self,
        journal: Sink,
        decisions: Sequence[DecisionSink] = (),
        sockets: Sequence[SocketSink] = (),
        *,
        warn: Warn = log_warning,
    ) -> None:
        """Take the journal and, in order, who else is told of decisions and of sockets."""
        self._journal = journal
        self._decisions = tuple(decisions)
        self._sockets = tuple(sockets)
        self._warn = warn

    def decided(self, event: ExitEvent) -> None:
        """Record an answer everywhere.

        Raises:
            JournalError: the journal could not record it; the others were not told.
        """
        self._journal.decided(event)
        for sink in self._decisions:
            try:
                sink.decided(event)
            except Exception as error:  # noqa: BLE001 - a side record never changes a verdict
                self._warn(f"{type(sink).__name__} missed a decision: {error_text(error)}")

    def socket_event(self, event: SocketEvent) -> None:
        """Record an SK entry everywhere.

        Raises:
            JournalError: the journal could not record it; the others were not told.
        """
        self._journal.socket_event(event)
        for sink in self._sockets:
            try:
                sink.socket_event(event)
            except Exception as error:  # noqa: BLE001 - as above
                self._warn(f"{type(sink).__name__} missed a socket event: {error_text(error)}")


class NullSink:
    """A sink that records nothing."""

    def decided(self, event: ExitEvent) -> None:
        """Take an answer and keep nothing."""

    def socket_event(self, event: SocketEvent) -> None:
        """Take a socket event and keep nothing."""


class MemorySink:
    """A sink that keeps the last events in memory, for tests and simulations.

    Attributes:
        decisions, sockets: what was recorded, oldest first.
        failure: when set, recording raises it and keeps nothing: a full disk at will.
    """

    def __init__(self, limit: int = 10_000, failure: Exception | None = None) -> None:
        """Keep at most ``limit`` events of each kind."""
        self.decisions: deque[ExitEvent] = deque(maxlen=limit)
        self.sockets: deque[SocketEvent] = deque(maxlen=limit)
        self.failure = failure

    def decided(self, event: ExitEvent) -> None:
        """Keep an answer."""
        if self.failure is not None:
            raise self.failure
        self.decisions.append(event)

    def socket_event(self, event: SocketEvent) -> None:
        """Keep a socket event."""
        if self.failure is not None:
            raise self.failure
        self.sockets.append(event)
