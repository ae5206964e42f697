"""Error codes of XMLSERVICE, and the list of errors that one document collects.

Source of codes, texts and order: XMLSERVICE 2.0 documentation and published behaviour. A list
shows its *last* record first and then every record in order, so a single failure appears twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

#: Records that one document keeps; the oldest go first.
MAX_RECORDS = 64
#: A hint is a fixed-length field.
HINT_LENGTH = 60


class Code(IntEnum):
    """An ``errnoxml``."""

    PROGRAM_NOT_FOUND = 1000005
    PROGRAM_CALL_FAILED = 1000006
    SYMBOL_NOT_FOUND = 1000008
    ILE_CALL_FAILED = 1000009
    SCAN_FAILED = 1001003
    PARSE_FAILED = 1100002
    RUN_FAILED = 1100004
    COPY_IN_EXCEPTION = 1100007
    COPY_IN_FAILED = 1100008
    COPY_OUT_EXCEPTION = 1100009
    COPY_OUT_FAILED = 1100010
    COMMAND_FAILED = 1100012
    SHELL_FAILED = 1100014
    PROGRAM_FAILED = 1100016
    COPY_IN_DATA = 1100017
    COPY_OUT_DATA = 1100018
    IPC_NO_START = 1301001
    IPC_NO_MEMORY = 1301009
    IPC_BUSY = 1301050
    IPC_KILLED = 1301051
    IPC_OWNED = 1301060
    IPC_MISSING = 1302000
    CLIENT_CALL_FAILED = 1400001
    CONVERSION_FAILED = 1401001
    CGI_INTERNAL = 1480001
    CGI_INVALID = 1480002
    SQL_MESSAGE = 1500001
    SQL_EXCEPTION = 1500002
    SQL_CONNECT_FAILED = 1500101
    SQL_CONNECT_ACTIVE = 1500102
    SQL_QUERY_FAILED = 1500201
    SQL_FETCH_FAILED = 1500301


_TEXTS = {
    Code.PROGRAM_NOT_FOUND: "PASE resolve failed",
    Code.PROGRAM_CALL_FAILED: "PGMCALL failed",
    Code.SYMBOL_NOT_FOUND: "ILESYM failed",
    Code.ILE_CALL_FAILED: "ILECALL failed",
    Code.SCAN_FAILED: "XML body excp",
    Code.PARSE_FAILED: "XML parse failed",
    Code.RUN_FAILED: "XML run loop failed",
    Code.COPY_IN_EXCEPTION: "XML copy in excp",
    Code.COPY_IN_FAILED: "XML copy in failed",
    Code.COPY_OUT_EXCEPTION: "XML copy out excp",
    Code.COPY_OUT_FAILED: "XML copy out failed",
    Code.COMMAND_FAILED: "XML run cmd failed",
    Code.SHELL_FAILED: "XML run sh failed",
    Code.PROGRAM_FAILED: "XML run pgm failed",
    Code.COPY_IN_DATA: "XML copy in data",
    Code.COPY_OUT_DATA: "XML copy out data",
    Code.IPC_NO_START: "IPC spawn fail",
    Code.IPC_NO_MEMORY: "IPC getshm fail 1",
    Code.IPC_BUSY: "IPC timeout busy",
    Code.IPC_KILLED: "IPC timeout kill",
    Code.IPC_OWNED: "IPC owner busy",
    Code.IPC_MISSING: "IPC missing not stateless",
    Code.CLIENT_CALL_FAILED: "client call failed",
    Code.CONVERSION_FAILED: "conversion failed",
    Code.CGI_INTERNAL: "XMLCGI internal error",
    Code.CGI_INVALID: "XMLCGI invalid",
    Code.SQL_MESSAGE: "SQL fail",
    Code.SQL_EXCEPTION: "SQL excp",
    Code.SQL_CONNECT_FAILED: "SQL connect fail",
    Code.SQL_CONNECT_ACTIVE: "SQL connect already active",
    Code.SQL_QUERY_FAILED: "SQL query fail",
    Code.SQL_FETCH_FAILED: "SQL fetch fail",
}


def message_of(code: Code) -> str:
    """Return the ``xmlerrmsg`` of a code."""
    return _TEXTS[code]


@dataclass(frozen=True, slots=True)
class Record:
    """One ``<error>`` record.

    Attributes:
        code: its ``errnoxml``.
        hint: its ``xmlhint``; empty is shown as ``failure``.
        cpf: message id, only where the command processor gave one.
        status: program status, 202 for a command that failed under exec='cmd'; 0 for none.
        sqlcode: 0 for none.
        sqlstate: empty for none.
    """

    code: Code
    hint: str = ""
    cpf: str = ""
    status: int = 0
    sqlcode: int = 0
    sqlstate: str = ""


@dataclass(slots=True)
class Failures:
    """The records of one document, and what the element that failed last leaves behind.

    Attributes:
        status: ``<error>202</error>`` of the next failing element; 0 for none.
        cpf: ``<error>CPF2103</error>`` of the next failing element; empty for none.
    """

    records: list[Record] = field(default_factory=list)
    status: int = 0
    cpf: str = ""

    def add(self, record: Record) -> None:
        """Take one record; its hint is cut to its field."""
        self.records.append(record)
        del self.records[:-MAX_RECORDS]
        if record.status:
            self.status = record.status
        if record.cpf:
            self.cpf = record.cpf

    def add_code(self, code: Code, hint: str = "") -> None:
        """Take a record of a code and a hint."""
        self.add(Record(code, hint[:HINT_LENGTH]))

    def shown(self) -> Iterator[Record]:
        """Yield the records as a list of errors shows them: the last one, then all in order."""
        if self.records:
            yield self.records[-1]
        yield from self.records

    def take_markers(self) -> tuple[int, str]:
        """Return and forget the status and message id of the element that failed."""
        taken = (self.status, self.cpf)
        self.status, self.cpf = 0, ""
        return taken

    def clear(self) -> None:
        """Start over, once an element has shown its records."""
        self.records.clear()
