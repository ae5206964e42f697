"""Stream files: a user changes his own, the storage of the system is bounded."""

import pytest

from simulators.xmlservice.host import SqlFailedError


def sh(world, text):
    made = world.job.shell(text)
    return made.output.decode(), made.status


@pytest.fixture
def other(make_world):
    world = make_world()
    sh(world, "mkdir /home/adm; echo mine > /home/adm/f")
    return world.as_user("EPMUSER")


@pytest.mark.parametrize(
    "text",
    [
        "echo yours > /home/adm/f",
        "echo yours >> /home/adm/f",
        "rm /home/adm/f",
        "rm -f /home/adm/f",
        "system \"RMVLNK '/home/adm/f'\"",
        "system \"RMVDIR '/home/adm' SUBTREE(*ALL)\"",
        "system \"RMVDIR '/tmp' SUBTREE(*ALL)\"",
        "system \"CHGATR OBJ('/home/adm/f') ATR(*CCSID) VALUE(37)\"",
    ],
)
def test_another_s_file_is_read_and_not_changed(other, text):
    output, status = sh(other, text)
    assert status
    assert "Not authorized" in output
    assert sh(other, "cat /home/adm/f; cd /tmp") == ("mine\n", 0)


def test_sql_writes_one_s_own_only(other):
    with pytest.raises(SqlFailedError, match="CPFA09C"):
        other.sql("CALL QSYS2.IFS_WRITE_UTF8('/home/adm/f', 'x', OVERWRITE => 'REPLACE')")
    other.sql("CALL QSYS2.IFS_WRITE_UTF8('/tmp/g', 'x', END_OF_LINE => 'LF')")
    assert sh(other, "cat /tmp/g") == ("x\n", 0)


def test_stream_files_take_storage(make_world):
    world = make_world()
    world.system.state.capacity = world.system.state.used() + 200_000
    line = "x" * 20_000
    outcomes = [sh(world, f"echo {line} > /tmp/f{n}") for n in range(12)]
    assert outcomes[0] == ("", 0)
    assert "Storage is not available" in outcomes[-1][0]
    world.system.state.capacity = world.system.state.used()
    assert world.fails("CRTLIB EPM") == "CPF0907"
    assert "Storage is not available" in sh(world, "mkdir /tmp/d")[0]
    world.system.state.capacity += 3 * 4096
    made = [sh(world, f"mkdir /tmp/d{n}")[1] for n in range(5)]
    assert made == [0, 0, 0, 1, 1]
    sh(world, "rm /tmp/f0; rm /tmp/f1")
    world.ok("CRTLIB EPM")


def test_a_directory_goes_with_what_is_one_s_own(other):
    sh(other, "mkdir /tmp/d; mkdir /tmp/d/e; echo a > /tmp/d/e/f")
    assert other.fails("RMVDIR '/tmp/d'") == "CPFA0C1"
    other.ok("RMVDIR '/tmp/d' SUBTREE(*ALL)")
    assert sh(other, "ls /tmp") == ("", 0)
