"""APIs of user spaces: QUSCRTUS QUSCHGUS QUSRTVUS QUSRUSAT QUSDLTUS.

Sources: IBM documentation of each API; offsets 0-based.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulators.ibmi.names import from_char20
from simulators.ibmi.objects import Code, Parameters, UserSpace
from simulators.ibmi.programs.context import ProgramContext, faults
from simulators.ibmi.programs.errorcode import api, deliver
from simulators.ibmi.programs.image import image
from simulators.ibmi.rights import ALL, USE
from simulators.ibmi.storage import binary_at, fault, put, slice_of, text_at

MAX_SPACE = 16_776_704


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
        job.system.require_storage(job.profile, size)
        if old is not None and replaces:
            job.need(library, name.name, "*USRSPC", ALL)
            job.lib(library).remove(old)
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


def _attributes(context: ProgramContext, p: Parameters) -> bytes:
    """QUSRUSAT(receiver, length, format, user space 20, error code): SPCA0100.

    8 size, 12 extended by itself, 13 initial value, 14 library (10).
    """
    form = text_at(p[2], 0, 8)
    if form != "SPCA0100":
        raise fault("CPF3C21", form)
    name = from_char20(text_at(p[3], 0, 20))
    with faults():
        home, item = context.job.need(name.lib, name.name, "*USRSPC", USE)
    assert isinstance(item.data, UserSpace)
    data = image(
        *(("8h", ""), ("10i0", len(item.data.data)), ("1a", "01"[item.data.auto_extend])),
        *(("1b", f"{item.data.initial:02X}"), ("10a", home.name)),
    )
    deliver(p[0], binary_at(p[1], 0), data)
    return b""


def _delete(context: ProgramContext, p: Parameters) -> bytes:
    name = from_char20(text_at(p[0], 0, 20))
    with faults():
        home, item = context.job.need(
            name.lib, name.name, "*USRSPC", ALL, missing="CPF2105", refused="CPF2189"
        )
        home.remove(item)
    return b""


PROGRAMS: Mapping[str, Code] = {
    "QUSCRTUS": api(6, 9, 7, _create),
    "QUSCHGUS": api(5, 6, 5, _change),
    "QUSRTVUS": api(4, 5, 4, _retrieve),
    "QUSRUSAT": api(5, 5, 4, _attributes),
    "QUSDLTUS": api(2, 2, 1, _delete),
}
