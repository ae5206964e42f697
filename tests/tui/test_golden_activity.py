"""Captures, messages, groups, configuration and history as text.

``EPM_GOLDEN=write pytest tests/tui/test_golden_activity.py`` writes them anew.
"""

from __future__ import annotations

import pytest

from tests.tui.desk import play, session
from tests.tui.golden_files import assert_none_left_over, compare, shown

FOLDER = "golden_activity"
_CHANGED = ("'1", "enter", "'2", "enter", "ctrl+delete", "'Admins only", "tab", "'n", "enter", "f3")

#: Golden file -> the keys that lead to the panel from the main menu.
WALKS = {
    "captures": ("'6", "enter"),
    "captures_times": ("'6", "enter", "f11"),
    "captures_help": ("'6", "enter", "f1"),
    "captured": ("'6", "enter", "'5", "enter"),
    "captures_confirm": ("'6", "enter", "'4", "tab", "'4", "enter"),
    "captures_confirm_all": ("'6", "enter", "f13"),
    "captures_none": ("'6", "enter", "f13", "enter"),
    "captured_rule": ("'6", "enter", "'6", "enter"),
    "captured_rule_undecided": ("'6", "enter", "'6", "enter", "enter"),
    "captured_test": ("'6", "enter", "'9", "enter"),
    "captured_trace": ("'6", "enter", "'9", "enter", "enter"),
    "messages": ("'7", "enter"),
    "messages_confirm": ("'7", "enter", "tab", "'4", "enter"),
    "message": ("'7", "enter", "'5", "enter"),
    "message_loss": ("'7", "enter", "tab", "tab", "'5", "enter"),
    "groups": ("'10", "enter"),
    "groups_in_use": ("'10", "enter", "'4", "enter"),
    "groups_confirm": ("'10", "enter", "tab", "'4", "enter"),
    "group": ("'10", "enter", "'5", "enter"),
    "group_users": ("'10", "enter", "'8", "enter"),
    "group_change": ("'10", "enter", "'2", "enter"),
    "group_change_names": ("'10", "enter", "tab", "'2", "enter"),
    "group_bad_line": ("'10", "enter", "'2", "enter", "tab", "'x", "enter"),
    "group_create": ("'10", "enter", "f6"),
    "group_create_kinds": ("'10", "enter", "f6", "f4"),
    "group_create_members": (
        "'10", "enter", "f6", "'PORTS", "tab", "'HOSTSRV", "enter", "tab", "'8470-8476",
    ),
    "configuration": ("'11", "enter"),
    "configuration_bad": ("'11", "enter", "tab", "tab", "tab", "'1Q", "enter"),
    "configuration_fail": ("'11", "enter", "shift+tab", "f4"),
    "history": (*_CHANGED, "'12", "enter"),
    "history_reasons": (*_CHANGED, "'12", "enter", "f11"),
    "history_change": (*_CHANGED, "'12", "enter", "'5", "enter"),
    "history_revert": (*_CHANGED, "'12", "enter", "tab", "'8", "enter"),
    "history_reverted": (*_CHANGED, "'12", "enter", "tab", "'8", "enter", "enter"),
    "history_current": (*_CHANGED, "'12", "enter", "'8", "enter"),
    "history_compare": (*_CHANGED, "'5", "enter", "'1", "enter", "enter", "f3", "'12", "enter",
                        "'7", "tab", "tab", "'7", "enter"),
    "history_of_a_rule": (*_CHANGED, "'1", "enter", "'6", "enter"),
}  # fmt: skip


@pytest.mark.parametrize("name", WALKS)
def test_panel(name):
    dialogue, _ = session()
    play(dialogue, *WALKS[name])
    compare(FOLDER, name, shown(dialogue))


WIDE = ("captures", "messages", "groups", "history", "history_change", "group_change")


@pytest.mark.parametrize("name", WIDE)
def test_panel_with_27_rows_of_132(name):
    dialogue, _ = session(rows=27, columns=132)
    play(dialogue, *WALKS[name])
    compare(FOLDER, f"{name}_wide", shown(dialogue))


def test_no_golden_file_is_left_over():
    assert_none_left_over(FOLDER, {*WALKS, *(f"{name}_wide" for name in WIDE)})
