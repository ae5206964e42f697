"""Runs CL commands: finds the command, checks its values, and reports as QCMDEXC does."""

from __future__ import annotations

import sqlite3

from simulators.ibmi.cl.catalogue import COMMANDS
from simulators.ibmi.cl.definition import Call, bind
from simulators.ibmi.cl.parser import parse
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError, text_of
from simulators.xmlservice.host import CommandOutcome, Message, ProgramFaultError

#: Where the commands are.
COMMAND_LIBRARY = "QSYS"


def run_command(job: JobState, text: str) -> CommandOutcome:
    """Run one command in a job; a failure is an outcome.

    A command that is not well formed, or not found, sends its diagnostic (CPDxxxx) and then
    ends with CPF0006, as it does when a program runs it.
    """
    try:
        call = _bound(job, text)
    except EscapeError as error:
        diagnostic = job.tell(error.id, str(error))
        return CommandOutcome(False, (diagnostic, job.send("CPF0006")))
    try:
        call.command.action(call)
    except EscapeError as error:
        return _failed(call, error.id, str(error))
    except sqlite3.OperationalError:
        # Another job's transaction holds the table or the catalogue.
        return _failed(call, "CPF3203", text_of("CPF3203", call.command.name))
    except ProgramFaultError as error:
        return _failed(call, error.message_id, str(error))
    except Exception as error:  # noqa: BLE001 - the boundary around a command: it fails, never its system
        name = call.command.name
        return _failed(call, "CPF9999", text_of("CPF9999", type(error).__name__, name))
    return CommandOutcome(True, tuple(call.messages), tuple(call.output), call.returned or None)


def check_command(job: JobState, text: str) -> CommandOutcome:
    """Check a command without running it; a failure is an outcome, as of :func:`run_command`."""
    try:
        _bound(job, text)
    except EscapeError as error:
        diagnostic = job.tell(error.id, str(error))
        return CommandOutcome(False, (diagnostic, job.send("CPF0006")))
    return CommandOutcome(True)


def _failed(call: Call, message_id: str, text: str) -> CommandOutcome:
    if message_id.startswith("CPD"):
        call.messages.append(call.job.tell(message_id, text))
        message_id, text = "CPF0006", "Errors occurred in command."
    escape: Message = call.job.tell(message_id, text)
    return CommandOutcome(False, (*call.messages, escape), tuple(call.output))


def _bound(job: JobState, text: str) -> Call:
    statement = parse(text)
    command = COMMANDS.get(statement.name)
    found = statement.lib in ("*LIBL", "*NLVLIBL", COMMAND_LIBRARY)
    if command is None or not found:
        raise EscapeError("CPD0030", statement.name, statement.lib)
    return bind(job, command, statement)
