"""The sink that live calls put their messages and captures into without ever waiting.

The caller's side appends to a bounded queue and goes on. A thread of its own writes what has
gathered, one transaction a batch; while the store is out it keeps the batch and tries again.
What no longer fits is counted, and the count is written as a message: nothing is lost silently.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from db.activity import Activity
from db.activity_values import LOSS, WARNING, Captured, Message, message_of
from epm.errors import EpmError, StoreError
from epm.events import ExitEvent
from epm.model import Reason

Report = Callable[[EpmError], None]
_LONGEST_PAUSE = 5.0


@dataclass(slots=True)
class _Batch:
    """Events that wait to be written, and how many no longer fitted."""

    events: list[tuple[ExitEvent, datetime]] = field(default_factory=list)
    dropped: int = 0

    def __bool__(self) -> bool:
        return bool(self.events or self.dropped)


class ActivityWriter:
    """A :class:`~epm.ports.DecisionSink` for rules with Message or Capture ``Y``.

    It never raises and never blocks: messages and captures are conveniences, the journal is
    the record.
    """

    def __init__(
        self,
        activity: Activity,
        *,
        clock: Callable[[], datetime],
        on_error: Report,
        capacity: int = 10_000,
        interval: float = 0.2,
    ) -> None:
        """Set up, without starting the thread.

        Args:
            activity: where to write.
            clock: the time now, aware.
            on_error: told once for each outage; called from the writer's thread.
            capacity: events that may wait.
            interval: seconds for which events gather before they are written.
        """
        self._activity = activity
        self._clock = clock
        self._on_error = on_error
        self._capacity = capacity
        self._interval = interval
        self._lock = threading.Lock()  # held for a few instructions only
        self._waiting = _Batch()
        self._writing = _Batch()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._told = False
        self._warned = False
        self._thread = threading.Thread(target=self._run, name="epm-activity", daemon=True)

    def start(self) -> None:
        """Start writing."""
        self._thread.start()

    def decided(self, event: ExitEvent) -> None:
        """Put an event into the queue if its rule asked for a message or a capture."""
        decision = event.decision
        if decision.reason is Reason.NOT_ACTIVATED or not (decision.message or decision.capture):
            return
        at = self._clock()
        with self._lock:
            waiting = self._waiting
            if len(waiting.events) + len(self._writing.events) < self._capacity:
                waiting.events.append((event, at))
            else:
                waiting.dropped += 1
        self._wake.set()

    def close(self, timeout: float = 5.0) -> int:
        """Write what waits and stop; return how many events could not be written in time."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        with self._lock:
            batches = (self._waiting, self._writing)
            return sum(len(batch.events) + batch.dropped for batch in batches)

    def _run(self) -> None:
        pause = self._interval
        while True:
            self._wake.wait()
            self._closing.wait(pause)
            closing = self._closing.is_set()
            written = self._write()
            pause = self._interval if written else min(2 * pause, _LONGEST_PAUSE)
            with self._lock:
                idle = not self._waiting and not self._writing
                if idle and not closing:
                    self._wake.clear()
            # A store that is out when all ends gets one last attempt, not more.
            if closing and (idle or not written):
                return

    def _write(self) -> bool:
        """Write a batch; whether the store took it."""
        with self._lock:
            if not self._writing:
                self._waiting, self._writing = _Batch(), self._waiting
            elif self._waiting.dropped:
                self._writing.dropped += self._waiting.dropped
                self._waiting.dropped = 0
            batch = self._writing
        if not batch:
            return True
        try:
            pushed_out = self._activity.record(self._messages(batch), _captures(batch))
        except EpmError as error:
            self._tell(error)
            return False
        except Exception as error:  # noqa: BLE001 (a thread that dies would lose all that follows)
            self._tell(StoreError(f"messages and captures: {type(error).__name__}: {error}"))
            with self._lock:
                self._writing = _Batch(dropped=batch.dropped + len(batch.events))
            return False
        with self._lock:
            self._writing = _Batch()
        self._told = False
        if pushed_out:
            self._warn_pushed_out(pushed_out)
        return True

    def _tell(self, error: EpmError) -> None:
        if not self._told:
            self._told = True
            self._on_error(error)

    def _messages(self, batch: _Batch) -> list[Message]:
        messages = [message_of(event, at) for event, at in batch.events if event.decision.message]
        if batch.dropped:
            text = f"{batch.dropped} messages or captures were lost: the queue was full"
            messages.append(Message(self._clock(), LOSS, text))
        return messages

    def _warn_pushed_out(self, count: int) -> None:
        """Say once that captures are at their limit; from then on it is the usual state."""
        if self._warned:
            return
        self._warned = True
        text = f"captured transactions are at their limit: {count} of the oldest were dropped"
        try:
            self._activity.record([Message(self._clock(), WARNING, text)], [])
        except EpmError as error:
            self._on_error(error)


def _captures(batch: _Batch) -> list[Captured]:
    return [Captured(event.call, 1, at, at) for event, at in batch.events if event.decision.capture]
