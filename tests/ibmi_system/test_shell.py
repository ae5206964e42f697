"""The simulated shell: its own files, the system utility, and nothing outside."""

import pytest


def sh(world, text):
    made = world.job.shell(text)
    return made.output.decode(), made.status


@pytest.mark.parametrize(
    ("text", "output", "status"),
    [
        ("echo hello  'two  blanks'", "hello two  blanks\n", 0),
        ("echo a; false && echo b || echo c", "a\nc\n", 0),
        ("echo one > /tmp/f; echo two >> /tmp/f; cat /tmp/f | grep -v one", "two\n", 0),
        ("uname; pwd; cd /tmp; pwd", "OS400\n/\n/tmp\n", 0),
        ("mkdir /tmp/d; touch /tmp/d/x; ls /tmp/d; rm /tmp/d/x; ls /tmp/d", "x\n", 0),
        ("echo a > /tmp/g; cat /tmp/g /tmp/g | wc -l", "2\n", 0),
        ("nosuch --flag", "nosuch: not found\n", 127),
        ("echo 'x", "sh: syntax error: No closing quotation\n", 2),
        ("cat /tmp/none", "cat: Object not found. Object is /tmp/none.\n", 1),
        ("cat /etc/passwd", "cat: Object not found. Object is /etc/passwd.\n", 1),
        ("ls / 2>&1 | head -n 2", "QOpenSys\nhome\n", 0),
    ],
)
def test_commands(world, text, output, status):
    assert sh(world, text) == (output, status)


def test_system_runs_a_cl_command(world):
    output, status = sh(world, "/QOpenSys/usr/bin/system 'CRTLIB EPM'")
    assert (status, "CPC2102" in output) == (0, True)
    assert sh(world, "system 'CRTLIB EPM'") == ("CPF2111: Library EPM already exists.\n", 255)
    output, status = sh(world, "system 'NOSUCH'")
    assert (status, "CPD0030" in output, "CPF0001: Error found on NOSUCH command." in output) == (
        255,
        True,
        True,
    )
    output, status = sh(world, "system -q 'DSPLIBL' | grep QSYS2")
    assert output.startswith("QSYS2")
