"""One change of a system at a time, from here and from anywhere; a killed one stops nobody."""

from __future__ import annotations

import fcntl
import re
import subprocess
import sys
import threading

import pytest

from epm.errors import RemoteError
from exitprograms.ibmi.client import Client
from exitprograms.ibmi.folders import folder_of
from exitprograms.ibmi.holding import AREA, Hold, held, holder
from exitprograms.ibmi.programs import create_space
from simulators.xmlservice.server import serve
from tests.ibmi.machine import PASSWORD, QuickCompiler, client_of, machine, picture


class StoppingCompiler(QuickCompiler):
    """Stops at one module until it is told to go on; then, and for all others, it is quick."""

    def __init__(self):
        self.reached, self.go_on = threading.Event(), threading.Event()

    def compile(self, source):
        if source.path.endswith("/epm_exit.c"):
            self.reached.set()
            assert self.go_on.wait(30)
        return super().compile(source)


@pytest.fixture
def compiler():
    return StoppingCompiler()


@pytest.fixture
def system(compiler):
    compiler.go_on.set()
    return machine(compiler)


@pytest.fixture
def prod(epm, system, monkeypatch):
    """Runs ``epm ibmi`` against PROD1, whose QSOACCEPT is activated."""
    server = serve(system)
    (epm.folder / "epm.toml").write_text(f'[ibmi.PROD1]\nurl = "{server.url}"\nuser = "EPMADM"\n')
    (epm.folder / "epm.toml").chmod(0o600)
    monkeypatch.setenv("EPM_IBMI_PROD1_PASSWORD", PASSWORD)
    assert epm("--system", "PROD1", "init").code == 0
    assert epm("--system", "PROD1", "activate", "QSOACCEPT").code == 0
    yield lambda *words: epm("ibmi", *words)
    server.close()


FOLDER = folder_of("EPM", "0123456789ab")


def hold(mark, said="attach"):
    return Hold(mark * 16, FOLDER, said)


def killed(client, one):
    """Leave what a command that was killed leaves."""
    client.command(
        f"CRTDTAARA DTAARA({AREA}) TYPE(*CHAR) LEN(150) VALUE('{one.text()}') AUT(*EXCLUDE)"
    )


def lock_file(epm):
    return epm.folder / "epm.db.journal" / "PROD1" / "ibmi.lock"


def test_the_second_is_refused_with_who_holds_it_and_the_area_goes_at_the_end(client, system):
    other = client_of(system)
    with (
        held(client, hold("a", "attach from HERE since 10:00")),
        pytest.raises(RemoteError, match="attach from HERE since 10:00 is changing this system"),
        held(other, hold("b", "attach from THERE")),
    ):
        pytest.fail("both hold it")
    assert holder(client) is None
    other.carrier.close()


