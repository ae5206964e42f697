"""The registration table: which exit programs are registered at which exit point.

What WRKREGINF shows, as one immutable value; ADDEXITPGM and RMVEXITPGM are functions that
return another. Source: IBM documentation of ADDEXITPGM, RMVEXITPGM, the registration facility
and QSYS2.EXIT_POINT_INFO. The table knows names only: like IBM i it does not ask whether an
exit program exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType

from epm.errors import SettingsError
from epm.model import Server
from epm.text import refuse_controls

MIN_NUMBER = 1
MAX_NUMBER = 2147483647
MAX_TEXT = 50
#: Where ADDEXITPGM looks without a library, for a job without a current library.
CURRENT_LIBRARY = "QGPL"

_OBJECT = re.compile(r"[A-Z#$@][A-Z0-9#$@_.]{0,9}", re.ASCII)
_POINT = re.compile(r"[A-Z#$@][A-Z0-9#$@_]{0,19}", re.ASCII)
_FORMAT = re.compile(r"[A-Z#$@][A-Z0-9#$@_]{0,7}", re.ASCII)


class Special(StrEnum):
    """PGMNBR's special values: the lowest or the highest number that is still free."""

    LOW = "*LOW"
    HIGH = "*HIGH"


_QUALIFIED = attrgetter("lib", "name")


@dataclass(frozen=True, slots=True)
class RegisteredProgram:
    """One exit program at an exit point.

    Attributes:
        number: the sequence in which it is called, 1..2147483647; the lowest first.
        lib, name: library and program, at most 10 characters each.
        text: description, at most 50 characters; empty for ``*BLANK``.
    """

    number: int
    lib: str
    name: str
    text: str = ""

    @property
    def qualified(self) -> str:
        """Its name as a command takes it, such as ``EPM/EPMACCEPT``."""
        return "/".join(_QUALIFIED(self))


@dataclass(frozen=True, slots=True)
class ExitPoint:
    """One exit point and format.

    Attributes:
        registered: false for one that only ADDEXITPGM with CRTEXITPNT(*YES) has made.
        maximum: how many exit programs it takes; ``None`` is ``*NOMAX``.
        programs: in ascending number, which is the order of their calls.
    """

    name: str
    format_name: str
    text: str = ""
    registered: bool = True
    maximum: int | None = None
    programs: tuple[RegisteredProgram, ...] = ()


_Key = tuple[str, str]


def _shipped() -> Mapping[_Key, ExitPoint]:
    # How many programs IBM lets them have is not known (assumption A11): no maximum here.
    texts = {
        Server.ACCEPT: "Socket accept",
        Server.CONNECT: "Socket connect",
        Server.LISTEN: "Socket listen",
    }
    return MappingProxyType(
        {
            (s.exit_point, s.format_name): ExitPoint(s.exit_point, s.format_name, text)
            for s, text in texts.items()
        }
    )


@dataclass(frozen=True, slots=True)
class Registry:
    """The table. Shipped with the three socket exit points and no exit program.

    INVARIANT: the programs of a point have different numbers and stand in ascending order.
    """

    points: Mapping[_Key, ExitPoint] = field(default_factory=_shipped)

    def __iter__(self) -> Iterator[ExitPoint]:
        """Every exit point, by name and format as WRKREGINF lists them."""
        return iter(self.points[key] for key in sorted(self.points))

    def point(self, exit_point: str, format_name: str) -> ExitPoint:
        """Return one exit point.

        Raises:
            SettingsError: there is no such exit point and format.
        """
        found = self.points.get((exit_point.upper(), format_name.upper()))
        if found is None:
            raise SettingsError(f"exit point {exit_point} format {format_name} is not registered")
        return found

    def programs_of(self, server: Server) -> tuple[RegisteredProgram, ...]:
        """Return the exit programs of a socket server, in the order of their calls."""
        return self.point(server.exit_point, server.format_name).programs


