"""The message line: what stays there, what clears it, and what F1 tells about it."""

from __future__ import annotations

import pytest

from epm.errors import EditConflictError, GuardRefusalError
from epm.model import Flag, Rule, Server
from tests.tui.desk import MemoryRules, play, sample, session, text
from tui.helptext import TOPICS
from tui.keyboard import PROTECTED
from tui.messages import MessageKind, kind_of
from tui.panels.message_details import MessageDetails
from tui.panels.rule_entry import ChangeRule
from tui.panels.rules import WorkWithRules

REFUSED = "Option X not valid."


@pytest.fixture
def refused():
    """A list with a refused option beside rule 20, and one that waits beside rule 10."""
    store = MemoryRules(sample())
    dialogue, _ = session(store, WorkWithRules(Server.ACCEPT))
    return play(dialogue, "'2", "tab", "'x", "enter"), store


def to_message_line(dialogue):
    return play(dialogue, *["down"] * (dialogue.display.rows - dialogue.display.row))


def options(dialogue):
    return [f.value for f in dialogue.display.fields if f.name.startswith("opt")]


def test_a_message_stays_while_the_cursor_moves_and_goes_when_something_is_typed(refused):
    dialogue, _ = refused
    play(dialogue, "tab", "shift+tab", "up", "left", "right", "home", "end", "ctrl+n")
    assert dialogue.display.message == REFUSED
    play(dialogue, "'5")
    assert dialogue.display.message == ""
    play(dialogue, "down")
    assert dialogue.display.message == ""


def test_what_the_display_itself_says_goes_with_the_next_key_and_the_message_is_back(refused):
    dialogue, _ = refused
    play(dialogue, "home", "up", "'z")
    assert dialogue.display.message == PROTECTED
    play(dialogue, "down")
    assert dialogue.display.message == ""
    play(dialogue, "enter", "up", "delete", "left", "right", "delete")
    assert dialogue.display.message != REFUSED


def test_f1_on_the_message_line_tells_all_of_it_with_cause_and_recovery(refused):
    dialogue, _ = refused
    play(to_message_line(dialogue), "f1")
    assert isinstance(dialogue.panel, MessageDetails)
    shown = " ".join(text(dialogue).split())
    assert f": {REFUSED} " in shown
    assert TOPICS["message-details.field.cause"] in shown
    assert TOPICS["message-details.field.recovery"] in shown


@pytest.mark.parametrize("back", ["enter", "f3", "f12"])
def test_back_from_it_the_panel_is_just_as_it_was(refused, back):
    dialogue, _ = refused
    before = to_message_line(dialogue).display
    lines = before.lines()
    play(dialogue, "f1", "f1", "f12", back)
    assert dialogue.display is before
    assert dialogue.display.lines() == lines
    assert dialogue.display.field("opt20").error


def test_every_message_of_several_is_told_whole(refused):
    dialogue, store = refused
    store.warn = ("QSOACCEPT rule 30 has no conditions", "y " * 60)
    play(dialogue, "f5", "'4", "enter", "enter")
    play(to_message_line(dialogue), "pagedown", "f1")
    shown = text(dialogue)
    assert "1 socket rule deleted." in shown
    assert "rule 30 has no conditions" in shown
    assert shown.count("y") >= 60
    assert TOPICS["message-details.done.cause"] in shown


def test_an_error_of_the_display_is_told_too(refused):
    dialogue, _ = refused
    play(dialogue, "ctrl+r", *["down"] * 13, "'q", "f1")
    shown = " ".join(text(dialogue).split())
    assert PROTECTED in shown
    assert TOPICS["message-details.operator.cause"] in shown


def test_an_empty_message_line_has_the_help_of_the_panel():
    dialogue = to_message_line(session(None, WorkWithRules(Server.ACCEPT))[0])
    assert play(dialogue, "f1").panel.name == "help"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (EditConflictError("theirs"), MessageKind.CONFLICT),
        (GuardRefusalError("locked out"), MessageKind.GUARD),
    ],
)
def test_cause_and_recovery_are_those_of_the_error(refused, error, kind):
    assert kind_of(error) is kind
    dialogue, store = refused
    play(dialogue, "f5", "'2", "enter")
    assert isinstance(dialogue.panel, ChangeRule)

    def fail(*_):
        raise error

    store.change = fail
    play(to_message_line(play(dialogue, "'New ", "enter")), "f1")
    shown = " ".join(text(dialogue).split())
    assert str(error) in shown
    assert TOPICS[f"message-details.{kind}.recovery"] in shown


@pytest.mark.parametrize("kind", [*MessageKind, "operator"])
def test_every_kind_of_message_has_its_texts(kind):
    assert TOPICS[f"message-details.{kind}.cause"]
    assert TOPICS[f"message-details.{kind}.recovery"]


@pytest.mark.parametrize("leave", ["f3", "f12", "enter"])
@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("'1", "enter", "'2", "tab", "'5"), {"opt10": "2", "opt20": "5"}),
        (("'1", "enter", "home", "'77", "tab", "'ssh"), {"position": "77", "subset": "ssh"}),
        (("'1", "enter", "f6", "'15", "tab", "'Mine"), {"seq": "15", "name": "Mine"}),
        (("'WRKSKTRUL QSOLISTEN",), {"selection": "WRKSKTRUL QSOLISTEN"}),
        (("'4", "enter", "tab", "'10.1.2.3"), {"rmtaddr": "10.1.2.3"}),
    ],
)
def test_help_takes_nothing_of_what_is_typed(keys, expected, leave):
    dialogue, store = session()
    play(dialogue, *keys)
    store.add(Server.ACCEPT, Rule(15, "Someone else's", Flag.NO))
    cursor = dialogue.display.cursor
    play(dialogue, "f1", "f2", leave)
    values = dialogue.display.values()
    assert {name: values[name] for name in expected} == expected
    assert dialogue.display.cursor == cursor
