"""Signing on, special authorities, object authorities, adopted authority, storage."""

import pytest

from simulators.ibmi.sample import User, sample_users
from simulators.ibmi.storage import encode_text
from simulators.xmlservice.host import ProgramFaultError, SignOnError

PASSWORD = "opensesame"


def test_a_user_signs_on_in_any_case_of_the_name(world):
    world.system.sign_on("epmadm", PASSWORD)


@pytest.mark.parametrize(
    ("user", "password", "reason"),
    [
        ("EPMADM", "wrong", "CPF22E2"),
        ("EPMADM", PASSWORD.upper(), "CPF22E2"),
        ("NOBODY", PASSWORD, "CPF2204"),
        ("EPMOLD", PASSWORD, "CPF22E4"),
        ("EPMOFF", PASSWORD, "CPF22E3"),
        ("QSYS", PASSWORD, "CPF22E5"),
    ],
)
def test_a_refusal_says_why_and_never_the_password(world, user, password, reason):
    with pytest.raises(SignOnError) as raised:
        world.system.sign_on(user, password)
    assert (raised.value.sqlstate, raised.value.sqlcode) == ("28000", -30082)
    assert reason in str(raised.value)
    assert PASSWORD not in str(raised.value)


def test_a_password_is_never_shown(world):
    assert PASSWORD not in repr(world.system.state.profiles.get("EPMADM"))
    assert PASSWORD not in repr(sample_users(PASSWORD))


def test_qmaxsign_disables_a_profile(world):
    world.ok("CHGSYSVAL QMAXSIGN '2'")
    for _ in range(2):
        with pytest.raises(SignOnError):
            world.system.sign_on("EPMUSER", "wrong")
    with pytest.raises(SignOnError, match="CPF22E3"):
        world.system.sign_on("EPMUSER", PASSWORD)
    world.ok("CHGUSRPRF EPMUSER STATUS(*ENABLED)")
    world.system.sign_on("EPMUSER", PASSWORD)


ADD = "ADDEXITPGM QIBM_QSO_ACCEPT ACPT0100 1 QGPL/P"


@pytest.mark.parametrize(
    ("user", "missing"), [("EPMNOIO", "*IOSYSCFG"), ("EPMUSER", "*IOSYSCFG"), ("EPMADM", None)]
)
def test_registration_names_the_special_authority_that_is_missing(world, user, missing):
    outcome = world.as_user(user).job.command(ADD)
    if missing is None:
        assert outcome.ok
    else:
        assert (outcome.messages[-1].id, missing in outcome.messages[-1].text) == ("CPF222E", True)
        assert world.sql("select count(*) from qsys2.exit_program_info") == [["0"]]


def test_object_authority_is_checked_granted_and_revoked(world):
    world.ok("CRTLIB SECRET AUT(*EXCLUDE)")
    world.ok("CRTDTAARA SECRET/D TYPE(*CHAR) VALUE('x') AUT(*EXCLUDE)")
    user = world.as_user("EPMUSER")
    assert user.fails("RTVDTAARA SECRET/D RTNVAR(?)") == "CPF9820"
    world.ok("GRTOBJAUT SECRET *LIB EPMUSER *USE")
    assert user.fails("RTVDTAARA SECRET/D RTNVAR(?)") == "CPF9802"
    world.ok("GRTOBJAUT SECRET/D *DTAARA EPMUSER *USE")
    user.ok("RTVDTAARA SECRET/D RTNVAR(?)")
    assert user.fails("CHGDTAARA SECRET/D VALUE('y')") == "CPF1018"
    assert user.fails("GRTOBJAUT SECRET/D *DTAARA EPMUSER *ALL") == "CPF2207"
    world.ok("RVKOBJAUT SECRET/D *DTAARA EPMUSER *ALL")
    assert user.fails("RTVDTAARA SECRET/D RTNVAR(?)") == "CPF9802"


def test_chgaut_takes_paths(world):
    world.ok("CRTDTAARA QGPL/D TYPE(*CHAR) AUT(*EXCLUDE)")
    world.ok("CHGAUT OBJ('/QSYS.LIB/QGPL.LIB/D.DTAARA') USER(*PUBLIC) DTAAUT(*RX) OBJAUT(*NONE)")
    world.as_user("EPMUSER").ok("RTVDTAARA QGPL/D RTNVAR(?)")
    assert (
        world.fails("CHGAUT OBJ('/QSYS.LIB/QGPL.LIB/N.PGM') USER(*PUBLIC) DTAAUT(*RX)") == "CPFA0A9"
    )


