"""``epm tui`` in a real terminal: themes, NO_COLOR, sizes, the palette, a lost store."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from epm.cli.main import main
from tests.tui.tmux import Terminal

pytestmark = pytest.mark.real
EPM = f"{sys.executable} -P -m epm"
GREEN = "\x1b[38;2;0;255;0m"


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    """A terminal, and a store of its own with the sample rules."""
    for name in [n for n in os.environ if n.startswith("EPM_") and n != "EPM_REQUIRE_REAL"]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("EPM_DB", f"sqlite:///{tmp_path / 'epm.db'}")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))  # this checkout's epm
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["init", "--sample"])
    assert not ended.value.code
    made = Terminal(tmp_path)
    yield made
    made("kill-server")


def colours(terminal):
    """The colour sequences with which the screen is painted."""
    codes = re.findall(r"\x1b\[([\d;]*)m", terminal.screen("-e"))
    numbers = {part for code in codes for part in code.split(";") if part}
    return numbers - {"0", "1", "4", "7", "22", "24", "27", "39", "49"}


@pytest.mark.parametrize(
    ("environment", "option", "expected"),
    [
        ("NO_COLOR=1", "", set()),
        ("NO_COLOR=1", "--theme ansi", {"32", "34"}),
        ("EPM_THEME=ansi", "", {"32", "34"}),
    ],
)
def test_the_terminals_own_colours_or_none(terminal, environment, option, expected):
    terminal.start(f"env {environment} {EPM} tui {option}")
    terminal.wait_for("Exit Point Manager Main Menu")
    assert colours(terminal) == expected


def test_the_palette_changes_the_theme_and_f3_still_ends(terminal):
    terminal.start(f"{EPM} tui; echo code=$?; sleep 60")
    terminal.wait_for("Exit Point Manager Main Menu")
    assert {"38", "255"} <= colours(terminal)  # by red, green and blue
    terminal.press("C-p")
    terminal.wait_for("Search for commands")
    terminal("send-keys", "-t", "epm", "-l", "theme ansi")
    terminal.wait_for("The colours of your terminal")
    terminal.press("Down", "Enter")
    terminal.wait_for("Selection or command")
    terminal.press("1", "Enter")
    terminal.wait_for("Work with Socket Rules")
    assert colours(terminal) <= {"32", "34", "35", "36"}
    terminal.press("F3", "F3")
    terminal.wait_for("code=0")


def test_a_terminal_that_shrinks_and_grows_keeps_what_is_typed(terminal):
    terminal.start(f"{EPM} tui --wide", columns=132, rows=28)
    terminal.wait_for("Exit Point Manager Main Menu")
    terminal.press("1", "Enter")
    terminal.wait_for("Work with Socket Rules")
    terminal.press("5")
    terminal.resize(79, 24)
    terminal.wait_for("EPM needs 24x80, this terminal is 24x79")
    terminal.press("4", "Enter")  # nobody works on a panel that cannot be seen
    terminal.resize(80, 24)
    terminal.wait_for_match(r"^  5 +10")
    terminal.resize(132, 28)
    terminal.wait_for_match(r"^  5 +10 .*RMTADDR GRP ADMINS")
    terminal.press("Enter")
    terminal.wait_for("Display Socket Rule")


def test_a_size_in_the_environment_does_not_hold_when_the_terminal_is_resized(terminal):
    terminal.start(f"env COLUMNS=80 LINES=24 {EPM} tui", columns=100, rows=30)
    terminal.wait_for_match(r"^ {36}Exit Point Manager Main Menu")
    terminal.resize(140, 30)
    terminal.wait_for_match(r"^ {56}Exit Point Manager Main Menu")


def test_what_is_typed_before_the_workbench_has_the_terminal_is_not_lost(terminal):
    terminal.start(f"sleep 1; {EPM} tui")
    terminal.press("1", "Enter", "5", "Enter")  # the terminal still makes line feeds of Enter
    terminal.wait_for("Display Socket Rule")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (f"TERM=dumb {EPM} tui", "with TERM=dumb; epm --help"),
        (f"{EPM} tui > out", "the workbench needs a terminal"),
        (f"{EPM} tui < /dev/null", "the workbench needs a terminal"),
    ],
)
def test_where_panels_cannot_be_shown_one_line_says_so(terminal, command, said):
    terminal.start(f"{command}; echo code=$?; sleep 60", columns=150)
    assert said in terminal.wait_for("code=3")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_after_the_terminal_was_given_back(terminal, number):
    command = f"{EPM} tui & echo $! > pid; fg; echo code=$?; sleep 60"
    terminal.start(f"bash -mc '{command}'")
    terminal.wait_for("Exit Point Manager Main Menu")
    os.kill(int(Path("pid").read_text()), number)
    terminal.wait_for(f"code={128 + number}")
    modes = terminal("display-message", "-p", "-t", "epm", "#{alternate_on} #{mouse_any_flag}")
    assert modes.strip() == "0 0"


def test_ctrl_z_goes_to_the_shell_and_fg_comes_back(terminal):
    terminal.start("bash --norc")
    terminal("send-keys", "-t", "epm", "-l", f"{EPM} tui")
    terminal.press("Enter")
    terminal.wait_for("Exit Point Manager Main Menu")
    terminal.press("9", "C-z")
    terminal.wait_for("Stopped")
    terminal("send-keys", "-t", "epm", "-l", "fg")
    terminal.press("Enter")
    terminal.wait_for_match(r"^ ===> 9")
    terminal.press("0", "Enter")
    terminal.wait_for_match("^bash.*\n?$")


def test_a_picture_of_the_panel_is_private_and_in_the_current_folder(terminal, tmp_path):
    terminal.start(f"{EPM} tui")
    terminal.wait_for("Exit Point Manager Main Menu")
    terminal.press("C-p")
    terminal.wait_for("Search for commands")
    terminal("send-keys", "-t", "epm", "-l", "picture")
    terminal.wait_for("Writes it as an SVG file")
    terminal.press("Down", "Enter")
    terminal.wait_for("Picture written to epm-main.svg.")
    written = tmp_path / "epm-main.svg"
    assert written.read_text("utf-8").startswith("<svg ")
    assert written.stat().st_mode & 0o777 == 0o600
