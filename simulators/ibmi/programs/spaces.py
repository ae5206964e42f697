"""APIs of user spaces and data queues: QUSCRTUS QUSCHGUS QUSRTVUS QUSDLTUS QSNDDTAQ QRCVDTAQ.

Sources: IBM documentation of each API. Lengths of the data queue APIs are packed 5,0 and 3,0.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from simulators.ibmi.names import from_char20
from simulators.ibmi.objects import Code, DataQueue, Parameters, QueueEntry, UserSpace
from simulators.ibmi.programs.context import ProgramContext, faults, require
from simulators.ibmi.programs.errorcode import api
from simulators.ibmi.rights import ALL, CHANGE, USE
from simulators.ibmi.storage import (
    binary_at,
    decode_packed,
    encode_packed,
    fault,
    put,
    slice_of,
    text_at,
)

MAX_SPACE = 16_776_704
#: The longest that one call waits here, whatever it asks for.
MAX_WAIT = 60


def _create(context: ProgramContext, p: Parameters) -> bytes:
    name = from_char20(text_at(p[0], 0, 20))
    size = binary_at(p[2], 0)
    if not 1 <= size <= MAX_SPACE:
        raise fault("CPF3C17")
    job = context.job
    replaces = len(p) > 6 and text_at(p[6], 0, 10) == "*YES"
    initial = slice_of(p[3], 0, 1)
    data = UserSpace(bytearray(initial * size), initial[0])
    with faults():
        library = job.creation_library if name.lib in ("*CURLIB", "*LIBL") else name.lib
        old = job.lib(library).get(name.name, "*USRSPC")
        if old is not None and replaces:
            job.need(library, name.name, "*USRSPC", ALL)
            job.lib(library).remove(old)
        job.system.require_storage(job.profile, size)
        job.create(
            library,
            name.name,
            "*USRSPC",
            data,
            attribute=text_at(p[1], 0, 10),
            text=text_at(p[5], 0, 50),
            public=text_at(p[4], 0, 10) or "*LIBCRTAUT",
        )
    return b""


def _space(context: ProgramContext, p: Parameters, *, change: bool) -> bytearray:
    name = from_char20(text_at(p[0], 0, 20))
    return context.user_space(name.lib, name.name, change=change)


def _part(p: Parameters, data: bytearray) -> tuple[int, int]:
    start, length = binary_at(p[1], 0), binary_at(p[2], 0)
    if start < 1 or length < 0 or start - 1 + length > len(data):
        name = from_char20(text_at(p[0], 0, 20))
        raise fault("CPF3C14", start, length, name.name, name.lib)
    return start - 1, length


def _change(context: ProgramContext, p: Parameters) -> bytes:
    data = _space(context, p, change=True)
    start, length = _part(p, data)
    data[start : start + length] = slice_of(p[3], 0, length)
    return b""


def _retrieve(context: ProgramContext, p: Parameters) -> bytes:
    data = _space(context, p, change=False)
    start, length = _part(p, data)
    put(p[3], 0, bytes(data[start : start + length]))
    return b""


def _delete(context: ProgramContext, p: Parameters) -> bytes:
    name = from_char20(text_at(p[0], 0, 20))
    with faults():
        home, item = context.job.need(
            name.lib, name.name, "*USRSPC", ALL, missing="CPF2105", refused="CPF2189"
        )
        home.remove(item)
    return b""


def _whole(storage: bytearray | None, digits: int) -> int:
    return int(decode_packed(slice_of(storage, 0, digits // 2 + 1), 0))


def _send(context: ProgramContext, p: Parameters) -> bytes:
    require(p, 4, 6)
    length = _whole(p[2], 5)
    key = slice_of(p[5], 0, _whole(p[4], 3)) if len(p) == 6 else b""
    library, name = text_at(p[1], 0, 10), text_at(p[0], 0, 10)
    context.send_data_queue(library, name, slice_of(p[3], 0, length), key)
    return b""


_ORDERS = {
    "EQ": lambda key, wanted: key == wanted,
    "NE": lambda key, wanted: key != wanted,
    "LT": lambda key, wanted: key < wanted,
    "LE": lambda key, wanted: key <= wanted,
    "GT": lambda key, wanted: key > wanted,
    "GE": lambda key, wanted: key >= wanted,
}


def _receive(context: ProgramContext, p: Parameters) -> bytes:
    require(p, 5, 10)
    job = context.job
    with faults():
        _, item = job.need(text_at(p[1], 0, 10), text_at(p[0], 0, 10), "*DTAQ", CHANGE | USE)
    queue = item.data
    assert isinstance(queue, DataQueue)
    order, wanted = "", b""
    if len(p) > 7:
        order, wanted = text_at(p[5], 0, 2), slice_of(p[7], 0, _whole(p[6], 3))
    if queue.sequence == "*KEYED" and order not in _ORDERS:
        raise fault("CPF9502", order)
    wait = _whole(p[4], 5)
    timeout = MAX_WAIT if wait < 0 else min(wait, MAX_WAIT)
    job.system.lock.wait_for(lambda: _first(queue, order, wanted) is not None, timeout)
    found = _first(queue, order, wanted)
    if found is None:
        put(p[2], 0, encode_packed(Decimal(0), 5, 0))
        return b""
    queue.entries.remove(found)
    put(p[2], 0, encode_packed(Decimal(len(found.data)), 5, 0))
    put(p[3], 0, found.data)
    if len(p) > 7 and p[7] is not None:
        put(p[7], 0, found.key)
    return b""


def _first(queue: DataQueue, order: str, wanted: bytes) -> QueueEntry | None:
    """Return the entry that a receive takes: by key in ascending order, else by sequence."""
    if queue.sequence == "*KEYED":
        fits = [e for e in queue.entries if _ORDERS[order](e.key, wanted)]
        return min(fits, key=lambda e: e.key, default=None)
    if not queue.entries:
        return None
    return queue.entries[-1 if queue.sequence == "*LIFO" else 0]


PROGRAMS: Mapping[str, Code] = {
    "QUSCRTUS": api(6, 9, 7, _create),
    "QUSCHGUS": api(5, 6, 5, _change),
    "QUSRTVUS": api(4, 5, 4, _retrieve),
    "QUSDLTUS": api(2, 2, 1, _delete),
    "QSNDDTAQ": _send,
    "QRCVDTAQ": _receive,
}
