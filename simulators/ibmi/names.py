"""Names of the system: object names, object types, qualified names as a command writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulators.ibmi.messages import EscapeError

MAX_NAME = 10

_SIMPLE = re.compile(r"[A-Z#$@][A-Z0-9#$@_.]{0,9}", re.ASCII)
_QUOTED = re.compile(r'"[^"*?\'\x00-\x1f\x7f ]{1,8}"')

#: Object types that the simulated system holds, with the attribute that objects start with.
OBJECT_TYPES = frozenset(
    {
        *("*LIB", "*PGM", "*SRVPGM", "*MODULE", "*FILE", "*DTAARA", "*DTAQ", "*USRSPC"),
        *("*MSGQ", "*JRN", "*JRNRCV", "*USRPRF", "*JOBD", "*CMD", "*MSGF", "*BNDDIR"),
    }
)


def is_name(text: str) -> bool:
    """Whether ``text`` is an object name: folded, or in quotation marks."""
    return _SIMPLE.fullmatch(text) is not None or _QUOTED.fullmatch(text) is not None


def matches(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern: a name, ``*ALL`` or a generic name such as ``QPG*``."""
    if pattern in ("*ALL", ""):
        return True
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return name == pattern


@dataclass(frozen=True, slots=True)
class Qualified:
    """A qualified name: library (a name, ``*LIBL``, ``*CURLIB`` or another special) and object."""

    lib: str
    name: str

    def __str__(self) -> str:
        return f"{self.lib}/{self.name}"


def qualified(text: str, default_library: str = "*LIBL") -> Qualified:
    """Read ``LIB/NAME`` or ``NAME``.

    Raises:
        EscapeError: CPD0078, it is not one.
    """
    library, slash, name = text.partition("/")
    if not slash:
        library, name = default_library, text
    for part in (library, name):
        if not (part.startswith("*") or is_name(part.rstrip("*") or part)):
            raise EscapeError("CPD0078", part, "name")
    return Qualified(library, name)


def from_char20(text: str) -> Qualified:
    """Read a name as an API passes it: object in positions 1 to 10, library in 11 to 20."""
    return Qualified(text[10:20].strip() or "*LIBL", text[:10].strip())
