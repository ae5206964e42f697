"""The real itoolkit over a real ODBC stack: its database transport calls the stored procedure."""

from __future__ import annotations

from datetime import datetime

import pytest
from itoolkit import (
    iCmd,
    iData,
    iDS,
    iPgm,
    iSqlFetch,
    iSqlFree,
    iSqlQuery,
    iToolKit,
)
from itoolkit.transport import DatabaseTransport

from db.ibmi.odbc import open_database
from epm.errors import RemoteError
from simulators.ibmi.sample import sample_system, sample_users
from simulators.xmlservice.service import Service
from simulators.xmlservice.storedproc import RECORD
from tests.odbc.bridge import Bridge

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def service():
    system = sample_system(lambda: datetime(2026, 11, 21, 10), sample_users("opensesame"))
    made = Service(system)
    yield made
    made.close()


@pytest.fixture(params=[True, False], ids=["records", "whole"])
def connection(request, cluster, source, service):
    """With records the driver needs a transaction; whole answers also come with autocommit."""
    records = request.param
    source += "" if records else ";FetchRefcursors=0"
    name = source if records else f"DSN={source}"
    with Bridge(cluster.address, service, "EPMADM", records=records):
        opened = open_database(name, user="epm", seconds=20, autocommit=not records)
        yield opened
        opened.close()


def ask(connection, *actions):
    toolkit = iToolKit()
    for action in actions:
        toolkit.add(action)
    transport = DatabaseTransport(connection)
    toolkit.call(transport)
    # It closes its caller's connection when it is collected.
    transport._close = lambda: None
    return toolkit


def test_commands_sql_and_programs_answer(connection):
    toolkit = ask(
        connection,
        iCmd("add", "ADDLIBLE LIB(QGPL)", {"error": "off"}),
        iCmd("user", "RTVJOBA USRLIBL(?) CURUSER(?)"),
        iSqlQuery("query", "SELECT EXIT_POINT_NAME FROM QSYS2.EXIT_POINT_INFO ORDER BY 1"),
        iSqlFetch("rows"),
        iSqlFree("free"),
        iPgm("call", "ZZCALL", {"lib": "XMLSERVICE"})
        .addParm(iData("a", "1a", "a"))
        .addParm(iData("b", "1a", "b"))
        .addParm(iData("p", "7p4", "11.1111"))
        .addParm(iData("q", "12p2", "222.22"))
        .addParm(
            iDS("ds")
            .addData(iData("c", "1a", "x"))
            .addData(iData("d", "1a", "y"))
            .addData(iData("e", "7p4", "44.4444"))
            .addData(iData("f", "12p2", "66666666.66"))
        ),
    )
    assert "success" in toolkit.dict_out("user") or toolkit.dict_out("user")["row"]
    assert "EPMADM" in toolkit.xml_out()
    names = [row["EXIT_POINT_NAME"] for row in toolkit.dict_out("rows")["row"]]
    assert {"QIBM_QSO_ACCEPT", "QIBM_QSO_CONNECT", "QIBM_QSO_LISTEN"} <= set(names)
    call = toolkit.dict_out("call")
    assert (call["a"], call["p"], call["q"]) == ("C", "321.1234", "1234567890.12")
    assert "+++ success XMLSERVICE ZZCALL" in call["success"]


def test_an_answer_of_many_records_is_whole(connection):
    columns = "SELECT * FROM QSYS2.SYSCOLUMNS"
    actions = [
        action
        for n in range(5)
        for action in (iSqlQuery(f"q{n}", columns), iSqlFetch(f"r{n}"), iSqlFree(f"f{n}"))
    ]
    toolkit = ask(connection, *actions)
    rows = [toolkit.dict_out(f"r{n}")["row"] for n in range(5)]
    assert len(rows[0]) > 5
    assert rows == [rows[0]] * 5
    assert len(toolkit.xml_out()) > 5 * RECORD


def test_a_failure_is_a_document_too(connection):
    toolkit = ask(connection, iCmd("bad", "DLTF FILE(NOLIB/NOFILE)", {"exec": "system"}))
    assert "CPF" in toolkit.xml_out()


@pytest.mark.parametrize("connection", [True], indirect=True)
def test_the_procedure_answers_in_records_of_3000_bytes(connection):
    cursor = connection.cursor()
    query = "<sql><query>SELECT * FROM QSYS2.SYSCOLUMNS</query></sql>"
    document = 3 * f"{query}<sql><fetch block='all'/></sql>"
    cursor.execute("call QXMLSERV.iPLUGR512K(?,?,?)", ("*na", "*here", f"<x>{document}</x>"))
    rows = [row[0] for row in cursor.fetchall()]
    assert len(rows) > 3
    assert {len(row) for row in rows[:-1]} == {RECORD}
    assert 0 < len(rows[-1]) <= RECORD


def test_a_statement_that_fails_is_one_line_of_ours(connection):
    with pytest.raises(RemoteError, match=r"^odbc [^:]*: ERROR: schema .* does not exist$"):
        connection.cursor().execute("call NOLIB.NOPROC(?,?,?)", ("a", "b", "c"))
