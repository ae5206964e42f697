"""Every disguise that some layer later takes off is taken off."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.sanitize.decoding import ROUNDS, bytes_as_text, forms


@pytest.mark.parametrize(
    ("coded", "plain"),
    [
        ("%27", "'"),
        ("%2527", "'"),
        ("%252527", "'"),
        ("%25252527", "'"),
        ("%%32%37", "'"),
        ("%u0027", "'"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#0000039;", "'"),
        ("&apos;", "'"),
        ("&lt", "<"),
        ("\\x3c", "<"),
        ("\\u003c", "<"),
        ("\\u{3c}", "<"),
        ("\\74", "<"),
        ("+ADw-", "<"),
        ("\uff1c", "<"),
        ("%ef%bc%9c", "<"),
        ("\U0001d600", "s"),
        ("\u212a", "K"),
        ("%c0%ae", "."),
        ("%c0%af", "/"),
        ("%c1%9c", "\\"),
        ("%c1%1c", "\\"),
        ("%e0%80%af", "/"),
        ("%f0%80%80%af", "/"),
        ("%f8%80%80%80%af", "/"),
        ("%fc%80%80%80%80%af", "/"),
        ("%c0%qf", "/"),
        ("%u2215", "/"),
        ("%uefc8", "/"),
        ("\u02bc", "'"),
        ("a\u200bb", "ab"),
        ("&Tab;", "\t"),
        ("&colon;", ":"),
    ],
)
def test_a_disguise_is_taken_off(coded: str, plain: str) -> None:
    assert plain in forms(coded)


@pytest.mark.parametrize(
    "text",
    ["100% sure", "a+b", "\u2019", "\u2026", "&nosuch;", "%zz", "\\q", "&#99999999999999999;", "&"],
)
def test_what_is_no_disguise_stays(text: str) -> None:
    assert forms(text) == (text,)


def test_the_value_itself_comes_first_and_each_stage_once() -> None:
    assert forms("%253c") == ("%253c", "%3c", "<")


def test_it_ends_after_the_last_round() -> None:
    deep = "%" + "25" * (ROUNDS + 3) + "41"
    assert len(forms(deep)) == ROUNDS + 1


def test_bytes_that_are_no_utf8_stand_for_themselves() -> None:
    assert bytes_as_text(b"\xa0\xff") == "\xa0\xff"


@settings(deadline=None)
@given(st.text(max_size=200))
def test_a_stage_is_never_longer_than_twice_the_value(value: str) -> None:
    assert all(len(form) <= 2 * len(value) for form in forms(value))
