"""The simulator behind a real ODBC driver: XMLSERVICE's stored procedure, on PostgreSQL.

The procedure puts a request into a table and waits; a thread here takes it, has the service
answer it, and puts the answer beside it. So itoolkit's database transport, unmodified, calls what
it calls on an IBM i. The answer comes in records of 3000 bytes as a result set, which psqlODBC
gives only inside a transaction; ``records=False`` gives it whole, in one row, also with autocommit.
"""

from __future__ import annotations

import threading

import psycopg

from simulators.xmlservice.service import Service
from simulators.xmlservice.storedproc import RECORD

PROCEDURE = "QXMLSERV.iPLUGR512K"
#: Bytes of its answer, at most, as its name says.
ROOM = 512 * 1024
_TABLE = """
CREATE EXTENSION IF NOT EXISTS dblink;
CREATE SCHEMA IF NOT EXISTS qxmlserv;
CREATE TABLE IF NOT EXISTS qxmlserv.request (
  number bigserial PRIMARY KEY, ipc text NOT NULL, ctl text NOT NULL, document text NOT NULL,
  answer text);
DROP PROCEDURE IF EXISTS qxmlserv.iplugr512k;
"""
# The request is written by a connection of its own, so that it is there before this one's
# transaction ends; it ends only after the answer was read.
_ASK = """
  SELECT r.number INTO asked FROM dblink('{address}', format(
    'INSERT INTO qxmlserv.request (ipc, ctl, document) VALUES (%L, %L, %L) RETURNING number',
    ipc, ctl, xmlin)) AS r(number bigint);
  FOR attempt IN 1..5000 LOOP
    SELECT r.answer INTO whole FROM qxmlserv.request r WHERE r.number = asked;
    EXIT WHEN whole IS NOT NULL;
    PERFORM pg_sleep(0.002);
  END LOOP;
"""
_RECORDS = """
CREATE PROCEDURE qxmlserv.iplugr512k(ipc text, ctl text, xmlin text,
  INOUT out151 refcursor DEFAULT 'out151') LANGUAGE plpgsql AS $$
DECLARE asked bigint; whole text; attempt int;
BEGIN {ask}
  OPEN out151 FOR SELECT substr(whole, at, {record})::varchar({record}) AS out151
    FROM generate_series(1, greatest(length(whole), 1), {record}) AS at ORDER BY at;
END $$
"""
_WHOLE = """
CREATE PROCEDURE qxmlserv.iplugr512k(ipc text, ctl text, xmlin text,
  INOUT out151 text DEFAULT NULL) LANGUAGE plpgsql AS $$
DECLARE asked bigint; whole text; attempt int;
BEGIN {ask}
  out151 := whole;
END $$
"""


class Bridge:
    """A service that answers the stored procedure's calls; use it in a ``with``."""

    def __init__(self, address: str, service: Service, user: str, *, records: bool = True) -> None:
        """Set up, without starting.

        Args:
            address: of the database, as libpq takes it.
            service: what answers.
            user: user profile that the requests run under; ODBC has signed it on.
            records: answer as a result set of records, or whole.
        """
        self._address = address
        self._service = service
        self._user = user
        ask = _ASK.format(address=address)
        self._procedure = (_RECORDS if records else _WHOLE).format(ask=ask, record=RECORD)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="epm-bridge", daemon=True)

    def __enter__(self) -> Bridge:
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(_TABLE)
            connection.execute(self._procedure)
        self._thread.start()
        return self

    def __exit__(self, *_why: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        with psycopg.connect(self._address, autocommit=True) as connection:
            while not self._stop.wait(0.002):
                asked = connection.execute(
                    "SELECT number, ipc, ctl, document FROM qxmlserv.request "
                    "WHERE answer IS NULL ORDER BY number"
                ).fetchall()
                for number, ipc, ctl, document in asked:
                    answer = self._service.answer(self._user, ipc, ctl, document, ROOM)
                    connection.execute(
                        "UPDATE qxmlserv.request SET answer = %s WHERE number = %s",
                        (answer, number),
                    )
