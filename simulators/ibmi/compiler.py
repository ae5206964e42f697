"""What the system needs of a compiler, as protocols; the composition root hands one in.

Without one, CRTCMOD and its kin fail with a message that says so: nothing is compiled in show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from epm.errors import EpmError
from simulators.ibmi.objects import Code


@dataclass(frozen=True, slots=True)
class CSource:
    """One C translation unit.

    Attributes:
        name: the module's name.
        text: the source.
        path: where it was read: an IFS path, or ``LIB/FILE(MEMBER)``.
        defines: DEFINE's values, such as ``EPM_POINT=1``.
        files: texts of what ``#include`` may name: the other files of its folder, by name.
    """

    name: str
    text: str
    path: str
    defines: tuple[str, ...]
    files: Mapping[str, str]


class CompileFailedError(EpmError):
    """A source does not compile, or modules do not bind.

    Attributes:
        listing: the compiler's lines.
    """

    def __init__(self, message: str, listing: Sequence[str] = ()) -> None:
        """Take one line, and the compiler's own lines."""
        super().__init__(message)
        self.listing = tuple(listing)


class Compiler(Protocol):
    """Makes programs of C sources."""

    def compile(self, source: CSource) -> object:
        """Compile one unit; return what :meth:`bind` takes.

        Raises:
            CompileFailedError: it does not compile.
        """
        ...

    def bind(self, name: str, modules: Sequence[object], entry: str | None) -> Code:
        """Bind modules to a program.

        Args:
            name: the program's.
            modules: what :meth:`compile` returned; one of them has the entry.
            entry: name of the module with ``main``; None for the first that has one.

        Raises:
            CompileFailedError: a symbol is missing.
        """
        ...

    def export(self, name: str, modules: Sequence[object]) -> dict[str, Code]:
        """Bind modules to a service program; return its exported procedures by name.

        Raises:
            CompileFailedError: a symbol is missing.
        """
        ...
