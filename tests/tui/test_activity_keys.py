"""Panels that stand behind something typed, so that no walk finds them: keys, sizes and help."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.tui.any_keys import KEYS, press_all
from tests.tui.desk import play, session
from tests.tui.test_golden_activity import WALKS
from tui.helptext import TOPICS, topic_of
from tui.places import columns_of

BEHIND = ("group_create_members", "group_change", "history_change", "history_compare")
SIZES = ({}, {"rows": 27, "columns": 132})


@pytest.mark.parametrize("name", BEHIND)
@settings(max_examples=40, deadline=None)
@given(KEYS)
def test_no_sequence_of_keys_raises_or_leaves_the_screen(name, keys):
    for size in SIZES:
        dialogue, store = session(**size)
        press_all(play(dialogue, *WALKS[name]), keys)
        assert store.seqs()[-1] == 99999


@pytest.mark.parametrize("name", BEHIND)
def test_every_field_column_and_key_has_its_help(name):
    dialogue, _ = session(**SIZES[1])
    play(dialogue, *WALKS[name])
    panel = dialogue.panel
    assert panel.name in TOPICS
    for field in dialogue.display.fields:
        assert topic_of(panel.name, field.name) != panel.name, field.name
    if panel.heads_row:
        for _, head in columns_of(dialogue.display, panel.heads_row):
            assert head == "Opt" or f"{panel.name}.column.{head}" in TOPICS, head
    for key in panel.function_keys():
        assert {f"{panel.name}.key.{key.aid}", f"key.{key.aid}"} & set(TOPICS), key.aid


@pytest.mark.parametrize("name", WALKS)
def test_a_change_of_size_and_back_keeps_the_panel_and_what_was_typed(name):
    dialogue, _ = session()
    play(dialogue, *WALKS[name])
    # Row 3 may count lines that were typed since the panel was drawn.
    typed, shown = dialogue.display.values(), dialogue.display.lines()[3:-1]
    for rows, columns in ((27, 132), (24, 80)):
        dialogue.attempt(lambda rows=rows, columns=columns: dialogue.resize(rows, columns))
    assert dialogue.display.values() == typed
    assert dialogue.display.lines()[3:-1] == shown
