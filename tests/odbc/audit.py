"""An audit journal in the tables behind the services: receivers and SK entries put there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import psycopg

from db.ibmi.odbc import OdbcConnection
from db.ibmi.query import Query, Row
from epm.events import SkData
from journal.layouts.esd import encode_esd
from journal.layouts.type5 import encode_type5
from journal.layouts.values import HeaderData

LIBRARY = "EPMRCV"
BEGIN = datetime(2026, 11, 21, 10, 0, 0, 123456)
_TABLE = re.compile(r"FROM TABLE\((.*)\) AS J\b")


def sk(number: int) -> SkData:
    """What entry ``number`` is about."""
    return SkData(
        "A", "192.168.1.10", 22, f"10.{number >> 8 & 255}.{number & 255}.3", 50000, 5, "*IPV4"
    )


def header(number: int, receiver: str = "R1") -> HeaderData:
    """The header of entry ``number``; its journal's number, its time and its job follow from it."""
    at = BEGIN + timedelta(seconds=number)
    return HeaderData(
        number, f"{at:%Y-%m-%d-%H.%M.%S.%f}", "T", "SK", "SSHD", "QTCP", 123456, "QTOCSSHD",
        "QTCPLIB", "ALICE", "DEV400",
    )  # fmt: skip


class Audit:
    """The journal as its tables hold it; every test begins with an empty one."""

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address, autocommit=True)
        for table in ("qsys2.receivers CASCADE", '"EPMLIB"."SKOUT"', '"EPMLIB"."SKREC"'):
            self._connection.execute(f"TRUNCATE {table}")
        self._connection.execute('TRUNCATE "EPMLIB"."QAUDITSK"')

    def close(self) -> None:
        self._connection.close()

    def attach(self, name: str, first: int, last: int, sks: Iterable[int] = ()) -> None:
        """A receiver of numbers ``first`` to ``last``, of which ``sks`` are SK entries."""
        self._connection.execute(
            "INSERT INTO qsys2.receivers (library, name, attached, first_number, last_number) "
            "SELECT %s, %s, timestamp '2026-01-01' + count(*) * interval '1 day', %s, %s "
            "FROM qsys2.receivers",
            (LIBRARY, name, first, last),
        )
        self.write(name, sks)

    def write(self, name: str, numbers: Iterable[int]) -> None:
        """SK entries, and the number of the receiver's last one grown with them."""
        with (
            self._connection.cursor() as cursor,
            cursor.copy("COPY qsys2.entries FROM STDIN") as copy,
        ):
            for n in numbers:
                h = header(n)
                copy.write_row((
                    LIBRARY, name, n, BEGIN + timedelta(seconds=n), h.code, h.entry_type, h.job,
                    h.job_user, f"{h.job_number:06d}", h.program, h.program_library, h.user, None,
                    encode_esd(sk(n)),
                ))  # fmt: skip
        self._connection.execute(
            "UPDATE qsys2.receivers r SET last_number = greatest(last_number, (SELECT "
            "max(sequence_number) FROM qsys2.entries e WHERE e.receiver_name = r.name))"
        )

    def delete(self, name: str) -> None:
        """Delete a receiver, as DLTJRNRCV does."""
        self._connection.execute("DELETE FROM qsys2.receivers WHERE name = %s", (name,))

    def outfile(self, name: str, numbers: Iterable[int]) -> None:
        """DSPJRN to an outfile whose data column is wider than the entries."""
        for n in numbers:
            h, data = header(n), encode_esd(sk(n))
            self._connection.execute(
                'INSERT INTO "EPMLIB"."SKOUT" VALUES '
                "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    609 + len(data), f"{n:020d}", h.code, h.entry_type, h.timestamp, h.job,
                    h.job_user, h.job_number, h.program, h.program_library, h.user, h.system,
                    name, LIBRARY, "", data + b"\x40" * 30,
                ),
            )  # fmt: skip

    def records(self, name: str, numbers: Iterable[int]) -> None:
        """Whole *TYPE5 records."""
        for n in numbers:
            record = encode_type5(header(n), encode_esd(sk(n)), receiver=name)
            self._connection.execute('INSERT INTO "EPMLIB"."SKREC" VALUES (%s)', (record,))

    def copied(self, name: str, numbers: Iterable[int]) -> None:
        """CPYAUDJRNE ENTTYP(SK)."""
        for n in numbers:
            h, s = header(n), sk(n)
            self._connection.execute(
                'INSERT INTO "EPMLIB"."QAUDITSK" VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '
                "%s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    1679, f"{n:020d}", h.code, h.entry_type, h.timestamp, h.job, h.job_user,
                    h.job_number, h.program, h.user, h.system, name, LIBRARY, s.type,
                    s.local_address, f"{s.local_port:05d}", s.remote_address, s.remote_port,
                ),
            )  # fmt: skip


def over_postgresql(connection: OdbcConnection, seen: Callable[[str], object] = id) -> Query:
    """The connection's queries, without the one word that PostgreSQL lacks: ``TABLE( )``.

    Args:
        connection: open.
        seen: gets every statement before it is run.
    """

    def query(statement: str) -> Iterable[Row]:
        seen(statement)
        return connection.query(_TABLE.sub(r"FROM \1 AS J", statement))

    return query
