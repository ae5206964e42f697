"""QLICHGLL: change a job's library list.

Source: IBM documentation of the API.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulators.ibmi.jobstate import MAX_USER_LIBRARIES
from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext, faults
from simulators.ibmi.programs.errorcode import api
from simulators.ibmi.storage import binary_at, fault, text_at

#: Entries of a library list are names of 10 and a blank.
_ENTRY = 11


def _qlichgll(context: ProgramContext, p: Parameters) -> bytes:
    """QLICHGLL(current library, two product libraries, user libraries, how many, error code).

    *SAME keeps a part, *CRTDFT is no current library; a count of -1 keeps the user part.
    """
    job, count = context.job, binary_at(p[4], 0)
    if not -1 <= count <= MAX_USER_LIBRARIES:
        raise fault("CPF2106")
    current = text_at(p[0], 0, _ENTRY)
    names = [text_at(p[3], place * _ENTRY, _ENTRY).upper() for place in range(max(count, 0))]
    with faults():
        for name in names if current in ("*SAME", "*CRTDFT") else [*names, current]:
            job.lib(name)
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise fault("CPF2184", repeated)
    if count >= 0:
        job.user_libraries = names
    if current != "*SAME":
        job.current_library = None if current == "*CRTDFT" else current.upper()
    return b""


PROGRAMS: Mapping[str, Code] = {
    "QLICHGLL": api(6, 6, 5, _qlichgll),
}
