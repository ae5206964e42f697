"""IBM i systems, registration information and ARMR policies as text.

``EPM_GOLDEN=write pytest tests/tui/test_golden_systems.py`` writes them anew.
"""

from __future__ import annotations

import pytest

from tests.tui.desk import play, session
from tests.tui.golden_files import HERE, assert_none_left_over, compare, shown

FOLDER = "golden_systems"
_PROD = ("'21", "enter")
_WEST = ("'21", "enter", "tab", "tab")
_POINT = (*_PROD, "'8", "enter", "'8", "enter")
_SHOP = ("'30", "enter")
_TELNET = ("'30", "enter", "tab")
_WRONG = ("'30", "enter", "tab", "tab")

#: Golden file -> the keys that lead to the panel from the main menu.
WALKS = {
    "systems": ("'21", "enter"),
    "systems_asked": ("'21", "enter", "f5"),
    "systems_unreachable": (*_WEST, "'10", "enter"),
    "system": (*_PROD, "'5", "enter"),
    "system_problem": (*_WEST, "'5", "enter"),
    "system_deploy": (*_PROD, "'10", "enter"),
    "system_deployed": (*_PROD, "'10", "enter", "enter"),
    "system_attach": (*_PROD, "'11", "enter"),
    "system_detach_nothing": (*_PROD, "tab", "'12", "enter"),
    "registration": (*_PROD, "'8", "enter"),
    "registration_own": ("'20", "enter"),
    "registration_command": ("'WRKREGINF EXITPNT(*ALL) FORMAT(A*)", "enter"),
    "registration_prompt": ("'WRKREGINF", "f4"),
    "exit_point": (*_PROD, "'8", "enter", "'5", "enter"),
    "exit_programs": _POINT,
    "exit_programs_own": ("'20", "enter", "'8", "enter"),
    "exit_programs_wrong_row": (*_POINT, "tab", "'1", "enter"),
    "exit_program_add": (*_POINT, "'1", "enter"),
    "exit_program_bad_name": (*_POINT, "'1", "enter", "tab", "'1x", "enter"),
    "exit_program_replace": (*_POINT, "tab", "'10", "enter"),
    "exit_program_remove": (*_POINT, "tab", "'4", "enter"),
    "exit_program": (*_POINT, "tab", "'5", "enter"),
    "policies": ("'30", "enter"),
    "policies_refused": (*_WRONG, "'9", "enter"),
    "policy": (*_SHOP, "'5", "enter"),
    "policy_refused": (*_WRONG, "'5", "enter"),
    "policy_rules": (*_SHOP, "'8", "enter"),
    "policy_rules_not_socket": (*_SHOP, "'8", "enter", *["tab"] * 3, "'9", "enter"),
    "policy_rule": (*_SHOP, "'8", "enter", "tab", "tab", "'5", "enter"),
    "policy_rule_not_linked": (*_SHOP, "'8", "enter", *["tab"] * 4, "'5", "enter"),
    "policy_findings": (*_SHOP, "'8", "enter", "f11"),
    "policy_findings_refused": (*_WRONG, "'8", "enter", "f11"),
    "policy_finding": (*_SHOP, "'8", "enter", "f11", "'5", "enter"),
    "policy_test": (*_SHOP, "'8", "enter", "tab", "tab", "'9", "enter"),
    "policy_test_bad": (*_SHOP, "'9", "enter", "tab", "'10.1", "tab", "'80", "enter"),
    "policy_test_operations": (*_SHOP, "'9", "enter", "f4"),
    "policy_result": (*_SHOP, "'9", "enter", "tab", "'192.0.2.1", "tab", "'80", "enter"),
    "policy_result_none": (*_TELNET, "'9", "enter", "tab", "'192.0.2.1", "tab", "'80",
                           "enter"),
    "policy_events": (*_SHOP, "'7", "enter"),
    "policy_events_all": ("'30", "enter", "f10"),
    "policy_events_messages": (*_SHOP, "'7", "enter", "f11"),
    "policy_events_bottom": ("'30", "enter", "f10", "f18"),
    "policy_event": (*_SHOP, "'7", "enter", "'5", "enter"),
    "policy_event_none": ("'30", "enter", "f10", "'5", "enter"),
}  # fmt: skip


@pytest.mark.parametrize("name", WALKS)
def test_panel(name):
    dialogue, _ = session()
    play(dialogue, *WALKS[name])
    compare(FOLDER, name, shown(dialogue))


WIDE = ("systems_asked", "registration", "exit_programs", "policies", "policy_rules",
        "policy_events", "policy_result")  # fmt: skip


@pytest.mark.parametrize("name", WIDE)
def test_panel_with_27_rows_of_132(name):
    dialogue, _ = session(rows=27, columns=132)
    play(dialogue, *WALKS[name])
    compare(FOLDER, f"{name}_wide", shown(dialogue))


@pytest.mark.parametrize("name", ["systems_asked", "policy_rules"])
def test_the_screens_in_the_guide_are_the_screens(name):
    shown_there = (HERE / FOLDER / f"{name}.txt").read_text("utf-8").rpartition("\n(")[0]
    guide = HERE.parents[1] / "docs" / "workbench.md"
    assert shown_there.rstrip() in guide.read_text("utf-8")


def test_no_golden_file_is_left_over():
    assert_none_left_over(FOLDER, {*WALKS, *(f"{name}_wide" for name in WIDE)})
