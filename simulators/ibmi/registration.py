"""The registration facility of the simulated system: the table and each program's attributes.

The table itself is :mod:`exitprograms.registry`; here the message ids are added. All ids but
CPF3CD4 were not checked against IBM (assumption), and neither was how many programs the socket
exit points take (assumption A11): the table says no maximum unless it was made with one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from epm.errors import SettingsError
from epm.model import Server
from exitprograms.registry import (
    ExitPoint,
    RegisteredProgram,
    Registry,
    Special,
    add_exit_program,
    remove_exit_program,
)
from simulators.ibmi.messages import EscapeError


@dataclass(frozen=True, slots=True)
class ProgramAttributes:
    """What a registration holds beside number and name."""

    thread_safe: str = "*UNKNOWN"
    multithread_action: str = "*SYSVAL"
    data: str = ""


_OTHERS = (
    ExitPoint("QIBM_QCA_CHG_COMMAND", "CHGC0100", "Change command exit programs"),
    ExitPoint("QIBM_QMF_MESSAGE", "MESS0100", "Original Message Server", maximum=1),
    ExitPoint("QIBM_QNPS_ENTRY", "ENTR0100", "Network Print Server - entry", maximum=1),
    ExitPoint("QIBM_QTMF_SERVER_REQ", "VLRQ0100", "FTP Server Request Validation", maximum=1),
    ExitPoint("QIBM_QZDA_INIT", "ZDAI0100", "Database Server - entry", maximum=1),
    ExitPoint("QIBM_QWT_JOBNOTIFY", "NTFY0100", "Notify of a job", maximum=8),
)


class Registration:
    """Exit points and exit programs of one system."""

    def __init__(self, maximum_socket_programs: int | None = None) -> None:
        """Start with the socket exit points and a few others, and no exit program."""
        points = {(p.name, p.format_name): p for p in (*Registry(), *_OTHERS)}
        for server in Server:
            key = (server.exit_point, server.format_name)
            points[key] = replace(points[key], maximum=maximum_socket_programs)
        self._registry = Registry(MappingProxyType(points))
        self._attributes: dict[tuple[str, str, int], ProgramAttributes] = {}

    def __iter__(self) -> Iterator[ExitPoint]:
        """Every exit point, by name and format."""
        return iter(self._registry)

    def attributes(self, point: ExitPoint, program: RegisteredProgram) -> ProgramAttributes:
        """Return the attributes of a registered program."""
        key = (point.name, point.format_name, program.number)
        return self._attributes.get(key, ProgramAttributes())

    def programs_of(self, server: Server) -> tuple[RegisteredProgram, ...]:
        """Return the exit programs of a socket server, in the order of their calls."""
        return self._registry.programs_of(server)

    def add(
        self,
        exit_point: str,
        format_name: str,
        number: int | Special,
        program: str,
        *,
        text: str = "",
        attributes: ProgramAttributes | None = None,
        replace_existing: bool = False,
        create: bool = False,
    ) -> RegisteredProgram:
        """Register an exit program; like IBM i it is not asked whether the program exists.

        Raises:
            EscapeError: CPF3CD1, no such exit point; CPF3CD2, the number is taken; CPF3CD4, the
                maximum is reached; CPF3CD9, a parameter is malformed.
        """
        point = self._find(exit_point, format_name)
        if point is None and not create:
            raise EscapeError("CPF3CD1", exit_point, format_name)
        if point is not None:
            self._refuse(point, number, replace_existing)
        before = {p.number for p in point.programs} if point else set()
        try:
            self._registry = add_exit_program(
                self._registry,
                exit_point,
                format_name,
                number,
                program,
                text=text,
                replace_existing=replace_existing,
                create=create,
            )
        except SettingsError as error:
            raise EscapeError("CPF3CD9", str(error)) from error
        made = self._registry.point(exit_point, format_name)
        found = next(p for p in made.programs if p.number == number or p.number not in before)
        self._attributes[made.name, made.format_name, found.number] = (
            attributes or ProgramAttributes()
        )
        return found

    def remove(self, exit_point: str, format_name: str, number: int) -> RegisteredProgram:
        """Remove an exit program.

        Raises:
            EscapeError: CPF3CD1, no such exit point; CPF3CD3, no program of that number.
        """
        point = self._find(exit_point, format_name)
        if point is None:
            raise EscapeError("CPF3CD1", exit_point, format_name)
        found = next((p for p in point.programs if p.number == number), None)
        if found is None:
            raise EscapeError("CPF3CD3", number, exit_point)
        self._registry = remove_exit_program(self._registry, exit_point, format_name, number)
        self._attributes.pop((point.name, point.format_name, number), None)
        return found

    def numbers(self, exit_point: str, format_name: str) -> list[int]:
        """Return the program numbers of an exit point, ascending; CPF3CD1 if there is none."""
        point = self._find(exit_point, format_name)
        if point is None:
            raise EscapeError("CPF3CD1", exit_point, format_name)
        return [p.number for p in point.programs]

    def _find(self, exit_point: str, format_name: str) -> ExitPoint | None:
        return self._registry.points.get((exit_point.upper(), format_name.upper()))

    def _refuse(self, point: ExitPoint, number: int | Special, replace_existing: bool) -> None:
        taken = any(p.number == number for p in point.programs)
        if taken and not replace_existing:
            raise EscapeError("CPF3CD2", number, point.name)
        if not taken and point.maximum is not None and len(point.programs) >= point.maximum:
            raise EscapeError("CPF3CD4", point.name, point.maximum)
