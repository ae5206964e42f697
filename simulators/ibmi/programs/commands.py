"""APIs that run and check commands: QCMDEXC QCMDCHK QCAPCMD.

Sources: IBM documentation of each API.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext, require
from simulators.ibmi.programs.errorcode import api
from simulators.ibmi.storage import binary_at, decode_packed, decode_text, fault, slice_of, text_at
from simulators.xmlservice.host import CommandOutcome, ProgramFaultError


def _finish(outcome: CommandOutcome) -> None:
    if not outcome.ok:
        last = outcome.messages[-1]
        raise ProgramFaultError(last.text, last.id)


def _command_text(p: Parameters) -> str:
    """Return the command of QCMDEXC and QCMDCHK: characters, and their length packed 15,5."""
    require(p, 2, 3)
    length = int(decode_packed(slice_of(p[1], 0, 8), 5))
    if not 1 <= length <= 32_702:
        raise fault("CPF0006")
    return decode_text(slice_of(p[0], 0, length))


def _qcmdexc(context: ProgramContext, p: Parameters) -> bytes:
    """QCMDEXC(command, length packed 15,5): run it."""
    _finish(context.job.run(_command_text(p)))
    return b""


def _qcmdchk(context: ProgramContext, p: Parameters) -> bytes:
    """QCMDCHK(command, length packed 15,5): check it and run nothing; no prompt changes it."""
    _finish(context.job.check(_command_text(p)))
    return b""


def _qcapcmd(context: ProgramContext, p: Parameters) -> bytes:
    """QCAPCMD with options CPOP0100: types of processing 0 and 2 run the command, 1 checks it."""
    if text_at(p[4], 0, 8) != "CPOP0100":
        raise fault("CPF3C21", text_at(p[4], 0, 8))
    job = context.job
    action = {0: job.run, 1: job.check, 2: job.run}.get(binary_at(p[2], 0))
    if action is None:
        raise fault("CPF0CB1")
    _finish(action(decode_text(slice_of(p[0], 0, binary_at(p[1], 0)))))
    return b""


PROGRAMS: Mapping[str, Code] = {
    "QCMDEXC": _qcmdexc,
    "QCMDCHK": _qcmdchk,
    "QCAPCMD": api(9, 9, 8, _qcapcmd),
}
