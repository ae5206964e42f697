"""Calls of the system's programs: user spaces made, written, read and deleted. Pure values.

Source: IBM documentation of QUSCRTUS, QUSCHGUS, QUSRTVUS and QUSDLTUS. Every call passes an error
code of 8 bytes whose room is 0 (format ERRC0100), so that a failure ends it with its message.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Bytes that one call carries. As hexadecimal text it stays below 32,767 characters, which is
#: what a variable of XMLSERVICE's programs holds in its older form.
PIECE = 15_000
#: Calls in one request: the answer stays below the 512 KB that the stored procedure gives.
CALLS_AT_ONCE = 12
_NO_ROOM = "00" * 8


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a program.

    Attributes:
        type: XMLSERVICE's: ``20a`` characters, ``10i0`` integer, ``8b`` bytes as hexadecimal.
        value: as text; of an output parameter what is there before.
        output: it comes back.
    """

    type: str
    value: str
    output: bool = False


@dataclass(frozen=True, slots=True)
class ProgramCall:
    """A call of a program."""

    lib: str
    name: str
    parameters: tuple[Parameter, ...]

    def text(self) -> str:
        """Return the call as CL would show it; long values are cut."""
        values = (p.value if len(p.value) <= 24 else f"{p.value[:16]}..." for p in self.parameters)
        return f"CALL PGM({self.lib}/{self.name}) PARM({' '.join(repr(v) for v in values)})"

    def action(self, key: str) -> object:
        """Return the call as itoolkit takes it."""
        from itoolkit import iData, iPgm

        # error=off: a call that fails brings the job log, with the reason's own text.
        program = iPgm(key, self.name, {"lib": self.lib, "error": "off"})
        for number, parameter in enumerate(self.parameters):
            io = "out" if parameter.output else "in"
            data = iData(f"p{number}", parameter.type, parameter.value)
            program.addParm(data, {"io": io})
        return program


def _qualified(library: str, name: str) -> Parameter:
    return Parameter("20a", f"{name:<10}{library:<10}")


def _error() -> Parameter:
    return Parameter(f"{len(_NO_ROOM) // 2}b", _NO_ROOM)


def _number(value: int) -> Parameter:
    return Parameter("10i0", str(value))


def create_space(library: str, name: str, size: int, text: str) -> ProgramCall:
    """Return the call that makes a user space of zeros, closed to the public.

    In the user domain: a pointer reaches no other, so where QALWUSRDMN does not allow it for the
    library, the call fails before anything is registered that could not read its rules.
    """
    return ProgramCall(
        "QSYS",
        "QUSCRTUS",
        (
            _qualified(library, name),
            Parameter("10a", "EPM"),
            _number(size),
            Parameter("1b", "00"),
            Parameter("10a", "*EXCLUDE"),
            Parameter("50a", text),
            Parameter("10a", "*NO"),
            _error(),
            Parameter("10a", "*USER"),
        ),
    )


def write_space(library: str, name: str, offset: int, data: bytes) -> ProgramCall:
    """Return the call that writes at most :data:`PIECE` bytes at a 0-based offset."""
    return ProgramCall(
        "QSYS",
        "QUSCHGUS",
        (
            _qualified(library, name),
            _number(offset + 1),
            _number(len(data)),
            Parameter(f"{len(data)}b", data.hex().upper()),
            Parameter("1a", "0"),
            _error(),
        ),
    )


def read_space(library: str, name: str, offset: int, size: int) -> ProgramCall:
    """Return the call that reads at most :data:`PIECE` bytes from a 0-based offset."""
    return ProgramCall(
        "QSYS",
        "QUSRTVUS",
        (
            _qualified(library, name),
            _number(offset + 1),
            _number(size),
            Parameter(f"{size}b", "00", output=True),
            _error(),
        ),
    )
