"""What stands where on a panel: for help at the cursor, and for what a click does."""

from __future__ import annotations

import pytest

from tests.tui.desk import many, play, session, text
from tui.carrying import carry_over
from tui.display import Display, FieldTooShortError
from tui.helptext import TOPICS
from tui.keys import Aid
from tui.panels.rule_entry import DisplayRule
from tui.places import Place, PlaceKind, place_at
from tui.pointing import point


def rules():
    return play(session()[0], "'1", "enter")


def find(dialogue, words, within=0):
    """Row and column of the cell ``within`` a text on the screen, from 1."""
    lines = dialogue.display.lines()
    row = next(y for y, line in enumerate(lines, 1) if words in line)
    return row, lines[row - 1].index(words) + 1 + within


def place(dialogue, row, column):
    return place_at(dialogue.display, row, column, dialogue.panel.heads_row)


def helped(dialogue, row, column):
    dialogue.display.cursor = dialogue.display.position(row, column)
    dialogue.handle(Aid.F1)
    return " ".join(text(dialogue).replace(":", " ").split())


# ------------------------------------------------------------------------------------ help


@pytest.mark.parametrize(
    ("words", "within", "row", "topic", "title"),
    [
        ("Aut", 0, None, "rules.column.Aut", "Column Aut"),
        ("Aut", 1, 12, "rules.column.Aut", "Column Aut"),
        ("Aud", 2, 15, "rules.column.Aud", "Column Aud"),
        ("Description", 0, 11, "rules.column.Description", "Column Description"),
        ("Description", 30, 11, "rules.column.Description", "Column Description"),
        ("Seq  Desc", -2, 11, "rules.column.Seq", "Column Seq"),
        ("5=Display", 0, None, "rules.option.5", "Option 5=Display"),
        ("8=Conditions", 11, None, "rules.option.8", "Option 8=Conditions"),
        ("F6=Create", 0, None, "rules.key.F6", "F6"),
        ("F12=Cancel", 9, None, "key.F12", "F12"),
        ("F1=Help", 3, None, "key.F1", "F1"),
        ("Position to", 3, None, "rules.position", "Position to Seq"),
        ("Work with Socket", 0, None, "rules", "Panel"),
        ("QSOACCEPT", 0, None, "rules", "Panel"),
    ],
)
def test_f1_is_about_what_the_cursor_is_on(words, within, row, topic, title):
    dialogue = rules()
    at, column = find(dialogue, words, within)
    shown = helped(dialogue, row or at, column)
    assert f"{title} - Help" in shown
    assert " ".join(TOPICS[topic].replace(":", " ").split())[:60] in shown


def test_a_hint_behind_a_field_is_about_the_field():
    dialogue = play(rules(), "f6")
    row, column = find(dialogue, "Y=Allow")
    assert place(dialogue, row, column) == Place(PlaceKind.FIELD, "authority", "Authority")


def test_a_label_on_a_row_with_two_fields_is_about_the_field_behind_it():
    display = Display()
    display.put(5, 2, "From port . . .")
    display.add("low", 5, 18, 5)
    display.put(5, 26, "To port . . .")
    display.add("high", 5, 40, 5)
    assert [place_at(display, 5, c).name for c in (2, 18, 24, 26, 44, 60)] == [
        "low", "low", "high", "high", "high", "high",
    ]  # fmt: skip
    assert place_at(display, 5, 26).label == "To port"


def test_what_is_white_in_a_list_row_is_no_head():
    dialogue = play(session()[0], "'5", "enter", "'1", "enter", "enter")
    row, column = find(dialogue, "*YES")
    assert place(dialogue, row, column).name == "Activated"


# ----------------------------------------------------------------------------------- mouse


def click(dialogue, words, within=0):
    row, column = find(dialogue, words, within)
    for key in point(dialogue.display, row, column, dialogue.panel.heads_row):
        dialogue.handle(key)


