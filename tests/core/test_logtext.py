"""What no line of a log may hold, whatever its format."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from epm.logtext import one_line, sound


@given(st.text(st.characters()))
def test_any_text_becomes_one_line_that_can_be_encoded(text):
    line = one_line(text)
    assert len(line) == len(text)
    assert line.encode().decode() == line
    assert len(f"x{line}x".splitlines()) == 1


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])))
def test_other_texts_stay_as_they_are(text):
    assert one_line(text) == text


def test_a_lone_surrogate_is_marked_and_nothing_else_is():
    assert sound("a\ud800\nb") == "a\ufffd\nb"
