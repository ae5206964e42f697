"""The IBM i systems that can be reached, as the panels ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class SystemAction(StrEnum):
    """What can be done to a system."""

    DEPLOY = "Deploy"
    ATTACH = "Attach"
    DETACH = "Detach"
    FETCH = "Fetch"


@dataclass(frozen=True, slots=True)
class SystemLine:
    """A system that the settings name.

    Attributes:
        transport: ``http``, ``odbc``, ``ssh`` or ``direct``.
        where: its address, without anything secret.
        user: the user profile; empty where the connection says who.
        lib: library where the exit programs are kept there.
    """

    name: str
    transport: str
    where: str
    user: str
    lib: str


@dataclass(frozen=True, slots=True)
class SystemState:
    """What a system said of itself when it was asked; what is not known is empty.

    Attributes:
        registration: of the three exit points, such as ``3 of 3``.
        revision: of the rules that are deployed there.
        drift: ``*NO``, or ``*YES`` where it is not what the store says.
        problem: why it could not be asked, one line; empty where it could.
        lines: all there is to say, label and value.
    """

    registration: str = ""
    revision: str = ""
    drift: str = ""
    problem: str = ""
    lines: tuple[tuple[str, str], ...] = ()


class SystemsService(Protocol):
    """The systems of the settings. Every method raises EpmError only.

    A call of a remote system takes the time that it takes.
    """

    def names(self) -> Sequence[str]:
        """Return the systems' names, ascending; asks nothing of them."""
        ...

    def system(self, name: str) -> SystemLine:
        """Return one, or raise NotFoundError; asks nothing of it."""
        ...

    def states(self, names: Sequence[str]) -> Mapping[str, SystemState]:
        """Ask systems, all at once; one that cannot be reached is a state with a problem."""
        ...

    def plan(self, name: str, action: SystemAction) -> Sequence[str]:
        """Return the commands and statements that an action would run there; changes nothing."""
        ...

    def do(self, name: str, action: SystemAction) -> tuple[str, ...]:
        """Do it, and return what to say; a failure half-way undoes what was done."""
        ...