def test_a_click_on_a_choice_of_the_menu_takes_it_whatever_was_typed():
    dialogue = play(session()[0], "'90")
    click(dialogue, "Activation")
    assert dialogue.panel.name == "activation"


def test_a_click_on_an_option_types_it_beside_the_row_of_the_cursor_and_waits():
    dialogue = play(rules(), "tab", "'9")
    click(dialogue, "5=Display", 2)
    assert [f.value for f in dialogue.display.fields if f.name.startswith("opt")] == [
        "", "5", "", "",
    ]  # fmt: skip
    dialogue.handle(Aid.ENTER)
    assert isinstance(dialogue.panel, DisplayRule)
    assert "Nobody else to SSH" in text(dialogue)


def test_a_click_on_more_rolls_and_on_bottom_does_not():
    dialogue = play(session(many(20))[0], "'2", "enter")
    assert "Rule number 11" not in text(dialogue)
    click(dialogue, "More...")
    assert "Rule number 11" in text(dialogue)
    before = text(dialogue)
    click(dialogue, "Bottom") if "Bottom" in before else click(dialogue, "More...")
    click(dialogue, "Bottom")
    assert dialogue.display.message == ""


def test_a_click_on_a_list_row_only_moves_the_cursor():
    dialogue = rules()
    row, column = find(dialogue, "Nobody else")
    assert point(dialogue.display, row, column, dialogue.panel.heads_row) == ()
    assert (dialogue.display.row, dialogue.display.column) == (row, column)


# -------------------------------------------------------------------------------- carrying


def test_what_was_typed_the_error_and_the_cursor_are_carried_over():
    old, new = Display(), Display(27, 132)
    old.add("a", 3, 10, 8)
    new.add("a", 4, 40, 12)
    old.fields[0].value, old.fields[0].error, old.insert = "typed", True, True
    old.cursor = old.fields[0].start + 3
    carry_over(old, new)
    assert (new.fields[0].value, new.fields[0].error, new.insert) == ("typed", True, True)
    assert new.cursor == new.fields[0].start + 3


def test_a_cursor_outside_the_fields_stays_on_the_screen():
    old, new = Display(27, 132), Display()
    old.cursor = old.position(27, 132)
    carry_over(old, new)
    assert (new.row, new.column) == (24, 80)


def test_what_does_not_fit_is_refused_and_the_panel_stays_wide():
    dialogue = session(rows=27, columns=132)[0]
    long = "PNSTSTQSO SERVER(QSOACCEPT) " + "A" * 160
    play(dialogue, f"'{long}")
    with pytest.raises(FieldTooShortError):
        dialogue.resize(24, 80)
    dialogue.attempt(lambda: dialogue.resize(24, 80))
    assert dialogue.size == (27, 132)
    assert dialogue.display.message == "field selection is too short here: 153 cells for 188"
    assert dialogue.display.field("selection").value == long


def test_options_typed_on_rows_that_the_small_size_does_not_show_are_kept():
    dialogue = play(session(many(20), rows=27, columns=132)[0], "'2", "enter", *["tab"] * 12, "'5")
    assert dialogue.display.field("opt130").value == "5"
    dialogue.attempt(lambda: dialogue.resize(24, 80))
    assert dialogue.display.field("opt130") is None
    play(dialogue, "enter")
    assert "Rule number 13" in text(dialogue)
    assert isinstance(dialogue.panel, DisplayRule)


def test_a_command_retrieved_from_the_wide_screen_that_the_small_one_cannot_hold_is_refused():
    dialogue = session(rows=27, columns=132)[0]
    play(dialogue, "'WRKSKTRUL SERVER(QSOACCEPT) ", "'" + "X" * 160, "enter", "ctrl+e")
    dialogue.attempt(lambda: dialogue.resize(24, 80))
    assert dialogue.size == (24, 80)
    dialogue.handle(Aid.F9)
    assert dialogue.display.message == "field selection is too short here: 153 cells for 188"
