"""From the journal to a receiver, entry by entry, across breaks of the connection and restarts.

Theory of operation. Entries are handed over in batches. A batch that the receiver's kernel has
may still be unread, so it waits in ``_unproved`` until so much was taken behind it that it must
have been read, or until the receiver ends the connection in the orderly way. Only then does the
cursor pass it. After a break it is begun again behind the cursor.

INVARIANT: the cursor never passes an entry that is not proved to be read, as far as the transport
can prove it: an entry is sent again rather than lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from epm.errors import JournalDamagedError, JournalError
from epm.syslog5424 import Origin
from journal.forward.connection import Connection, ReceiverLostError
from journal.forward.cursor import Cursor
from journal.query import Query
from journal.reader import Damage, JournalReader, RawEntry
from journal.siem.formats import Formatter
from journal.view import view_of

#: After so many messages it is asked what the receiver has.
BATCH = 500
#: Entries that are looked at for a batch, wanted or not.
LOOKED_AT = 20_000
#: Batches are kept apart from this size on, so that few of them wait.
BATCH_OCTETS = 64 << 10
IDLE_SECONDS = 0.2
#: Pauses between attempts to connect, in seconds; the last one stays.
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
#: Failed attempts in a row after which a command that does not follow gives up.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent, and as what.

    Attributes:
        connect: opens a connection; raises ReceiverLostError.
        follow: go on with new entries as they come; otherwise end when all there are arrived.
    """

    query: Query
    formatter: Formatter
    origin: Origin
    version: str
    connect: Callable[[], Connection]
    follow: bool


@dataclass(frozen=True, slots=True)
class _Batch:
    """Entries that the receiver's kernel has.

    Attributes:
        last: number of the last entry that was looked at for it.
        messages, octets: how much of it was sent.
    """

    last: int
    messages: int
    octets: int

    def __add__(self, later: _Batch) -> _Batch:
        return _Batch(later.last, self.messages + later.messages, self.octets + later.octets)


