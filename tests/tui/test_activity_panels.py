"""Captured transactions and messages: paged, displayed, deleted, made into rules and tests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from epm import edits
from epm.engine import Engine
from epm.evaluate import Mode
from epm.model import Flag, Server
from tests.tui import activity_desk
from tests.tui.desk import play, session, text
from tui.kit.newest import HIGHEST
from tui.panels.captures import DisplayCapture, WorkWithCaptures
from tui.panels.messages import DisplayMessage, WorkWithMessages
from tui.panels.rule_entry import CreateFromCall
from tui.panels.testing import TestRules, Trace
from tui.session import Session


def begin(first, count=3):
    """A dialogue over ``count`` rows; with it the rules and the rows behind them."""
    dialogue, store = session()
    rows = {
        "captures": activity_desk.captures(store, count),
        "messages": activity_desk.messages(count),
    }
    desk = replace(dialogue.desk, **rows)
    return Session(desk, first), store, rows[first.name]


LISTS = (WorkWithCaptures, WorkWithMessages)


@pytest.mark.parametrize("make", LISTS)
def test_a_list_is_read_a_page_at_a_time_and_rolls_both_ways(make):
    dialogue, _, rows = begin(make(), 1000)
    first = text(dialogue)
    play(dialogue, "pagedown", "pagedown")
    assert text(dialogue) != first
    play(dialogue, "pageup", "pageup")
    assert text(dialogue) == first
    play(dialogue, "f18")
    assert "Bottom" in dialogue.display.lines()[19]
    assert rows.rows[0].number == 1
    play(dialogue, "pagedown")
    assert dialogue.display.message == "Already at the bottom of the list."
    assert max(rows.pages) <= 11


@pytest.mark.parametrize("make", LISTS)
def test_the_highest_number_that_there_can_be_is_listed(make):
    dialogue, _, rows = begin(make())
    rows.rows.append(replace(rows.rows[-1], number=HIGHEST))
    play(dialogue, "f5", "'4", "enter", "enter")
    assert [row.number for row in rows.rows] == [1, 2, 3]


@pytest.mark.parametrize("make", LISTS)
def test_an_option_stays_beside_its_row_when_newer_ones_come(make):
    dialogue, _, rows = begin(make())
    play(dialogue, "tab", "'4", "pagedown")
    rows.rows.append(replace(rows.rows[-1], number=4))
    play(dialogue, "enter", "enter")
    assert sorted(row.number for row in rows.rows) == [1, 3, 4]


@pytest.mark.parametrize("make", LISTS)
def test_deletes_are_confirmed_and_f12_keeps_the_options(make):
    dialogue, _, rows = begin(make())
    play(dialogue, "'4", "tab", "tab", "'4", "enter")
    assert dialogue.panel.name == "confirm"
    play(dialogue, "f12")
    assert [f.value for f in dialogue.display.fields] == ["4", "", "4"]
    assert len(rows.rows) == 3
    play(dialogue, "enter", "enter")
    assert [row.number for row in rows.rows] == [2]
    assert dialogue.display.message.startswith("2 ")


@pytest.mark.parametrize("make", LISTS)
def test_all_are_deleted_but_not_what_came_after_the_question(make):
    dialogue, _, rows = begin(make())
    play(dialogue, "f13")
    rows.rows.append(replace(rows.rows[-1], number=4))
    assert len(rows.rows) == 4
    play(dialogue, "enter")
    assert [row.number for row in rows.rows] == [4]
    assert dialogue.display.message.startswith("3 ")
    play(dialogue, "f13", "enter", "f13")
    assert dialogue.display.message.startswith("There are no ")


@pytest.mark.parametrize("make", LISTS)
def test_a_row_that_is_gone_says_so_and_its_option_does_not_stay(make):
    dialogue, _, rows = begin(make())
    play(dialogue, "'5")
    rows.delete([3])
    play(dialogue, "enter")
    assert "not there any more" in dialogue.display.message
    assert [f.value for f in dialogue.display.fields] == ["", ""]


@pytest.mark.parametrize("make", LISTS)
def test_of_several_options_only_those_beside_a_row_that_is_gone_do_not_stay(make):
    dialogue, _, rows = begin(make())
    play(dialogue, "'4", "tab", "'4", "tab", "'4")
    rows.delete([2])
    play(dialogue, "enter")
    assert "not there any more" in dialogue.display.message
    assert [f.value for f in dialogue.display.fields] == ["4", "4"]
    play(dialogue, "enter", "enter")
    assert rows.rows == []


@pytest.mark.parametrize("make", LISTS)
def test_a_lost_store_keeps_the_options_that_were_typed(make):
    dialogue, _, rows = begin(make())
    play(dialogue, "'4", "tab", "'4", "enter")
    rows.down = True
    play(dialogue, "enter")
    assert dialogue.panel.name == "confirm"
    assert dialogue.display.message == "rule store: the connection is lost"
    rows.down = False
    play(dialogue, "enter")
    assert [row.number for row in rows.rows] == [1]


# ------------------------------------------------------------------------- a rule from a call


def create(dialogue, row, *words):
    return play(dialogue, *["tab"] * row, "'6", "enter", *words)


def test_a_rule_from_a_call_needs_its_authority_and_nothing_else():
    dialogue, store, _ = begin(WorkWithCaptures())
    create(dialogue, 0, "enter")
    assert isinstance(dialogue.panel, CreateFromCall)
    assert dialogue.display.message == "Authority must be Y, N or *."
    play(dialogue, "'n", "enter")
    made = edits.find_rule(store.ruleset, Server.ACCEPT, 5)
    assert (made.authority, made.active, made.test) == (Flag.NO, False, True)
    assert [f"{c.field} {c.op} {c.value}" for c in made.conditions] == [
        "RMTADDR EQ 10.1.2.3", "LCLPORT EQ 22", "USER EQ QTCP", "PGM EQ /usr/sbin/sshd",
    ]  # fmt: skip
    assert dialogue.display.message == "QSOACCEPT rule 5 created, inactive; 8=Conditions."


def test_the_rule_decides_its_call_in_the_test_facility_and_nothing_live():
    dialogue, store, rows = begin(WorkWithCaptures())
    create(dialogue, 0, "tab", "tab", "'n", "enter")
    call = rows.rows[-1].call
    assert Engine(store.ruleset, Mode.TEST).decide(call).rule.seq == 5
    live = edits.with_activation(store.ruleset, Server.ACCEPT, True)
    assert Engine(live, Mode.LIVE).decide(call).rule.seq == 10


def test_the_rule_is_of_the_server_that_was_called():
    dialogue, store, _ = begin(WorkWithCaptures())
    create(dialogue, 2, "tab", "tab", "'y", "enter")
    assert store.seqs(Server.CONNECT) == [10, 99999]
    made = edits.find_rule(store.ruleset, Server.CONNECT, 10)
    assert made.conditions[0].value == "2001:db8::25"


def test_f12_makes_no_rule():
    dialogue, store, _ = begin(WorkWithCaptures())
    create(dialogue, 0, "f12")
    assert isinstance(dialogue.panel, WorkWithCaptures)
    assert store.revision == 1


def test_a_call_that_no_rule_could_name_is_refused_in_words():
    dialogue, _, rows = begin(WorkWithCaptures())
    bare = replace(rows.rows[-1].call, rmtaddr=None, lclport=None, user=None, job=None, pgm=None)
    rows.rows[-1] = replace(rows.rows[-1], call=bare)
    create(dialogue, 0)
    assert dialogue.display.message == "the QSOACCEPT call has no field that a rule could name"
    assert dialogue.display.field_at_cursor().value == "6"


def test_a_call_is_tested_with_its_own_fields():
    dialogue, _, _ = begin(WorkWithCaptures())
    play(dialogue, "'9", "enter")
    assert isinstance(dialogue.panel, TestRules)
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, Trace)
    assert "Decided by  . . . . . . :  rule 10   Admin subnet to SSH" in text(dialogue)


# ------------------------------------------------------------------------------- displaying


def test_a_transaction_is_displayed_with_every_field():
    dialogue, _, _ = begin(WorkWithCaptures())
    play(dialogue, "'5", "enter")
    assert isinstance(dialogue.panel, DisplayCapture)
    shown = text(dialogue) + text(play(dialogue, "pagedown"))
    for value in ("10.1.2.3", "50003", "192.168.1.10", "0.0.0.0", "QTCP", "QPGMR", "SSHD",
                  "/usr/sbin/sshd", "2026-11-20T23:59:58"):  # fmt: skip
        assert value in shown, value
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, WorkWithCaptures)


def test_a_message_is_displayed_whole_whatever_its_length():
    dialogue, _, rows = begin(WorkWithMessages())
    words = [f"word{n}" for n in range(150)]
    rows.rows[-1] = replace(rows.rows[-1], text=" ".join(words))
    play(dialogue, "'5", "enter")
    assert isinstance(dialogue.panel, DisplayMessage)
    shown = text(dialogue)
    while "More..." in dialogue.display.lines()[19]:
        shown += text(play(dialogue, "pagedown"))
    assert all(word in shown.split() for word in words)


def test_hostile_text_is_shown_as_cells():
    dialogue, _, rows = begin(WorkWithMessages())
    rows.rows[-1] = replace(rows.rows[-1], text="bad \x1b[2J \u202e text")
    for words in (("f5",), ("'5", "enter")):
        play(dialogue, *words)
        assert "bad" in text(dialogue)
        assert all(line.isprintable() for line in dialogue.display.lines())


def test_the_list_says_which_queue_it_is():
    dialogue, store, _ = begin(WorkWithMessages())
    config = replace(store.ruleset.config, message_queue="SECMSGQ")
    store.save(edits.with_config(store.ruleset, config), "change", "configuration")
    play(dialogue, "f5")
    assert "Message queue . . . . . :  SECMSGQ" in text(dialogue)


def test_the_times_are_the_other_view():
    dialogue, _, _ = begin(WorkWithCaptures())
    assert "QTCP" in text(dialogue)
    play(dialogue, "f11")
    assert "2026-11-21 00:02:58" in text(dialogue)
    assert "QTCP" not in text(dialogue)
    play(dialogue, "f11")
    assert "QTCP" in text(dialogue)
