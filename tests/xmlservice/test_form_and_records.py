"""Form fields as the CGI program finds them, and answers as result-set records."""

from __future__ import annotations

from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.errors import CallError
from simulators.xmlservice.form import scan
from simulators.xmlservice.storedproc import (
    Collector,
    from_records,
    procedure_for,
    size_of,
    to_records,
)


def test_fields_are_found_whatever_their_order_and_the_document_runs_to_the_last_ampersand():
    form = scan(b"xmlout=100&ctl=*here&xmlin=%3Ca%3E1%262%3C/a%3E&pwd=p&uid=u&db2=*LOCAL&ipc=/x")
    assert (form.uid, form.pwd, form.db2, form.ipc, form.ctl) == ("u", "p", "*LOCAL", "/x", "*here")
    assert form.xmlout == 100
    assert form.xmlin is not None
    assert form.xmlin.startswith(b"<a>1&2</a>&pwd=")


def test_the_body_is_decoded_before_it_is_scanned():
    form = scan(b"x=1%26uid%3DFRED&amp;pwd=a%26b&xmlin=a%2541+b%2B%0D%0Ac")
    assert form.uid == "FRED"
    assert form.pwd == "a"
    assert form.xmlin == b"aA b+\r\nc"


def test_values_are_cut_at_their_fields():
    form = scan(b"uid=%s&pwd=%s&db2=%s&persis=%s&" % ((b"x" * 200,) * 4))
    assert [len(v) for v in (form.uid, form.pwd, form.db2, form.persis)] == [10, 128, 10, 10]


def test_what_is_missing_has_its_default():
    form = scan(b"")
    assert (form.uid, form.xmlin, form.xmlout) == ("*NONE", None, 512_000)
    assert scan(b"xmlin=&xmlout=abc").xmlin is None
    assert scan(b"xmlin=<a>%00<b>").xmlin == b"<a>"


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_body_is_a_form(body):
    form = scan(body)
    assert len(form.uid) <= 10
    assert form.xmlout >= 1


@settings(deadline=None)
@given(st.text(alphabet="ab &%+=<é€\n", max_size=40))
def test_a_document_that_a_client_encodes_arrives_unless_it_holds_a_percent_escape(text):
    if "%" in text:
        return
    body = urlencode({"uid": "FRED", "xmlin": f"<a>{text}</a>"}).encode()
    document = scan(body).xmlin
    assert document == f"<a>{text}</a>".encode()
    assert quote_plus("<a>").encode() in body


@settings(deadline=None)
@given(st.text(alphabet="abc<>", max_size=9100), st.booleans())
def test_records_make_up_the_answer_and_none_is_longer_than_3000(answer, hack):
    records = to_records(answer, hack=hack)
    assert from_records(records) == answer
    assert all(len(record) <= 3000 for record in records)
    assert all(len(record) == 3000 for record in records[:-1])
    assert all(record.endswith("</hack>") for record in records) or not hack


def test_junk_that_a_driver_adds_behind_hack_is_dropped():
    assert from_records([record + "junk\0" for record in to_records("x" * 7000, hack=True)]) == (
        "x" * 7000
    )


@pytest.mark.parametrize(
    ("xmlout", "name"),
    [
        (1, "iPLUG4K"),
        (4096, "iPLUG4K"),
        (4097, "iPLUG32K"),
        (512_000, "iPLUG512K"),
        (1_048_577, "iPLUG5M"),
        (16_000_000, "iPLUG15M"),
    ],
)
def test_the_size_picks_the_procedure(xmlout, name):
    assert procedure_for(xmlout) == name
    assert size_of(f"QXMLSERV.{name.replace('iPLUG', 'iPLUGR')}") == size_of(name)


def test_an_unknown_procedure_is_refused():
    with pytest.raises(CallError, match="iPLUG7K"):
        size_of("iPLUG7K")


def test_parts_are_collected_until_the_count_is_zero():
    collector = Collector()
    assert collector.add("<a>", 2) is None
    assert collector.add("b", 1) is None
    assert collector.add("</a>", 0) == "<a>b</a>"
    assert collector.add("next", 0) == "next"
    with pytest.raises(CallError):
        collector.add("x" * 32_701, 1)
    assert collector.parts == []