def test_of_many_at_once_one_is_let_in(system):
    inside, refused, begin = [], [], threading.Barrier(4)

    def try_once(mark):
        client = client_of(system)
        begin.wait(10)
        try:
            with held(client, hold(mark)):
                inside.append(mark)
                done.wait(10)
        except RemoteError:
            refused.append(mark)
            if len(refused) == 3:
                done.set()
        client.carrier.close()

    done = threading.Event()
    threads = [threading.Thread(target=try_once, args=(f"{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(inside), len(refused)) == (1, 3)


def test_what_the_same_place_left_when_it_was_killed_is_taken_over_and_its_files_go(client, system):
    before = picture(system)
    killed(client, hold("a"))
    client.command(f"MKDIR DIR('{FOLDER}')")
    system.state.files.write(f"{FOLDER}/epm_core.c", b"int left;\n")
    again = Hold("a" * 16, folder_of("EPM", "f" * 12), "attach again")
    with held(client, again) as left:
        assert holder(client) == again
        assert FOLDER not in system.state.files.directories
    assert picture(system) == before
    assert left == []


def test_files_that_cannot_be_removed_are_said_and_stop_nobody(client, system, monkeypatch):
    killed(client, hold("a"))
    client.command(f"MKDIR DIR('{FOLDER}')")
    plain = type(client).command

    def refuses(self, text):
        plain(self, "DLTLIB LIB(NOSUCHLIB)" if text.startswith("RMVDIR") else text)

    monkeypatch.setattr(type(client), "command", refuses)
    with held(client, hold("a", "attach again")) as left:
        (line,) = left
    assert line.startswith(f"folder {FOLDER}: ")


def test_of_anothers_hold_only_a_folder_of_ours_is_named_and_nothing_removed(client, system):
    command = f"CRTDTAARA DTAARA({AREA}) TYPE(*CHAR) LEN(100) VALUE('{{}}')"
    for value, said in (
        (f"{'b' * 16} {FOLDER} attach from X", f"RMVDIR DIR('{FOLDER}') SUBTREE(*ALL)"),
        (f"{'b' * 16} /home attach from X", f"DLTDTAARA DTAARA({AREA})"),
        ("", f"DLTDTAARA DTAARA({AREA})"),
    ):
        client.command(command.format(value))
        with pytest.raises(RemoteError) as error, held(client, hold("a")):
            pytest.fail("it was let in")
        assert str(error.value).endswith(said)
        client.command(f"DLTDTAARA DTAARA({AREA})")


def test_a_folder_that_no_attach_makes_is_never_removed(client, system):
    client.command(f"CRTDTAARA DTAARA({AREA}) TYPE(*CHAR) LEN(100) VALUE('{'a' * 16} /home x')")
    with held(client, hold("a")):
        assert "/home" in system.state.files.directories


def test_an_area_that_cannot_be_made_says_what_the_system_said(client, system):
    command = "GRTOBJAUT OBJ(QUSRSYS) OBJTYPE(*LIB) USER(*PUBLIC) AUT(*EXCLUDE)"
    assert system.job("EPMADM").command(command).ok
    refused = client_of(system, "EPMUSER")
    with pytest.raises(RemoteError, match="CRTDTAARA: CPF"), held(refused, hold("a")):
        pytest.fail("it was let in")
    refused.carrier.close()


@pytest.mark.parametrize("words", [("attach",), ("detach",)])
def test_a_command_is_refused_while_another_place_changes_the_system(prod, client, system, words):
    with held(client, hold("f", "attach from ELSEWHERE since 10:00")):
        before = picture(system)
        outcome = prod(*words)
        assert outcome.code == 3
        assert outcome.err.count("\n") == 1
        assert f"attach from ELSEWHERE since 10:00 is changing this system now; nothing was changed. If that was killed: DLTDTAARA DTAARA({AREA}), and if it is there RMVDIR DIR('{FOLDER}') SUBTREE(*ALL)" in outcome.err  # fmt: skip  # noqa: E501
        assert prod(*words, "--dry-run").code == 0
        assert picture(system) == before


def test_every_change_and_fetch_is_refused_while_another_is_at_work_here(prod, epm, client):
    client.command("CRTLIB LIB(EPM)")
    client.change([create_space("EPM", "EPMRULES", 4096, "what deploy writes into")])
    client.command("CRTJRNRCV JRNRCV(EPM/EPMRCV0001)")
    client.command("CRTJRN JRN(EPM/EPMJRN) JRNRCV(EPM/EPMRCV0001)")
    assert prod("fetch").code == 0
    with lock_file(epm).open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for word in ("attach", "deploy", "detach", "fetch"):
            outcome = prod(word)
            assert (outcome.code, outcome.err) == (
                3, "epm: error: PROD1: another epm ibmi command is at work on it; nothing was done\n",  # noqa: E501
            )  # fmt: skip
        assert "not attached" in prod("status").out
    assert prod("fetch").code == 0


def test_the_next_command_from_here_takes_over_from_one_that_was_killed(prod, epm, client):
    assert prod("detach").code == 0
    mark = lock_file(epm).read_text()
    killed(client, Hold(mark, FOLDER, "attach"))
    assert prod("detach").code == 0
    assert holder(client) is None
    assert lock_file(epm).stat().st_mode & 0o777 == 0o600


def test_a_dry_run_says_every_command_of_the_run_in_its_order(prod, monkeypatch):
    plain, run = Client.command, []

    def command(self, text):
        run.append(text)
        plain(self, text)

    monkeypatch.setattr(Client, "command", command)

    def named(text):  # what is new each time: the folder, who holds the system since when
        text = re.sub(r"/epm-EPM-[0-9a-f]{12}", "/FOLDER", text)
        return re.sub(r"VALUE\('[-0-9a-f]+ /FOLDER .*?'\)", "VALUE('HOLD')", text)

    for words in (("attach",), ("detach", "--purge")):
        said = prod(*words, "--dry-run").out.splitlines()
        assert run == []
        assert prod(*words).code == 0
        lines = [named(line.removeprefix("CL:  ")) for line in said if line.startswith("CL: ")]
        assert lines == [named(text) for text in run]
        run.clear()


@pytest.mark.heavy
def test_after_kill_9_in_the_middle_the_next_attach_ends_as_if_it_were_the_first(
    prod, epm, system, compiler
):
    before = picture(system)
    compiler.go_on.clear()
    words = [sys.executable, "-P", "-m", "epm", "ibmi", "attach"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert compiler.reached.wait(30)
        process.kill()
    compiler.go_on.set()
    _, _, _, files, directories = picture(system)
    (left,) = directories - before[4]
    assert any(path.startswith(f"{left}/") for path in files)

    assert prod("attach").code == 0
    objects, _, _, *rest = picture(system)
    assert rest == list(before[3:]), "no file, no folder"
    assert not any(kind == "*MODULE" for _, _, kind in objects)
    assert prod("detach", "--purge").code == 0
    assert picture(system) == before
