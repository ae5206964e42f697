"""The registration facility of a system, whole: every exit point, and the programs at one.

What attaching needs of the three socket exit points is in :mod:`exitprograms.ibmi.asking`; this
is what Work with Registration Information shows. Source: IBM documentation of
QSYS2.EXIT_POINT_INFO, QSYS2.EXIT_PROGRAM_INFO, ADDEXITPGM and RMVEXITPGM.
"""

from __future__ import annotations

from exitprograms.ibmi.client import Remote, Row
from exitprograms.ibmi.objects import bound, quoted
from exitprograms.registry import ExitPoint, RegisteredProgram

#: What MAXIMUM_EXIT_PROGRAMS is for an exit point without a maximum (assumption: as the API says).
_NO_MAXIMUM = 2147483647


def exit_points(remote: Remote) -> tuple[ExitPoint, ...]:
    """Return every exit point without its programs, by name and format.

    Raises:
        RemoteError: the system cannot be asked.
    """
    rows = remote.query(
        "SELECT EXIT_POINT_NAME, EXIT_POINT_FORMAT, REGISTERED, MAXIMUM_EXIT_PROGRAMS, "
        "TEXT_DESCRIPTION FROM QSYS2.EXIT_POINT_INFO"
    )
    return tuple(sorted(map(_point, rows), key=lambda p: (p.name, p.format_name)))


def _point(row: Row) -> ExitPoint:
    maximum = _text(row, "MAXIMUM_EXIT_PROGRAMS")
    number = int(maximum) if maximum.isascii() and maximum.isdigit() else _NO_MAXIMUM
    return ExitPoint(
        _text(row, "EXIT_POINT_NAME"),
        _text(row, "EXIT_POINT_FORMAT"),
        _text(row, "TEXT_DESCRIPTION"),
        _text(row, "REGISTERED").lstrip("*") == "YES",
        number if 0 < number < _NO_MAXIMUM else None,
    )


def programs_at(remote: Remote, exit_point: str, format_name: str) -> tuple[RegisteredProgram, ...]:
    """Return the exit programs of an exit point, in the order of their calls.

    Raises:
        RemoteError: the system cannot be asked.
    """
    rows = remote.query(
        bound(
            "SELECT EXIT_PROGRAM_NUMBER, EXIT_PROGRAM_LIBRARY, EXIT_PROGRAM, TEXT_DESCRIPTION "
            "FROM QSYS2.EXIT_PROGRAM_INFO WHERE EXIT_POINT_NAME = ? AND EXIT_POINT_FORMAT = ?",
            exit_point,
            format_name,
        )
    )
    found = (
        RegisteredProgram(
            int(_text(row, "EXIT_PROGRAM_NUMBER")),
            _text(row, "EXIT_PROGRAM_LIBRARY"),
            _text(row, "EXIT_PROGRAM"),
            _text(row, "TEXT_DESCRIPTION"),
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda program: program.number))


def add_program(
    remote: Remote,
    exit_point: str,
    format_name: str,
    program: RegisteredProgram,
    *,
    replacing: bool,
) -> None:
    """Register an exit program; with ``replacing`` in place of the one of its number.

    Raises:
        RemoteError: it was refused.
    """
    text = quoted(program.text) if program.text else "*BLANK"
    remote.command(
        f"ADDEXITPGM EXITPNT({exit_point}) FORMAT({format_name}) PGMNBR({program.number}) "
        f"PGM({program.qualified}) REPLACE({'*YES' if replacing else '*NO'}) TEXT({text})"
    )


def remove_program(remote: Remote, exit_point: str, format_name: str, number: int) -> None:
    """Take an exit program out.

    Raises:
        RemoteError: it was refused.
    """
    remote.command(f"RMVEXITPGM EXITPNT({exit_point}) FORMAT({format_name}) PGMNBR({number})")


def _text(row: Row, column: str) -> str:
    return (row.get(column) or "").strip()
