"""The pure display and its keyboard: what each key does, and what no key can do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui import keyboard
from tui.display import ERROR, SUBSTITUTE, WHITE, Display, Kind, cell
from tui.keyboard import press_local, type_character
from tui.keys import Aid, KeyReader, Local, Typed


def _typed(display, text):
    for character in text:
        type_character(display, character)


@pytest.fixture
def display():
    made = Display()
    made.add("first", 3, 10, 5)
    made.add("second", 5, 10, 4, kind=Kind.UPPER)
    made.add("port", 7, 10, 5, kind=Kind.DIGITS)
    made.add("backlog", 9, 10, 5, kind=Kind.SIGNED)
    return made


def _at(display, name):
    display.cursor = display.field(name).start
    return display.field(name)


def test_text_is_cut_at_the_right_edge_and_never_wraps():
    made = Display()
    made.put(1, 78, "abcdef")
    assert made.lines()[0] == " " * 77 + "abc"
    assert made.lines()[1] == ""


def test_a_character_that_is_not_one_cell_shows_as_a_substitute():
    made = Display()
    made.put(1, 1, "a\u4e2d\x1b\u202eb")
    assert made.lines()[0] == f"a{SUBSTITUTE * 3}b"


def test_every_character_is_shown_in_exactly_one_cell():
    """By the tables of the library that draws for the adapter."""
    every = (chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000)
    shown = (cell.__wrapped__(character) for character in every)
    assert [f"U+{ord(c):04X}" for c in shown if cell_len(c) != 1] == []


@pytest.mark.parametrize("uneven", ["\u1161", "\U0001f1e9", "\u2630", "\uffa0"])
def test_what_terminals_draw_in_none_or_two_cells_is_substituted(uneven):
    assert cell(uneven) == SUBSTITUTE


def test_a_display_is_at_least_24_by_80():
    with pytest.raises(ValueError, match="24 x 80"):
        Display(23, 80)


@pytest.mark.parametrize(
    ("row", "column", "length", "value"),
    [(3, 12, 5, ""), (24, 79, 3, ""), (20, 1, 3, "abcd"), (20, 1, 0, "")],
)
def test_a_field_that_does_not_fit_is_refused(display, row, column, length, value):
    with pytest.raises(ValueError, match="field x"):
        display.add("x", row, column, length, value)


def test_a_full_field_passes_the_cursor_on(display):
    _typed(display, "abcdexy")
    assert display.values()["first"] == "abcde"
    assert display.values()["second"] == "XY"
    assert display.cursor == display.field("second").start + 2


def test_replace_overwrites_and_insert_moves_the_rest(display):
    _typed(display, "abc")
    press_local(display, Local.HOME)
    _typed(display, "X")
    assert display.values()["first"] == "Xbc"
    press_local(display, Local.INSERT)
    _typed(display, "Y")
    assert display.values()["first"] == "XYbc"


def test_insert_into_a_full_field_is_refused_and_changes_nothing(display):
    _typed(display, "abcde")
    press_local(display, Local.HOME)
    press_local(display, Local.INSERT)
    _typed(display, "X")
    assert display.message == keyboard.NO_ROOM
    assert display.values()["first"] == "abcde"


def test_typing_where_no_field_is_changes_nothing(display):
    display.cursor = 0
    _typed(display, "x")
    assert display.message == keyboard.PROTECTED
    assert display.lines()[0] == ""


@pytest.mark.parametrize("character", ["a", "-", "\u0663", "+"])
def test_a_numeric_field_takes_digits_only(display, character):
    port = _at(display, "port")
    _typed(display, character)
    assert (port.value, display.message) == ("", keyboard.NOT_NUMERIC)


def test_field_exit_erases_the_rest_and_goes_on(display):
    _typed(display, "abcd")
    display.cursor = display.field("first").start + 2
    press_local(display, Local.FIELD_EXIT)
    assert display.values()["first"] == "ab"
    assert display.field_at_cursor().name == "second"


def test_field_exit_right_adjusts_a_number(display):
    port = _at(display, "port")
    _typed(display, "22")
    press_local(display, Local.FIELD_EXIT)
    assert port.value == "   22"
    assert display.values()["port"] == "22"


def test_field_minus_makes_a_signed_number_negative_and_field_plus_positive(display):
    backlog = _at(display, "backlog")
    _typed(display, "12")
    press_local(display, Local.FIELD_MINUS)
    assert backlog.value == "  -12"
    display.cursor = backlog.start + 4
    press_local(display, Local.FIELD_PLUS)
    assert backlog.value == "    1"


def test_field_minus_has_no_place_in_another_field(display):
    _typed(display, "ab")
    press_local(display, Local.FIELD_MINUS)
    assert display.message == keyboard.NO_MINUS
    assert display.values()["first"] == "ab"


def test_tab_goes_round_and_backtab_first_to_the_start(display):
    press_local(display, Local.TAB)
    _typed(display, "ab")
    press_local(display, Local.BACKTAB)
    assert display.cursor == display.field("second").start
    press_local(display, Local.BACKTAB)
    assert display.cursor == display.field("first").start
    press_local(display, Local.BACKTAB)
    assert display.field_at_cursor().name == "backlog"
    press_local(display, Local.TAB)
    assert display.field_at_cursor().name == "first"


def test_new_line_goes_to_the_first_field_of_a_lower_row(display):
    display.add("beside", 3, 30, 5)
    press_local(display, Local.NEW_LINE)
    assert display.field_at_cursor().name == "second"


def test_the_cursor_wraps_at_the_edges():
    made = Display()
    press_local(made, Local.UP)
    assert (made.row, made.column) == (24, 1)
    press_local(made, Local.LEFT)
    assert (made.row, made.column) == (23, 80)


def test_delete_and_backspace_draw_the_rest_up(display):
    _typed(display, "abcd")
    press_local(display, Local.BACKSPACE)
    assert display.values()["first"] == "abc"
    press_local(display, Local.HOME)
    press_local(display, Local.DELETE)
    assert display.values()["first"] == "bc"


def test_erase_input_empties_every_field(display):
    _typed(display, "abcdeXY")
    press_local(display, Local.ERASE_INPUT)
    assert set(display.values().values()) == {""}
    assert display.field_at_cursor().name == "first"


def test_a_field_runs_over_the_end_of_a_row():
    made = Display()
    made.add("long", 3, 79, 5)
    _typed(made, "abcd")
    assert made.lines()[2].endswith("ab")
    assert made.lines()[3] == "cd"
    assert (made.row, made.column) == (4, 3)


def test_a_field_in_error_is_reverse_until_something_is_typed(display):
    display.field("first").error = True
    assert (" " * 5, ERROR) in display.runs(3)
    _typed(display, "x")
    assert all(attr != ERROR for _, attr in display.runs(3))


def test_the_message_is_white_on_the_last_row(display):
    display.message = "Something happened."
    assert ("Something happened.", WHITE) in display.runs(24)


def test_a_backdrop_shows_the_same_without_fields(display):
    _typed(display, "abc")
    copy = display.backdrop()
    assert copy.lines() == display.lines()
    assert copy.fields == []
    assert copy.runs(3) == display.runs(3)


def test_a_pasted_line_stays_in_its_field(display):
    keyboard.paste(display, "abcdefgh")
    assert display.values()["first"] == "abcde"
    assert display.values()["second"] == ""
    assert display.message == keyboard.CUT_OFF


def test_pasted_lines_go_into_one_field_each_even_when_they_fill_it(display):
    keyboard.paste(display, "abcde\nwxyz\n80\n")
    assert display.values() == {"first": "abcde", "second": "WXYZ", "port": "80", "backlog": ""}


def test_pasted_controls_are_dropped(display):
    keyboard.paste(display, "a\x1b\x07b")
    assert display.values()["first"] == "ab"


_EVENTS = st.one_of(st.characters(), st.sampled_from(list(Local)))


@given(st.lists(_EVENTS, max_size=80))
def test_no_key_raises_leaves_the_screen_or_overfills_a_field(events):
    made = Display()
    for index, kind in enumerate(Kind):
        made.add(kind.name, 3 + 2 * index, 76, 1 + 3 * index, kind=kind)
    for event in events:
        if isinstance(event, Local):
            press_local(made, event)
        elif event.isprintable():
            type_character(made, event)
        assert 0 <= made.cursor < made.size
        for field in made.fields:
            assert len(field.value) <= field.length
            assert field.value == field.value.rstrip()
        assert all(len(line) <= 80 for line in made.lines())


@given(st.text(max_size=200))
def test_no_pasted_text_raises_or_overfills(pasted):
    made = Display()
    made.add("a", 3, 10, 7, kind=Kind.UPPER)
    made.add("b", 4, 10, 3, kind=Kind.DIGITS)
    keyboard.paste(made, pasted)
    assert all(len(f.value) <= f.length for f in made.fields)
    assert 0 <= made.cursor < made.size


# ------------------------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("name", "key"),
    [("f3", Aid.F3), ("f13", Aid.F13), ("shift+f1", Aid.F13), ("f24", Aid.F24),
     ("shift+f12", Aid.F24), ("pagedown", Aid.ROLL_UP), ("ctrl+k", Local.FIELD_EXIT),
     ("enter", Aid.ENTER), ("f25", None), ("alt+q", None)],
)  # fmt: skip
def test_terminal_keys(name, key):
    assert KeyReader().read(name, None) == key


@pytest.mark.parametrize(
    ("character", "aid"),
    [("1", Aid.F1), ("3", Aid.F3), ("0", Aid.F10), ("-", Aid.F11), ("=", Aid.F12),
     ("!", Aid.F13), (")", Aid.F22), ("+", Aid.F24)],
)  # fmt: skip
def test_escape_is_a_prefix_for_one_key(character, aid):
    reader = KeyReader()
    assert reader.read("escape", "\x1b") is Local.RESET
    assert reader.read("any", character) is aid
    assert reader.read("any", character) == Typed(character)


def test_a_pound_sign_is_a_pound_sign():
    assert KeyReader().read("pound_sign", "\xa3") == Typed("\xa3")
