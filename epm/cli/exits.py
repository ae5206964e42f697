"""The exit codes, and which error gives which."""

from __future__ import annotations

from enum import IntEnum

from epm import errors


class ExitCode(IntEnum):
    """What the command line tells its caller."""

    OK = 0
    """Done, or allowed."""
    NO = 1
    """Rejected, an expectation failed, findings, or an edit conflict."""
    USAGE = 2
    """Wrong usage or configuration."""
    UNAVAILABLE = 3
    """A data source is unavailable, or this is not supported here."""
    INVALID = 4
    """Rules or input are invalid."""
    INTERRUPTED = 130
    """Interrupted from the keyboard."""


_CODES: tuple[tuple[type[errors.EpmError], ExitCode], ...] = (
    (errors.EditConflictError, ExitCode.NO),
    (errors.GuardRefusalError, ExitCode.NO),
    (errors.JournalDamagedError, ExitCode.NO),
    (errors.NotFoundError, ExitCode.INVALID),
    (errors.RuleError, ExitCode.INVALID),
    (errors.CallError, ExitCode.INVALID),
    (errors.FormatError, ExitCode.INVALID),
    (errors.SettingsError, ExitCode.USAGE),
)


def code_of(error: errors.EpmError) -> ExitCode:
    """Return the exit code of an error: 3 unless its kind says otherwise."""
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return ExitCode.UNAVAILABLE
