"""APIs of data queues: QSNDDTAQ QRCVDTAQ QCLRDTAQ.

Sources: IBM documentation of each API. Lengths are packed: data and wait 5,0, key and sender 3,0.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext, faults, require
from simulators.ibmi.programs.errorcode import api
from simulators.ibmi.queues import clear, queue_of, receive
from simulators.ibmi.storage import binary_at, decode_packed, encode_packed, put, slice_of, text_at


def _whole(storage: bytearray | None, digits: int) -> int:
    return int(decode_packed(slice_of(storage, 0, digits // 2 + 1), 0))


def _send(context: ProgramContext, p: Parameters) -> bytes:
    """QSNDDTAQ(name, library, length, data, key length, key)."""
    require(p, 4, 6)
    length = _whole(p[2], 5)
    key = slice_of(p[5], 0, _whole(p[4], 3)) if len(p) == 6 else b""
    library, name = text_at(p[1], 0, 10), text_at(p[0], 0, 10)
    context.send_data_queue(library, name, slice_of(p[3], 0, length), key)
    return b""


def _receive(context: ProgramContext, p: Parameters) -> bytes:
    """QRCVDTAQ(name, library, length, data, wait, optional groups).

    From the sixth on: key order, key length, key, sender length, sender; remove message, size of
    the receiver, error code. No sender's information is kept. Data longer than the
    receiver are cut, and the length tells how long they were.
    """
    require(p, 5, 13)
    order = text_at(p[5], 0, 2) if len(p) > 7 else ""
    key_length = _whole(p[6], 3) if len(p) > 7 else 0
    wanted = slice_of(p[7], 0, key_length) if key_length else b""
    remove = len(p) < 11 or text_at(p[10], 0, 10) != "*NO"
    with faults():
        _, queue = queue_of(context.job, text_at(p[1], 0, 10), text_at(p[0], 0, 10))
        found = receive(context.job, queue, order, wanted, _whole(p[4], 5), remove=remove)
    put(p[2], 0, encode_packed(Decimal(0 if found is None else len(found.data)), 5, 0))
    if found is None:
        return b""
    size = binary_at(p[11], 0) if len(p) > 11 else len(found.data)
    put(p[3], 0, found.data[: max(size, 0)])
    if key_length:
        put(p[7], 0, found.key)
    return b""


def _clear(context: ProgramContext, p: Parameters) -> bytes:
    """QCLRDTAQ(name, library, key order, key length, key, error code): remove entries."""
    order = text_at(p[2], 0, 2) if len(p) > 4 else ""
    wanted = slice_of(p[4], 0, _whole(p[3], 3)) if len(p) > 4 else b""
    with faults():
        _, queue = queue_of(context.job, text_at(p[1], 0, 10), text_at(p[0], 0, 10))
        clear(queue, order, wanted)
    return b""


PROGRAMS: Mapping[str, Code] = {
    "QSNDDTAQ": _send,
    "QRCVDTAQ": api(5, 13, 12, _receive),
    "QCLRDTAQ": api(2, 6, 5, _clear),
}
