"""Lists: paging by key, options from top to bottom, confirmation, what survives a roll."""

from __future__ import annotations

import pytest

from epm.model import Flag, Rule, Server
from tests.tui.desk import MemoryRules, many, play, sample, session, text
from tui.kit.confirm import Confirm
from tui.panels.rule_entry import ChangeRule, DisplayRule
from tui.panels.rules import WorkWithRules


@pytest.fixture
def long():
    """The list of 1000 rules, and the store behind it."""
    store = MemoryRules(many(1000))
    dialogue, _ = session(store, WorkWithRules(Server.CONNECT))
    return dialogue, store


@pytest.fixture
def short():
    store = MemoryRules(sample())
    dialogue, _ = session(store, WorkWithRules(Server.ACCEPT))
    return dialogue, store


def first_shown(dialogue):
    return int(dialogue.display.lines()[9][6:11])


def test_a_page_is_read_with_one_row_more_and_never_the_whole_list(long):
    dialogue, store = long
    play(dialogue, "pagedown", "pagedown", "pageup", "f18", "f17")
    assert set(store.pages) <= {10, 11}
    assert max(store.pages) == 11


def test_rolling_goes_there_and_back(long):
    dialogue, _ = long
    assert first_shown(dialogue) == 10
    play(dialogue, "pagedown")
    assert first_shown(dialogue) == 110
    play(dialogue, "pagedown", "pageup")
    assert first_shown(dialogue) == 110
    play(dialogue, "pageup", "pageup")
    assert first_shown(dialogue) == 10
    assert dialogue.display.message == "Already at the top of the list."


def test_rolling_back_from_the_middle_of_a_page_stops_at_the_top(long):
    dialogue, _ = long
    play(dialogue, "home", "'31", "enter", "pageup")
    assert first_shown(dialogue) == 10


def test_bottom_is_the_default_rule(long):
    dialogue, _ = long
    assert "More..." in dialogue.display.lines()[19]
    play(dialogue, "f18")
    assert "99999" in dialogue.display.lines()[18]
    assert "Bottom" in dialogue.display.lines()[19]
    play(dialogue, "pagedown")
    assert dialogue.display.message == "Already at the bottom of the list."


def test_position_to_takes_the_next_sequence_that_exists(long):
    dialogue, _ = long
    play(dialogue, "home", "'5005", "enter")
    assert first_shown(dialogue) == 5010


def test_options_typed_before_a_roll_survive_it_and_run(long):
    dialogue, _ = long
    play(dialogue, "'5", "pagedown", "'2", "pageup")
    assert dialogue.display.field("opt10").value == "5"
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, DisplayRule)
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, ChangeRule)
    assert dialogue.panel.seen.seq == 110


def test_options_run_from_top_to_bottom_whatever_the_order_of_typing(short):
    dialogue, _ = short
    play(dialogue, "tab", "'2", "shift+tab", "shift+tab", "'5", "enter")
    assert isinstance(dialogue.panel, DisplayRule)
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, ChangeRule)


def test_with_a_wrong_option_nothing_is_processed(short):
    dialogue, _ = short
    play(dialogue, "'5", "tab", "'34", "enter")
    assert isinstance(dialogue.panel, WorkWithRules)
    assert dialogue.display.message == "Option 34 not valid."
    assert dialogue.display.field("opt20").error
    assert dialogue.display.field_at_cursor().name == "opt20"
    assert dialogue.display.field("opt10").value == "5"


def test_a_wrong_option_on_another_page_is_brought_back(long):
    dialogue, _ = long
    play(dialogue, "'x", "pagedown", "pagedown", "'5", "enter")
    assert first_shown(dialogue) == 10
    assert dialogue.display.field("opt10").error


@pytest.mark.parametrize("option", ["3", "4", "7", "8"])
def test_the_default_rule_is_protected(short, option):
    dialogue, store = short
    play(dialogue, "tab", "tab", "tab", f"'{option}", "enter")
    assert f"Option {option} not allowed for the default rule" in dialogue.display.message
    assert store.revision == 1


def test_deletes_are_confirmed_together_and_done_at_once(short):
    dialogue, store = short
    play(dialogue, "'4", "tab", "tab", "'4", "enter")
    assert isinstance(dialogue.panel, Confirm)
    assert store.seqs() == [10, 20, 30, 99999]
    play(dialogue, "enter")
    assert store.seqs() == [20, 99999]
    assert store.revision == 2
    assert dialogue.display.message == "2 socket rules deleted."
    assert all(f.value == "" for f in dialogue.display.fields)


