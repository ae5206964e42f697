"""A display as SVG: well formed, every glyph in its cell, empty fields visible."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.desk import play, session
from tests.tui.test_golden import WALKS
from tests.tui.test_golden_journal import WALKS as JOURNAL_WALKS
from tui.display import Colour, Display
from tui.picture import svg
from tui.themes import THEMES

_SVG = "{http://www.w3.org/2000/svg}"


def cells_of(document):
    """Put every glyph back into the cell that it is painted in."""
    rows = [[" "] * 80 for _ in range(24)]
    for text in ElementTree.fromstring(document).iter(f"{_SVG}text"):
        row = (int(text.get("y")) + 5) // 18
        for x, glyph in zip(text.get("x").split(), text.text, strict=True):
            rows[row - 1][int(x) // 9] = glyph
    return ["".join(row).rstrip() for row in rows]


def test_the_picture_holds_exactly_what_the_display_shows():
    dialogue, _ = session()
    play(dialogue, "'1", "enter", "'x", "enter")
    assert cells_of(svg(dialogue.display)) == dialogue.display.lines()


#: Picture of the documents -> the golden walk that leads to its panel.
PICTURES = {
    "socket-rules": WALKS["rules"],
    "trace": WALKS["trace"],
    "journal-entry": JOURNAL_WALKS["entry"],
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_in_the_documents_are_the_panels(name):
    """``EPM_GOLDEN=write`` draws them anew, as it writes golden screens."""
    path = Path(__file__).parents[2] / "docs" / "pictures" / f"{name}.svg"
    drawn = svg(play(session()[0], *PICTURES[name]).display)
    if os.environ.get("EPM_GOLDEN") == "write":
        path.write_text(drawn, encoding="utf-8")
    assert path.read_text("utf-8") == drawn


def test_an_empty_field_is_a_line():
    display = Display()
    before = svg(display).count("<path")
    display.add("empty", 3, 10, 5)
    assert svg(display).count("<path") == before + 1
    assert 'd="M81 52.5h45"' in svg(display)


@given(st.text(max_size=80))
def test_no_text_breaks_the_document(text):
    display = Display()
    display.put(1, 1, text)
    ElementTree.fromstring(svg(display))


def test_every_colour_has_its_paint():
    assert all(set(theme.paints) == set(Colour) for theme in THEMES.values())
