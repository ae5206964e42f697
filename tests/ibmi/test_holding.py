"""One change of a system at a time, from here and from anywhere; a killed one stops nobody."""

from __future__ import annotations

import fcntl
import threading

import pytest

from epm.errors import RemoteError
from exitprograms.ibmi.holding import AREA, held, holder
from exitprograms.ibmi.programs import create_space
from simulators.xmlservice.server import serve
from tests.ibmi.machine import PASSWORD, client_of, picture


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


def lock_file(epm):
    return epm.folder / "epm.db.journal" / "PROD1" / "ibmi.lock"


def test_the_second_is_refused_with_who_holds_it_and_the_area_goes_at_the_end(client, system):
    other = client_of(system)
    with (
        held(client, "a" * 16, "attach from HERE since 10:00"),
        pytest.raises(RemoteError, match="attach from HERE since 10:00 is changing this system"),
        held(other, "b" * 16, "attach from THERE"),
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
            with held(client, mark, "x"):
                inside.append(mark)
                done.wait(10)
        except RemoteError:
            refused.append(mark)
            if len(refused) == 3:
                done.set()
        client.carrier.close()

    done = threading.Event()
    threads = [threading.Thread(target=try_once, args=(f"{n:016x}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(inside), len(refused)) == (1, 3)


def test_what_the_same_place_left_when_it_was_killed_is_taken_over(client):
    kept = held(client, "a" * 16, "attach")
    kept.__enter__()
    with held(client, "a" * 16, "attach again"):
        assert holder(client) is not None
    assert holder(client) is None


def test_an_area_that_cannot_be_made_says_what_the_system_said(client, system):
    command = "GRTOBJAUT OBJ(QUSRSYS) OBJTYPE(*LIB) USER(*PUBLIC) AUT(*EXCLUDE)"
    assert system.job("EPMADM").command(command).ok
    refused = client_of(system, "EPMUSER")
    with pytest.raises(RemoteError, match="CRTDTAARA: CPF"), held(refused, "a" * 16, "attach"):
        pytest.fail("it was let in")
    refused.carrier.close()


@pytest.mark.parametrize("words", [("attach",), ("detach",)])
def test_a_command_is_refused_while_another_place_changes_the_system(prod, client, system, words):
    with held(client, "f" * 16, "attach from ELSEWHERE since 10:00"):
        before = picture(system)
        outcome = prod(*words)
        assert outcome.code == 3
        assert outcome.err.count("\n") == 1
        assert f"attach from ELSEWHERE since 10:00 is changing this system now; nothing was changed. If that was killed: DLTDTAARA DTAARA({AREA})" in outcome.err  # fmt: skip  # noqa: E501
        assert prod(*words, "--dry-run").code == 0
        assert picture(system) == before


def test_every_change_and_fetch_is_refused_while_another_is_at_work_here(prod, epm, client):
    client.command("CRTLIB LIB(EPM)")
    client.change([create_space("EPM", "EPMRULES", 4096, "what deploy writes into")])
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
    held(client, mark, "attach").__enter__()
    assert prod("detach").code == 0
    assert holder(client) is None
    assert lock_file(epm).stat().st_mode & 0o777 == 0o600
