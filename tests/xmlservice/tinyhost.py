"""A host as small as the protocol tests need: programs over byte buffers, SQL over SQLite."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from simulators.xmlservice.host import (
    Column,
    CommandOutcome,
    FunctionMissingError,
    Message,
    ProgramFaultError,
    ProgramMissingError,
    ShellOutcome,
    SignOnError,
    SqlFailedError,
)

Program = Callable[[Sequence[bytearray | None]], bytes]
CREATE = """
create table animal (id integer, breed varchar(32), name char(32), weight decimal(7,2));
insert into animal values (0, 'cat', 'Pook      ', '3.20'), (1, 'dog', null, '12.30'),
  (2, 'horse', 'Smarty', '350.00');
create table blobs (b blob);
insert into blobs values (x'00c1ff');
create table seen (id integer primary key autoincrement, what varchar(10));
"""


def zzcall(parameters: Sequence[bytearray | None]) -> bytes:
    """Answer as XMLSERVICE's sample does: C, D, 321.1234, 1234567890.12 and a structure."""
    a, b, dec1, dec2, ds = parameters
    assert a is not None
    assert b is not None
    assert dec1 is not None
    assert dec2 is not None
    assert ds is not None
    a[:1], b[:1] = b"\xc3", b"\xc4"
    dec1[:] = bytes.fromhex("3211234f")
    dec2[:] = bytes.fromhex("0123456789012f")
    ds[:] = b"\xc5\xc6" + bytes.fromhex("3333330f") + bytes.fromhex("0444444444444f")
    return b""


@dataclass
class TinyCursor:
    """A statement over SQLite."""

    db: sqlite3.Connection
    text: str
    rows: sqlite3.Cursor | None = None
    columns: Sequence[Column] = ()
    rowcount: int = -1

    @property
    def parameters(self) -> Sequence[Column]:
        return [Column("", "VARCHAR", 32, 0, True)] * self.text.count("?")

    def execute(self, values: Sequence[str | None]) -> Sequence[str | None]:
        try:
            self.rows = self.db.execute(self.text, tuple(values))
        except sqlite3.Error as error:
            raise SqlFailedError(str(error), "42704", -204) from None
        self.columns = [
            Column(d[0].upper(), "VARCHAR", 32, 0, True) for d in self.rows.description or ()
        ]
        self.rowcount = self.rows.rowcount
        return [None if v is None else v.upper() for v in values]

    def fetch(self, count: int) -> Sequence[Sequence[str | bytes | None]]:
        if self.rows is None or not self.columns:
            raise SqlFailedError("no cursor", "24000", -99999)
        return [
            [v if v is None or isinstance(v, bytes) else str(v) for v in row]
            for row in self.rows.fetchmany(count)
        ]

    def close(self) -> None:
        if self.rows is not None:
            self.rows.close()


@dataclass
class TinySql:
    """A connection of a job."""

    db: sqlite3.Connection
    log: list[str]

    def prepare(self, statement: str) -> TinyCursor:
        if not statement:
            raise SqlFailedError("empty", "42617", -198)
        return TinyCursor(self.db, statement.replace("LIB/", ""))

    def catalogue(self, action: str, values: Sequence[str | None]) -> TinyCursor:
        self.log.append(f"{action} {list(values)}")
        wanted = (list(values) + [None] * 3)[2] or "%"
        cursor = TinyCursor(
            self.db,
            "select 'LIB' table_schem, name table_name from sqlite_master where name like ?",
        )
        cursor.execute([wanted])
        return cursor

    def identity(self) -> str | None:
        return str(self.db.execute("select last_insert_rowid()").fetchone()[0])

    def options(self, values: Mapping[str, str]) -> None:
        self.log.append(f"options {dict(values)}")
        if "bad" in values.values():
            raise SqlFailedError("unknown option", "HY024", -99999)

    def commit(self) -> None:
        self.log.append("commit")

    def rollback(self) -> None:
        self.log.append("rollback")

    def close(self) -> None:
        self.log.append("close")


