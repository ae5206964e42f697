"""The workbench over a real store, and ``epm tui`` in a real terminal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from epm.cli.app import App
from epm.cli.main import main
from epm.cli.settings import load_settings
from epm.cli.workbench.commands import PICTURES
from epm.cli.workbench.desk import desk_for
from epm.errors import EditConflictError, GuardRefusalError, RuleError
from epm.model import Flag, Rule, Server
from tests.tui.desk import condition
from tests.tui.tmux import Terminal
from tui.panels.main_menu import MainMenu
from tui.session import Session


@pytest.fixture
def surroundings(tmp_path, monkeypatch):
    """A store of its own with the sample rules."""
    for name in [n for n in os.environ if n.startswith("EPM_") and n != "EPM_REQUIRE_REAL"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EPM_DB", f"sqlite:///{tmp_path / 'epm.db'}")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))  # this checkout's epm
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["init", "--sample"])
    assert not ended.value.code
    return tmp_path


@pytest.fixture
def desk(surroundings):
    app = App(load_settings({"db": None, "system": None}, os.environ))
    yield desk_for(app)
    app.close()


def test_a_change_is_saved_attributed_and_journaled_as_by_a_command(desk, surroundings, capsys):
    rule = Rule(15, "By hand", Flag.NO, conditions=(condition(10, "RMTPORT", "EQ", "25"),))
    saved = desk.rules.add(Server.CONNECT, rule)
    assert saved.warnings == ()
    assert desk.rules.rule(Server.CONNECT, 15) == rule
    with pytest.raises(SystemExit):
        main(["rules", "history", "--json"])
    assert "QSOCONNECT" in capsys.readouterr().out.splitlines()[0]
    with pytest.raises(SystemExit):
        main(["journal", "list", "--json"])
    assert '"NC"' in capsys.readouterr().out


def test_what_a_command_would_warn_of_is_said_on_the_screen_not_printed(desk, capsys):
    capsys.readouterr()
    saved = desk.rules.add(Server.CONNECT, Rule(15, "Empty", Flag.NO))
    assert saved.warnings == ("QSOCONNECT rule 15 has no conditions and is never enforced",)
    assert capsys.readouterr() == ("", "")


def test_two_editors_never_overwrite_each_other(desk):
    seen = desk.rules.rule(Server.ACCEPT, 10)
    desk.rules.change(Server.ACCEPT, seen, replace(seen, name="Theirs"))
    with pytest.raises(EditConflictError, match="changed by another user"):
        desk.rules.change(Server.ACCEPT, seen, replace(seen, name="Mine"))
    assert desk.rules.rule(Server.ACCEPT, 10).name == "Theirs"


def test_the_lock_out_guard_names_the_line_that_would_break(desk, surroundings, capsys):
    cases = surroundings / "rules.yaml"
    cases.write_text(
        "version: 1\nservers:\n  QSOACCEPT:\n    rules:\n      - {seq: 99999, authority: N}\n"
        "tests:\n  - always: {server: QSOACCEPT, rmtaddr: 192.0.2.9, lclport: 8080}\n"
        "    name: the portal\n"
    )
    with pytest.raises(SystemExit) as ended:
        main(["rules", "import", "--replace", str(cases)])
    assert not ended.value.code, capsys.readouterr().err
    with pytest.raises(GuardRefusalError, match="the portal"):
        desk.activation.set_activated([Server.ACCEPT], True)
    assert not desk.rules.outline().activated[Server.ACCEPT]


def test_the_default_rule_cannot_be_deleted_with_others(desk):
    before = desk.rules.page(Server.ACCEPT, 1, 50)
    with pytest.raises(RuleError, match="default rule"):
        desk.rules.delete(Server.ACCEPT, [before[0], before[-1]])
    assert desk.rules.page(Server.ACCEPT, 1, 50) == before


def test_the_outline_is_that_of_the_latest_change_of_anyone(desk, surroundings):
    before = desk.rules.outline()
    assert desk.rules.outline() is before  # not counted again for each roll
    with pytest.raises(SystemExit):
        main(["rules", "delete", "accept", "30"])
    after = desk.rules.outline()
    assert after.counts[Server.ACCEPT] == before.counts[Server.ACCEPT] - 1


def test_rules_are_moved_deleted_and_servers_activated(desk):
    ten, twenty, thirty, _ = desk.rules.page(Server.ACCEPT, 1, 50)
    desk.rules.move(Server.ACCEPT, ten, 15)
    desk.rules.delete(Server.ACCEPT, [twenty, thirty])
    assert [r.seq for r in desk.rules.page(Server.ACCEPT, 1, 50)] == [15, 99999]
    desk.activation.set_activated([Server.LISTEN, Server.CONNECT], True)
    desk.activation.set_activated([Server.LISTEN], False)
    active = [s for s, on in desk.rules.outline().activated.items() if on]
    assert active == [Server.CONNECT]


def test_a_test_sees_the_rules_as_they_are_now(desk):
    call = {"rmtaddr": "10.1.2.3", "lclport": "22"}
    assert desk.testing.decide(Server.ACCEPT, call, live=False).decision.allowed
    seen = desk.rules.rule(Server.ACCEPT, 10)
    desk.rules.change(Server.ACCEPT, seen, replace(seen, authority=Flag.NO))
    decided = desk.testing.decide(Server.ACCEPT, call, live=False).decision
    assert not decided.allowed
    assert decided.rule.seq == 10
    assert decided.trace


# --------------------------------------------------------------------------- the command


def test_a_panel_that_cannot_be_printed_says_why_in_whole(surroundings, capsys):
    shutil.rmtree(surroundings / "epm.db.journal")
    with pytest.raises(SystemExit) as ended:
        main(["print", "journal"])
    assert ended.value.code == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("epm: error: panel journal cannot be shown: journal ")
    assert err.endswith("EPMJRN has not begun: no entry was ever written\n")


def test_without_a_terminal_the_workbench_says_so(surroundings):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "epm", "tui"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr == (
        "epm: error: the workbench needs a terminal; epm --help lists the commands\n"
    )


def test_without_a_terminal_epm_alone_shows_its_help(surroundings):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "epm"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Usage: epm" in done.stderr


@pytest.fixture
def terminal(surroundings):
    made = Terminal(surroundings)
    yield made
    made("kill-server")


@pytest.mark.real
@pytest.mark.parametrize("words", ["tui", ""])
def test_in_a_real_terminal(terminal, words):
    terminal.start(f"{sys.executable} -P -m epm {words}; echo code=$?; sleep 60")
    terminal.wait_for("Exit Point Manager Main Menu")
    # Typed ahead in one go: menu, list, display the first rule, back, delete it.
    terminal("send-keys", "-t", "epm", "1", "Enter", "5", "Enter", "Enter", "4", "Enter")
    shown = terminal.wait_for("Confirm Delete of Socket Rules")
    assert "  4      10  Admin subnet to SSH" in shown
    terminal("send-keys", "-t", "epm", "F12")
    terminal.wait_for("Work with Socket Rules - Accept Server")
    terminal("send-keys", "-t", "epm", "F3")
    terminal.wait_for("Exit Point Manager Main Menu")
    terminal("send-keys", "-t", "epm", "M-3")  # F3 by its prefix, quickly
    terminal.wait_for("code=0")


def test_a_panel_is_printed_as_text_and_as_a_picture(surroundings, capsys):
    for name in ("rules.txt", "rules.svg"):
        with pytest.raises(SystemExit) as ended:
            main(["print", "rules-accept", "-o", name])
        assert not ended.value.code
    shown = (surroundings / "rules.txt").read_text().splitlines()
    assert shown[0].strip().startswith("Work with Socket Rules - Accept Server")
    assert len(shown) == 24
    picture = (surroundings / "rules.svg").read_text()
    assert picture.startswith("<svg ")
    assert (surroundings / "rules.svg").stat().st_mode & 0o777 == 0o600
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["print", "main"])
    assert "Exit Point Manager Main Menu" in capsys.readouterr().out


@pytest.mark.parametrize("panel", PICTURES)
def test_every_panel_that_can_be_printed_is_there(desk, panel):
    dialogue = Session(desk, MainMenu())
    for key in PICTURES[panel]:
        dialogue.press(key, key if len(key) == 1 else None)
    assert (dialogue.panel.name == "main") == (panel == "main")
    assert dialogue.display.message == ""


@pytest.mark.parametrize(
    ("panel", "name"),
    [
        ("rule", "display"),
        ("conditions", "conditions"),
        ("change", "rule"),
        ("journal-entry", "entry"),
        ("history-compare", "compare"),
    ],
)
def test_a_panel_behind_an_option_is_the_one_that_was_named(desk, panel, name):
    dialogue = Session(desk, MainMenu())
    for key in PICTURES[panel]:
        dialogue.press(key, key if len(key) == 1 else None)
    assert dialogue.panel.name == name


def test_a_panel_that_cannot_be_shown_is_not_replaced_by_another(surroundings, monkeypatch, capsys):
    monkeypatch.setenv("EPM_DB", f"sqlite:///{surroundings / 'bare.db'}")
    for words, code in ((["init"], 0), (["print", "conditions", "-o", "shown.txt"], 4)):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert (ended.value.code or 0) == code
    assert capsys.readouterr().err.endswith(
        "epm: error: panel conditions cannot be shown: "
        "Option 8 not allowed for the default rule: it has no conditions.\n"
    )
    assert not (surroundings / "shown.txt").exists()
