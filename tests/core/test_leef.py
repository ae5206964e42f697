"""LEEF 2.0: nothing of foreign origin can end its attribute, its field or its line."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.leef import LeefHeader, leef_line, leef_payload, leef_text, leef_time

HEADER = LeefHeader("EPM", "epm", "1.0", "socket connect")


def decode(line):
    """An independent reader: the header at the first six pipes, pairs at the first ``=``."""
    *header, rest = line.split("|", 6)
    delimiter = header[5]
    return header, dict(pair.split("=", 1) for pair in rest.split(delimiter) if pair)


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("a^b|c%d\ne", "a b c%d e"),
        ("x\ty", "x y"),
        ("' OR '1'='1", "' OR '1'='1"),
        ("a\u2028b\x85c", "a b c"),
        ("\udcff", "\ufffd"),
    ],
)
def test_in_a_text_what_separates_is_a_blank(plain, written):
    assert leef_text(plain) == written


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("a^b|c%d\ne", "a%5Eb%7Cc%25d%0Ae"),
        ("x\ty", "x%09y"),
        ("' OR '1'='1", "' OR '1'='1"),
        ("\x7f", "%7F"),
        ("a\u2028b", "a%E2%80%A8b"),
    ],
)
def test_a_payload_is_kept_whole(plain, written):
    assert leef_payload(plain) == written


@given(st.text())
def test_a_payload_can_be_read_back(text):
    sound = text.encode("utf-8", "replace").decode() if text.isascii() else text
    try:
        sound.encode()
    except UnicodeEncodeError:
        return  # a lone surrogate is no text
    assert unquote(leef_payload(sound)) == sound


def test_a_time_is_in_milliseconds_cut_and_needs_an_offset():
    at = datetime(2021, 3, 22, 12, 3, 42, 919_999, timezone(timedelta(hours=1)))
    assert leef_time(at) == 1616411022919
    with pytest.raises(ValueError, match="offset"):
        leef_time(at.replace(tzinfo=None))


def test_a_line_of_the_worked_form():
    line = leef_line(
        HEADER,
        [("devTime", 1616411022919), ("sev", 8), ("cat", "protect"), ("msg", "it was blocked")],
    )
    assert line == (
        "LEEF:2.0|EPM|epm|1.0|socket connect|^|"
        "devTime=1616411022919^sev=8^cat=protect^msg=it was blocked"
    )


@given(st.text(), st.text())
def test_no_text_forges_an_attribute_or_a_line(user, message):
    line = leef_line(HEADER, [("usrName", user), ("msg", message), ("sev", 1)])
    header, pairs = decode(line)
    assert header == ["LEEF:2.0", "EPM", "epm", "1.0", "socket connect", "^"]
    assert list(pairs) == ["usrName", "msg", "sev"]
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize("keys", [["a b"], ["a=b"], [""], ["sev", "sev"]])
def test_a_key_is_one_word_and_there_once(keys):
    with pytest.raises(ValueError, match="not a LEEF key"):
        leef_line(HEADER, [(key, 1) for key in keys])


def test_an_event_id_is_cut_to_its_size():
    header, _ = decode(leef_line(LeefHeader("v", "p", "1", "x" * 300), [("sev", 1)]))
    assert len(header[4]) == 255
