"""Jobs, users and system values: retrieved, changed, submitted; each job's local data area."""

from decimal import Decimal

import pytest

from simulators.ibmi.storage import encode_packed, encode_text
from simulators.xmlservice.host import ProgramFaultError


def returned(world, command):
    return dict(world.ok(command).returned)


def test_a_job_is_changed_by_its_qualified_name(make_world):
    world = make_world("QSECOFR")
    other = world.as_user("EPMUSER")
    name = other.job.state.qualified_name
    world.ok(f"CHGJOB JOB({name}) CCSID(273) RUNPTY(33) DATFMT(*YMD) LOG(2 20 *SECLVL)")
    values = returned(other, "RTVJOBA CCSID(?N) RUNPTY(?N) DATFMT(?) LOGLVL(?) LOGTYPE(?)")
    assert list(values.values()) == ["273", "33", "*YMD", "2", "*SECLVL"]
    assert returned(world, "RTVJOBA CCSID(?N) RUNPTY(?N)") == {"CCSID": "37", "RUNPTY": "20"}
    assert other.fails("CHGJOB JOB(QSECOFR/QSQSRVR) RUNPTY(1)") == "CPF1344"
    assert world.fails("CHGJOB JOB(999999/A/B) RUNPTY(1)") == "CPF1321"


@pytest.mark.parametrize(
    "text", ["RUNPTY(0)", "DATFMT(*ISO)", "SWS(0101)", "SWS(0101010A)", "CCSID(*X)"]
)
def test_what_is_no_attribute_changes_nothing(world, text):
    assert world.fails(f"CHGJOB TIMESLICE(5) {text}") == "CPF0006"
    assert returned(world, "RTVJOBA TIMESLICE(?N)") == {"TIMESLICE": "2000"}


def test_rtvjoba_knows_every_keyword_of_the_command(world):
    values = returned(
        world, "RTVJOBA OUTQLIB(?) LOGSEV(?N) TIMZON(?) ASPGRP(?) CYMDDATE(?) SUBTYPE(?) PURGE(?)"
    )
    assert list(values.values()) == ["QGPL", "0", "Q0000UTC", "*NONE", "1261121", "*", "*YES"]


def test_a_submitted_job_has_the_library_list_of_its_submitter(world):
    world.ok("CRTLIB EPM")
    world.ok("CRTMSGQ MSGQ(EPM/Q) MSGQFULL(*WRAP)")
    world.ok("CHGLIBL LIBL(EPM)")
    world.ok("SBMJOB CMD(SNDMSG MSG(hello) TOMSGQ(Q)) JOB(SENDER)")
    assert "HELLO" in world.ok("DSPMSG EPM/Q").output[1]
    world.ok("CLRMSGQ EPM/Q")
    world.ok("SBMJOB CMD(SNDMSG MSG(hello) TOMSGQ(Q)) INLLIBL(*JOBD)")
    world.ok("SBMJOB RQSDTA('SNDMSG MSG(''from data'') TOMSGQ(EPM/Q)')")
    assert world.ok("DSPMSG EPM/Q").output[1:] == ("from data",)
    assert world.ok("SBMJOB DSPLIBL").messages[-1].text.endswith("queue QBATCH in library QGPL.")


def test_a_job_that_cannot_start_is_an_outcome(make_world):
    world = make_world("QSECOFR")
    world.ok("CLRLIB QGPL")
    assert world.fails("SBMJOB DSPLIBL") == "CPF1338"


def test_rtvusrprf_returns_one_s_own_profile(world):
    values = returned(world, "RTVUSRPRF RTNUSRPRF(?) STATUS(?) GRPPRF(?) JOBD(?) SPCAUT(?)")
    assert values["RTNUSRPRF"] == "EPMADM"
    assert (values["STATUS"], values["GRPPRF"], values["JOBD"]) == (
        "*ENABLED",
        "*NONE",
        "QDFTJOBD",
    )
    assert values["SPCAUT"].split() == ["*ALLOBJ", "*AUDIT", "*IOSYSCFG", "*JOBCTL", "*SECADM"]
    assert returned(world, "RTVUSRPRF EPMOLD PWDEXP(?)") == {"PWDEXP": "*YES"}
    assert world.as_user("EPMUSER").fails("RTVUSRPRF EPMADM STATUS(?)") == "CPF2217"
    assert world.fails("RTVUSRPRF NOBODY STATUS(?)") == "CPF2204"


