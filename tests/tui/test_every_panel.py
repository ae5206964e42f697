"""What holds on every panel that can be reached, whatever happens: keys, pastes, clicks, sizes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tui.desk import play, session, text
from tests.tui.walks import LOST, SIZES, keys_of, losing_session, walks
from tui.helptext import TOPICS
from tui.keyboard import paste
from tui.keys import TERMINAL_KEYS, Aid, Typed
from tui.panels.help import Help, topic_at
from tui.places import columns_of, place_at
from tui.pointing import point

_NAMES = st.sampled_from(sorted(set(TERMINAL_KEYS) - {"f3"}))
_CHARACTERS = st.sampled_from("123456789 ynYN*xOREQ.:/-GRP\u00df\u4e2d")
_PASTED = st.text(max_size=120).map(lambda pasted: ("paste", pasted))
_CLICKED = st.tuples(st.just("click"), st.integers(1, 24), st.integers(1, 80))
_RESIZED = st.sampled_from([("size", 24, 80), ("size", 27, 132)])
_EVENTS = st.lists(st.one_of(_NAMES, _CHARACTERS, _PASTED, _CLICKED, _RESIZED), max_size=40)


def happen(dialogue, event):
    if isinstance(event, str):
        if event in TERMINAL_KEYS:
            dialogue.press(event)
        else:
            dialogue.handle(Typed(event))
    elif event[0] == "paste":
        paste(dialogue.display, event[1])
    elif event[0] == "click":
        for key in point(dialogue.display, *event[1:], dialogue.panel.heads_row):
            dialogue.handle(key)
    else:
        dialogue.attempt(lambda: dialogue.resize(*event[1:]))


def check(display):
    assert 0 <= display.cursor < display.size
    assert all(len(f.value) <= f.length for f in display.fields)
    lines = display.lines()
    assert len(lines) == display.rows
    assert max(map(len, lines)) <= display.columns
    assert len(display.message) <= display.columns - 2 or display.message.isspace()


@pytest.mark.parametrize("size", SIZES)
@settings(max_examples=80, deadline=None)
@given(way=st.sampled_from(sorted(walks().values())), happened=_EVENTS)
def test_nothing_that_happens_raises_leaves_the_screen_or_overfills_a_field(size, way, happened):
    dialogue, _ = session(**SIZES[size])
    play(dialogue, *way)
    for event in happened:
        happen(dialogue, event)
        check(dialogue.display)


@pytest.mark.heavy
@pytest.mark.parametrize("panel", walks())
@settings(max_examples=150, deadline=None)
@given(happened=_EVENTS)
def test_nothing_that_happens_on_one_panel_breaks_it(panel, happened):
    for size in SIZES.values():
        dialogue, _ = session(**size)
        play(dialogue, *walks()[panel])
        for event in happened:
            happen(dialogue, event)
            check(dialogue.display)


def fill(dialogue):
    """Type something into every field, where it takes it; return what they hold then."""
    for field in dialogue.display.fields:
        dialogue.display.cursor = field.start
        dialogue.handle(Typed("5"))
    return {f.name: f.value for f in dialogue.display.fields}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panel", walks())
def test_a_lost_store_is_a_message_and_what_was_typed_stays(panel, size):
    """Whatever key asks the store: the panel stays, or one below it is shown as it was left."""
    for key in (*keys_of(play(session()[0], *walks()[panel]).panel), Aid.F12):
        dialogue, state = losing_session(**SIZES[size])
        play(dialogue, *walks()[panel])
        typed = fill(dialogue)
        before, shown = dialogue.panel, dialogue.display.lines()[:-1]
        below = [frame.display for frame in dialogue._frames._frames[:-1]]
        state["down"] = True
        for _ in range(2):  # the second time on a panel that could not be drawn again
            dialogue.handle(key)
            if LOST not in dialogue.display.message or dialogue.panel is not before:
                break
            assert {f.name: f.value for f in dialogue.display.fields} == typed, key
            assert dialogue.display.lines()[:-1] == shown, key
        if LOST in dialogue.display.message and dialogue.panel is not before:
            assert dialogue.display in below, key
        state["down"] = False
        dialogue.handle(key)
        assert LOST not in text(dialogue)


@pytest.mark.parametrize("panel", walks())
def test_a_lost_store_while_the_size_changes_leaves_the_panel_as_it_was(panel):
    dialogue, state = losing_session()
    play(dialogue, *walks()[panel])
    fill(dialogue)
    shown = dialogue.display.lines()[:-1]
    state["down"] = True
    dialogue.attempt(lambda: dialogue.resize(27, 132))
    if dialogue.display.message:  # this panel, or one below it, asks the store to be drawn
        assert LOST in dialogue.display.message
        assert dialogue.size == (24, 80)
        assert dialogue.display.lines()[:-1] == shown
    else:
        assert dialogue.size == (27, 132)


@pytest.mark.parametrize("panel", walks())
def test_a_change_of_size_and_back_keeps_what_was_typed(panel):
    dialogue, _ = session()
    play(dialogue, *walks()[panel])
    typed, cursor = fill(dialogue), dialogue.display.cursor
    dialogue.attempt(lambda: dialogue.resize(27, 132))
    wide = {f.name: f.value for f in dialogue.display.fields}
    assert {name: wide.get(name) for name in typed} == typed
    dialogue.attempt(lambda: dialogue.resize(24, 80))
    assert {f.name: f.value for f in dialogue.display.fields} == typed
    assert not typed or dialogue.display.cursor == cursor


# ------------------------------------------------------------------------------------ help


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panel", walks())
def test_everywhere_on_every_panel_help_has_a_text(panel, size):
    if panel == "Help":
        return
    dialogue, _ = session(**SIZES[size])
    play(dialogue, *walks()[panel])
    shown, display = dialogue.panel, dialogue.display
    for row in range(1, display.rows + 1):
        for column in range(1, display.columns + 1, 7):
            place = place_at(display, row, column, shown.heads_row)
            assert (topic_at(shown.name, place) if place else shown.name) in TOPICS
    display.cursor = display.position(12, 40)
    dialogue.handle(Aid.F1)
    assert isinstance(dialogue.panel, Help)
    dialogue.handle(Aid.F12)
    assert dialogue.panel is shown


def topics_missing(panel):
    """The columns, options and keys of a panel that have no text of their own."""
    dialogue, _ = session(**SIZES["27x132"])
    play(dialogue, *walks()[panel])
    display, shown = dialogue.display, dialogue.panel
    if shown.heads_row:
        for _, head in columns_of(display, shown.heads_row):
            if head != "Opt" and f"{shown.name}.column.{head}" not in TOPICS:
                yield f"{shown.name}.column.{head}"
    for option, _ in getattr(shown, "options", ()):
        if not {f"{shown.name}.option.{option}", f"{shown.name}.opt"} & set(TOPICS):
            yield f"{shown.name}.option.{option}"
    for key in shown.function_keys():
        if not {f"{shown.name}.key.{key.aid}", f"key.{key.aid}"} & set(TOPICS):
            yield f"{shown.name}.key.{key.aid}"


@pytest.mark.parametrize("panel", walks())
def test_every_column_option_and_key_has_a_text_of_its_own(panel):
    assert not list(topics_missing(panel))
