"""The registration facility: ADDEXITPGM, RMVEXITPGM, WRKREGINF and the SQL views."""

import pytest

ADD = "ADDEXITPGM EXITPNT(QIBM_QSO_ACCEPT) FORMAT(ACPT0100) PGMNBR({0}) PGM({1})"
QUERY = (
    "select exit_program_number, exit_program_library, exit_program, threadsafe, text_description"
    " from qsys2.exit_program_info where exit_point_name = 'QIBM_QSO_ACCEPT' order by 1"
)


def test_a_program_that_does_not_exist_is_registered_and_shown(world):
    world.ok(ADD.format(10, "EPM/EPMACCEPT") + " THDSAFE(*YES) TEXT('Decides accepts')")
    assert world.sql(QUERY) == [["10", "EPM", "EPMACCEPT", "YES", "Decides accepts"]]
    output = "\n".join(world.ok("WRKREGINF QIBM_QSO_ACCEPT ACPT0100 OUTPUT(*PRINT)").output)
    assert "EPM/EPMACCEPT" in output
    assert world.sql(
        "select exit_programs from qsys2.exit_point_info where exit_point_name='QIBM_QSO_ACCEPT'"
    ) == [["1"]]


def test_a_taken_number_is_refused_unless_it_is_to_be_replaced(world):
    world.ok(ADD.format(1, "EPM/A"))
    assert world.fails(ADD.format(1, "EPM/B")) == "CPF3CD2"
    world.ok(ADD.format(1, "EPM/B") + " REPLACE(*YES)")
    assert [row[2] for row in world.sql(QUERY)] == ["B"]


def test_low_and_high_are_numbers(world):
    for place in ("*LOW", "*HIGH", "*LOW"):
        world.ok(ADD.format(place, "EPM/A"))
    assert [row[0] for row in world.sql(QUERY)] == ["1", "2", "2147483647"]


def test_removing(world):
    world.ok(ADD.format(1, "EPM/A"))
    world.ok("RMVEXITPGM QIBM_QSO_ACCEPT ACPT0100 1")
    assert world.sql(QUERY) == []
    assert world.fails("RMVEXITPGM QIBM_QSO_ACCEPT ACPT0100 1") == "CPF3CD3"
    assert world.fails("RMVEXITPGM QIBM_NONE ACPT0100 1") == "CPF3CD1"


def test_an_exit_point_that_does_not_exist(world):
    bad = "ADDEXITPGM QIBM_QSO_ACCEPT CONN0100 1 EPM/A"
    assert world.fails(bad) == "CPF3CD1"
    world.ok(bad + " CRTEXITPNT(*YES)")


def test_the_maximum_is_kept(make_world):
    world = make_world(maximum_socket_programs=1)
    world.ok(ADD.format(1, "EPM/A"))
    assert world.fails(ADD.format(2, "EPM/B")) == "CPF3CD4"
    world.ok(ADD.format(1, "EPM/B") + " REPLACE(*YES)")


@pytest.mark.parametrize("number", ["0", "-1", "2147483648", "*MIDDLE"])
def test_numbers_out_of_range(world, number):
    assert world.fails(ADD.format(number, "EPM/A")) == "CPF0006"


def test_a_program_of_somebody_else_can_be_there(make_world):
    world = make_world(foreign_exit_programs={"QIBM_QSO_ACCEPT": lambda c, p: b""})
    assert [row[1:3] for row in world.sql(QUERY)] == [["VENDOR", "VNDACCEPT"]]
    world.ok("CHKOBJ VENDOR/VNDACCEPT *PGM")


def test_a_change_is_audited_where_security_is(world):
    world.ok("CHGSYSVAL QAUDLVL '*NETSCK *SECURITY'")
    world.ok(ADD.format(1, "EPM/A"))
    world.ok("RMVEXITPGM QIBM_QSO_ACCEPT ACPT0100 1")
    rows = world.sql(
        "select interpret(substr(entry_data, 1, 1) as char(1)) from "
        "table(qsys2.display_journal('QSYS', 'QAUDJRN', journal_entry_types => 'GR')) x"
    )
    assert rows == [["A"], ["D"]]
