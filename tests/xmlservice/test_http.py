"""The HTTP endpoint under the real itoolkit and other clients."""

from __future__ import annotations

import http.client
import json
import threading
import urllib.error
import urllib.request
from urllib.parse import quote, urlencode

import pytest
from itoolkit import (
    iCmd,
    iCmd5250,
    iData,
    iDS,
    iPgm,
    iSh,
    iSqlExecute,
    iSqlFetch,
    iSqlFree,
    iSqlParm,
    iSqlPrepare,
    iSqlQuery,
    iSrvPgm,
    iToolKit,
    iXml,
)
from itoolkit.transport import HttpTransport

from epm.errors import SettingsError
from simulators.xmlservice.server import serve
from tests.xmlservice.reading import codes, texts


@pytest.fixture
def transport(server):
    return HttpTransport(server.url, "fred", "secret")


def run(transport, *things, **options) -> iToolKit:
    toolkit = iToolKit(**options)
    for thing in things:
        toolkit.add(thing)
    toolkit.call(transport)
    return toolkit


def zzcall() -> iPgm:
    structure = iDS("INDS1")
    structure.addData(iData("DSCHARA", "1a", "x"))
    structure.addData(iData("DSCHARB", "1a", "y"))
    structure.addData(iData("DSDEC1", "7p4", "66.6666"))
    structure.addData(iData("DSDEC2", "12p2", "77777.77"))
    return (
        iPgm("zzcall", "ZZCALL", {"lib": "XMLSERVICE"})
        .addParm(iData("INCHARA", "1a", "a"))
        .addParm(iData("INCHARB", "1a", "b"))
        .addParm(iData("INDEC1", "7p4", "32.1234"))
        .addParm(iData("INDEC2", "12p2", "33.33"))
        .addParm(structure)
    )


def test_itoolkit_calls_a_program(transport, host):
    assert run(transport, zzcall()).dict_out("zzcall") == {
        "success": "+++ success XMLSERVICE ZZCALL ",
        "INCHARA": "C",
        "INCHARB": "D",
        "INDEC1": "321.1234",
        "INDEC2": "1234567890.12",
        "INDS1": {
            "DSCHARA": "E",
            "DSCHARB": "F",
            "DSDEC1": "333.3330",
            "DSDEC2": "4444444444.44",
        },
    }
    assert host.calls[0][3][2] == bytes.fromhex("0321234f")


def test_itoolkit_runs_commands_of_every_kind(transport):
    toolkit = run(
        transport,
        iCmd("lib", "CHGLIBL LIBL(XMLSERVICE)"),
        iCmd("job", "RTVJOBA CCSID(?N) USRLIBL(?)"),
        iCmd("bad", "CHGLIBL LIBL(FROGLEGLONG)"),
        iSh("sh", "echo a < b & 'c'"),
        iSh("rows", "echo a\\nb", {"rows": "on"}),
        iCmd5250("5250", "WRKACTJOB"),
        iXml("<cmd var='raw'>CHGLIBL LIBL(RAW)</cmd>"),
    )
    assert toolkit.dict_out("lib") == {"success": "+++ success CHGLIBL LIBL(XMLSERVICE)"}
    assert toolkit.dict_out("job")["row"] == [{"CCSID": "37"}, {"USRLIBL": "XMLSERVICE"}]
    assert toolkit.dict_out("sh") == {"sh": "a < b & 'c'\n"}
    assert toolkit.dict_out("rows")["row"] == [{"row": "a"}, {"row": "b"}]
    assert toolkit.dict_out("raw") == {"success": "+++ success CHGLIBL LIBL(RAW)"}
    bad = toolkit.dict_out("bad")
    assert bad["error"] == "*** error CHGLIBL LIBL(FROGLEGLONG)"
    assert bad["error1"] == "202"
    assert bad["xmlhint"] == "CHGLIBL LIBL(FROGLEGLONG)"
    assert bad["jobuser"] == "FRED"
    json.dumps(toolkit.dict_out())


def test_itoolkit_queries_and_executes(transport):
    toolkit = run(
        transport,
        iSqlQuery("q", "select id, breed, name from animal where id < 2 order by id"),
        iSqlFetch("rows"),
        iSqlPrepare("p", "select name from animal where breed = ?"),
        iSqlExecute("e").addParm(iSqlParm("breed", "horse")),
        iSqlFetch("one"),
        iSqlFree("free"),
    )
    assert toolkit.dict_out("rows")["row"] == [
        {"ID": "0", "BREED": "cat", "NAME": "Pook"},
        {"ID": "1", "BREED": "dog", "NAME": ""},
    ]
    assert toolkit.dict_out("one")["row"] == {"NAME": "Smarty"}
    assert toolkit.dict_out("e")["success"] == "+++ success stmt1"
    assert "success" in toolkit.dict_out("free")


def test_itoolkit_calls_a_service_program(transport):
    program = iSrvPgm("s", "ZZSRV", "ZZSTEP", {"lib": "XMLSERVICE"}).addRet(iData("ret", "10i0", 0))
    assert run(transport, program).dict_out("s") == {
        "ret": "42",
        "success": "+++ success XMLSERVICE ZZSRV ZZSTEP ",
    }


