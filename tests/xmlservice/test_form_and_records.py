"""Form fields as the CGI program finds them, and answers as result-set records."""

from __future__ import annotations

from urllib.parse import quote_plus, unquote_to_bytes, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.errors import FormatError
from simulators.xmlservice import form
from simulators.xmlservice.form import decode_body, scan
from simulators.xmlservice.storedproc import HACK, to_records

HALF_ENCODED = st.lists(
    st.sampled_from([b"%", b"%4", b"%41", b"=", b"%3d", b"%%25", b"a"]), max_size=30
).map(b"".join)


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
@given(st.binary(max_size=60) | HALF_ENCODED)
def test_a_body_is_decoded_twice_and_a_bare_per_cent_sign_stays(body):
    plain = body.partition(b"\0")[0].replace(b"+", b" ").replace(b"\r", b" ")
    twice = unquote_to_bytes(unquote_to_bytes(plain))
    assert decode_body(body) == twice.partition(b"\0")[0] + b"&"


def test_a_body_that_is_not_encoded_at_all_is_refused(monkeypatch):
    monkeypatch.setattr(form, "MAX_BARE", 1000)
    with pytest.raises(FormatError, match="not percent-encoded"):
        decode_body(b"%x" * 1001)
    assert decode_body(b"%x" * 1000) == b"%x" * 1000 + b"&"


@pytest.mark.parametrize("size", ["\u00b2", "-5", "1_0", " ", "9" * 40])
def test_a_size_that_is_no_number_is_the_default_one(size):
    assert scan(f"xmlout={size}&".encode()).xmlout == 512_000


@settings(deadline=None)
@given(st.text(alphabet="abc<>", max_size=9100), st.booleans())
def test_records_make_up_the_answer_and_none_is_longer_than_3000(answer, hack):
    records = to_records(answer, hack=hack)
    assert all(len(record) <= 3000 for record in records)
    assert all(len(record) == 3000 for record in records[:-1])
    assert all(record.endswith(HACK) for record in records) or not hack
    assert "".join(record[: -len(HACK)] if hack else record for record in records) == answer
