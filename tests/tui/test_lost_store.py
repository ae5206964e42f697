"""A store that is lost in the middle: nothing half done, forgotten or remembered wrongly."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from epm.errors import StoreUnavailableError
from epm.model import Server
from tests.tui.desk import MemoryRules, many, play, sample, session, text
from tests.tui.walks import LOST, keys_of, losing_session, walks
from tui.keys import Aid
from tui.panels.rules import WorkWithRules

NEXT = (Aid.ROLL_DOWN, Aid.F5, Aid.F11, Aid.ENTER)


def rows(dialogue):
    return [line for line in dialogue.display.lines() if "Rule number" in line]


@pytest.fixture
def long():
    """The second page of a hundred rules, and the store."""
    store = MemoryRules(many(100))
    dialogue, _ = session(store, WorkWithRules(Server.CONNECT))
    return play(dialogue, "pagedown"), store


@pytest.mark.parametrize("key", ["pagedown", "pageup", "f17", "f18", "f11", "f5"])
def test_a_list_that_could_not_roll_is_still_where_it_was(long, key):
    dialogue, store = long
    twin = play(session(MemoryRules(many(100)), WorkWithRules(Server.CONNECT))[0], "pagedown")
    store.down = True
    play(dialogue, key)
    assert dialogue.display.message == LOST
    store.down = False
    for after in ("pageup", "f11", "f5", "pagedown"):
        play(dialogue, after)
        play(twin, after)
        assert text(dialogue) == text(twin), after


def test_options_typed_before_a_roll_are_not_forgotten_by_a_refresh_that_fails(long):
    dialogue, store = long
    play(dialogue, "'5", "pagedown")
    store.down = True
    play(dialogue, "f5")
    store.down = False
    play(dialogue, "enter")
    assert "Rule number 11" in text(dialogue)
    assert "Display Socket Rule" in text(dialogue)


def test_a_list_that_could_not_change_its_size_still_knows_how_long_its_page_is(long, monkeypatch):
    dialogue, store = long
    play(dialogue, "pagedown")
    before = rows(dialogue)

    def lost(*_, **__):
        raise StoreUnavailableError(LOST)

    with monkeypatch.context() as patch:
        patch.setattr(store, "page", lost)  # lost in the middle of drawing
        dialogue.attempt(lambda: dialogue.resize(27, 132))
    assert dialogue.display.message == LOST
    play(dialogue, "pageup", "pagedown")
    assert rows(dialogue) == before


def test_a_subset_that_could_not_be_read_is_asked_for_again_by_enter(long):
    dialogue, store = long
    play(dialogue, "home", "tab", "'number 77")
    store.down = True
    play(dialogue, "enter")
    assert dialogue.display.field("subset").value == "number 77"
    store.down = False
    play(dialogue, "enter")
    assert len(rows(dialogue)) == 1


@dataclass
class LostAfterSaving(MemoryRules):
    """A store that saves and is then gone."""

    def save(self, ruleset, action, subject):
        saved = super().save(ruleset, action, subject)
        self.down = True
        return saved


def test_what_was_saved_is_said_though_the_list_cannot_be_read_again():
    store = LostAfterSaving(sample())
    dialogue, _ = session(store, WorkWithRules(Server.ACCEPT))
    play(dialogue, "f6", "'15", "tab", "tab", "'y", "enter")
    assert isinstance(dialogue.panel, WorkWithRules)
    assert dialogue.display.message.startswith("Socket rule 15 created; option 8 adds conditions.")
    assert dialogue.display.message.endswith("+")  # and the reason why the list does not show it
    store.down = False
    play(dialogue, "f5")
    assert store.seqs() == [10, 15, 20, 30, 99999]
    assert "  15" in text(dialogue)


def test_options_behind_one_after_which_the_store_was_lost_stay():
    store = LostAfterSaving(sample())
    dialogue, _ = session(store, WorkWithRules(Server.ACCEPT))
    play(dialogue, "'7", "tab", "'5", "enter", "'15", "enter")
    assert dialogue.display.field("opt10").value == ""
    assert dialogue.display.field("opt20").value == "5"
    store.down = False
    play(dialogue, "enter")
    assert "Display Socket Rule" in text(dialogue)


@pytest.mark.parametrize("panel", walks())
def test_after_a_key_that_failed_the_next_does_what_it_would_have_done(panel):
    """On every panel: as if the key that met a lost store had never been pressed."""
    for key in keys_of(play(session()[0], *walks()[panel]).panel):
        for after in NEXT:
            dialogue, state = losing_session()
            play(dialogue, *walks()[panel])
            before = dialogue.panel
            state["down"] = True
            dialogue.handle(key)
            if LOST not in dialogue.display.message or dialogue.panel is not before:
                break
            state["down"] = False
            dialogue.handle(after)
            twin, _ = losing_session()
            play(twin, *walks()[panel])
            twin.handle(after)
            assert text(dialogue) == text(twin), (key, after)


def test_only_the_field_that_is_wrong_now_is_in_reverse_image():
    dialogue, _ = session(first=WorkWithRules(Server.ACCEPT))
    play(dialogue, "f6", "'15", "enter")
    assert [f.name for f in dialogue.display.fields if f.error] == ["authority"]
    play(dialogue, "home", "ctrl+k", "enter")
    assert [f.name for f in dialogue.display.fields if f.error] == ["seq"]