def test_itoolkit_keeps_a_private_job(server):
    private = HttpTransport(server.url, "FRED", "secret", ctl="*cdata", ipc="/tmp/fred")
    run(private, iCmd("a", "CHGLIBL LIBL(MINE)"))
    assert run(private, iCmd("b", "RTVJOBA USRLIBL(?)")).dict_out("b")["row"] == {"USRLIBL": "MINE"}


@pytest.mark.parametrize(
    ("user", "password"), [("fred", "wrong"), ("nobody", "secret"), ("fred", "a&pwd=secret")]
)
def test_a_bad_sign_on_is_a_report_with_status_200(server, user, password):
    body = urlencode({"db2": "*LOCAL", "uid": user, "pwd": password, "xmlin": "<a/>"})
    with urllib.request.urlopen(server.url, body.encode(), timeout=10) as answer:
        assert answer.status == 200
        assert answer.headers["Content-type"] == "text/xml"
        document = answer.read()
    assert set(codes(document)) == {"1480001"}
    hints = texts(document, ".//error/xmlhint")
    assert len(hints) == 8
    assert hints[0] == hints[-1]
    assert hints[-1].startswith("28000:-30082:Authorization failure")
    assert hints[1].startswith("rc -1")
    assert [hint[:3] for hint in hints[2:6]] == ["1) ", "2) ", "3) ", "4) "]
    assert hints[6].startswith(f"db *LOCALuid {user}ipc")
    assert password.encode() not in document


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"uid": "fred", "pwd": "secret"}, "No XML specified"),
        ({"xmlin": "<a/>"}, "*NONE"),
        ({"uid": "*NONE", "xmlin": "<a/>"}, "*NONE"),
    ],
)
def test_no_document_and_no_user_are_refused(server, fields, hint):
    with urllib.request.urlopen(server.url, urlencode(fields).encode(), timeout=10) as answer:
        document = answer.read()
    assert codes(document) == ["1480002", "1480002"]
    assert texts(document, ".//xmlhint") == [hint, hint]


def test_get_takes_the_same_fields_in_any_order(server):
    query = "xmlin=" + quote("<cmd>CHGLIBL LIBL(A)</cmd>") + "&ctl=*here&pwd=secret&uid=fred"
    with urllib.request.urlopen(f"{server.url}?{query}", timeout=10) as answer:
        assert answer.read() == b"<cmd><success>+++ success CHGLIBL LIBL(A)</success>\n</cmd>\n"


def test_the_documents_of_the_node_client_are_answered(server):
    document = (
        '<?xml version="1.0"?><myscript><cmd exec="rexx" error="fast">RTVJOBA USRLIBL(?)</cmd>,'
        "<sh error=\"fast\">echo hi</sh>,<pgm name='ECHO' lib='QSYS' error='fast'>"
        "<parm name='p' type='ds' io='both'><ds len='rec2'><data type='10i0' setlen='rec2'>0</data>"
        "<data type='7A'></data></ds></parm></pgm>,<sql><query error='fast'>select 1</query>"
        "<fetch block='all' desc='on' error='fast'></fetch><free></free></sql></myscript>"
    )
    fields = {
        "db2": "*LOCAL",
        "uid": "FRED",
        "pwd": "secret",
        "ipc": "*NA",
        "ctl": "*here",
        "xmlin": document,
        "xmlout": "15728640",
    }
    with urllib.request.urlopen(server.url, urlencode(fields).encode(), timeout=10) as answer:
        body = answer.read()
    assert b"," not in body.partition(b"</cmd>")[2][:3]
    assert len(texts(body, ".//success")) == 5
    assert texts(body, ".//pgm//data") == ["11", None or ""]
    assert texts(body, ".//row/data") == ["QGPL QTEMP", "1"]


def test_the_answer_is_cut_at_xmlout(server):
    fields = {"uid": "fred", "pwd": "secret", "ctl": "*here", "xmlout": "100"}
    body = urlencode({**fields, "xmlin": "<sh>echo " + "x" * 500 + "</sh>"}).encode()
    with urllib.request.urlopen(server.url, body, timeout=10) as answer:
        assert len(answer.read()) == 100


def test_a_connection_is_kept_for_the_next_request(server):
    client = http.client.HTTPConnection(server.address, server.port, timeout=10)
    fields = urlencode({"uid": "fred", "pwd": "secret", "ctl": "*here", "xmlin": "<sh>echo a</sh>"})
    for _ in range(3):
        client.request("POST", "/cgi-bin/xmlcgi.pgm", fields)
        assert b"a" in client.getresponse().read()
    client.close()


def test_many_clients_at_once_are_answered(server):
    answers: list[str] = []

    def call() -> None:
        transport = HttpTransport(server.url, "fred", "secret")
        answers.append(run(transport, zzcall()).dict_out("zzcall")["INDEC1"])

    threads = [threading.Thread(target=call) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == ["321.1234"] * 40


def test_an_address_in_use_is_a_plain_error(server, host):
    with pytest.raises(SettingsError, match=f"cannot listen on 127.0.0.1:{server.port}"):
        serve(host, port=server.port)


def test_the_password_is_written_nowhere(server, capfd):
    fields = urlencode({"uid": "fred", "pwd": "secret", "xmlin": "<cmd>BOOM</cmd>"})
    with urllib.request.urlopen(server.url, fields.encode(), timeout=10) as answer:
        assert b"secret" not in answer.read()
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