def test_a_profile_is_an_object_with_a_message_queue(world):
    made = world.ok("CRTUSRPRF USRPRF(BOB) PASSWORD(*NONE) TEXT('Bob')")
    assert [m.id for m in made.messages] == ["CPC2204"]
    world.ok("CHKOBJ QSYS/BOB *USRPRF")
    world.ok("SNDMSG MSG(hi) TOUSR(BOB)")
    world.ok("CHGUSRPRF BOB STATUS(*DISABLED) PWDEXP(*SAME)")
    assert returned(world, "RTVUSRPRF BOB STATUS(?) TEXT(?)") == {
        "STATUS": "*DISABLED",
        "TEXT": "Bob",
    }
    world.ok("DLTUSRPRF BOB")
    assert world.fails("CHKOBJ QSYS/BOB *USRPRF") == "CPF9801"
    assert world.fails("CHKOBJ QUSRSYS/BOB *MSGQ") == "CPF9801"


def test_each_job_has_a_local_data_area(world):
    world.ok("CHGDTAARA DTAARA(*LDA (3 4)) VALUE(abcd)")
    assert returned(world, "RTVDTAARA DTAARA(*LDA (1 8)) RTNVAR(?)") == {"RTNVAR": "  ABCD  "}
    other = world.as_user("EPMUSER")
    assert returned(other, "RTVDTAARA DTAARA(*LDA (1 8)) RTNVAR(?)") == {"RTNVAR": " " * 8}
    assert world.fails("CHGDTAARA DTAARA(*LDA (1024 2)) VALUE(x)") == "CPF1089"
    receiver = bytearray(60)
    name = bytearray(encode_text("*LDA", 20))
    numbers = [bytearray(n.to_bytes(4, "big")) for n in (60, 3, 4)]
    world.job.call("QSYS", "QWCRDTAA", None, [receiver, numbers[0], name, *numbers[1:]])
    assert bytes(receiver[36:40]) == encode_text("ABCD")


@pytest.mark.parametrize(
    ("name", "value"),
    [("QDATE", "112126"), ("QDAYOFWEEK", "*SAT"), ("QHOUR", "10"), ("QTIMZON", "Q0000UTC")],
)
def test_a_system_value_is_the_same_retrieved_and_displayed(world, name, value):
    assert returned(world, f"RTVSYSVAL {name} RTNVAR(?)") == {"RTNVAR": value}
    assert world.ok(f"DSPSYSVAL {name}").output[1].endswith(f":   {value}")
    assert world.fails(f"RTVSYSVAL {name}") == "CPF0006"


def test_qcmdchk_checks_and_runs_nothing(world):
    def check(text, program="QCMDCHK"):
        length = bytearray(encode_packed(Decimal(len(text)), 15, 5))
        world.job.call("QSYS", program, None, [bytearray(encode_text(text)), length])

    check("CRTLIB EPM")
    assert world.fails("CHKOBJ EPM *LIB") == "CPF9801"
    with pytest.raises(ProgramFaultError) as raised:
        check("CRTLIB EPM FOO(BAR)")
    assert raised.value.message_id == "CPF0006"
    check("CRTLIB EPM", "QCMDEXC")
    world.ok("CHKOBJ EPM *LIB")


def test_qusrjobi_tells_of_another_job_to_who_may_know(world):
    other = world.as_user("EPMUSER")

    def subsystem(asker, job):
        name = encode_text(f"{job.name:<10}{job.user:<10}{job.number}", 26)
        receiver, length = bytearray(80), bytearray((80).to_bytes(4, "big"))
        p = [receiver, length, bytearray(encode_text("JOBI0200")), bytearray(name), bytearray(16)]
        asker.job.call("QSYS", "QUSRJOBI", None, p)
        return bytes(receiver[18:28]).decode("cp037").strip()

    assert subsystem(world, other.job) == "EPMUSER"
    with pytest.raises(ProgramFaultError) as raised:
        subsystem(other, world.job)
    assert raised.value.message_id == "CPF1344"
    other.job.end()
    with pytest.raises(ProgramFaultError) as raised:
        subsystem(world, other.job)
    assert raised.value.message_id == "CPF3C55"


def test_active_job_info_filters(world):
    world.as_user("EPMUSER")
    base = "SELECT AUTHORIZATION_NAME FROM TABLE(QSYS2.ACTIVE_JOB_INFO({0})) X"
    assert len(world.sql(base.format(""))) == 2
    assert world.sql(base.format("CURRENT_USER_LIST_FILTER => 'EPMUSER'")) == [["EPMUSER"]]
    assert world.sql(base.format("JOB_NAME_FILTER => '*'")) == [["EPMADM"]]
    assert world.sql(base.format("SUBSYSTEM_LIST_FILTER => 'QINTER'")) == []
