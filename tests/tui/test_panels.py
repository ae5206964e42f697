"""Entry panels, conditions, test facility, activation, menu and help; and no key raises."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm import edits
from epm.model import Flag, Server
from tests.tui.desk import MemoryRules, condition, play, sample, session, text
from tui.display import PINK
from tui.helptext import TOPICS, topic_of
from tui.keys import TERMINAL_KEYS, Aid, Typed
from tui.kit.drawing import aid_at, leader
from tui.panels.activation import Activation
from tui.panels.conditions import Conditions
from tui.panels.rule_entry import CreateRule
from tui.panels.rules import WorkWithRules
from tui.panels.testing import TestRules, Trace


def begin(first, ruleset=None):
    store = MemoryRules(ruleset or sample())
    return session(store, first)[0], store


def accept():
    return WorkWithRules(Server.ACCEPT)


def rule_of(store, seq, server=Server.ACCEPT):
    return edits.find_rule(store.ruleset, server, seq)


# ---------------------------------------------------------------------------- rules


def test_create_adds_an_inactive_rule_marked_for_test():
    dialogue, store = begin(accept())
    play(dialogue, "f6", "'15", "tab", "'Mail relay", "tab", "'n", "enter")
    made = rule_of(store, 15)
    assert (made.name, made.authority, made.active, made.test) == ("Mail relay", "N", False, True)
    assert dialogue.display.message == "Socket rule 15 created; option 8 adds conditions."
    assert isinstance(dialogue.panel, WorkWithRules)


@pytest.mark.parametrize(
    ("keys", "field", "message"),
    [
        (("tab", "tab", "'y"), "seq", "Sequence must be a number from 1 to 99998."),
        (("'99999", "tab", "'y"), "seq", "Sequence must be a number from 1 to 99998."),
        (("'15", "tab"), "authority", "Authority must be Y, N or *."),
        (("'15", "tab", "tab", "'y", "'q"), "audit", "Audit must be Y, N or *."),
        (("'15", "tab", "tab", "'yyyy*"), "active", "Active must be Y or N."),
    ],
)
def test_a_wrong_field_is_reverse_with_the_cursor_on_it_and_nothing_is_done(keys, field, message):
    dialogue, store = begin(accept())
    play(dialogue, "f6", *keys, "enter")
    assert dialogue.display.message == message
    assert dialogue.display.field(field).error
    assert dialogue.display.field_at_cursor().name == field
    assert [f.name for f in dialogue.display.fields if f.error] == [field]
    assert store.revision == 1


def test_a_refused_rule_keeps_what_was_typed():
    dialogue, store = begin(accept())
    play(dialogue, "f6", "'10", "tab", "'Twice", "tab", "'y", "enter")
    assert dialogue.display.message == "QSOACCEPT has a rule 10 already."
    assert dialogue.display.field("name").value == "Twice"
    assert store.revision == 1


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        (("f6", "'20", "tab", "tab", "'y"), "seq"),
        (("'3", "enter", "'20"), "seq"),
        (("'7", "enter", "'20"), "to"),
    ],
)
def test_a_sequence_that_is_taken_is_reverse_with_the_cursor_on_it(keys, field):
    dialogue, store = begin(accept())
    play(dialogue, *keys, "enter")
    assert dialogue.display.message == "QSOACCEPT has a rule 20 already."
    assert dialogue.display.field(field).error
    assert dialogue.display.field_at_cursor().name == field
    assert store.revision == 1


def test_a_sequence_taken_by_someone_else_after_the_look_is_refused_too(monkeypatch):
    dialogue, store = begin(accept())
    play(dialogue, "'7", "enter", "'15")
    monkeypatch.setattr("tui.panels.rule_move.refuse_taken", lambda *_: None)
    theirs = replace(rule_of(store, 20), seq=15)
    store.add(Server.ACCEPT, theirs)
    play(dialogue, "enter")
    assert dialogue.display.message == "QSOACCEPT has a rule 15 already"
    assert rule_of(store, 15) == theirs


def test_a_condition_that_was_not_changed_makes_no_revision():
    dialogue, store = begin(accept())
    play(dialogue, "'8", "enter", "tab", "'2", "enter", "enter")
    assert dialogue.display.message == "Condition 20 not changed."
    assert store.revision == 1


def test_a_call_too_long_for_its_line_says_so():
    dialogue, _ = begin(TestRules(Server.ACCEPT))
    for field in ("rmtaddr", "lcladdr"):
        dialogue.display.cursor = dialogue.display.field(field).start
        play(dialogue, "'2001:db8:1111:2222:3333:4444:5555:6666")
    play(dialogue, "enter")
    assert dialogue.display.line(4).endswith("6666 lcl>")


def test_a_lost_store_keeps_the_panel_and_enter_again_saves():
    dialogue, store = begin(accept())
    play(dialogue, "f6", "'15", "tab", "tab", "'y")
    store.down = True
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, CreateRule)
    assert dialogue.display.message == "rule store: the connection is lost"
    store.down = False
    play(dialogue, "enter")
    assert store.seqs() == [10, 15, 20, 30, 99999]


def test_change_saves_what_was_changed_only():
    dialogue, store = begin(accept())
    before = rule_of(store, 10)
    play(dialogue, "'2", "enter", "tab", "tab", "'*", "enter")
    assert rule_of(store, 10) == replace(before, audit=Flag.INHERIT)


def test_change_without_a_change_makes_no_revision():
    dialogue, store = begin(accept())
    play(dialogue, "'2", "enter", "enter")
    assert dialogue.display.message == "Socket rule 10 not changed."
    assert store.revision == 1


def test_a_rule_that_someone_else_changed_is_not_overwritten():
    dialogue, store = begin(accept())
    play(dialogue, "'2", "enter", "ctrl+delete", "'Mine")
    seen = rule_of(store, 10)
    store.change(Server.ACCEPT, seen, replace(seen, name="Theirs"))
    play(dialogue, "enter")
    assert dialogue.display.message == (
        "QSOACCEPT rule 10 changed by another user; nothing saved, F5 shows it"
    )
    assert dialogue.display.field("name").value == "Mine"
    assert rule_of(store, 10).name == "Theirs"


def test_the_default_rule_shows_active_and_test_but_does_not_take_them():
    dialogue, store = begin(accept())
    play(dialogue, "tab", "tab", "tab", "'2", "enter")
    names = [f.name for f in dialogue.display.fields]
    assert names == ["name", "authority", "audit", "message", "capture"]
    play(dialogue, "tab", "'*", "enter")
    assert dialogue.display.message == "Authority must be Y or N."
    play(dialogue, "'n", "enter")
    assert rule_of(store, 99999).authority is Flag.NO


def test_a_copy_has_the_conditions_and_is_inactive():
    dialogue, store = begin(accept())
    play(dialogue, "'3", "enter", "'15", "enter")
    assert rule_of(store, 15) == replace(rule_of(store, 10), seq=15, active=False)


def test_move_gives_another_sequence():
    dialogue, store = begin(accept())
    play(dialogue, "'7", "enter", "'25", "enter")
    assert store.seqs() == [20, 25, 30, 99999]
    play(dialogue, "'7", "enter", "'20", "enter")
    assert dialogue.display.message == "The rule has sequence 20 already."
    play(dialogue, "'99999", "enter")
    assert dialogue.display.message == "To sequence must be a number from 1 to 99998."


def test_a_rule_without_valid_conditions_is_marked_everywhere():
    dialogue, _ = begin(accept())
    assert ("!", PINK) in dialogue.display.runs(12)
    assert "! = never enforced" in text(dialogue)
    play(dialogue, "f11")
    assert "Never enforced: it has no conditions" in text(dialogue)
    play(dialogue, "tab", "tab", "'5", "enter")
    assert "Never enforced: it has no conditions" in text(dialogue)


# ------------------------------------------------------------------------ conditions


def test_a_condition_is_added_with_its_lists_of_values():
    dialogue, store = begin(accept())
    play(dialogue, "tab", "tab", "'8", "enter", "f6", "tab", "tab")
    play(dialogue, "f4", "tab", "tab", "tab", "tab", "'1", "enter")
    assert dialogue.display.field("field").value == "RMTADDR"
    assert dialogue.display.field_at_cursor().name == "field"
    play(dialogue, "tab", "f4", "tab", "tab", "tab", "tab", "'1", "enter")
    assert dialogue.display.field("op").value == "GRP"
    play(dialogue, "tab", "f4", "'1", "enter", "enter")
    assert rule_of(store, 30).conditions == (condition(10, "RMTADDR", "GRP", "ADMINS"),)
    assert dialogue.display.message == "Condition 10 added."


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        (("BACKLOG", "EQ", "5"), "field", "BACKLOG is not a field of QSOACCEPT."),
        (("", "EQ", "5"), "field", "Blank is not a field of QSOACCEPT."),
        (("RMTPORT", "LIKE", "5"), "op", "RMTPORT takes EQ NE LT LE GT GE RANGE"),
        (("RMTPORT", "EQ", "65536"), "value", "RMTPORT EQ:"),
        (("RMTADDR", "GRP", "NOBODY"), "value", "RMTADDR GRP:"),
        (("RMTADDR", "EQ", ""), "value", "RMTADDR EQ: the value is empty"),
    ],
)
def test_a_wrong_condition_names_its_field(typed, field, message):
    dialogue, store = begin(accept())
    play(dialogue, "'8", "enter", "f6")
    for name, value in zip(("field", "op", "value"), typed, strict=True):
        dialogue.display.cursor = dialogue.display.field(name).start
        play(dialogue, f"'{value}")
    play(dialogue, "enter")
    assert dialogue.display.message.startswith(message)
    assert dialogue.display.field_at_cursor().name == field
    assert store.revision == 1


def test_two_conditions_are_changed_one_after_the_other():
    dialogue, store = begin(accept())
    play(dialogue, "'8", "enter", "'2", "tab", "'2", "enter")
    for value in ("192.0.2.1", "23"):
        dialogue.display.cursor = dialogue.display.field("op").start
        play(dialogue, "'EQ", "ctrl+k", f"'{value}", "ctrl+k", "enter")
    assert [c.value for c in rule_of(store, 10).conditions] == ["192.0.2.1", "23"]
    assert isinstance(dialogue.panel, Conditions)


def test_a_condition_is_deleted_after_it_was_confirmed():
    dialogue, store = begin(accept())
    play(dialogue, "'8", "enter", "tab", "'4", "enter", "enter")
    assert [c.seq for c in rule_of(store, 10).conditions] == [10]
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, WorkWithRules)


def test_a_value_longer_than_its_field_is_shown_and_not_cut():
    value = ",".join(f"192.0.2.{n}" for n in range(1, 60))
    rules = edits.change_rule(
        sample(),
        Server.ACCEPT,
        replace(
            edits.find_rule(sample(), Server.ACCEPT, 30),
            conditions=(condition(10, "RMTADDR", "LIST", value),),
        ),
    )
    dialogue, store = begin(accept(), rules)
    play(dialogue, "tab", "tab", "'8", "enter", "'2", "enter")
    assert dialogue.display.field("value") is None
    assert dialogue.display.line(11) == f" Value . . . . . . . . . :  {value[:51]}>"
    play(dialogue, "'OR", "enter")
    assert rule_of(store, 30).conditions[0].value == value


# --------------------------------------------------------------- testing, activation, menu


def test_a_call_is_decided_and_its_trace_shown():
    dialogue, store = begin(TestRules())
    play(dialogue, "tab", "'10.1.2.3", "tab", "tab", "tab", "'22", "enter")
    assert isinstance(dialogue.panel, Trace)
    assert "Decided by  . . . . . . :  rule 10   Admin subnet to SSH" in text(dialogue)
    assert store.revision == 1
    play(dialogue, "enter")
    assert dialogue.display.field("rmtaddr").value == "10.1.2.3"


@pytest.mark.parametrize(
    ("field", "value"),
    [("rmtaddr", "10.1"), ("lclport", "99999"), ("at", "tomorrow"), ("bndaddr", "0x7f.1")],
)
def test_a_wrong_field_of_a_call_gets_the_cursor(field, value):
    dialogue, _ = begin(TestRules())
    dialogue.display.cursor = dialogue.display.field(field).start
    play(dialogue, f"'{value}", "enter")
    assert dialogue.display.field_at_cursor().name == field
    assert dialogue.display.field(field).error


def test_live_rules_say_when_the_server_is_not_activated():
    dialogue, _ = begin(TestRules())
    play(dialogue, "shift+tab", "'y", "enter")
    assert "the server is not activated" in text(dialogue)


def test_activation_is_confirmed_and_done_for_all_at_once():
    dialogue, store = begin(Activation())
    play(dialogue, "'1", "tab", "tab", "'1", "enter")
    assert not any(store.activated.values())
    play(dialogue, "enter")
    assert [s for s, on in store.activated.items() if on] == [Server.LISTEN, Server.ACCEPT]
    assert store.revision == 2
    play(dialogue, "'4", "enter", "enter")
    assert [s for s, on in store.activated.items() if on] == [Server.ACCEPT]


def test_a_wrong_choice_of_the_menu_says_so():
    dialogue, _ = session()
    play(dialogue, "'77", "enter")
    assert dialogue.display.message == "77 is not a choice of this menu."
    play(dialogue, "ctrl+e", "'90", "enter")
    assert dialogue.ended


def test_f3_leaves_the_function_and_then_the_workbench():
    dialogue, _ = session()
    play(dialogue, "'1", "enter", "'2", "enter", "f3")
    assert "Main Menu" in text(dialogue)
    assert not dialogue.ended
    play(dialogue, "f3")
    assert dialogue.ended


def test_help_leaves_the_panel_as_it_was():
    dialogue, _ = begin(accept())
    play(dialogue, "f6", "'15", "tab", "'Half typ", "f1")
    assert "Description - Help" in text(dialogue)
    play(dialogue, "f12")
    assert dialogue.display.field("name").value == "Half typ"
    assert dialogue.display.cursor == dialogue.display.field("name").start + 8


WAYS = (
    (), ("'1", "enter"), ("'1", "enter", "f6"), ("'1", "enter", "'7", "enter"),
    ("'1", "enter", "'8", "enter"), ("'1", "enter", "'8", "enter", "f6"), ("'4", "enter"),
    ("'5", "enter"), ("'1", "enter", "f6", "tab", "tab", "f4"),
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_panel_and_every_field_has_its_help(way):
    dialogue, _ = session()
    play(dialogue, *way)
    assert dialogue.panel.name in TOPICS
    for field in dialogue.display.fields:
        assert topic_of(dialogue.panel.name, field.name) != dialogue.panel.name, field.name


def test_the_legend_can_be_clicked():
    dialogue, _ = begin(accept())
    line = dialogue.display.lines()[21]
    assert aid_at(dialogue.display, 22, line.index("F5=") + 1) is Aid.F5
    assert aid_at(dialogue.display, 22, line.index("conditions") + 3) is Aid.F11
    assert aid_at(dialogue.display, 10, 20) is None


@pytest.mark.parametrize("label", ["Server", "Position to Seq", "Subset by description", "To"])
def test_leader_dots_end_at_one_column(label):
    assert len(leader(label, output=True)) == len(leader(label, output=False)) == 25
    assert leader(label, output=True).startswith(label + " ")
    assert leader(label, output=True).endswith(":")
    assert leader(label, output=False).endswith(".")


def test_no_panel_gives_f15_a_job():
    dialogue, _ = session()
    for way in WAYS:
        play(dialogue, "f3", *way)
        if not dialogue.ended:
            assert all(k.aid is not Aid.F15 for k in dialogue.panel.function_keys())
        dialogue, _ = session()


_NAMES = st.sampled_from(sorted(set(TERMINAL_KEYS) - {"f3"}))
_CHARACTERS = st.sampled_from("123456789 ynYN*xOREQ.:/-GRP\u00df\u4e2d")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(WAYS), st.lists(st.one_of(_NAMES, _CHARACTERS), max_size=60))
def test_no_sequence_of_keys_raises_or_leaves_the_screen(way, keys):
    dialogue, store = session()
    play(dialogue, *way)
    for key in keys:
        if key in TERMINAL_KEYS:
            dialogue.press(key)
        else:
            dialogue.handle(Typed(key))
        display = dialogue.display
        assert 0 <= display.cursor < display.size
        assert all(len(f.value) <= f.length for f in display.fields)
        lines = display.lines()
        assert len(lines) == 24
        assert max(map(len, lines)) <= 80
    assert store.seqs()[-1] == 99999


def test_insert_mode_outlives_a_redraw_and_reset_ends_it():
    dialogue, _ = begin(accept())
    play(dialogue, "insert", "f5")
    assert dialogue.display.insert
    play(dialogue, "ctrl+r")
    assert not dialogue.display.insert


def test_help_has_no_help_of_its_own():
    dialogue, _ = begin(accept())
    play(dialogue, "f1", "f1")
    assert dialogue.display.message == "This is help already; F2 has more of it."
    play(dialogue, "f12")
    assert isinstance(dialogue.panel, WorkWithRules)
