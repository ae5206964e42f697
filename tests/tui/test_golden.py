"""Every panel as text. ``EPM_GOLDEN=write pytest tests/tui/test_golden.py`` writes them anew."""

from __future__ import annotations

import pytest

from tests.tui.desk import many, play, session, text
from tests.tui.golden_files import assert_none_left_over, compare, shown

FOLDER = "golden"

#: Golden file -> the keys that lead to the panel from the main menu.
WALKS = {
    "main_menu": (),
    "main_menu_help": ("f1",),
    "rules": ("'1", "enter"),
    "rules_conditions": ("'1", "enter", "f11"),
    "rules_bad_option": ("'1", "enter", "'5", "tab", "'x", "enter"),
    "rules_message": ("'1", "enter", "'5", "tab", "'x", "enter", *["down"] * 13, "f1"),
    "rules_subset": ("'1", "enter", "home", "tab", "'nobody", "enter"),
    "rules_empty_subset": ("'1", "enter", "home", "tab", "'nothing", "enter"),
    "rules_option_help": ("'1", "enter", "f1"),
    "rules_extended_help": ("'1", "enter", "f1", "f2"),
    "create": ("'1", "enter", "f6"),
    "create_bad_flag": ("'1", "enter", "f6", "'15", "tab", "tab", "'x", "enter"),
    "create_prompt": ("'1", "enter", "f6", "tab", "tab", "f4"),
    "change": ("'1", "enter", "'2", "enter"),
    "change_default": ("'1", "enter", "tab", "tab", "tab", "'2", "enter"),
    "copy": ("'1", "enter", "'3", "enter"),
    "display": ("'1", "enter", "'5", "enter"),
    "display_never_enforced": ("'1", "enter", "tab", "tab", "'5", "enter"),
    "move": ("'1", "enter", "'7", "enter"),
    "confirm_delete": ("'1", "enter", "'4", "tab", "'4", "enter"),
    "conditions": ("'1", "enter", "'8", "enter"),
    "conditions_none": ("'1", "enter", "tab", "tab", "'8", "enter"),
    "condition_add": ("'1", "enter", "'8", "enter", "f6"),
    "condition_change": ("'1", "enter", "'8", "enter", "'2", "enter"),
    "condition_fields": ("'1", "enter", "'8", "enter", "f6", "tab", "tab", "f4"),
    "condition_delete": ("'1", "enter", "'8", "enter", "'4", "enter"),
    "test": ("'4", "enter"),
    "test_listen": ("'4", "enter", "'QSOLISTEN", "ctrl+k", "enter"),
    "trace": ("'4", "enter", "tab", "'10.1.2.3", "tab", "tab", "tab", "'22", "enter"),
    "trace_rejected": ("'4", "enter", "tab", "'192.0.2.1", "tab", "tab", "tab", "'22", "enter"),
    "activation": ("'5", "enter"),
    "activation_confirm": ("'5", "enter", "'1", "tab", "'1", "enter"),
    "activation_done": ("'5", "enter", "'1", "enter", "enter"),
}


@pytest.mark.parametrize("name", WALKS)
def test_panel(name):
    dialogue, _ = session()
    play(dialogue, *WALKS[name])
    compare(FOLDER, name, shown(dialogue))


@pytest.mark.parametrize("name", ["rules", "create", "trace"])
def test_panel_with_27_rows_of_132(name):
    dialogue, _ = session(rows=27, columns=132)
    play(dialogue, *WALKS[name])
    compare(FOLDER, f"{name}_wide", text(dialogue) + "\n")


def test_a_page_in_the_middle_of_many():
    dialogue, _ = session(many(1000))
    play(dialogue, "'2", "enter", "home", "'5005", "enter")
    compare(FOLDER, "rules_middle", text(dialogue) + "\n")


def test_no_golden_file_is_left_over():
    wanted = {*WALKS, "rules_wide", "create_wide", "trace_wide", "rules_middle"}
    assert_none_left_over(FOLDER, wanted)