@dataclass
class TinyJob:
    """One job."""

    host: TinyHost
    user: str
    name: str
    number: str
    description: str | None
    libraries: list[str] = field(default_factory=lambda: ["QGPL", "QTEMP"])
    messages: list[Message] = field(default_factory=list)
    ended: bool = False

    def attributes(self) -> Mapping[str, str]:
        return {
            "curuser": self.user,
            "ccsid": "37",
            "dftccsid": "37",
            "paseccsid": "819",
            "langid": "ENU",
            "cntryid": "US",
            "sbsname": "QSYSWRK",
            "sbslib": "QSYS",
            "curlib": "",
            "syslibl": "QSYS QSYS2",
            "usrlibl": " ".join(self.libraries),
        }

    def log(self) -> Sequence[Message]:
        return self.messages

    def command(self, text: str) -> CommandOutcome:
        self.host.commands.append(text)
        if match := re.fullmatch(r"CHGLIBL LIBL\(([A-Z0-9 ]+)\)", text):
            if "FROGLEGLONG" in match[1]:
                return self._failed("CPF2110", "Library FROGLEGLONG not found.")
            self.libraries = match[1].split()
            return CommandOutcome(ok=True)
        if text.startswith("RTVJOBA"):
            found = re.findall(r"(\w+)\(\?N?\)", text)
            return CommandOutcome(
                ok=True, returned={k: self.attributes().get(k.lower(), "") for k in found}
            )
        if match := re.fullmatch(r"DLYJOB DLY\(([0-9.]+)\)", text):
            time.sleep(float(match[1]))
            return CommandOutcome(ok=True)
        if text == "BOOM":
            raise RuntimeError("secret detail")
        return self._failed("CPF0001", f"Error found on {text.split(' ', 1)[0]} command.")

    def _failed(self, identifier: str, text: str) -> CommandOutcome:
        time_of = f"2026-11-21 10:00:{len(self.messages):02}.000001"
        first = Message("CPD0043", "Diagnostic.", time_of)
        second = Message(identifier, text, time_of)
        self.messages += [first, second]
        return CommandOutcome(ok=False, messages=(first, second))

    def shell(self, text: str, *, qsh: bool = False) -> ShellOutcome:
        self.host.commands.append(f"{'qsh' if qsh else 'sh'}: {text}")
        if text.startswith("echo "):
            return ShellOutcome(text[5:].replace("\\n", "\n").encode() + b"\n", 0)
        return ShellOutcome(b"", 127 if text.startswith("nosuch") else 0)

    def call(
        self,
        library: str,
        program: str,
        function: str | None,
        parameters: Sequence[bytearray | None],
    ) -> bytes:
        self.host.calls.append((library, program, function, [p and bytes(p) for p in parameters]))
        found = self.host.programs.get((program, function))
        if found is None:
            if any(name == program for name, _ in self.host.programs):
                raise FunctionMissingError(f"{function} is not exported")
            raise ProgramMissingError(f"{program} not found")
        return found(parameters)

    def sql(self) -> TinySql:
        return TinySql(self.host.db, self.host.sql_log)

    def end(self) -> None:
        assert not self.ended
        self.ended = True


def fault(parameters: Sequence[bytearray | None]) -> bytes:
    """End as a program with a subscript error does."""
    raise ProgramFaultError("The pointer is not set.", "MCH3601")


class TinyHost:
    """FRED with password ``secret`` and WILMA with ``stone``."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self.db.executescript(CREATE)
        self.programs: dict[tuple[str, str | None], Program] = {
            ("ZZCALL", None): zzcall,
            ("FAULT", None): fault,
            ("ECHO", None): lambda parameters: b"",
            ("ZZSRV", "ZZSTEP"): lambda parameters: (42).to_bytes(4, "big"),
        }
        self.jobs: list[TinyJob] = []
        self.calls: list[tuple[str, str, str | None, list[bytes | None]]] = []
        self.commands: list[str] = []
        self.sql_log: list[str] = []
        self._lock = threading.Lock()

    def sign_on(self, user: str, password: str) -> None:
        if {"FRED": "secret", "WILMA": "stone"}.get(user.upper()) != password:
            raise SignOnError("Authorization failure on connection attempt.", "28000", -30082)

    def start_job(
        self, user: str, *, name: str = "QSQSRVR", description: str | None = None
    ) -> TinyJob:
        with self._lock:
            job = TinyJob(self, user, name, f"{len(self.jobs) + 1:06}", description)
            self.jobs.append(job)
        return job
