"""Connections, statements and options of one job, by their labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulators.xmlservice.host import Cursor, Job, SqlConnection
from simulators.xmlservice.sqloptions import Options

#: Open statements and connections of one job, and sets of options.
MAX_STATEMENTS = 128
MAX_CONNECTIONS = 16
MAX_OPTIONS = 64


@dataclass(slots=True)
class Statement:
    """One statement.

    Attributes:
        position: rows fetched so far.
        values: parameter values of the last execution.
    """

    connection: str
    cursor: Cursor
    position: int = 0
    values: tuple[str | None, ...] = ()


@dataclass(slots=True)
class Connection:
    """One connection; ``job`` is the other job it runs in, where it has one of its own."""

    sql: SqlConnection
    options: Options
    job: Job | None = None


@dataclass(slots=True)
class SqlState:
    """What ``<sql>`` leaves behind for the next document of the same job."""

    connections: dict[str, Connection] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    options: dict[str, Options] = field(default_factory=dict)

    def statement(self, label: str) -> tuple[str, Statement] | None:
        """Return the statement of a label; a blank label means the youngest one."""
        name = label or next(reversed(self.statements), "")
        found = self.statements.get(name)
        return None if found is None else (name, found)

    def connection(self, label: str) -> tuple[str, Connection] | None:
        """Return the connection of a label; a blank label means the youngest one."""
        name = label or next(reversed(self.connections), "")
        found = self.connections.get(name)
        return None if found is None else (name, found)

    def options_of(self, label: str) -> Options:
        """Return options; a blank label means the youngest ones."""
        name = label or next(reversed(self.options), "")
        return self.options.get(name, Options())

    def keep_options(self, label: str, options: Options) -> None:
        """Keep options in place of their namesakes; the oldest of too many are forgotten."""
        self.options.pop(label, None)
        self.options[label or _free("opt", self.options)] = options
        while len(self.options) > MAX_OPTIONS:
            del self.options[next(iter(self.options))]

    def connect(self, label: str, open_connection: Callable[[], Connection]) -> str:
        """Keep a new connection and return its label."""
        name = label or _free("conn", self.connections)
        self.connections[name] = open_connection()
        return name

    def keep(self, label: str, statement: Statement) -> str:
        """Keep a statement in place of its namesake and return its label."""
        name = label or _free("stmt", self.statements)
        self.free_statement(name)
        self.statements[name] = statement
        return name

    def free_statement(self, label: str) -> bool:
        """Close a statement; return whether there was one."""
        statement = self.statements.pop(label, None)
        if statement is not None:
            statement.cursor.close()
        return statement is not None

    def free_statements(self, connection: str | None = None) -> None:
        """Close all statements, or those of one connection."""
        for name, statement in list(self.statements.items()):
            if connection in (None, statement.connection):
                self.free_statement(name)

    def free_connection(self, label: str) -> bool:
        """Close a connection and its statements; return whether there was one.

        With autocommit off what was not committed is rolled back.
        """
        connection = self.connections.get(label)
        if connection is None:
            return False
        self.free_statements(label)
        del self.connections[label]
        connection.sql.close()
        if connection.job is not None:
            connection.job.end()
        return True

    def free_all(self) -> None:
        """Close everything and forget the options."""
        self.free_statements()
        for name in list(self.connections):
            self.free_connection(name)
        self.options.clear()


def _free(prefix: str, taken: Mapping[str, object]) -> str:
    number = 1
    while f"{prefix}{number}" in taken:
        number += 1
    return f"{prefix}{number}"
