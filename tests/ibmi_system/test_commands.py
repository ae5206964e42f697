"""CL commands: read as the system reads them, answered with its message ids."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.ibmi.cl.parser import Item, parse
from simulators.ibmi.messages import EscapeError


def test_a_command_is_positional_values_then_keywords():
    made = parse("mylib/addlible qgpl position(*last) /* said so */")
    assert (made.lib, made.name) == ("MYLIB", "ADDLIBLE")
    assert made.positional == [(Item("QGPL"),)]
    assert made.keywords == {"POSITION": (Item("*LAST"),)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("X T('it''s')", Item("it's", quoted=True)),
        ("X T(X'C1f2')", Item("A2", quoted=True)),
        ("X T((A (B)))", (Item("A"), (Item("B"),))),
        ("X T(lib/pgm)", Item("LIB/PGM")),
        ("X T('/tmp/a.c')", Item("/tmp/a.c", quoted=True)),
    ],
)
def test_values(text, value):
    assert parse(text).keywords["T"] == (value,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "CPD0020"),
        ("X T(A", "CPD0013"),
        ("X A)", "CPD0020"),
        ("X T('A)", "CPD0014"),
        ("X T(X'C')", "CPD0020"),
        ("X T(A) T(B)", "CPD0042"),
        ("X T(A) B", "CPD0017"),
        ("X T('a')U('b')", "CPD0020"),
        ("X T" + "(" * 40 + ")" * 40, "CPD0013"),
        ("X T('" + "a" * 40_000 + "')", "CPD0072"),
    ],
)
def test_what_is_not_well_formed(text, message):
    with pytest.raises(EscapeError) as raised:
        parse(text)
    assert raised.value.id == message


@given(st.text(alphabet="ADDLIBLE QGPL()'*/?X,\n", max_size=60) | st.text(max_size=40))
def test_no_text_raises_anything_else(text):
    with suppress(EscapeError):
        assert parse(text).name


def ids(outcome):
    return [message.id for message in outcome.messages]


@pytest.mark.parametrize(
    ("command", "diagnostic"),
    [
        ("NOSUCHCMD A(B)", "CPD0030"),
        ("OTHERLIB/CRTLIB X", "CPD0030"),
        ("CRTLIB", "CPD0031"),
        ("CRTLIB LIB(X) COLOUR(RED)", "CPD0043"),
        ("CRTLIB LIB(TOOLONGNAME)", "CPD0078"),
        ("CRTLIB LIB(X) TYPE(*ODD)", "CPD0084"),
        ("CRTLIB 'X", "CPD0014"),
    ],
)
def test_a_wrong_command_sends_its_diagnostic_and_ends_with_cpf0006(world, command, diagnostic):
    outcome = world.job.command(command)
    assert not outcome.ok
    assert ids(outcome) == [diagnostic, "CPF0006"]
    assert [m.id for m in world.job.log()][-2:] == [diagnostic, "CPF0006"]


def test_the_library_list_changes_as_the_commands_say(world):
    world.ok("CRTLIB EPM TEXT('Exit points')")
    world.ok("CHGLIBL LIBL(QGPL QTEMP)")
    world.ok("ADDLIBLE EPM POSITION(*AFTER QGPL)")
    assert world.job.attributes()["usrlibl"] == "QGPL EPM QTEMP"
    assert world.fails("ADDLIBLE EPM") == "CPF2103"
    assert world.fails("ADDLIBLE NOWHERE") == "CPF2110"
    assert world.fails("CHGLIBL LIBL(NOWHERE)") == "CPF2110"
    assert world.fails("CHGLIBL LIBL(EPM EPM)") == "CPF2184"
    world.ok("RMVLIBLE EPM")
    assert world.fails("RMVLIBLE EPM") == "CPF2104"
    world.ok("CHGCURLIB EPM")
    assert world.job.attributes()["curlib"] == "EPM"
    assert world.job.attributes()["usrlibl"] == "QGPL QTEMP"


def test_each_job_has_its_own_library_list_and_qtemp(world):
    other = world.as_user("EPMADM")
    world.ok("CRTDTAARA QTEMP/X TYPE(*CHAR)")
    world.ok("ADDLIBLE SYSTOOLS")
    assert other.fails("CHKOBJ QTEMP/X *DTAARA") == "CPF9801"
    assert "SYSTOOLS" not in other.job.attributes()["usrlibl"]


def test_rtvjoba_returns_what_is_asked_for_in_order(world):
    world.ok("CHGLIBL LIBL(QGPL SYSTOOLS)")
    outcome = world.ok("RTVJOBA CCSID(?N) USRLIBL(?) JOB(?)")
    assert outcome.returned == {
        "CCSID": "37",
        "USRLIBL": "QGPL       SYSTOOLS",
        "JOB": "QSQSRVR",
    }
    assert list(outcome.returned) == ["CCSID", "USRLIBL", "JOB"]


def test_data_areas(world):
    world.ok("CRTDTAARA QGPL/D TYPE(*CHAR) LEN(5) VALUE('abc')")
    world.ok("CHGDTAARA QGPL/D VALUE('xyz')")
    world.ok("CHGDTAARA (QGPL/D (2 1)) VALUE('-')")
    assert world.ok("RTVDTAARA QGPL/D RTNVAR(?)").returned == {"RTNVAR": "x-z  "}
    assert world.ok("RTVDTAARA (QGPL/D (1 2)) RTNVAR(?)").returned == {"RTNVAR": "x-"}
    assert world.fails("CHGDTAARA QGPL/D VALUE('toolong')") == "CPF1020"
    assert world.fails("RTVDTAARA (QGPL/D (5 2)) RTNVAR(?)") == "CPF1089"
    assert world.fails("CRTDTAARA QGPL/D TYPE(*CHAR)") == "CPF1023"
    assert world.fails("RTVDTAARA QGPL/NONE RTNVAR(?)") == "CPF1015"
    world.ok("CRTDTAARA QGPL/N TYPE(*DEC) LEN(5 2) VALUE(12.5)")
    assert world.ok("RTVDTAARA QGPL/N RTNVAR(?)").returned == {"RTNVAR": "12.50"}
    assert world.fails("CHGDTAARA QGPL/N VALUE(1000)") == "CPF1019"
    world.ok("DLTDTAARA QGPL/D")
    assert world.fails("DLTDTAARA QGPL/D") == "CPF2105"


def test_objects_are_moved_renamed_and_duplicated(world):
    world.ok("CRTLIB EPM")
    world.ok("CRTDTAARA QGPL/A TYPE(*CHAR) LEN(3) VALUE('abc')")
    world.ok("MOVOBJ QGPL/A *DTAARA EPM")
    world.ok("RNMOBJ EPM/A *DTAARA B")
    world.ok("CRTDUPOBJ B EPM *DTAARA NEWOBJ(C)")
    world.ok("CHGDTAARA EPM/B VALUE('xyz')")
    assert world.ok("RTVDTAARA EPM/C RTNVAR(?)").returned == {"RTNVAR": "abc"}
    assert world.fails("CRTDUPOBJ B EPM *DTAARA NEWOBJ(C)") == "CPF2112"
    assert world.fails("CHKOBJ QGPL/A *DTAARA") == "CPF9801"
    assert world.fails("CHKOBJ NOWHERE/A *DTAARA") == "CPF9810"
    assert any(
        "EPM" in line and "*DTAARA" in line for line in world.ok("DSPOBJD EPM/*ALL *ALL").output
    )


def test_renaming_a_table_takes_its_rows_along(world):
    world.ok("CRTLIB EPM")
    world.sql("create table epm/t (a int)")
    world.sql("insert into epm/t values(7)")
    world.ok("RNMOBJ EPM/T *FILE U")
    world.ok("CRTDUPOBJ U EPM *FILE NEWOBJ(V) DATA(*YES)")
    assert world.sql("select * from epm/u, epm/v") == [["7", "7"]]
    world.ok("DLTLIB EPM")
    world.ok("CRTLIB EPM")
    world.sql("create table epm/u (b int)")
    assert world.sql("select * from epm/u") == []


def test_messages_go_to_queues_of_users(world):
    world.ok("SNDMSG 'Hello there' TOUSR(EPMUSER)")
    assert any("Hello there" in line for line in world.ok("DSPMSG QUSRSYS/EPMUSER").output)
    assert world.fails("SNDMSG 'x' TOUSR(NOBODY)") == "CPF2204"
    assert world.fails("SNDMSG 'x' TOMSGQ(NOQUEUE)") == "CPF2403"


def test_an_impromptu_escape_ends_a_command(world):
    outcome = world.job.command(
        "SNDPGMMSG MSGID(CPF9898) MSGF(QCPFMSG) MSGDTA('boo') MSGTYPE(*ESCAPE)"
    )
    assert not outcome.ok
    assert (outcome.messages[-1].id, outcome.messages[-1].text) == ("CPF9898", "boo")


def test_a_submitted_job_is_another_job(world):
    before = world.job.number
    outcome = world.ok("SBMJOB CMD(CRTDTAARA QGPL/S TYPE(*CHAR) LEN(6)) JOB(LATER)")
    assert "LATER" in outcome.messages[-1].text
    assert before not in outcome.messages[-1].text
    world.ok("CHKOBJ QGPL/S *DTAARA")
    assert world.fails("SBMJOB CMD(SIGNOFF) USER(NOBODY)") == "CPF2204"
    assert world.as_user("EPMUSER").fails("SBMJOB CMD(SIGNOFF) USER(QSECOFR)") == "CPF2217"


def test_system_values_keep_what_is_valid(world):
    assert world.ok("RTVSYSVAL QSECURITY RTNVAR(?)").returned == {"RTNVAR": "40"}
    assert world.fails("CHGSYSVAL QSECURITY '99'") == "CPF1074"
    assert world.fails("CHGSYSVAL QNOSUCH '1'") == "CPF1028"
    assert world.fails("CHGSYSVAL QSRLNBR '1'") == "CPF1078"
    world.ok("CHGSYSVAL QAUDLVL '*AUTFAIL *NETSCK'")
    assert world.fails("CHGSYSVAL QAUDLVL '*NETSOCK'") == "CPF1074"
    assert world.as_user("EPMUSER").fails("CHGSYSVAL QAUDLVL '*NONE'") == "CPF222E"


def test_a_job_that_ends_leaves_nothing_of_its_own(world):
    other = world.as_user("EPMADM")
    other.sql("create table qtemp/t (a int)")
    state = world.system.state
    assert state.database.tables(other.job.state.database_qtemp) == ["T"]
    other.job.end()
    assert state.database.tables(other.job.state.database_qtemp) == []
    assert other.job.number not in state.jobs
    other.job.end()
