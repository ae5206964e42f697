"""Calling programs and functions: found by name, authority checked, authority adopted."""

from __future__ import annotations

from simulators.ibmi.jobstate import JobState
from simulators.ibmi.libraries import Library
from simulators.ibmi.messages import EscapeError, text_of
from simulators.ibmi.objects import Code, Parameters, ProgramData, ServiceProgramData, SystemObject
from simulators.ibmi.programs.context import ProgramContext
from simulators.ibmi.rights import USE
from simulators.xmlservice.host import ProgramFaultError, ProgramMissingError

MAX_CALL_DEPTH = 32


def call_program(
    job: JobState, library: str, program: str, function: str | None, parameters: Parameters
) -> bytes:
    """Call a program, or a function of a service program, in a job.

    A fault that the program's code did not foresee ends it with CPF9999 and never the system.

    Raises:
        ProgramMissingError: not found.
        ProgramFaultError: not authorized, or it ended abnormally.
    """
    kind = "*PGM" if function is None else "*SRVPGM"
    home, item = _found(job, library.upper() or "*LIBL", program.upper(), kind)
    code, adopts = _code(item, function)
    context = ProgramContext(
        job, home.name, item.name, job.static.setdefault((home.name, item.name), {})
    )
    depth = len(job.adopted)
    if depth >= MAX_CALL_DEPTH:
        raise ProgramFaultError("Call stack is too deep.", "MCH3203")
    job.adopted.append(item.owner if adopts else "")
    try:
        return code(context, parameters)
    except ProgramFaultError as error:
        job.tell(error.message_id, str(error))
        raise
    except ProgramMissingError:
        raise
    except EscapeError as error:
        job.tell(error.id, str(error))
        raise ProgramFaultError(str(error), error.id) from error
    except Exception as error:
        # The boundary around a program: what it does wrong ends it, never its system.
        text = text_of("CPF9999", type(error).__name__, item.name)
        job.tell("CPF9999", text)
        raise ProgramFaultError(text, "CPF9999") from error
    finally:
        del job.adopted[depth:]


def _found(job: JobState, library: str, program: str, kind: str) -> tuple[Library, SystemObject]:
    try:
        found = job.find(library, program, kind)
    except EscapeError as error:
        job.tell(error.id, str(error))
        raise ProgramMissingError(str(error)) from error
    if found is None:
        text = job.send("CPF9811", program, library).text
        raise ProgramMissingError(text)
    if not job.allows(found[1], USE):
        text = job.send("CPF9821", program, found[0].name).text
        raise ProgramFaultError(text, "CPF9821")
    return found


def _code(item: SystemObject, function: str | None) -> tuple[Code, bool]:
    if function is None:
        assert isinstance(item.data, ProgramData)
        return item.data.code, item.data.adopts
    assert isinstance(item.data, ServiceProgramData)
    code = item.data.exports.get(function.upper())
    if code is None:
        raise ProgramMissingError(f"Procedure {function} is not exported by {item.name}.")
    return code, item.data.adopts