def test_f12_returns_to_change_the_choices(short):
    dialogue, store = short
    play(dialogue, "'4", "tab", "'4", "enter", "f12")
    assert [f.value for f in dialogue.display.fields if f.name.startswith("opt")][:2] == ["4", "4"]
    assert store.seqs() == [10, 20, 30, 99999]


def test_f12_on_a_panel_leaves_the_options_that_were_not_reached(short):
    dialogue, _ = short
    play(dialogue, "'5", "tab", "'2", "enter", "f12")
    assert dialogue.display.field("opt10").value == ""
    assert dialogue.display.field("opt20").value == "2"


def test_the_failing_option_stays_and_those_done_are_cleared(short):
    dialogue, store = short
    play(dialogue, "'5", "tab", "'2", "enter")
    store.down = True
    play(dialogue, "enter")
    assert dialogue.display.message == "rule store: the connection is lost"
    store.down = False
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, ChangeRule)
    assert dialogue.panel.seen.seq == 20


def test_an_option_for_a_rule_that_is_gone_says_so_and_does_not_stay(short):
    dialogue, store = short
    play(dialogue, "'2")
    store.delete(Server.ACCEPT, [store.rule(Server.ACCEPT, 10)])
    play(dialogue, "enter")
    assert dialogue.display.message == "QSOACCEPT has no rule 10"
    assert store.seqs() == [20, 30, 99999]
    play(dialogue, "enter")
    assert dialogue.display.message == ""


def test_refresh_forgets_options_and_reads_again(short):
    dialogue, store = short
    play(dialogue, "'5")
    store.add(Server.ACCEPT, Rule(15, "Someone else's", Flag.NO))
    play(dialogue, "f5")
    assert "Someone else's" in text(dialogue)
    assert all(f.value == "" for f in dialogue.display.fields)


def test_a_lost_store_keeps_what_was_typed(short):
    dialogue, store = short
    play(dialogue, "'5", "tab", "'2")
    store.down = True
    play(dialogue, "pagedown", "f5", "f11", "enter")
    assert dialogue.display.message == "rule store: the connection is lost"
    assert dialogue.display.field("opt20").value == "2"


def test_a_subset_shows_only_what_contains_it(short):
    dialogue, _ = short
    play(dialogue, "home", "tab", "'SUBNET", "enter")
    assert "Admin subnet" in text(dialogue)
    assert "Nobody else" not in text(dialogue)


def test_typed_ahead_keys_do_what_slow_ones_do(short):
    dialogue, _ = short
    play(dialogue, "'5", "enter", "enter", "'4", "enter")
    assert isinstance(dialogue.panel, Confirm)
    assert "  4      10  Admin subnet to SSH" in text(dialogue)


def test_many_messages_show_a_plus_and_roll_on_the_message_line(short):
    dialogue, store = short
    store.warn = ("QSOACCEPT rule 30 has no conditions", "x" * 100)
    play(dialogue, "'4", "enter", "enter")
    assert dialogue.display.message == f"{'1 socket rule deleted.':<77}+"
    dialogue.display.cursor = dialogue.display.position(24, 1)
    play(dialogue, "pagedown")
    assert dialogue.display.message.startswith("QSOACCEPT rule 30 has no conditions")
    play(dialogue, "pagedown")
    assert dialogue.display.message == "x" * 76 + " +"


def test_a_long_message_goes_on_between_words(short):
    dialogue, _ = short
    dialogue.say(" ".join(["word"] * 20))
    assert dialogue.display.message == f"{' '.join(['word'] * 15):<77}+"
    dialogue.display.cursor = dialogue.display.position(24, 1)
    play(dialogue, "pagedown")
    assert dialogue.display.message == f"{' '.join(['word'] * 5):<77}+"


def test_a_key_without_a_job_says_so_and_changes_nothing(short):
    dialogue, _ = short
    play(dialogue, "'5")
    for name in ("f7", "f16", "f24", "f15"):
        play(dialogue, name)
        assert dialogue.display.message == f"Function key {name.upper()} not allowed."
    assert dialogue.display.field("opt10").value == "5"
