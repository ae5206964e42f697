"""What a hostile or unusual program may try, and who it is said to be."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

PYTHON = sys.executable
ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="needs root to become somebody else")


@pytest.fixture
def common_python(need, supervise):
    """A Python that a user without rights can run, or skip."""
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    driver = str(Path(__file__).with_name("driver.py"))
    line = [python or "python3", driver, "--selftest"]
    done = subprocess.run(line, user="nobody", group="nogroup", extra_groups=[], cwd="/",
                          capture_output=True, text=True)  # fmt: skip
    if python is None or done.returncode:
        pytest.skip(f"no Python that nobody can run: {(done.stderr or done.stdout)[-100:]}")
    return python


def run_as_nobody(supervise, python, *command, **config):
    line, log = supervise.command(*command, **config)
    line[0] = python
    os.chown(log, 65534, 65534)
    done = subprocess.run(line, user="nobody", group="nogroup", extra_groups=[], cwd="/",
                          capture_output=True, text=True, timeout=20)  # fmt: skip
    return done, [json.loads(x) for x in log.read_text().splitlines()]


# --- calls past the judge


def test_a_socket_swapped_behind_an_unix_connect_is_held_by_the_belt(supervise, compiled, server):
    program = compiled("swap.c", "-pthread")
    port = server.getsockname()[1]
    reject = [["CONN0100", port]]
    # A millisecond between the look and the kernel's own makes the swap succeed at will.
    outcome = supervise(program, "connect", port, 400, reject=reject, slow_passing=0.001)
    assert outcome.out == "0\n"
    assert outcome.counts["connect-passed"] > 0  # it did try
    server.settimeout(0.05)
    with pytest.raises(TimeoutError):
        server.accept()


def test_the_same_swap_succeeds_without_the_belt(supervise, compiled, server):
    """So the belt is what holds it: the limit that is stated for kernels before 6.7."""
    program = compiled("swap.c", "-pthread")
    port = server.getsockname()[1]
    outcome = supervise(
        program, "connect", port, 400, reject=[["CONN0100", port]], slow_passing=0.001,
        options={"landlock": False},
    )  # fmt: skip
    assert int(outcome.out) > 0


def test_a_listener_swapped_behind_an_unix_accept_is_judged_all_the_same(supervise, compiled):
    program = compiled("swap.c", "-pthread")
    outcome = supervise(program, "accept", 0, 400, reject_all=["ACPT0100"])
    assert outcome.out == "0\n"
    assert outcome.exits("ACPT0100")  # it did try


def test_an_address_changed_while_it_is_judged_changes_nothing(supervise, compiled, server):
    program = compiled("swap.c", "-pthread")
    port = server.getsockname()[1]
    outcome = supervise(program, "address", port, 2000, reject=[["CONN0100", port]])
    assert outcome.out == "0\n"
    judged = {x["port"] for x in outcome.exits("CONN0100")}
    assert judged == {port, port + 1}  # the race was run


def test_ways_around_the_notification_are_closed(supervise, server, tmp_path):
    outcome = supervise.python("refused.py", server.getsockname()[1], tmp_path / "x")
    assert json.loads(outcome.out) == {
        "sendto": "ENOTSUP", "sendmsg": "ENOTSUP", "io_uring": "ENOSYS",
        "mptcp": "EPROTONOSUPPORT", "x32": "ENOSYS", "plain send": "ok", "rename across": "ok",
    }  # fmt: skip


def test_without_the_belt_mptcp_is_decided_like_tcp(supervise, server, tmp_path):
    port = server.getsockname()[1]
    outcome = supervise.python(
        "refused.py", port, tmp_path / "x", reject=[["CONN0100", port]], options={"landlock": False}
    )
    assert json.loads(outcome.out).get("mptcp connect", "EACCES") == "EACCES"


def test_io_uring_can_be_left_alone(supervise, server, tmp_path):
    options = {"allow_io_uring": True}
    outcome = supervise.python(
        "refused.py", server.getsockname()[1], tmp_path / "x", options=options
    )
    assert json.loads(outcome.out)["io_uring"] in ("ok", "EPERM")  # EPERM: switched off here


@pytest.mark.parametrize("how", [0, 1], ids=["connect", "socketcall"])
def test_32_bit_programs_are_decided(supervise, compiled, server, how):
    port = server.getsockname()[1]
    program = compiled(
        "i386.c", "-m32", "-static", "-nostdlib", "-ffreestanding", "-fno-pic", "-no-pie",
        "-fno-stack-protector", f"-DPORT={port}", f"-DHOW={how}",
    )  # fmt: skip
    assert supervise(program).status == 0
    rejected = supervise(program, reject=[["CONN0100", port]])
    assert rejected.status == 13
    assert rejected.exits("CONN0100")[0]["program"] == str(program)


# --- who calls


def test_name_user_and_groups_are_those_of_the_moment(supervise, server):
    outcome = supervise.python("calls.py", "identity", server.getsockname()[1])
    calls = outcome.exits("CONN0100")
    assert calls[1]["job"] == "renamed"
    assert calls[0]["job"] != "renamed"
    assert all(x["naive"] for x in calls)
    if ROOT:
        assert [x["user"] for x in calls] == ["root", "root", "root", "nobody"]
        assert calls[2]["groups"] == ["nogroup", "daemon", "bin"]


def test_identity_is_read_anew_on_older_kernels_too(supervise, server):
    features = {"thread_pidfd": False, "pidfd_info": False}
    outcome = supervise.python("calls.py", "identity", server.getsockname()[1], features=features)
    calls = outcome.exits("CONN0100")
    assert [x["job"] == "renamed" for x in calls][:2] == [False, True]
    if ROOT:
        assert calls[-1]["user"] == "nobody"


def test_after_an_exec_the_program_is_the_new_one(supervise, server, compiled):
    client = compiled("client.c", "-static")
    outcome = supervise.python("calls.py", "exec_again", server.getsockname()[1], client)
    before, after = outcome.exits("CONN0100")
    assert after["program"] == str(client)
    assert after["number"] == before["number"]
    assert before["program"] != after["program"]
    assert after["job"] == client.name[:15]


@pytest.mark.parametrize("features", [
    {"thread_pidfd": True, "pidfd_info": True}, {"thread_pidfd": False, "pidfd_info": False},
], ids=["new", "old"])  # fmt: skip
def test_a_program_of_the_same_name_elsewhere_is_another_program(
    supervise, compiled, open_folder, features
):
    paths = [open_folder / folder / "relisten" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        shutil.copy(compiled("relisten.c"), path)
    outcome = supervise(paths[0], paths[1], features=features)
    assert [x["program"] for x in outcome.exits("LSTN0100")] == [str(p) for p in paths]


def test_a_program_that_was_replaced_keeps_its_path(supervise, server, compiled, tmp_path):
    copy = tmp_path / "client"
    shutil.copy(compiled("client.c", "-static"), copy)
    command = f"exec 3<{copy}; rm {copy}; exec /proc/self/fd/3 127.0.0.1 {server.getsockname()[1]}"
    outcome = supervise("bash", "-c", command)
    assert outcome.exits("CONN0100")[0]["program"] == str(copy)


@as_root
def test_a_user_without_rights_can_supervise(supervise, common_python, free_port):
    script = Path(__file__).parent / "targets" / "calls.py"
    done, log = run_as_nobody(
        supervise, common_python, common_python, script, "all_calls", free_port()
    )
    assert json.loads(done.stdout)["connect"] == "ok"
    assert {x["user"] for x in log if "exit" in x} == {"nobody"}


@as_root
def test_a_program_that_may_not_be_looked_at_is_rejected(
    supervise, common_python, server, open_folder
):
    script = open_folder / "hidden.py"
    script.write_text(
        "import ctypes, socket, sys\n"
        "ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n"  # PR_SET_DUMPABLE
        "print(socket.socket().connect_ex(('127.0.0.1', int(sys.argv[1]))))\n"
    )
    done, log = run_as_nobody(
        supervise, common_python, common_python, script, server.getsockname()[1]
    )
    assert done.stdout == "13\n"
    assert [x for x in log if "warning" in x]


@as_root
def test_setuid_programs_gain_nothing(supervise, common_python, compiled, open_folder):
    program = open_folder / "whoami"
    shutil.copy(compiled("whoami.c", "-static"), program)
    program.chmod(0o4755)
    done, _ = run_as_nobody(supervise, common_python, program)
    assert done.stdout == "65534\n"


# --- limits


def test_a_run_inside_a_run_is_refused_with_one_clear_line(supervise, tmp_path):
    line, log = supervise.command("true")
    outcome = supervise(*line)
    assert outcome.status == 3
    (reason,) = [json.loads(x)["unsupported"] for x in log.read_text().splitlines()]
    assert reason == "this process is supervised already: epm run cannot run inside epm run"


def test_an_unknown_machine_is_refused(supervise):
    outcome = supervise("true", machine="vax")
    assert outcome.status == 3
    assert outcome.log[-1]["unsupported"] == "live supervision is not built for vax"


def test_nothing_is_left_open_after_many_processes(supervise, server, compiled):
    client = compiled("client.c", "-static")
    port = server.getsockname()[1]
    loop = f"for i in $(seq 100); do {client} 127.0.0.1 {port}; done"
    outcome = supervise("bash", "-c", loop)
    assert outcome.out == "0\n" * 100
    assert outcome.log[-1]["fds"] == supervise("true").log[-1]["fds"]


def test_the_supervisor_holds_few_descriptors_while_many_processes_come_and_go(
    supervise, server, compiled
):
    client = compiled("client.c", "-static")
    port = server.getsockname()[1]
    loop = f"for i in $(seq 60); do {client} 127.0.0.1 {port} >/dev/null; done; ls /proc/$PPID/fd"
    outcome = supervise("bash", "-c", loop)
    assert len(outcome.out.splitlines()) < 25
