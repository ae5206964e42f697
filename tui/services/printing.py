"""Printing, as the panels ask for it: text goes into a spooled file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Spooled:
    """A spooled file that was written.

    Attributes:
        path: where it is, as a person writes it.
        lines: how many it has.
    """

    path: str
    lines: int

    @property
    def message(self) -> str:
        """What to say of it."""
        return f"{self.lines} lines printed to {self.path}"


class PrintService(Protocol):
    """Writes spooled files: private text files, each with a number of its own."""

    def spool(self, name: str, lines: Iterable[str]) -> Spooled:
        """Write lines, as they come, into a new file that is named after ``name``.

        Raises:
            EpmError: it cannot be written, or ``lines`` failed; then there is no file.
        """
        ...
