"""APIs that retrieve: QUSRJOBI QUSROBJD QWCRDTAA QSYGETPH QUSLOBJ.

Sources: IBM documentation of each API; offsets 0-based. Formats that are not named here are
refused with CPF3C21.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from simulators.ibmi.jobstate import JobState
from simulators.ibmi.names import from_char20
from simulators.ibmi.objects import Code, DataArea, Parameters, SystemObject
from simulators.ibmi.programs.context import ProgramContext, faults, require
from simulators.ibmi.programs.errorcode import api, deliver
from simulators.ibmi.rights import USE
from simulators.ibmi.storage import (
    binary_at,
    encode_packed,
    encode_text,
    fault,
    packed_length,
    put,
    slice_of,
    text_at,
)


def _qusrjobi(context: ProgramContext, p: Parameters) -> bytes:
    """QUSRJOBI(receiver, length, format, qualified job, internal id): JOBI0100 0200 0700."""
    job = _job_of(context, text_at(p[3], 0, 26))
    form = text_at(p[2], 0, 8)
    if form not in _JOB_FORMATS:
        raise fault("CPF3C21", form)
    head = _job_head(job)[: _HEAD_BYTES.get(form, 64)]
    deliver(p[0], binary_at(p[1], 0), head + _JOB_FORMATS[form](job))
    return b""


def _job_of(context: ProgramContext, name: str) -> JobState:
    """Return this job for *, or the active job of that name, user and number."""
    own = context.job
    if name in ("*", ""):
        return own
    wanted = (name[:10].strip(), name[10:20].strip(), name[20:26].strip())
    found = own.system.jobs.get(wanted[2])
    if not isinstance(found, JobState) or (found.name, found.user) != wanted[:2]:
        raise fault("CPF3C55", *wanted)
    if found.user != own.user and not own.has_special("*JOBCTL"):
        raise fault("CPF1344", found.name)
    return found


def _job_head(job: JobState) -> bytes:
    """Offsets 0 to 63, common to the formats: 8 job, 18 user, 28 number, 34 id, 50 status."""
    return (
        bytes(8)
        + encode_text(job.name, 10)
        + encode_text(job.user, 10)
        + encode_text(job.number, 6)
        + encode_text(job.number, 16)
        + encode_text("*ACTIVE", 10)
        + encode_text("B ")
        + bytes(2)
    )


def _binary(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "big", signed=True) for value in values)


def _jobi0100(job: JobState) -> bytes:
    """Offset 64 run priority, 68 time slice, 72 default wait, 76 purge."""
    return _binary(20, 2000, 30) + encode_text("*YES", 10)


def _jobi0700(job: JobState) -> bytes:
    """Offset 64 counts of system, product, current and user libraries, 80 names of 11 bytes."""
    current = [job.current_library] if job.current_library else []
    counts = _binary(len(job.system_libraries), 0, len(current), len(job.user_libraries))
    names = (*job.system_libraries, *current, *job.user_libraries)
    return counts + b"".join(encode_text(name, 11) for name in names)


def _jobi0200(job: JobState) -> bytes:
    """Offset 62 subsystem, 72 priority and five counts, 96 function, 107 active status, 112 waits.

    136 memory pool, 140 threads, 144 four times and counts of 8 bytes, 176 to 224 what it waits
    for. What the simulated system does not measure is 0 or blank.
    """
    return (
        encode_text(job.subsystem, 10)
        + _binary(20, 2, 0, 0, 0, 0)
        + encode_text("", 11)
        + encode_text("RUN", 5)
        + _binary(0, 0, 0, 0, 0, 0, 2, 1)
        + bytes(32)
        + encode_text("", 4)
        + encode_text("*BASE", 10)
        + encode_text("0", 35)
    )


#: Formats by name; JOBI0200 begins in the two bytes that are reserved in the others.
_JOB_FORMATS = {"JOBI0100": _jobi0100, "JOBI0200": _jobi0200, "JOBI0700": _jobi0700}
_HEAD_BYTES = {"JOBI0200": 62}


def _moment(at: datetime) -> bytes:
    """CYYMMDDHHMMSS."""
    return encode_text(f"{at.year // 100 - 19}{at:%y%m%d%H%M%S}", 13)


def _qusrobjd(context: ProgramContext, p: Parameters) -> bytes:
    """QUSROBJD(receiver, length, format, object 20, type 10): OBJD0100 and OBJD0200."""
    form = text_at(p[2], 0, 8)
    if form not in ("OBJD0100", "OBJD0200"):
        raise fault("CPF3C21", form)
    name, kind = from_char20(text_at(p[3], 0, 20)), text_at(p[4], 0, 10)
    job = context.job
    with faults():
        if kind == "*LIB":
            library, item = "QSYS", job.lib(name.name).header
        else:
            home, item = job.need(name.lib, name.name, kind, USE)
            library = home.name
    data = (
        bytes(8)
        + encode_text(item.name, 10)
        + encode_text(library, 10)
        + encode_text(item.type, 10)
        + encode_text(library, 10)
        + _binary(1)
        + encode_text(item.owner, 10)
        + encode_text("*U" if library not in ("QSYS", "QSYS2") else "*S")
        + _moment(item.created)
        + _moment(item.changed or item.created)
    )
    if form == "OBJD0200":
        data += encode_text(item.attribute, 10) + encode_text(item.text, 50) + b"\x40" * 30
    deliver(p[0], binary_at(p[1], 0), data)
    return b""


def _qwcrdtaa(context: ProgramContext, p: Parameters) -> bytes:
    """QWCRDTAA(receiver, length, data area 20, start, length).

    Returned: 0 bytes available, 4 bytes returned, 8 type, 18 library, 28 length, 32 decimals,
    36 value. A starting position of -1 is the whole data area.
    """
    name = from_char20(text_at(p[2], 0, 20))
    start, length = binary_at(p[3], 0), binary_at(p[4], 0)
    library, area = "", context.job.local_data_area
    if name.name != "*LDA":
        with faults():
            home, item = context.job.need(name.lib, name.name, "*DTAARA", USE, missing="CPF1015")
        assert isinstance(item.data, DataArea)
        library, area = home.name, item.data
    value = _area_value(area)
    if start != -1:
        if start < 1 or length < 1 or start - 1 + length > len(value) or area.type != "*CHAR":
            raise fault("CPF1089", name.name, library)
        value = value[start - 1 : start - 1 + length]
    size = area.length if area.type == "*DEC" else len(value)
    body = (
        encode_text(area.type, 10) + encode_text(library, 10) + _binary(size, area.decimals) + value
    )
    room = binary_at(p[1], 0)
    if room < 8:
        raise fault("CPF3C24")
    given = min(room, len(body) + 8)
    put(p[0], 0, (_binary(len(body) + 8, given) + body)[:given])
    return b""


def _area_value(area: DataArea) -> bytes:
    if area.type == "*DEC":
        assert not isinstance(area.value, str)
        digits = encode_packed(area.value, area.length, area.decimals)
        assert len(digits) == packed_length(area.length)
        return digits
    return encode_text(str(area.value), area.length)


def _qsygetph(context: ProgramContext, p: Parameters) -> bytes:
    """QSYGETPH(user 10, password, handle 12, error code, password length, CCSID)."""
    user = text_at(p[0], 0, 10)
    length = binary_at(p[4], 0) if len(p) > 4 else 10
    if not 1 <= length <= 512:
        raise fault("CPF3C17")
    ccsid = binary_at(p[5], 0) if len(p) > 5 else 37
    raw = slice_of(p[1], 0, length)
    password = raw.decode("utf-8", "replace") if ccsid == 1208 else raw.decode("cp037")
    values = context.job.system.values
    with faults():
        profile = context.job.system.profiles.check(
            user, password.rstrip(" "), values.most_sign_on_failures
        )
    context.static["HANDLES"] = context.static.get("HANDLES", 0) + 1
    number = int(context.static["HANDLES"])
    put(p[2], 0, encode_text(profile.name, 8) + number.to_bytes(4, "big"))
    return b""


#: The generic header of a list API: it ends at 192; the list follows.
_HEADER_SIZE = 192


def _quslobj(context: ProgramContext, p: Parameters) -> bytes:
    """QUSLOBJ(user space 20, format, object 20, type): OBJL0100, entries of 30 bytes."""
    require(p, 4, 5)
    form = text_at(p[1], 0, 8)
    if form != "OBJL0100":
        raise fault("CPF3C21", form)
    space = from_char20(text_at(p[0], 0, 20))
    wanted, kind = from_char20(text_at(p[2], 0, 20)), text_at(p[3], 0, 10)
    job = context.job
    data = context.user_space(space.lib, space.name, change=True)
    with faults():
        found = [
            (home.name, item)
            for home in job.searched(wanted.lib)
            for item in home.select(wanted.name, kind)
        ]
    entries = b"".join(_list_entry(library, item) for library, item in found)
    if _HEADER_SIZE + len(entries) > len(data):
        raise fault("CPF3CAA", space.name, space.lib)
    head = bytearray(data[:64]) + _binary(_HEADER_SIZE) + encode_text("0100") + encode_text(form, 8)
    head += encode_text("QUSLOBJ", 10) + _moment(job.system.now()) + encode_text("C")
    head += _binary(_HEADER_SIZE + len(entries), 0, 0, 0, 0)
    head += _binary(_HEADER_SIZE, len(entries), len(found), 30)
    data[: _HEADER_SIZE + len(entries)] = head.ljust(_HEADER_SIZE, b"\0") + entries
    return b""


def _list_entry(library: str, item: SystemObject) -> bytes:
    return encode_text(item.name, 10) + encode_text(library, 10) + encode_text(item.type, 10)


PROGRAMS: Mapping[str, Code] = {
    "QUSRJOBI": api(5, 6, 5, _qusrjobi),
    "QUSROBJD": api(5, 6, 5, _qusrobjd),
    "QWCRDTAA": api(5, 6, 5, _qwcrdtaa),
    "QSYGETPH": api(3, 6, 3, _qsygetph),
    "QUSLOBJ": _quslobj,
}
