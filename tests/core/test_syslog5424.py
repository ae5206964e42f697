"""RFC 5424 headers and structured data."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.syslog5424 import (
    Origin,
    header,
    header_field,
    message,
    param_value,
    priority,
    sd_element,
    timestamp,
)

AT = datetime(2021, 3, 22, 11, 3, 42, 920_999, UTC)
ORIGIN = Origin("userX_system", "java", "5989")

#: RFC 5424, section 6, as one expression.
LINE = re.compile(
    r"<(0|[1-9]\d{0,2})>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)) "
    r"[!-~]{1,255} [!-~]{1,48} [!-~]{1,128} [!-~]{1,32}"
)


@pytest.mark.parametrize(("severity", "number"), [(1, 9), (2, 10), (4, 12), (5, 13), (6, 14)])
def test_priority_is_facility_times_eight_and_severity(severity, number):
    assert priority(1, severity) == number


def test_the_tables_of_facilities_and_severities_end_where_they_end():
    assert (priority(0, 0), priority(23, 7)) == (0, 191)


@pytest.mark.parametrize("pair", [(-1, 0), (24, 0), (0, -1), (0, 8)])
def test_there_is_no_priority_outside_the_tables(pair):
    with pytest.raises(ValueError, match="no priority"):
        priority(*pair)


def test_a_timestamp_has_milliseconds_and_z_or_an_offset_with_colon():
    assert timestamp(AT) == "2021-03-22T11:03:42.920Z"
    summer = datetime(2021, 4, 1, 13, 48, 30, 121_000, timezone(timedelta(hours=1)))
    assert timestamp(summer) == "2021-04-01T13:48:30.121+01:00"
    west = AT.replace(tzinfo=timezone(-timedelta(hours=3, minutes=30)))
    assert timestamp(west).endswith("-03:30")
    odd = AT.replace(tzinfo=timezone(timedelta(hours=5, minutes=45)))
    assert timestamp(odd).endswith("+05:45")


@pytest.mark.parametrize("zone", [None, timezone(timedelta(seconds=30))])
def test_a_time_that_rfc_5424_cannot_write_is_an_error_of_the_program(zone):
    with pytest.raises(ValueError, match="offset"):
        timestamp(AT.replace(tzinfo=zone))


def test_a_whole_message():
    line = message(10, AT, ORIGIN, "CEF:0|x")
    assert line == "<10>1 2021-03-22T11:03:42.920Z userX_system java 5989 - - CEF:0|x"


def test_what_is_not_known_is_a_dash():
    assert header(13, None, Origin("", "", "")) == "<13>1 - - - - -"


def test_a_header_field_is_printable_ascii_of_its_size():
    assert header_field("my host\né", 255) == "my_host__"
    assert header_field("x" * 99, 48) == "x" * 48
    line = header(191, AT, Origin("h" * 999, "a" * 99, "p" * 999), "m" * 99)
    assert [len(x) for x in line.split(" ")[2:]] == [255, 48, 128, 32]


@pytest.mark.parametrize("number", [-1, 192])
def test_a_priority_that_is_none_is_refused(number):
    with pytest.raises(ValueError, match="0 to 191"):
        header(number, AT, ORIGIN)


@given(st.text(), st.text(), st.text(), st.text(), st.integers(0, 191))
def test_any_text_makes_a_header_that_the_rfc_allows(host, app, process, kind, number):
    assert LINE.fullmatch(header(number, AT, Origin(host, app, process), kind))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ('a"b', r"a\"b"),
        ("C:\\x", r"C:\\x"),
        ("x]y", r"x\]y"),
        ("plain [ok", "plain [ok"),
        ("é", "é"),
        ("two\nlines\x1b\x7f", "two lines  "),
    ],
)
def test_a_parameter_value_escapes_quote_backslash_and_bracket(text, escaped):
    assert param_value(text) == escaped


def test_an_element_holds_its_parameters_in_order():
    element = sd_element("epm@32473", [("rule", "10"), ("name", 'a "b"')])
    assert element == r'[epm@32473 rule="10" name="a \"b\""]'
    assert message(14, None, ORIGIN, "ok", data=element).endswith(f" - {element} ok")


@pytest.mark.parametrize("name", ["", "a b", "a=b", 'a"b', "a]b", "x" * 33, "é"])
def test_a_name_that_is_none_is_an_error_of_the_program(name):
    with pytest.raises(ValueError, match="structured data name"):
        sd_element(name, [])
    with pytest.raises(ValueError, match="structured data name"):
        sd_element("ok", [(name, "x")])


@given(st.text())
def test_no_parameter_value_ends_its_element_early(text):
    element = sd_element("x", [("k", text)])
    assert re.fullmatch(r'\[x k="(?:[^"\\\]]|\\["\\\]])*"\]', element)
    assert len(element.split("\n")) == 1