class Forwarder:
    """Sends entries. ``sleep`` and ``talk`` are passed in; ``stopped`` is asked between steps.

    Attributes:
        arrived: how many messages are proved to be read.
    """

    def __init__(
        self,
        reader: JournalReader,
        cursor: Cursor,
        order: Order,
        *,
        sleep: Callable[[float], object],
        talk: Callable[[str], None],
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Go on behind what the cursor says has arrived.

        Raises:
            JournalError: the cursor cannot be read, or is ahead of the journal.
        """
        self._reader = reader
        self._cursor = cursor
        self._order = order
        self._sleep = sleep
        self._talk = talk
        self._stopped = stopped
        self._connection: Connection | None = None
        self._failures = 0
        self._damages: set[Damage] = set()
        self._at_damage = False
        self._told_missing = 0
        self._unproved: deque[_Batch] = deque()
        self._proved = self._handed = cursor.read() or 0
        last = self._last()
        if self._proved > last:
            raise JournalError(
                f"entry {self._proved} was sent before, but the journal ends at {last}: "
                "it is another one, or was cut (epm journal verify --head)"
            )
        self.arrived = 0

    def _last(self) -> int:
        newest = self._reader.last()
        return 0 if newest is None else newest.sequence

    def run(self) -> int:
        """Send until told to stop, or, without ``follow``, until all has arrived.

        Returns:
            How many messages have arrived.

        Raises:
            ReceiverLostError: without ``follow``, the receiver stayed away.
            JournalError: the journal or the cursor cannot be used.
        """
        try:
            while not self._stopped():
                try:
                    caught_up = self._step()
                    if caught_up and not self._order.follow:
                        self._finish()
                        return self.arrived
                except ReceiverLostError as error:
                    self._lost(error)
                    continue
                if caught_up:
                    self._sleep(IDLE_SECONDS)
            self._finish_stopped()
        finally:
            self._drop()
        return self.arrived

    # ------------------------------------------------------------------- the connection

    def _lost(self, error: ReceiverLostError) -> None:
        """Drop the connection and wait; what is not proved to have arrived is sent again."""
        self._drop()
        self._failures += 1
        if not self._order.follow and self._failures >= ATTEMPTS:
            raise error
        if self._failures == 1:
            self._talk(f"{error}; entries from {self._proved + 1} on are sent when it is back")
        self._sleep(PAUSES[min(self._failures, len(PAUSES)) - 1])

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._unproved.clear()
        self._handed = self._proved

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._order.connect()
            if self._failures:
                self._talk(f"the receiver is back; going on with entry {self._proved + 1}")
        elif self._order.follow:
            self._failures = 0  # it has outlived a step
        return self._connection

    def _finish(self) -> None:
        """End the connection; all has arrived then.

        Raises:
            ReceiverLostError: it has not.
        """
        if self._connection is None or not self._unproved:
            return
        if not self._connection.finish():
            count = sum(batch.messages for batch in self._unproved)
            self._talk(
                "the receiver has all, but does not end the connection: "
                f"nobody knows whether it has read the last {count} messages"
            )
        self._prove(0)

    def _finish_stopped(self) -> None:
        try:
            self._finish()
        except ReceiverLostError as error:
            self._talk(f"{error}; entries from {self._proved + 1} on are sent the next time")

    # ---------------------------------------------------------------------- the entries

    def _step(self) -> bool:
        """Send at most one batch; return whether nothing more is there."""
        connection, last = self._connected(), self._last()
        batch = self._send(connection, last)
        connection.settle()
        if batch.last > self._handed:
            self._handed = batch.last
            self._wait_for_proof(batch)
            self._prove(connection.unread)
        return self._handed >= last

    def _send(self, connection: Connection, last: int) -> _Batch:
        at, messages, octets = self._handed, 0, 0
        entries = self._reader.entries(at + 1, on_damage=self._damaged)
        for looked_at, raw in enumerate(entries):
            if raw.sequence > last or messages >= BATCH or looked_at >= LOOKED_AT:
                break
            if self._stopped():
                break
            if raw.sequence > at + 1 and not self._at_damage:
                self._missing(at + 1, raw.sequence - 1)
            self._at_damage = False
            at = raw.sequence
            line = self._line(raw) if self._order.query.may_match(raw) else None
            if line is not None:
                message = line.encode()
                connection.send(message)
                messages += 1
                octets += len(message)
        return _Batch(at, messages, octets)

    def _wait_for_proof(self, batch: _Batch) -> None:
        waiting = self._unproved
        if waiting and waiting[-1].octets + batch.octets <= BATCH_OCTETS:
            batch = waiting.pop() + batch
        waiting.append(batch)

    def _prove(self, unread: int) -> None:
        """Pass the batches that sent nothing, or behind which more was taken than is unread."""
        behind = sum(batch.octets for batch in self._unproved)
        passed = self._proved
        while self._unproved:
            batch = self._unproved[0]
            behind -= batch.octets
            if batch.octets and behind < unread:
                break
            self._unproved.popleft()
            passed = batch.last
            self.arrived += batch.messages
        if passed > self._proved:
            self._cursor.write(passed)
            self._proved = passed
            self._failures = 0

    def _line(self, raw: RawEntry) -> str | None:
        """Return the message of an entry, ``None`` when it is not wanted or cannot be read."""
        order = self._order
        try:
            view = view_of(raw.decode())
        except JournalDamagedError as error:
            self._talk(f"{error}; entry {raw.sequence} cannot be sent")
            return None
        return (
            order.formatter(view, order.origin, order.version)
            if order.query.matches(view)
            else None
        )

    def _damaged(self, damage: Damage) -> None:
        """Go on behind a damaged place, and say so, once: a gap is never silent."""
        self._at_damage = True
        if damage not in self._damages:
            self._damages.add(damage)
            self._talk(f"{damage}; the entries there cannot be sent")

    def _missing(self, first: int, last: int) -> None:
        """Say, once, that numbers are left out where no damage is: entries do not skip any."""
        if last > self._told_missing:
            self._told_missing = last
            self._talk(
                f"entries {first} to {last} are not in the journal any more, as where a receiver "
                "was removed; they cannot be sent"
            )
