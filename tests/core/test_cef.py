"""CEF: escaping, sizes, dates, and that a line is always one line that says what was meant."""

from __future__ import annotations

import locale
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.cef import CefHeader, cef_date, cef_header, cef_line, cef_value, severity_word

HEADER = CefHeader("V", "P", "1", "c", "n", "High")
AT = datetime(2021, 3, 22, 11, 3, 42, 919_999, UTC)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Mod|A", r"Mod\|A"),
        ("C:\\mod", r"C:\\mod"),
        ("a=b", "a=b"),
        ("two\nlines", "two lines"),
        ("two\r\n\r\nlines", "two lines"),
        ("\\|", r"\\\|"),
        ("end\\", "end\\\\"),
        ("tab\there", "tab here"),
        ("\x00\x1b[31m\x7f\x85", "  [31m  "),
    ],
)
def test_a_header_field_escapes_backslash_and_pipe(text, escaped):
    assert cef_header(text) == escaped


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("' OR '1'='1", r"' OR '1'\='1"),
        ("a|b", "a|b"),
        ("C:\\x", r"C:\\x"),
        ("line1\nline2", r"line1\nline2"),
        ("a\r\nb", r"a\r\nb"),
        (r"a\nb", r"a\\nb"),
        (r"x \= y", r"x \\\= y"),
        ("end\\", "end\\\\"),
        ("msg=inject src=1.2.3.4", r"msg\=inject src\=1.2.3.4"),
        ("=lead", r"\=lead"),
        ('MAP_KEY["message"]', 'MAP_KEY["message"]'),
        ("< >", "< >"),
        ("é漢", "é漢"),
        ("a\tb", "a\tb"),
        ("a\x00b\x1bc\x7fd\x85e\u2028f", "a b c d e f"),
        ("lone \ud800", "lone \ufffd"),
        ("", ""),
    ],
)
def test_an_extension_value_escapes_backslash_equals_and_line_ends(text, escaped):
    assert cef_value(text) == escaped


def test_a_line_keeps_the_order_of_its_keys_and_separates_them_by_one_blank():
    line = cef_line(HEADER, [("rt", "x"), ("act", "a=b"), ("port", 80)])
    assert line == r"CEF:0|V|P|1|c|n|High|rt=x act=a\=b port=80"


@pytest.mark.parametrize("value", ["a" * 62 + "=b", "a" * 62 + "\\b", "a" * 63 + "=", "a" * 99])
def test_a_value_is_cut_before_it_is_escaped(value):
    line = cef_line(HEADER, [("act", value), ("port", 1)])
    assert _decoded(line)[1]["act"] == value[:63]


@pytest.mark.parametrize("key", [f"cs{n}" for n in range(1, 7)])
def test_a_custom_string_is_cut_to_its_size(key):
    line = cef_line(HEADER, [(key, "x" * 4001), (f"{key}Label", "y" * 1024), ("port", 1)])
    pairs = _decoded(line)[1]
    assert (len(pairs[key]), len(pairs[f"{key}Label"])) == (4000, 1023)


def test_header_fields_are_cut_before_they_are_escaped():
    long = CefHeader("v" * 62 + "||", "p" * 99, "1" * 99, "c" * 2000, "n" * 600, "High")
    fields, _ = _decoded(cef_line(long, []))
    assert [len(x) for x in fields[1:]] == [63, 63, 31, 1023, 512, 4]
    assert fields[1].endswith("|")


@pytest.mark.parametrize("key", ["", "two words", "a=b", "ключ", "a_b"])
def test_a_key_that_is_not_a_word_is_an_error_of_the_program(key):
    with pytest.raises(ValueError, match="not a CEF key"):
        cef_line(HEADER, [(key, "x")])


def test_a_payload_of_every_ascii_character_comes_back_but_for_controls():
    payload = "".join(map(chr, range(128)))
    _, pairs = _decoded(cef_line(HEADER, [("payload", payload), ("act", "x")]))
    expected = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", " ", payload)
    assert pairs["payload"] == expected
    assert pairs["act"] == "x"


def _decoded(line):
    """Read a line as the standard says, without anything of the encoder."""
    *fields, extension = re.split(r"\|", _hide(line), maxsplit=7)
    pairs = {}
    starts = list(re.finditer(r"(?:^| )([A-Za-z0-9]+)=", extension))
    for start, following in zip(starts, [*starts[1:], None], strict=False):
        raw = extension[start.end() : following.start() if following else None]
        pairs[start[1]] = _shown(raw)
    return [_shown(field) for field in fields], pairs


def _hide(text):
    """Replace each escape by a mark that no reader takes for a separator."""
    return re.sub(r"\\(.)", lambda m: f"\0{ord(m[1]):02x}", text)


def _shown(text):
    line_ends = {"n": "\n", "r": "\r"}
    marks = re.compile("\0(..)")
    return marks.sub(lambda m: line_ends.get(c := chr(int(m[1], 16)), c), text)


@given(st.text("ab =|\\\r\n\t\"'[]<>é:%", max_size=30), st.text("ab |\\=", max_size=20))
def test_a_line_is_read_back_as_it_was_meant(value, name):
    header = CefHeader("V", "P", "1", name, "n", "High")
    line = cef_line(header, [("payload", value), ("act", "protect")])
    assert "\n" not in line
    assert "\r" not in line
    body = line.removeprefix("CEF:0|V|P|1|").partition("|n|High|")
    assert _unescaped(body[0]) == name
    payload, _, rest = body[2].rpartition(" act=")
    assert rest == "protect"
    assert _unescaped(payload.removeprefix("payload=")) == value


def _unescaped(text):
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), text)


@given(st.text())
def test_no_text_makes_two_lines_or_an_unescaped_separator(text):
    value, header = cef_value(text), cef_header(text)
    assert len((value + "x" + header).splitlines()) == 1
    assert not re.search(r"(?<!\\)(?:\\\\)*=", value)
    assert not re.search(r"(?<!\\)(?:\\\\)*\|", header)
    (value + header).encode()


def test_a_date_is_english_padded_and_cut_to_milliseconds():
    assert cef_date(AT) == "Mar 22 2021 11:03:42.919 +0000"
    summer = datetime(2021, 4, 1, 13, 48, 30, 119_000, timezone(timedelta(hours=1)))
    assert cef_date(summer) == "Apr 01 2021 13:48:30.119 +0100"


def test_a_date_does_not_follow_the_locale():
    before = locale.setlocale(locale.LC_TIME)
    try:
        locale.setlocale(locale.LC_TIME, "")
        assert cef_date(AT).startswith("Mar 22")
    finally:
        locale.setlocale(locale.LC_TIME, before)


def test_a_date_without_offset_is_an_error_of_the_program():
    with pytest.raises(ValueError, match="offset"):
        cef_date(datetime(2021, 1, 1))


def test_severity_words():
    words = [severity_word(n) for n in range(11)]
    assert words == ["Low"] * 4 + ["Medium"] * 3 + ["High"] * 2 + ["Very-High"] * 2
    for number in (-1, 11):
        with pytest.raises(ValueError, match="0 to 10"):
            severity_word(number)
