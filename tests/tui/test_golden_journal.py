"""The panels of the journal, of reports and of commands, as text."""

from __future__ import annotations

import pytest

from tests.tui.desk import play, session
from tests.tui.golden_files import assert_none_left_over, compare, shown

FOLDER = "golden_journal"

#: Golden file -> the keys that lead to the panel from the main menu.
WALKS = {
    "journal": ("'8", "enter"),
    "journal_addresses": ("'8", "enter", "f11"),
    "journal_bottom": ("'8", "enter", "f18"),
    "journal_bad_option": ("'8", "enter", "'2", "enter"),
    "journal_bad_position": ("'8", "enter", "home", "'lunch", "enter"),
    "journal_help": ("'8", "enter", "home", "f1"),
    "journal_none": ("'DSPJRN PORT(9)", "enter"),
    "subset": ("'8", "enter", "f17"),
    "subset_types": ("'8", "enter", "f17", "tab", "tab", "tab", "tab", "f4"),
    "journal_subset": ("'8", "enter", "f17", "tab", "tab", "'qsoaccept", "ctrl+k", "enter"),
    "entry": ("'8", "enter", "'5", "enter"),
    "entry_end": ("'8", "enter", "'5", "enter", "f18"),
    "entry_data": ("'8", "enter", "tab", "'5", "enter", "f6"),
    "entry_hexadecimal": ("'8", "enter", "tab", "'5", "enter", "f6", "f11"),
    "entry_details": ("'8", "enter", "f18", *["tab"] * 9, "'5", "enter", "f10"),
    "reports": ("'9", "enter"),
    "reports_formats": ("'9", "enter", "f4"),
    "reports_bad_format": ("'9", "enter", "ctrl+delete", "'html", "enter"),
    "report": ("'9", "enter", "enter"),
    "report_right": ("'9", "enter", "enter", "f20"),
    "report_printed": ("'9", "enter", "enter", "f21"),
    "save": ("'9", "enter", "enter", "f9"),
    "command": ("'PNSTSTQSO SERVER(QSOACCEPT)", "f4"),
    "command_keywords": ("'DSPJRN", "f4", "f11"),
    "command_missing": ("'PNSTSTQSO USER(X)", "f4", "enter"),
}
_WIDE = ("journal", "entry", "report")


@pytest.mark.parametrize("name", WALKS)
def test_panel(name):
    dialogue, _ = session()
    compare(FOLDER, name, shown(play(dialogue, *WALKS[name])))


@pytest.mark.parametrize("name", _WIDE)
def test_panel_with_27_rows_of_132(name):
    dialogue, _ = session(rows=27, columns=132)
    compare(FOLDER, f"{name}_wide", shown(play(dialogue, *WALKS[name])))


def test_a_search_that_was_stopped():
    dialogue, _ = session()
    dialogue.desk.journal.scan = 5
    dialogue.desk.journal.damaged = 1
    compare(FOLDER, "journal_stopped", shown(play(dialogue, "'DSPJRN VERDICT(REJECT)", "enter")))


def test_a_list_as_it_is_printed():
    dialogue, _ = session()
    play(dialogue, "'8", "enter", "f21")
    ((_, lines),) = dialogue.desk.printing.printed
    compare(FOLDER, "journal_print", "\n".join(lines) + "\n")


def test_no_golden_file_is_left_over():
    wide = {f"{name}_wide" for name in _WIDE}
    assert_none_left_over(FOLDER, {*WALKS, *wide, "journal_stopped", "journal_print"})
