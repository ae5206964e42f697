"""QAUDJRN: receivers in a chain, entries numbered without gap, converted and displayed."""

import pytest

from journal.layouts.esd import decode_esd
from simulators.ibmi.messages import EscapeError
from simulators.xmlservice.host import SqlFailedError

SHOW = (
    "select sequence_number, journal_code, journal_entry_type, receiver_name, hex(entry_data)"
    " from table(qsys2.display_journal('QSYS', 'QAUDJRN', starting_receiver_name => '{0}')) x"
)


def add(world, data=b"\xc1", type_="SK"):
    state = world.system.state
    return state.audit_journal.append("T", type_, data, world.job.state.origin(), state.now())


def test_the_chain_goes_on_over_receivers(world):
    add(world)
    world.ok("CHGJRN QAUDJRN JRNRCV(*GEN)")
    add(world, b"\xc3")
    assert [row[:4] for row in world.sql(SHOW.format("*CURCHAIN"))] == [
        ["1", "J", "PR", "AUDRCV0001"],
        ["2", "T", "SK", "AUDRCV0001"],
        ["3", "J", "PR", "AUDRCV0002"],
        ["4", "T", "SK", "AUDRCV0002"],
    ]
    assert [row[0] for row in world.sql(SHOW.format("*CURRENT"))] == ["3", "4"]
    assert world.sql(
        "select journal_receiver_name, status, first_sequence_number, last_sequence_number"
        " from qsys2.journal_receiver_info order by 1"
    ) == [["AUDRCV0001", "ONLINE", "1", "2"], ["AUDRCV0002", "ATTACHED", "3", "4"]]


def test_a_reset_begins_the_numbers_again(world):
    add(world)
    world.ok("CHGJRN QAUDJRN JRNRCV(*GEN) SEQOPT(*RESET)")
    assert [row[0] for row in world.sql(SHOW.format("*CURRENT"))] == ["1"]


def test_a_deleted_receiver_takes_its_entries_along(world):
    add(world)
    world.ok("CHGJRN QAUDJRN JRNRCV(*GEN)")
    assert world.fails("DLTJRNRCV QGPL/AUDRCV0002") == "CPF7022"
    world.ok("DLTJRNRCV QGPL/AUDRCV0001")
    assert [row[0] for row in world.sql(SHOW.format("*CURCHAIN"))] == ["3"]
    with pytest.raises(SqlFailedError, match="AUDRCV0001"):
        world.sql(SHOW.format("AUDRCV0001"))
    assert world.fails("CHKOBJ QGPL/AUDRCV0001 *JRNRCV") == "CPF9801"


def test_the_audit_journal_is_not_for_everybody(world):
    with pytest.raises(SqlFailedError, match="CPF9802"):
        world.as_user("EPMUSER").sql(SHOW.format("*CURRENT"))


def test_display_journal_selects(world):
    for _ in range(5):
        world.tick(minutes=1)
        add(world)
    base = "select sequence_number from table(qsys2.display_journal('QSYS', 'QAUDJRN', {0})) x"
    assert world.sql(base.format("starting_sequence => 4")) == [["4"], ["5"], ["6"]]
    assert world.sql(base.format("starting_timestamp => '2026-11-21 10:04:00'")) == [["5"], ["6"]]
    assert world.sql(base.format("ending_sequence => 2, journal_codes => 'T'")) == [["2"]]
    assert world.sql(base.format("journal_entry_types => 'GR'")) == []
    assert world.sql(base.format("job => 'OTHER'")) == []


def test_starting_bounds_of_audit_journal_sk_are_exclusive(world):
    for _ in range(3):
        world.tick(minutes=1)
        add(world, b"\xc1" + b"\x40" * 15 + b"\xf2\xf2\x40\x40\x40")
    base = (
        "select sequence_number, entry_type, entry_type_detail, local_port"
        " from table(systools.audit_journal_sk({0})) x"
    )
    assert world.sql(base.format("starting_sequence => 3")) == [["4", "A", "Accept", "22"]]
    assert [
        r[0] for r in world.sql(base.format("starting_timestamp => '2026-11-21 10:02:00'"))
    ] == ["4"]


def test_dspjrn_converts_to_a_type5_outfile(world):
    add(world, b"\xc1\xc2\xc3")
    world.ok("CRTLIB EPM")
    world.ok(
        "DSPJRN JRN(QAUDJRN) ENTTYP(SK) OUTPUT(*OUTFILE) OUTFILFMT(*TYPE5) OUTFILE(EPM/OUT)"
        " ENTDTALEN(*CALC)"
    )
    assert world.sql(
        "select joseqn, jocode, joentt, jouser, jotstp, joentl, hex(joesd) from epm/out"
    ) == [
        [
            "00000000000000000002",
            "T",
            "SK",
            "EPMADM    ",
            "2026-11-21-10.00.00.000000",
            "612",
            "C1C2C3",
        ]
    ]
    assert (
        world.fails(
            "DSPJRN JRN(QAUDJRN) ENTTYP(GR) OUTPUT(*OUTFILE) OUTFILFMT(*TYPE5) OUTFILE(EPM/O)"
        )
        == "CPF7062"
    )
    assert world.fails("DSPJRN JRN(NOJRN)") == "CPF9801"
    assert world.fails("DSPJRN JRN(QAUDJRN) RCVRNG(NORCV)") == "CPF7053"


def test_cpyaudjrne_needs_audit_and_writes_qauditsk(world):
    add(world, b"\xc3" + b"\x40" * 1069)
    assert world.as_user("EPMUSER").fails("CPYAUDJRNE ENTTYP(SK)") == "CPF222E"
    world.ok("CPYAUDJRNE ENTTYP(SK)")
    assert world.sql("select joseqn, sktype from qtemp/qauditsk") == [["00000000000000000002", "C"]]


def test_a_journal_of_ones_own(world):
    world.ok("CRTLIB EPM")
    world.ok("CRTJRNRCV EPM/EPMRCV")
    world.ok("CRTJRN EPM/EPMJRN JRNRCV(EPM/EPMRCV)")
    from simulators.ibmi.programs.context import ProgramContext

    context = ProgramContext(world.job.state, "EPM", "EPMACCEPT", {})
    assert context.send_journal_entry("EPM", "EPMJRN", "NR", b"\x01") == 2
    rows = world.sql(
        "select journal_code, journal_entry_type, program_name, hex(entry_data)"
        " from table(qsys2.display_journal('EPM','EPMJRN')) x where journal_code = 'U'"
    )
    assert rows == [["U", "NR", "EPMACCEPT", "01"]]
    assert world.fails("CRTJRN EPM/EPMJRN2 JRNRCV(EPM/EPMRCV)") == "CPF7010"


def test_an_sk_entry_needs_auditing_and_an_encoder(make_world):
    from epm.events import Endpoint, Job, SocketEvent, SocketEventType

    event = SocketEvent(
        SocketEventType.ACCEPT,
        Job("J", "U", 1),
        Endpoint(0xC0A8010A, 22),
        Endpoint(0x0A010203, 50000),
        5,
    )
    world = make_world()
    entry = world.system.state.write_sk(event, world.job.state.origin())
    decoded = decode_esd(entry.data)
    assert (decoded.type, decoded.remote_address, decoded.remote_port) == ("A", "10.1.2.3", 50000)
    world.ok("CHGSYSVAL QAUDLVL '*AUTFAIL'")
    assert world.system.state.write_sk(event, world.job.state.origin()) is None
    bare = make_world(sk_encoder=None)
    with pytest.raises(EscapeError, match="encoder"):
        bare.system.state.write_sk(event, bare.job.state.origin())
