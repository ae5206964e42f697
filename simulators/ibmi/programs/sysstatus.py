"""QWCRSSTS and QWCRJBST: system status (SSTS0100, SSTS0200) and the status of a job (JOBS0100).

Source: IBM documentation of each API. Here every job is active and nothing is held, waiting or
measured: counts of what this system does not have are 0. SSTS formats begin with bytes available,
then bytes returned; 8 current date and time (8), 16 system name (8).
"""

from __future__ import annotations

from collections.abc import Mapping

from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext
from simulators.ibmi.programs.errorcode import api, deliver
from simulators.ibmi.programs.image import image
from simulators.ibmi.state import SystemState
from simulators.ibmi.storage import binary_at, encode_text, fault, put, text_at


def _integers(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "big") for value in values)


def _used(system: SystemState) -> int:
    """Return auxiliary storage used, in ten-thousandths of what there is."""
    return system.used() * 1_000_000 // max(system.capacity, 1)


def _ssts0100(system: SystemState) -> bytes:
    """Offset 24: users signed on and 13 other counts; every job here is a batch job, 48 running."""
    return _integers(0, 0, 0, 0, 0, 0, len(system.jobs), 0, 0, 0, 0, 0, 0, 0)


def _ssts0200(system: SystemState) -> bytes:
    """Offset 24 elapsed time (6), 30 restricted flag; 32 to 148 numbers; 68 main storage in KB."""
    jobs, storage = len(system.jobs), system.capacity // 1_000_000
    made = encode_text("000000") + encode_text("0") + b"\0"
    made += _integers(0, jobs, 0, 0, storage, _used(system), storage, 0, 0, 0, 1_048_576)
    made += _integers(1, 0, 0, 100) + encode_text("0") + bytes(3)
    made += _integers(1, jobs, jobs, 163_520, 0, 0, 0, 0, 0, 0, 0)
    return made + image(("20u0", 1_048_576))


_FORMATS = {"SSTS0100": _ssts0100, "SSTS0200": _ssts0200}


def _qwcrssts(context: ProgramContext, p: Parameters) -> bytes:
    """QWCRSSTS(receiver, length, format, reset, error code)."""
    form, length = text_at(p[2], 0, 8), binary_at(p[1], 0)
    if form not in _FORMATS:
        raise fault("CPF3C21", form)
    if length < 8:
        raise fault("CPF3C24")
    system = context.job.system
    name = encode_text(system.values.network["SYSNAME"], 8)
    moment = int(system.now().timestamp() * 1_000_000) & (1 << 63) - 1
    body = moment.to_bytes(8, "big") + name + _FORMATS[form](system)
    given = min(length, len(body) + 8)
    put(p[0], 0, (_integers(len(body) + 8, given) + body)[:given])
    return b""


def _qwcrjbst(context: ProgramContext, p: Parameters) -> bytes:
    """QWCRJBST(receiver, length, job number or identifier, format, error code): JOBS0100.

    Offsets: 8 status (10), 18 internal identifier (16), 34 job, user and number (26); blank where
    there is no such job.
    """
    form = text_at(p[3], 0, 8)
    if form != "JOBS0100":
        raise fault("CPF3C21", form)
    found = context.job.system.jobs.get(text_at(p[2], 0, 6))
    data = b"\x40" * 52
    if found is not None:
        data = encode_text("*ACTIVE", 10) + encode_text(found.number, 16)
        data += encode_text(f"{found.name:<10}{found.user:<10}{found.number}", 26)
    deliver(p[0], binary_at(p[1], 0), bytes(8) + data)
    return b""


PROGRAMS: Mapping[str, Code] = {
    "QWCRSSTS": api(5, 7, 4, _qwcrssts),
    "QWCRJBST": api(5, 5, 4, _qwcrjbst),
}