def add_exit_program(
    registry: Registry,
    exit_point: str,
    format_name: str,
    number: int | Special,
    program: str,
    *,
    text: str = "",
    replace_existing: bool = False,
    create: bool = False,
) -> Registry:
    """Return the table after ADDEXITPGM.

    Args:
        registry: the table before.
        exit_point: EXITPNT.
        format_name: FORMAT.
        number: PGMNBR, 1..2147483647 or a special value.
        program: PGM, ``LIB/PGM`` or ``PGM`` in the current library.
        text: TEXT; empty for ``*BLANK``.
        replace_existing: REPLACE(*YES): an entry of that number is replaced.
        create: CRTEXITPNT(*YES): an exit point that does not exist is made, unregistered.

    Raises:
        SettingsError: a malformed parameter, no such exit point, a number that is taken, or
            the exit point has its maximum (CPF3CD4).
    """
    key = _key(exit_point, format_name)
    point = registry.points.get(key) or (ExitPoint(*key, registered=False) if create else None)
    if point is None:
        raise SettingsError(
            f"ADDEXITPGM: exit point {key[0]} format {key[1]} does not exist and "
            "CRTEXITPNT(*YES) was not specified"
        )
    taken = {p.number for p in point.programs}
    new = _entry(_number(number, taken), program, text)
    if new.number in taken and not replace_existing:
        raise SettingsError(
            f"ADDEXITPGM: exit program number {new.number} is in use at {point.name} and "
            "REPLACE(*YES) was not specified"
        )
    kept = [p for p in point.programs if p.number != new.number]
    if point.maximum is not None and len(kept) >= point.maximum:
        raise SettingsError(
            f"ADDEXITPGM: CPF3CD4: {point.name} takes at most {point.maximum} exit programs"
        )
    programs = tuple(sorted([*kept, new], key=lambda p: p.number))
    return _with(registry, key, replace(point, programs=programs))


def remove_exit_program(
    registry: Registry, exit_point: str, format_name: str, number: int
) -> Registry:
    """Return the table after RMVEXITPGM.

    Raises:
        SettingsError: no such exit point, or no exit program of that number.
    """
    key = _key(exit_point, format_name)
    point = registry.point(*key)
    kept = tuple(p for p in point.programs if p.number != number)
    if len(kept) == len(point.programs):
        raise SettingsError(f"RMVEXITPGM: {point.name} has no exit program number {number}")
    return _with(registry, key, replace(point, programs=kept))


def _with(registry: Registry, key: _Key, point: ExitPoint) -> Registry:
    return Registry(MappingProxyType({**registry.points, key: point}))


def _key(exit_point: str, format_name: str) -> _Key:
    return (
        _name(exit_point, _POINT, "EXITPNT", 20),
        _name(format_name, _FORMAT, "FORMAT", 8),
    )


def _name(text: str, pattern: re.Pattern[str], keyword: str, size: int) -> str:
    """Return a name in upper case, as a command folds it."""
    name = text.upper()
    if pattern.fullmatch(name) is None:
        raise SettingsError(f"{keyword}({text}) is not a name of at most {size} characters")
    return name


def _entry(number: int, program: str, text: str) -> RegisteredProgram:
    library, slash, name = program.partition("/")
    if not slash or library.upper() == "*CURLIB":
        library, name = CURRENT_LIBRARY, name if slash else program
    if len(text) > MAX_TEXT:
        raise SettingsError(f"TEXT has {len(text)} characters, at most {MAX_TEXT} are allowed")
    return RegisteredProgram(
        number,
        _name(library, _OBJECT, "PGM library", 10),
        _name(name, _OBJECT, "PGM", 10),
        refuse_controls(text, "TEXT"),
    )


def _number(number: int | Special, taken: set[int]) -> int:
    if number is Special.LOW:
        return next(n for n in range(MIN_NUMBER, MAX_NUMBER) if n not in taken)
    if number is Special.HIGH:
        return next(n for n in range(MAX_NUMBER, MIN_NUMBER, -1) if n not in taken)
    if not MIN_NUMBER <= number <= MAX_NUMBER:
        raise SettingsError(f"PGMNBR({number}) is not {MIN_NUMBER} to {MAX_NUMBER}")
    return int(number)
