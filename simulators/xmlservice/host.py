"""What the XMLSERVICE protocol needs of an IBM i, as protocols; ``simulators.ibmi`` is one.

The protocol package turns documents into these calls and their outcomes into documents. It knows
no command, no library and no journal; the system knows no XML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from epm.errors import EpmError


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a job log.

    Attributes:
        id: such as ``CPF2103``; empty for an impromptu message.
        text: the first-level text.
        time: when it was sent, as ``YYYY-MM-DD HH:MM:SS.ffffff`` in the system's local time.
    """

    id: str
    text: str
    time: str


class DatabaseError(EpmError):
    """The database server refused something.

    Attributes:
        sqlstate: five characters, such as ``42704``.
        sqlcode: such as -204.
    """

    def __init__(self, message: str, sqlstate: str, sqlcode: int) -> None:
        """Take the one-line text and both codes."""
        super().__init__(message)
        self.sqlstate = sqlstate
        self.sqlcode = sqlcode


class SignOnError(DatabaseError):
    """The user profile or password was refused: state 28000, code -30082."""


class SqlFailedError(DatabaseError):
    """A statement failed."""


class ProgramMissingError(EpmError):
    """The program, service program or function that was called does not exist."""


class FunctionMissingError(ProgramMissingError):
    """The service program was found, the function that it should export was not."""


class ProgramFaultError(EpmError):
    """A called program ended with an escape message.

    Attributes:
        message_id: such as ``MCH0603`` or ``RNX0907``.
    """

    def __init__(self, message: str, message_id: str) -> None:
        """Take the one-line text and the message's id."""
        super().__init__(message)
        self.message_id = message_id


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """What a CL command did.

    Attributes:
        ok: whether it completed; when not, ``messages`` ends in the escape message.
        messages: what it sent to its job log, oldest first.
        output: lines it printed, for OUTPUT(*PRINT) and display commands.
        returned: values of ``KEYWORD(?)`` and ``KEYWORD(?N)`` parameters, by keyword, in order.
    """

    ok: bool
    messages: tuple[Message, ...] = ()
    output: tuple[str, ...] = ()
    returned: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ShellOutcome:
    """What a PASE shell command wrote, and its exit status."""

    output: bytes
    status: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result or a parameter marker.

    Attributes:
        type: SQL name, such as ``VARCHAR``, ``DECIMAL``, ``INTEGER``, ``TIMESTAMP``, ``BLOB``.
        length: characters, bytes or digits.
        scale: digits behind the point, 0 where there are none.
        nullable: whether it may be null.
    """

    name: str
    type: str
    length: int
    scale: int
    nullable: bool


class Cursor(Protocol):
    """A statement that was prepared: executed, fetched from, freed."""

    @property
    def columns(self) -> Sequence[Column]:
        """The result's columns; empty for a statement without a result."""
        ...

    @property
    def parameters(self) -> Sequence[Column]:
        """The parameter markers, in order; type and length as far as they are known."""
        ...

    @property
    def rowcount(self) -> int:
        """Rows changed by the last execution, or -1."""
        ...

    def execute(self, values: Sequence[str | None]) -> Sequence[str | None]:
        """Run it with values as text; return the values of INOUT and OUT parameters.

        Raises:
            SqlFailedError: it failed.
        """
        ...

    def fetch(self, count: int) -> Sequence[Sequence[str | bytes | None]]:
        """Return at most ``count`` rows: text as Db2 for i shows it, bytes for binary columns.

        Raises:
            SqlFailedError: there is no result to fetch from.
        """
        ...

    def close(self) -> None:
        """Free it."""
        ...


class SqlConnection(Protocol):
    """One database connection of a job, with system naming (``LIB/TABLE``) by default."""

    def prepare(self, statement: str) -> Cursor:
        """Prepare a statement.

        Raises:
            SqlFailedError: it is not valid.
        """
        ...

    def catalogue(self, action: str, values: Sequence[str | None]) -> Cursor:
        """Open a catalogue call.

        Args:
            action: ``tables``, ``tablepriv``, ``columns``, ``columnpriv``, ``procedures``,
                ``pcolumns``, ``primarykeys``, ``foreignkeys``, ``statistics`` or ``special``.
            values: its arguments, in the order of the call of the ODBC interface; null for all.

        Raises:
            SqlFailedError: the arguments are not valid.
        """
        ...

    def identity(self) -> str | None:
        """Return the last identity value, or None."""
        ...

    def options(self, values: Mapping[str, str]) -> None:
        """Apply those given of ``autocommit`` (off), ``naming`` (sql), ``sqllib`` and ``libl``.

        Raises:
            SqlFailedError: there is no such library.
        """
        ...

    def commit(self) -> None:
        """Commit."""
        ...

    def rollback(self) -> None:
        """Roll back."""
        ...

    def close(self) -> None:
        """Close it; what was not committed is rolled back."""
        ...


class Job(Protocol):
    """One job: its library list, QTEMP, activation groups and job log are its own."""

    @property
    def name(self) -> str:
        """Job name, up to 10 characters."""
        ...

    @property
    def user(self) -> str:
        """The user profile it runs under."""
        ...

    @property
    def number(self) -> str:
        """Six digits."""
        ...

    def attributes(self) -> Mapping[str, str]:
        """Return what a ``jobinfo`` element shows, by its element names.

        curuser, ccsid, dftccsid, paseccsid, langid, cntryid, sbsname, sbslib, curlib, and
        syslibl and usrlibl with names separated by blanks.
        """
        ...

    def log(self) -> Sequence[Message]:
        """Return the job log, oldest first; bounded."""
        ...

    def command(self, text: str) -> CommandOutcome:
        """Run one CL command; a failure is an outcome, never an exception."""
        ...

    def shell(self, text: str, *, qsh: bool = False) -> ShellOutcome:
        """Run a command of the simulated shell; nothing outside the simulated system is reached."""
        ...

    def call(
        self,
        library: str,
        program: str,
        function: str | None,
        parameters: Sequence[bytearray | None],
    ) -> bytes:
        """Call a program, or a function of a service program, over its parameters' storage.

        Args:
            library: a name, ``*LIBL`` or ``*CURLIB``.
            program: name of the *PGM or *SRVPGM.
            function: exported procedure of a service program; None calls a program.
            parameters: storage of each parameter, changed in place; None for one that is omitted.

        Returns:
            The returned value's storage; empty for a program.

        Raises:
            ProgramMissingError: not found; FunctionMissingError where only the function is not.
            ProgramFaultError: it ended abnormally.
        """
        ...

    def sql(self) -> SqlConnection:
        """Open a database connection in this job."""
        ...

    def end(self) -> None:
        """End the job: QTEMP and open connections go."""
        ...


class Host(Protocol):
    """A system that users sign on to."""

    def sign_on(self, user: str, password: str) -> None:
        """Check a user profile and password.

        Raises:
            SignOnError: refused, and why.
        """
        ...

    def start_job(self, user: str, *, name: str = "QSQSRVR", description: str | None = None) -> Job:
        """Start a job for a user; ``description`` is ``LIB/JOBD/JOB`` of a submitted one.

        Raises:
            SignOnError: there is no such user profile.
        """
        ...
