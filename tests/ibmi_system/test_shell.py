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
        ("ls /QSYS.LIB | grep -i xml", "QXMLSERV.LIB\nXMLSERVICE.LIB\n", 0),
        ("ls /QSYS.LIB/QIWS.LIB", "QCUSTCDT.FILE\n", 0),
        (
            "echo abc > /tmp/f; ls -l /tmp",
            "-rw-r--r--    1 epmadm   0              4 Nov 21 10:00 f\n",
            0,
        ),
        ("uname -a", "OS400 EPMSIM 5 7 000000000000\n", 0),
        ("/QOpenSys/usr/bin/uname -n; uname -rv", "EPMSIM\n5 7\n", 0),
        ("ps", "       PID    TTY  TIME CMD\n         1      -  0:00 QSQSRVR\n", 0),
        ("/nowhere/uname", "/nowhere/uname: not found\n", 127),
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


def test_a_shell_is_a_process_of_its_own(world):
    assert sh(world, "cd /tmp; pwd") == ("/tmp\n", 0)
    assert sh(world, "pwd") == ("/\n", 0)


def test_system_keeps_what_begins_with_a_hyphen_in_its_command(world):
    world.ok("CRTMSGQ QGPL/Q")
    assert sh(world, 'system SNDMSG "MSG(\'-x\')" "TOMSGQ(QGPL/Q)"') == ("", 0)
    assert "-x" in sh(world, "system 'DSPMSG QGPL/Q'")[0]
    assert sh(world, "system -Z DSPLIBL")[1] == 255
    assert sh(world, "system ' '")[1] == 255