def test_a_group_gives_its_authority_to_its_members(make_world):
    world = make_world()
    world.ok("CRTDTAARA QGPL/D TYPE(*CHAR) AUT(*EXCLUDE)")
    state = world.system.state
    state.profiles.get("EPMUSER").groups = ("QTCP",)
    world.ok("GRTOBJAUT QGPL/D *DTAARA QTCP *USE")
    world.as_user("EPMUSER").ok("RTVDTAARA QGPL/D RTNVAR(?)")


def test_sql_refuses_a_table_that_is_not_the_users(world):
    world.ok("CRTLIB EPM")
    world.sql("create table epm/t (a int)")
    world.ok("GRTOBJAUT EPM/T *FILE *PUBLIC *USE REPLACE(*YES)")
    user = world.as_user("EPMUSER")
    assert user.sql("select * from epm/t") == []
    from simulators.xmlservice.host import SqlFailedError

    with pytest.raises(SqlFailedError) as raised:
        user.sql("insert into epm/t values(1)")
    assert (raised.value.sqlcode, raised.value.sqlstate) == (-551, "42501")


def test_an_adopting_program_reaches_what_its_owner_may(world):
    """USRPRF(*OWNER): the rules stay *EXCLUDE to the user, the program reads them."""
    from simulators.ibmi.objects import ProgramData

    world.ok("CRTDTAARA QGPL/D TYPE(*CHAR) LEN(3) VALUE('abc') AUT(*EXCLUDE)")
    name = encode_text("D", 10) + encode_text("QGPL", 10)

    def read(context, parameters):
        receiver, numbers = (
            bytearray(39),
            [bytearray((n).to_bytes(4, "big", signed=True)) for n in (39, -1, 3)],
        )
        context.job.call(
            "QSYS",
            "QWCRDTAA",
            None,
            [receiver, numbers[0], bytearray(name), numbers[1], numbers[2]],
        )
        return bytes(receiver[36:])

    program = ProgramData(read)
    world.job.state.create("QGPL", "READER", "*PGM", program, public="*USE")
    user = world.as_user("EPMUSER")
    with pytest.raises(ProgramFaultError) as raised:
        user.job.call("QGPL", "READER", None, [])
    assert raised.value.message_id == "CPF9802"
    world.ok("CHGPGM QGPL/READER USRPRF(*OWNER)")
    assert user.job.call("QGPL", "READER", None, []) == encode_text("abc")
    assert user.fails("RTVDTAARA QGPL/D RTNVAR(?)") == "CPF9802"


def test_only_an_owner_or_officer_makes_a_program_adopt(world):
    from simulators.ibmi.objects import ProgramData

    world.job.state.create("QGPL", "P", "*PGM", ProgramData(lambda c, p: b""), public="*ALL")
    assert world.as_user("EPMUSER").fails("CHGPGM QGPL/P USRPRF(*OWNER)") == "CPF222E"


def test_storage_is_limited_for_the_system_and_for_a_user(make_world):
    world = make_world(capacity=2 * 1024 * 1024)
    world.ok("CRTLIB EPM")
    made = 0
    while (outcome := world.job.command(f"CRTDTAQ EPM/Q{made} MAXLEN(10)")).ok:
        made += 1
    assert made > 10
    assert outcome.messages[-1].id == "CPF0907"
    world.ok("DLTDTAQ EPM/Q0")
    world.ok("CRTDTAQ EPM/Q0 MAXLEN(10)")
    world = make_world()
    world.system.state.profiles.get("EPMUSER").max_storage = 10
    user = world.as_user("EPMUSER")
    user.ok("CRTDTAARA QGPL/A TYPE(*CHAR)")
    user.ok("CRTDTAARA QGPL/B TYPE(*CHAR)")
    assert user.fails("CRTDTAARA QGPL/C TYPE(*CHAR)") == "CPF2222"


def test_a_full_library_takes_no_object_more(world):
    world.ok("CRTLIB EPM")
    world.system.state.libraries.get("EPM").max_objects = 1
    world.ok("CRTMSGQ EPM/A")
    assert world.fails("CRTMSGQ EPM/B") == "CPF2195"


def test_a_user_without_password_is_made_so(make_world):
    assert User("X", None).password is None
