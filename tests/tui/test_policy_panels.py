"""ARMR policies on the screen: what the operator can rely on."""

from __future__ import annotations

import pytest

from epm.cli.workbench import policy_events
from tests.tui.desk import play, session, text
from tests.tui.policies_desk import MemoryLog, event_text
from tui.panels.policies import WorkWithPolicies
from tui.panels.policy_events import PolicyEvents
from tui.panels.policy_rules import PolicyFindings, PolicyRules
from tui.panels.policy_testing import TestPolicy


def begin(panel, *keys):
    dialogue, _ = session(first=panel)
    return play(dialogue, *keys), dialogue.desk


def rows(dialogue):
    return [line for line in dialogue.display.lines()[9:19] if line.strip()]


def test_only_the_files_of_a_page_are_read():
    dialogue, desk = begin(WorkWithPolicies())
    texts = dict.fromkeys([f"p{n:04}.armr" for n in range(2000)], desk.policies.texts["shop.armr"])
    desk.policies.texts, desk.policies.read = texts, []
    play(dialogue, "f5", "pagedown")
    assert desk.policies.read == [f"p{n:04}.armr" for n in range(20)]


def test_an_option_follows_its_file_when_others_come():
    dialogue, desk = begin(WorkWithPolicies(), "tab", "'5")
    desk.policies.texts["another.armr"] = desk.policies.texts["shop.armr"]
    play(dialogue, "pagedown", "enter")
    assert "Policy  . . . . . . . . :  telnet.armr" in text(dialogue)


def test_a_file_that_went_away_is_said_and_its_option_is_forgotten():
    dialogue, desk = begin(WorkWithPolicies(), "'5")
    del desk.policies.texts["shop.armr"]
    play(dialogue, "enter", "f5")
    assert "shop.armr" not in text(dialogue)


def test_rules_that_are_not_linked_are_marked():
    dialogue, _ = begin(WorkWithPolicies(), "'8", "enter")
    assert "5 of 6 rules linked" in text(dialogue)
    (line,) = [line for line in rows(dialogue) if "sql" in line]
    assert "(not applied here: not linked)" in line


def test_a_file_that_was_edited_is_read_again_at_f5():
    dialogue, desk = begin(WorkWithPolicies(), "'8", "enter")
    desk.policies.texts["shop.armr"] = desk.policies.texts["telnet.armr"]
    play(dialogue, "f11", "f11")
    assert len(rows(dialogue)) == 6
    play(dialogue, "f5")
    assert [line.split()[1] for line in rows(dialogue)] == ["Nobody"]


def test_findings_and_rules_are_two_views_of_one_policy():
    dialogue, _ = begin(WorkWithPolicies(), "'8", "enter", "f11")
    assert isinstance(dialogue.panel, PolicyFindings)
    assert [line.split()[:3] for line in rows(dialogue)] == [["22", "3", "W-KIND"]]
    play(dialogue, "f11")
    assert isinstance(dialogue.panel, PolicyRules)


def test_overlaps_of_rules_are_found_with_a_witness():
    dialogue, desk = begin(WorkWithPolicies())
    desk.policies.texts["shop.armr"] = """\
app("Two"):
  requires(version: ARMR/2.10)
  socket("wide"):
    connect("10.0.0.0/8:0")
    allow()
  endsocket
  socket("one"):
    connect("10.0.0.5:80")
    protect(message: "no")
  endsocket
endapp
"""
    play(dialogue, "'8", "enter", "f11", "'5", "enter")
    assert "W-OVERLAP" in text(dialogue)
    assert "connect 10.0.0.5:80: protect, but" in text(dialogue)


def test_a_refused_file_shows_why_and_tests_nothing():
    dialogue, _ = begin(WorkWithPolicies(), "tab", "tab", "'8", "enter")
    assert "Refused; F11 shows why" in text(dialogue)
    assert rows(dialogue) == ["   (No records to display.)"]
    play(dialogue, "f11")
    assert [line.split()[2] for line in rows(dialogue)] == ["V10", "V8"]


# ------------------------------------------------------------------------------- an event


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("'10.0.0.5", "tab", "'5432"), ("NOT BLOCKED", "Only the database")),
        (("'10.0.1.5", "tab", "'5432"), ("BLOCKED", "Nothing else")),
    ],
)
def test_an_event_is_decided_by_the_policy(keys, said):
    dialogue, _ = begin(TestPolicy("shop.armr"), "tab", *keys, "enter")
    assert all(part in text(dialogue) for part in said)


