"""The protocol over the simulated IBM i, as ``epm simulate xmlservice`` serves it."""

from __future__ import annotations

from datetime import datetime

import pytest
from itoolkit import iCmd, iData, iDS, iPgm, iSqlFetch, iSqlQuery, iSrvPgm, iToolKit
from itoolkit.transport import HttpTransport

from simulators.ibmi.sample import sample_system, sample_users
from simulators.xmlservice.server import serve
from tests.xmlservice.reading import codes, texts


@pytest.fixture(scope="module")
def url():
    system = sample_system(lambda: datetime(2026, 11, 21, 10), sample_users("Pass1word"))
    server = serve(system)
    yield server.url
    server.close()


def call(url: str, *things, **more) -> iToolKit:
    toolkit = iToolKit()
    for thing in things:
        toolkit.add(thing)
    toolkit.call(HttpTransport(url, more.pop("user", "EPMADM"), "Pass1word", **more))
    return toolkit


def test_the_sample_programs_run(url):
    structure = iDS("ds")
    for name, kind in (("a", "1a"), ("b", "1a"), ("c", "7p4"), ("d", "12p2")):
        structure.addData(iData(name, kind, "1"))
    program = (
        iPgm("zz", "ZZCALL", {"lib": "XMLSERVICE"})
        .addParm(iData("w", "1a", "a"))
        .addParm(iData("x", "1a", "b"))
        .addParm(iData("y", "7p4", "32.1234"))
        .addParm(iData("z", "12p2", "33.33"))
        .addParm(structure)
    )
    answer = call(url, program).dict_out("zz")
    assert [answer[key] for key in "wxyz"] == ["C", "D", "321.1234", "1234567890.12"]


def test_a_private_job_counts_its_steps_and_a_stateless_one_begins_again(url):
    def step() -> iSrvPgm:
        return iSrvPgm("s", "ZZSRV", "ZZSTEP", {"lib": "XMLSERVICE"}).addRet(iData("n", "10i0", 0))

    private = {"ctl": "*cdata", "ipc": "/tmp/steps"}
    counted = [int(call(url, step(), **private).dict_out("s")["n"]) for _ in range(3)]
    assert counted == [counted[0], counted[0] + 1, counted[0] + 2]
    assert {call(url, step()).dict_out("s")["n"] for _ in range(2)} == {str(counted[0])}


def test_commands_fail_with_their_message_id_and_a_program_that_is_missing_with_its_code(url):
    toolkit = call(url, iCmd("c", "CHGLIBL LIBL(NOSUCHLIB)", {"exec": "system"}))
    assert texts(toolkit.xml_out(), ".//cpf")[0].startswith("CPF")
    missing = call(url, iPgm("p", "NOPGM").addParm(iData("a", "1a", "a")))
    assert codes(missing.xml_out()) == ["1100016", "1000005", "1100016"]


def test_sql_reads_the_system(url):
    toolkit = call(url, iSqlQuery("q", "values 1"), iSqlFetch("f"))
    assert list(toolkit.dict_out("f")["row"].values()) == ["1"]


def test_users_who_may_not_sign_on_are_refused(url):
    for user in ("EPMOFF", "EPMOLD", "NOBODY"):
        assert set(codes(call(url, iCmd("c", "DSPLIBL"), user=user).xml_out())) == {"1480001"}
