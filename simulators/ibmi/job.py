"""One job as the XMLSERVICE protocol sees it: commands, programs, shell and SQL, one at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from simulators.ibmi.calls import call_program
from simulators.ibmi.cl.run import check_command, run_command
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.shell import run_shell
from simulators.ibmi.sql.connection import Connection
from simulators.xmlservice.host import CommandOutcome, Message, ShellOutcome, SqlConnection


class SystemJob:
    """A job; every step holds the system's lock."""

    def __init__(self, state: JobState) -> None:
        """Start it: it is active until :meth:`end`."""
        self.state = state
        state.run = self.command
        state.check = partial(check_command, state)
        state.call = self.call
        self._connections: list[Connection] = []
        state.system.jobs[state.number] = state

    @property
    def name(self) -> str:
        """Job name, up to 10 characters."""
        return self.state.name

    @property
    def user(self) -> str:
        """The user profile it runs under."""
        return self.state.user

    @property
    def number(self) -> str:
        """Six digits."""
        return self.state.number

    def attributes(self) -> Mapping[str, str]:
        """Return what a ``jobinfo`` element shows, by its element names."""
        state, values = self.state, self.state.system.values
        return {
            "curuser": state.user,
            "ccsid": str(state.ccsid),
            "dftccsid": values.get("QCCSID"),
            "paseccsid": "0",
            "langid": values.get("QLANGID"),
            "cntryid": values.get("QCNTRYID"),
            "sbsname": state.subsystem,
            "sbslib": "QSYS",
            "curlib": state.current_library or "",
            "syslibl": " ".join(state.system_libraries),
            "usrlibl": " ".join(state.user_libraries),
        }

    def log(self) -> Sequence[Message]:
        """Return the job log, oldest first; bounded."""
        with self.state.system.lock:
            return self.state.log

    def command(self, text: str) -> CommandOutcome:
        """Run one CL command; a failure is an outcome, never an exception."""
        with self.state.system.lock:
            return run_command(self.state, text)

    def shell(self, text: str, *, qsh: bool = False) -> ShellOutcome:
        """Run a command of the simulated shell."""
        with self.state.system.lock:
            return run_shell(self.state, text, qsh=qsh)

    def call(
        self,
        library: str,
        program: str,
        function: str | None,
        parameters: Sequence[bytearray | None],
    ) -> bytes:
        """Call a program, or a function of a service program, over its parameters' storage.

        Raises:
            ProgramMissingError: not found.
            ProgramFaultError: it ended abnormally.
        """
        with self.state.system.lock:
            return call_program(self.state, library, program, function, parameters)

    def sql(self) -> SqlConnection:
        """Open a database connection in this job."""
        with self.state.system.lock:
            connection = Connection(self.state)
            self._connections.append(connection)
            return connection

    def end(self) -> None:
        """End the job: QTEMP and open connections go."""
        system = self.state.system
        with system.lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            if self.state.number in system.jobs:
                del system.jobs[self.state.number]
                # Another job's open transaction may hold the catalogue; the rows of this QTEMP
                # are out of reach all the same, since nothing names them any more.
                with suppress(sqlite3.OperationalError):
                    for table in system.database.tables(self.state.database_qtemp):
                        system.database.drop(self.state.database_qtemp, table)
                self.state.qtemp.objects.clear()
            system.lock.notify_all()