def test_api_and_input_are_part_of_the_event():
    ends = ("'BIND-SERVER", "'10.9.9.9", "tab", "'8080", "tab")
    dialogue, _ = begin(TestPolicy("shop.armr"), *ends, "enter")
    assert "no rule matches" in text(dialogue)
    play(dialogue, "f12", "'/shop/cart", "tab", "'HTTP", "enter")
    assert "One port, both ways" in text(dialogue)
    assert "Untrusted input . . . . :  http" in text(dialogue)


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        (("'listen", "ctrl+k", "enter"), "op"),
        (("tab", "'10.1", "tab", "'80", "enter"), "address"),
        (("tab", "'10.0.0.1", "tab", "'65536", "enter"), "port"),
        (("tab", "'10.0.0.1", "enter"), "port"),
        (("tab", "'10.0.0.1", "tab", "'80", "tab", "tab", "'files", "enter"), "taint"),
    ],
)
def test_a_part_that_is_wrong_is_shown_where_it_was_typed(keys, field):
    dialogue, _ = begin(TestPolicy("shop.armr"), *keys)
    assert isinstance(dialogue.panel, TestPolicy)
    assert [f.name for f in dialogue.display.fields if f.error] == [field]
    assert dialogue.display.message


def test_a_rule_with_one_endpoint_fills_the_event_in():
    dialogue, desk = begin(WorkWithPolicies(), "tab", "'8", "enter", "'9", "enter")
    assert dialogue.display.values()["op"] == "accept"
    desk.policies.texts["telnet.armr"] = desk.policies.texts["telnet.armr"].replace(
        'accept("0.0.0.0:22")', 'bind(server: "10.0.0.1:22")'
    )
    dialogue, _ = session(first=PolicyRules(desk.policies.summary("telnet.armr"),
                                            desk.policies.rules("telnet.armr")))  # fmt: skip
    play(dialogue, "'9", "enter")
    values = dialogue.display.values()
    assert (values["op"], values["address"], values["port"]) == ("bind-server", "10.0.0.1", "22")


# --------------------------------------------------------------------------------- events


def logged(dialogue):
    return [line.split("  ")[-1].strip() for line in rows(dialogue)]


def test_every_event_is_listed_once_rolling_down_and_up():
    dialogue, desk = begin(PolicyEvents(), "f11")
    seen = logged(dialogue)
    while "More..." in text(dialogue):
        play(dialogue, "pagedown")
        seen += logged(dialogue)
    total = desk.policy_events.content.count(b"\n")
    assert len(seen) == total
    back = logged(dialogue)
    while "top of the list" not in dialogue.display.message:
        play(dialogue, "pageup")
        back = logged(dialogue) + back if not dialogue.display.message else back
    assert rows(dialogue)[0].strip().startswith("not an event")


def test_rolling_over_searches_that_stopped_shows_every_wanted_event_once(monkeypatch):
    whole = [row.position for row in MemoryLog().older(frozenset({"Shop"}), None, 1000).rows]
    monkeypatch.setattr(policy_events, "SCAN_LIMIT", 900)
    dialogue, _ = begin(PolicyEvents("shop.armr", frozenset({"Shop"})))
    seen = [row.position for row in dialogue.panel._shown]
    while "More..." in text(dialogue):
        assert "Searched to" in text(dialogue)
        play(dialogue, "pagedown")
        seen += [row.position for row in dialogue.panel._shown]
    assert seen == whole


def test_events_of_other_mods_are_left_out():
    dialogue, _ = begin(PolicyEvents("shop.armr", frozenset({"Intranet"})))
    assert [line.split("  ")[-1].strip() for line in rows(dialogue)] == ["The printer"] * 2
    assert "Bottom" in text(dialogue)


def test_an_option_stays_beside_its_event_while_others_are_logged():
    dialogue, desk = begin(PolicyEvents(), "tab", "'5")
    log = desk.policy_events
    object.__setattr__(log, "content", log.content + event_text(40))
    play(dialogue, "enter")
    assert "192.0.2.29" not in text(dialogue)
    play(dialogue, "pagedown")
    assert "192.0.2.29" in text(dialogue)


def test_a_log_that_was_cut_shows_what_is_left():
    dialogue, desk = begin(PolicyEvents(), "f18")
    object.__setattr__(desk.policy_events, "content", event_text(0))
    play(dialogue, "f5", "'5", "enter")
    assert "not an event" in text(dialogue)


def test_an_empty_log_is_an_empty_list():
    dialogue, _ = session(first=PolicyEvents())
    object.__setattr__(dialogue.desk.policy_events, "content", b"")
    play(dialogue, "f5", "f18", "pagedown")
    assert "(No records to display.)" in text(dialogue)


def test_the_list_is_printed_whole():
    _, desk = begin(PolicyEvents(), "f21")
    ((_, lines),) = desk.printing.printed
    assert sum("Execute Rule" in line for line in lines) == 30
    assert isinstance(desk.policy_events, MemoryLog)


def test_what_a_log_holds_never_reaches_the_terminal():
    for keys in ((), ("'5", "enter")):
        dialogue, _ = begin(PolicyEvents(), *keys)
        assert all(line.isprintable() for line in dialogue.display.lines())
