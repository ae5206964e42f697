"""Registration information for the panels: the product's own table, and those of IBM i systems."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epm.cli.app import App
from epm.cli.ibmi_connect import client_of, connection_of
from epm.cli.workbench.rules import StoreRules
from epm.errors import EditConflictError, NotFoundError, SettingsError
from epm.model import Server

if TYPE_CHECKING:
    from exitprograms.ibmi.client import Client
    from exitprograms.registry import ExitPoint, RegisteredProgram
    from tui.services import ExitPointLine, ExitProgramLine

#: The product's own exit program, as it would be registered on IBM i.
_OWN = "EPM/EPM"


@dataclass(frozen=True, slots=True)
class Registrations:
    """The tables: of a system that the settings say how to reach, its own; else the product's.

    Attributes:
        rules: says which servers are activated.
    """

    app: App
    rules: StoreRules

    def where(self, system: str) -> str:
        """Return where a system's table is."""
        if self._is_remote(system):
            return connection_of(self.app, system).where
        return "the product's own table"

    def fixed(self, system: str) -> str:
        """Return why a system's table cannot be changed here."""
        if self._is_remote(system):
            return ""
        return f"Exit programs of {system} are the product's own; menu 5 activates them."

    def exit_points(self, system: str) -> list[ExitPointLine]:
        """Return every exit point."""
        if not self._is_remote(system):
            return point_lines(self._own())
        from exitprograms.ibmi.facility import exit_points

        with self._client(system) as client:
            return point_lines(exit_points(client))

    def programs(self, system: str, exit_point: str, format_name: str) -> list[ExitProgramLine]:
        """Return the exit programs of an exit point."""
        if self._is_remote(system):
            from exitprograms.ibmi.facility import programs_at

            with self._client(system) as client:
                return program_lines(programs_at(client, exit_point, format_name))
        for point in self._own():
            if (point.name, point.format_name) == (exit_point, format_name):
                return program_lines(point.programs)
        raise NotFoundError(f"exit point {exit_point} format {format_name} is not registered")

    def add(
        self,
        system: str,
        point: ExitPointLine,
        program: ExitProgramLine,
        replacing: ExitProgramLine | None = None,
    ) -> None:
        """Register an exit program, if what is there under its number is what was seen."""
        from exitprograms.ibmi.facility import add_program

        with self._changing(system) as client:
            there = _numbered(client, point)
            _check(there.get(program.number), replacing, point, program.number)
            new = _program(program)
            add_program(client, point.name, point.format_name, new, replacing=replacing is not None)

    def remove(self, system: str, point: ExitPointLine, seen: Sequence[ExitProgramLine]) -> None:
        """Take exit programs out, if all of them are still as they were seen."""
        from exitprograms.ibmi.facility import remove_program

        with self._changing(system) as client:
            there = _numbered(client, point)
            for program in seen:
                _check(there.get(program.number), program, point, program.number)
            for program in seen:
                remove_program(client, point.name, point.format_name, program.number)

    # -------------------------------------------------------------------------- tables

    def _is_remote(self, system: str) -> bool:
        return system in self.app.settings.ibmi

    @contextmanager
    def _client(self, system: str) -> Iterator[Client]:
        """Open a client; what it warns of would be written over the screen."""
        connection = connection_of(self.app, system)
        with contextlib.redirect_stderr(io.StringIO()), client_of(connection) as client:
            yield client

    @contextmanager
    def _changing(self, system: str) -> Iterator[Client]:
        if not self._is_remote(system):
            raise SettingsError(self.fixed(system))
        with self._client(system) as client:
            yield client

    def _own(self) -> Iterable[ExitPoint]:
        """Return the product's table: its program where the server is activated."""
        from exitprograms.registry import Registry, add_exit_program

        table = Registry()
        activated = self.rules.outline().activated
        for server in Server:
            if activated[server]:
                table = add_exit_program(
                    table,
                    server.exit_point,
                    server.format_name,
                    1,
                    _OWN,
                    text=f"Decides by the rules of {self.app.system}",
                )
        return table


def _numbered(client: Client, point: ExitPointLine) -> dict[int, RegisteredProgram]:
    from exitprograms.ibmi.facility import programs_at

    return {p.number: p for p in programs_at(client, point.name, point.format_name)}


def _check(
    there: RegisteredProgram | None, seen: ExitProgramLine | None, point: ExitPointLine, number: int
) -> None:
    """Refuse to change what is not as it was seen.

    Raises:
        EditConflictError: nothing was done.
    """
    if there != (None if seen is None else _program(seen)):
        what = "is in use" if seen is None else "changed"
        raise EditConflictError(
            f"{point.name} number {number} {what}; nothing was changed, F12 and F5 show it"
        )


def _program(line: ExitProgramLine) -> RegisteredProgram:
    from exitprograms.registry import RegisteredProgram

    return RegisteredProgram(line.number, line.lib, line.program, line.text)


def point_lines(points: Iterable[ExitPoint]) -> list[ExitPointLine]:
    """Return exit points as the panels show them."""
    from tui.services import ExitPointLine

    return [ExitPointLine(p.name, p.format_name, p.registered, p.text, p.maximum) for p in points]


def program_lines(programs: Iterable[RegisteredProgram]) -> list[ExitProgramLine]:
    """Return exit programs as the panels show them."""
    from tui.services import ExitProgramLine

    return [ExitProgramLine(p.number, p.name, p.lib, p.text) for p in programs]
