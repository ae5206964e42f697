"""Exit points and the exit programs registered there, as the panels ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ExitPointLine:
    """One exit point and format, as WRKREGINF lists it.

    Attributes:
        maximum: how many exit programs it takes; ``None`` is ``*NOMAX``, or not known.
    """

    name: str
    format_name: str
    registered: bool
    text: str
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class ExitProgramLine:
    """One exit program at an exit point.

    Attributes:
        number: the sequence in which it is called, 1..2147483647, the lowest first.
        text: its description.
    """

    number: int
    program: str
    lib: str
    text: str = ""

    @property
    def qualified(self) -> str:
        """Its name as a command takes it, such as ``EPM/EPMACCEPT``."""
        return f"{self.lib}/{self.program}"


class RegistrationService(Protocol):
    """The registration facility of each system. Every method raises EpmError only.

    ``system`` is the one that the desk works with, or one that can be reached. A call of a
    remote system takes the time that it takes.
    """

    def where(self, system: str) -> str:
        """Return where a system's table is, as a person says it; asks nothing of it."""
        ...

    def fixed(self, system: str) -> str:
        """Return why a system's table cannot be changed here; empty where it can."""
        ...

    def exit_points(self, system: str) -> Sequence[ExitPointLine]:
        """Return every exit point, by name and format."""
        ...

    def programs(self, system: str, exit_point: str, format_name: str) -> Sequence[ExitProgramLine]:
        """Return the exit programs of an exit point, by number; NotFoundError if it is not there.

        It asks anew each time.
        """
        ...

    def add(
        self,
        system: str,
        point: ExitPointLine,
        program: ExitProgramLine,
        replacing: ExitProgramLine | None = None,
    ) -> None:
        """Register an exit program, in place of another one where that is named.

        Nothing is changed, and EditConflictError says so, when what is there under the number is
        not what was named, be that nothing.
        """
        ...

    def remove(self, system: str, point: ExitPointLine, seen: Sequence[ExitProgramLine]) -> None:
        """Take exit programs out; EditConflictError when one is no longer as it was seen."""
        ...
