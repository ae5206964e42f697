"""Systems, registration and policies over what is really there: settings, files, a machine.

The machine is simulated; what speaks to it is the real itoolkit, over HTTP.
"""

from __future__ import annotations

import json
import os
from datetime import datetime

import pytest

from epm.cli.app import App
from epm.cli.main import main
from epm.cli.settings import load_settings
from epm.cli.workbench.desk import desk_for
from epm.cli.workbench.policies import MAX_BYTES
from epm.errors import (
    EditConflictError,
    EpmError,
    FileUnavailableError,
    GuardRefusalError,
    NotFoundError,
    RemoteError,
    SettingsError,
)
from epm.model import Server
from simulators.xmlservice.server import serve
from tests.ibmi.machine import PASSWORD, machine
from tests.tui.desk import play, text
from tests.tui.policies_desk import BROKEN, SHOP, event_text
from tui.panels.main_menu import MainMenu
from tui.services import AttemptRefusedError, ExitProgramLine, PolicyState, SystemAction
from tui.session import Session

POINT = ("QIBM_QSO_ACCEPT", "ACPT0100")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A place of its own: store, settings, data."""
    for name in [name for name in os.environ if name.startswith("EPM_")]:
        if name != "EPM_REQUIRE_REAL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("EPM_DB", f"sqlite:///{tmp_path / 'epm.db'}")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    command("init", "--sample")
    return tmp_path


def command(*words, code=0):
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert (ended.value.code or 0) == code


@pytest.fixture
def opened():
    made = []

    def desk_of(system=None):
        app = App(load_settings({"db": None, "system": system}, os.environ))
        made.append(app)
        return desk_for(app)

    yield desk_of
    for app in made:
        app.close()


@pytest.fixture
def prod(folder, monkeypatch):
    """A machine under the name PROD1 in the settings, another one that is not there, and rules."""
    system = machine()
    server = serve(system)
    (folder / "epm.toml").write_text(
        f'[ibmi.PROD1]\nurl = "{server.url}"\nuser = "EPMADM"\n'
        '[ibmi.AWAY]\nurl = "http://127.0.0.1:9/"\nuser = "EPMADM"\nseconds = 2\n'
    )
    (folder / "epm.toml").chmod(0o600)
    monkeypatch.setenv("EPM_IBMI_PROD1_PASSWORD", PASSWORD)
    monkeypatch.setenv("EPM_IBMI_AWAY_PASSWORD", PASSWORD)
    rules = folder / "rules.yaml"
    rules.write_text(
        "version: 1\nservers:\n  QSOACCEPT:\n    activated: true\n    rules:\n"
        "      - {seq: 10, name: Nobody, authority: N, active: Y,\n"
        "         conditions: [{field: RMTADDR, op: EQ, value: 192.0.2.1}]}\n"
    )
    for name in ("PROD1", "AWAY"):
        command("--system", name, "init")
    command("--system", "PROD1", "rules", "import", "--replace", str(rules))
    yield system
    server.close()


# ------------------------------------------------------------------------- registration


def test_the_own_table_shows_the_exit_program_where_a_server_is_activated(folder, opened):
    desk = opened()
    assert [p.name for p in desk.registration.exit_points("*LOCAL")] == [
        "QIBM_QSO_ACCEPT", "QIBM_QSO_CONNECT", "QIBM_QSO_LISTEN",
    ]  # fmt: skip
    assert desk.registration.programs("*LOCAL", *POINT) == []
    desk.activation.set_activated([Server.ACCEPT], True)
    (program,) = desk.registration.programs("*LOCAL", *POINT)
    assert (program.number, program.qualified) == (1, "EPM/EPM")
    assert desk.registration.programs("*LOCAL", "QIBM_QSO_LISTEN", "LSTN0100") == []
    with pytest.raises(NotFoundError):
        desk.registration.programs("*LOCAL", "QIBM_QSO_LISTEN", "ACPT0100")
    point = desk.registration.exit_points("*LOCAL")[0]
    with pytest.raises(SettingsError, match="the product's own"):
        desk.registration.add("*LOCAL", point, ExitProgramLine(1, "X", "Y"))


def test_a_machines_registration_is_listed_and_changed(prod, opened):
    registration = opened("PROD1").registration
    points = {p.name: p for p in registration.exit_points("PROD1")}
    assert points["QIBM_QTMF_SERVER_REQ"].maximum == 1
    assert points["QIBM_QSO_ACCEPT"].registered
    assert points["QIBM_QSO_ACCEPT"].maximum is None
    point = points["QIBM_QSO_ACCEPT"]
    first, second = ExitProgramLine(1, "FIRST", "ACME", "It's ours"), ExitProgramLine(9, "B", "C")
    registration.add("PROD1", point, second)
    registration.add("PROD1", point, first)
    assert registration.programs("PROD1", *POINT) == [first, second]
    with pytest.raises(EditConflictError, match="number 9 is in use"):
        registration.add("PROD1", point, ExitProgramLine(9, "D", "E"))
    registration.add("PROD1", point, ExitProgramLine(9, "D", "E"), second)
    with pytest.raises(EditConflictError, match="number 9 changed"):
        registration.remove("PROD1", point, [first, second])
    assert len(registration.programs("PROD1", *POINT)) == 2
    registration.remove("PROD1", point, [first, ExitProgramLine(9, "D", "E")])
    assert registration.programs("PROD1", *POINT) == []


def test_what_a_machine_refuses_is_one_line_and_changes_nothing(prod, opened):
    registration = opened().registration
    point = next(p for p in registration.exit_points("PROD1") if p.name == "QIBM_QTMF_SERVER_REQ")
    registration.add("PROD1", point, ExitProgramLine(1, "A", "LIB"))
    with pytest.raises(RemoteError, match=r"PROD1.*CPF3CD"):
        registration.add("PROD1", point, ExitProgramLine(2, "B", "LIB"))
    assert len(registration.programs("PROD1", point.name, point.format_name)) == 1


def test_wrkreginf_lists_in_the_shell_what_the_panel_lists(prod, capsys):
    command("--system", "PROD1", "cl", "WRKREGINF EXITPNT(QIBM_QSO*)")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [
        ["QIBM_QSO_ACCEPT", "ACPT0100", "*YES"],
        ["QIBM_QSO_CONNECT", "CONN0100", "*YES"],
        ["QIBM_QSO_LISTEN", "LSTN0100", "*YES"],
    ]
    command("--system", "PROD1", "cl", "WRKREGINF OUTPUT(*PRINT)")
    assert "printed to" in capsys.readouterr().err


# ------------------------------------------------------------------------------- systems


def test_the_systems_are_those_of_the_settings(prod, opened):
    systems = opened().systems
    assert systems.names() == ["AWAY", "PROD1"]
    line = systems.system("PROD1")
    assert (line.transport, line.user, line.lib) == ("http", "EPMADM", "EPM")
    with pytest.raises(NotFoundError):
        systems.system("NOWHERE")


def test_all_are_asked_and_one_that_does_not_answer_stops_nobody(prod, opened):
    states = opened().systems.states(["AWAY", "PROD1"])
    assert states["AWAY"].problem
    assert states["PROD1"].problem == ""
    assert (states["PROD1"].registration, states["PROD1"].revision) == ("0 of 3", "")
    assert states["PROD1"].drift == "*YES"
    assert any(
        "not attached" in value for label, value in states["PROD1"].lines if label == "Drift"
    )


def test_attach_deploy_and_detach_from_the_screen(prod, opened, capfd):
    desk = opened()
    dialogue = Session(desk, MainMenu())
    play(dialogue, "'21", "enter", "tab", "'11", "enter")
    assert "CL:  CRTLIB LIB(EPM)" in text(dialogue)
    assert not prod.state.libraries.get("EPM")
    play(dialogue, "enter")
    assert dialogue.display.message.startswith("PROD1: QSOACCEPT attached")
    play(dialogue, "f5")
    (row,) = [line for line in dialogue.display.lines() if line.startswith("      PROD1")]
    assert row.split()[2:7] == ["1", "of", "3", "2", "*NO"]
    (program,) = desk.registration.programs("PROD1", *POINT)
    assert program.lib == "EPM"
    assert desk.systems.do("PROD1", SystemAction.DEPLOY) == (
        "PROD1: revision 2 deployed already: nothing to do",
    )
    plan = desk.systems.plan("PROD1", SystemAction.DEPLOY)
    assert [line for line in plan if "EPMHOLD" not in line] == []  # but for the hold, nothing
    assert any("captured calls" in line for line in desk.systems.do("PROD1", SystemAction.FETCH))
    desk.systems.do("PROD1", SystemAction.DETACH)
    assert desk.registration.programs("PROD1", *POINT) == []
    assert capfd.readouterr() == ("", "")  # nothing was written over the screen


def test_a_failure_is_one_line_and_nothing_is_written_over_the_screen(prod, opened, capfd):
    systems = opened().systems
    with pytest.raises(EpmError, match="AWAY"):
        systems.do("AWAY", SystemAction.DETACH)
    with pytest.raises(RemoteError, match="attach"):
        systems.do("PROD1", SystemAction.DEPLOY)
    assert capfd.readouterr() == ("", "")


def test_deploying_passes_the_lock_out_guard(prod, folder, opened):
    rules = folder / "portal.yaml"
    rules.write_text(
        "version: 1\nservers:\n  QSOACCEPT:\n    activated: true\n    rules:\n"
        "      - {seq: 99999, authority: N}\n"
        "tests:\n  - always: {server: QSOACCEPT, rmtaddr: 192.0.2.9, lclport: 80}\n"
        "    name: the portal\n"
    )
    command("--system", "PROD1", "rules", "import", "--replace", "--force", str(rules))
    with pytest.raises(GuardRefusalError, match="the portal"):
        opened().systems.do("PROD1", SystemAction.ATTACH)


# ------------------------------------------------------------------------------ policies


@pytest.fixture
def policies(folder, opened):
    path = folder / "data" / "epm" / "armr"
    path.mkdir(parents=True)
    for name, content in (("shop.armr", SHOP), ("wrong.ARMR", BROKEN), ("notes.txt", "no")):
        (path / name).write_text(content)
    return path, opened().policies


def test_the_policies_are_the_files_of_the_folder(policies):
    path, service = policies
    (path / "folder.armr").mkdir()
    assert service.names() == ["shop.armr", "wrong.ARMR"]
    assert service.folder() == "~/data/epm/armr"
    assert [service.summary(n).state for n in service.names()] == [
        PolicyState.WARNED, PolicyState.REFUSED,
    ]  # fmt: skip
    at = service.summary("shop.armr").changed
    assert abs((datetime.now() - at).total_seconds()) < 60


def test_a_folder_that_is_not_there_holds_no_policy(folder, opened, monkeypatch):
    monkeypatch.setenv("EPM_ARMR_DIR", str(folder / "nowhere"))
    assert opened().policies.names() == []
    (folder / "file").write_text("")
    monkeypatch.setenv("EPM_ARMR_DIR", str(folder / "file"))
    with pytest.raises(FileUnavailableError):
        opened().policies.names()


def test_a_file_is_read_again_when_it_changed(policies):
    path, service = policies
    assert len(service.rules("shop.armr")) == 6
    (path / "shop.armr").write_text(SHOP.replace("Nothing else", "Nobody else"))
    assert service.rules("shop.armr")[1].name == "Nobody else"
    (path / "shop.armr").unlink()
    for ask in (service.summary, service.rules, service.findings):
        with pytest.raises(NotFoundError):
            ask("shop.armr")


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\xff", "not UTF-8 at byte 0"), (b"#" * (MAX_BYTES + 1), "larger than 4 MB")],
)
def test_a_file_that_cannot_be_taken_is_refused_with_its_reason(policies, content, why):
    path, service = policies
    (path / "odd.armr").write_bytes(content)
    summary = service.summary("odd.armr")
    assert summary.state is PolicyState.REFUSED
    assert why in summary.error


def test_the_screen_and_the_command_decide_alike(policies, folder, capsys):
    path, service = policies
    event = {"op": "connect", "address": "192.0.2.1", "port": "80"}
    verdict = service.decide("shop.armr", event)
    (folder / "events.jsonl").write_text(json.dumps({**event, "port": 80}) + "\n")
    capsys.readouterr()
    command("armr", "decide", str(path / "shop.armr"), "--input", str(folder / "events.jsonl"))
    told = json.loads(capsys.readouterr().out)
    assert (told["action"], told["rule"], told["blocked"]) == (
        verdict.action, verdict.rule, verdict.blocked,
    )  # fmt: skip
    assert told["cef"].partition("CEF:")[2][:50] == verdict.event.partition("CEF:")[2][:50]
    with pytest.raises(AttemptRefusedError) as refused:
        service.decide("shop.armr", {**event, "op": "listen"})
    assert refused.value.field == "op"
    with pytest.raises(EpmError, match="V10"):
        service.decide("wrong.ARMR", event)


def test_the_log_of_events_is_the_one_that_the_settings_name(folder, opened, monkeypatch):
    (folder / "other.cef").write_bytes(event_text(3))
    monkeypatch.setenv("EPM_ARMR_LOG", str(folder / "other.cef"))
    events = opened().policy_events
    assert events.log() == "~/other.cef"
    assert events.older(frozenset(), None, 3).rows[1].rule == "Nothing else"


def test_the_settings_are_shown_with_the_others(folder, capsys):
    capsys.readouterr()
    command("config", "show", "--json")
    shown = json.loads(capsys.readouterr().out)["settings"]
    assert shown["armr_dir"]["value"] == str(folder / "data" / "epm" / "armr")
    assert shown["armr_log"]["source"] == "default"
