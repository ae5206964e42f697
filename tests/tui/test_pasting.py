"""Pasted text: nothing in it is a key, however the terminal sends it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

import tui.app
from tui.pasting import BEGIN, END, PasteFilter

HOSTILE = "15\r\x1b[31mred\x1b[0m\x1b[13~\x9b1m\x00\x7f\rY\r"
CLEAN = "15\r[31mred[0m[13~1m\rY\r"


def parsed(*pieces):
    assert tui.app.PATIENCE  # the adapter, which cleans what Textual parses
    parser = XTermParser()
    return [event for piece in (*pieces, "") for event in parser.feed(piece)]


def cut(text, places):
    marks = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[a:b] for a, b in pairwise(marks)]


@given(st.lists(st.integers(0, 200), max_size=12))
def test_no_escape_sequence_inside_a_paste_becomes_keys_wherever_the_input_is_cut(places):
    pieces = cut(f"{BEGIN}{HOSTILE}{END}x", places)
    paste, key = parsed(*pieces)
    assert isinstance(paste, events.Paste)
    assert paste.text == CLEAN
    assert key.key == "x"


@given(st.text(alphabet="ab\x1b[201~\r\x00", max_size=40), st.lists(st.integers(0, 60), max_size=8))
def test_how_the_input_is_cut_makes_no_difference(text, places):
    whole = PasteFilter().clean(f"q{BEGIN}{text}{END}r{BEGIN}s{END}")
    pieces = cut(f"q{BEGIN}{text}{END}r{BEGIN}s{END}", places)
    by_pieces = PasteFilter()
    assert "".join(map(by_pieces.clean, pieces)) == whole


@pytest.mark.parametrize("sequence", ["\x1b", "\x1b[", "\x1b[20~", "\x1bOP", "\x1b[2~", "a\x1b"])
def test_keys_outside_of_a_paste_are_let_through_at_once(sequence):
    assert PasteFilter().clean(sequence) == sequence


def test_what_may_be_the_end_of_a_paste_waits_for_the_rest():
    cleaner = PasteFilter()
    assert cleaner.clean("\x1b[200~\x1b[A\x1b[201") == "\x1b[200~[A"
    assert cleaner.clean("~\x1b[A") == "\x1b[201~\x1b[A"
