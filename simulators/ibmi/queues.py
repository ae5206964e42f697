"""Data queues as every interface uses them: sent to, received from, bounded.

Sources: IBM documentation of QSNDDTAQ, QRCVDTAQ and CRTDTAQ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.objects import DataQueue, QueueEntry
from simulators.ibmi.rights import CHANGE, USE

#: The longest that one call waits here, whatever it asks for (seconds of real time).
MAX_WAIT = 60

#: How the key of an entry compares with the one that is asked for.
KEY_ORDERS: Mapping[str, Callable[[bytes, bytes], bool]] = {
    "EQ": lambda key, wanted: key == wanted,
    "NE": lambda key, wanted: key != wanted,
    "LT": lambda key, wanted: key < wanted,
    "LE": lambda key, wanted: key <= wanted,
    "GT": lambda key, wanted: key > wanted,
    "GE": lambda key, wanted: key >= wanted,
}


def queue_of(job: JobState, library: str, name: str) -> tuple[str, DataQueue]:
    """Return a data queue that the user may send to and receive from, and its library.

    Raises:
        EscapeError: CPF9801, CPF9802, CPF9810 or CPF9820.
    """
    home, item = job.need(library, name, "*DTAQ", CHANGE | USE)
    assert isinstance(item.data, DataQueue)
    return home.name, item.data


def send(job: JobState, library: str, name: str, data: bytes, key: bytes = b"") -> None:
    """Send an entry to a data queue and wake who waits.

    Raises:
        EscapeError: CPF950B, the data are too long; CPF9505, the key has another length than the
            queue's; CPF950A, the queue is full; or as :func:`queue_of`.
    """
    home, queue = queue_of(job, library, name)
    if len(data) > queue.max_length:
        raise EscapeError("CPF950B", len(data), name, home)
    if len(key) != queue.key_length:
        raise EscapeError("CPF9505", name, len(key))
    if queue.is_full(len(data) + len(key)):
        raise EscapeError("CPF950A", name, home)
    queue.entries.append(QueueEntry(key, bytes(data)))
    queue.held += len(data) + len(key)
    job.system.lock.notify_all()


def receive(
    job: JobState,
    queue: DataQueue,
    order: str,
    wanted: bytes,
    wait: int,
    *,
    remove: bool = True,
) -> QueueEntry | None:
    """Return the entry that a receive takes; None if none came while it waited.

    Args:
        job: gives the system's lock back while it waits.
        queue: the queue.
        order: one of ``KEY_ORDERS`` for a keyed queue; any text for another.
        wanted: the key that is asked for.
        wait: seconds; negative waits as long as there is to wait here.
        remove: whether the entry leaves the queue.

    Raises:
        EscapeError: CPF9502, the order is none.
    """
    if queue.sequence == "*KEYED" and order not in KEY_ORDERS:
        raise EscapeError("CPF9502", order)
    timeout = MAX_WAIT if wait < 0 else min(wait, MAX_WAIT)
    job.system.lock.wait_for(lambda: _first(queue, order, wanted) is not None, timeout)
    found = _first(queue, order, wanted)
    if found is not None and remove:
        place = len(queue.entries) - 1 if queue.sequence == "*LIFO" else queue.entries.index(found)
        del queue.entries[place]
        queue.held -= len(found.key) + len(found.data)
    return found


def clear(queue: DataQueue, order: str = "", wanted: bytes = b"") -> None:
    """Remove every entry, or those of a keyed queue whose key fits.

    Raises:
        EscapeError: CPF9502, the order is none.
    """
    if order and (order not in KEY_ORDERS or queue.sequence != "*KEYED"):
        raise EscapeError("CPF9502", order)
    kept = [e for e in queue.entries if order and not KEY_ORDERS[order](e.key, wanted)]
    queue.entries.clear()
    queue.entries.extend(kept)
    queue.held = sum(len(e.key) + len(e.data) for e in kept)


def _first(queue: DataQueue, order: str, wanted: bytes) -> QueueEntry | None:
    """Return the entry that comes next: by key in ascending order, else by sequence."""
    if queue.sequence == "*KEYED":
        fits = [e for e in queue.entries if KEY_ORDERS[order](e.key, wanted)]
        return min(fits, key=lambda e: e.key, default=None)
    if not queue.entries:
        return None
    return queue.entries[-1 if queue.sequence == "*LIFO" else 0]
