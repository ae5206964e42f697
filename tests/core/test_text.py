"""Texts of strangers: what is refused, wildcards, plain numbers, one-line errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.errors import ConditionError, EpmError, RuleError
from epm.text import folded, like, parse_number, refuse_controls
from tests.support import oracle

few = st.text(st.sampled_from("abAB.[\\"), max_size=8)
patterns = st.text(st.sampled_from("abAB*?[.\\"), max_size=8)


@given(patterns, few)
def test_like_is_the_plain_recursive_meaning_of_its_pattern(pattern: str, text: str) -> None:
    assert like(text, pattern) == oracle.like(pattern, text)


@given(few)
def test_a_text_without_wildcards_is_like_itself_only(text: str) -> None:
    assert like(text, text)
    assert not like(text + "x", text)


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("", "", True),
        ("", "*", True),
        ("", "?", False),
        ("a", "?", True),
        ("ab", "?", False),
        ("ab", "??", True),
        ("abc", "a*c", True),
        ("ac", "a*c", True),
        ("abcb", "a*c", False),
        ("aXbXc", "a*b*c", True),
        ("a*c", "a*c", True),
        ("axxb", "a?b", False),
        ("a.b", "a.b", True),
        ("axb", "a.b", False),
        ("a\\b", "a\\b", True),
        ("[x]", "[x]", True),
        ("x", "[x]", False),
    ],
)
def test_wildcards(text: str, pattern: str, expected: bool) -> None:
    assert like(text, pattern) is expected


def test_a_hostile_pattern_ends() -> None:
    # A matcher that goes back at every star would not be done before the sun is.
    assert not like("a" * 2000, "*a" * 60 + "b")


@pytest.mark.parametrize(
    "character",
    [
        "\0",
        "\t",
        "\n",
        "\r",
        "\x1b",
        "\x7f",
        "\x85",
        "\x9b",
        "\u2028",
        "\u2029",
        "\ud800",
        "\u061c",
        *map(chr, (0xDFFF, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    ],
)
def test_characters_that_fake_or_run_something_are_refused(character: str) -> None:
    with pytest.raises(RuleError) as raised:
        refuse_controls(f"a{character}b", "name")
    assert f"U+{ord(character):04X}" in str(raised.value)
    assert "name" in str(raised.value)


@pytest.mark.parametrize("text", ["", "plain", "Règle d'accès", "日本語", "\U0001f600", "a\u00a0b"])
def test_other_characters_are_kept(text: str) -> None:
    assert refuse_controls(text, "name") == text


@given(st.integers(0, 65535))
def test_a_plain_number_is_read(number: int) -> None:
    assert parse_number(str(number), 0, 65535, "port") == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 80",
        "80 ",
        "+80",
        "-1",
        "080",
        "00",
        "8_0",
        "\uff18\uff10",
        "\u0668\u0660",
        "²",
        "80.0",
        "8e1",
        "0x50",
        "65536",
        "9" * 11,
        "9" * 5000,
    ],
)
def test_other_spellings_of_a_number_are_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_number(text, 0, 65535, "port")


def test_both_bounds_of_a_number_are_allowed() -> None:
    assert [parse_number(x, 5, 7, "n") for x in "567"] == [5, 6, 7]
    for outside in "48":
        with pytest.raises(ConditionError):
            parse_number(outside, 5, 7, "n")


def test_names_fold_to_upper_case() -> None:
    assert folded("qPgmR") == "QPGMR"
    assert folded("straße") == folded("STRASSE")


@given(st.text())
def test_an_error_is_one_printable_line_whatever_it_quotes(text: str) -> None:
    line = str(EpmError(f"name {text}: refused"))
    assert line.splitlines() in ([line], [])
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in line)
