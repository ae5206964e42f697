"""What one call, and all calls of one document, may take."""

from __future__ import annotations

import tracemalloc

import pytest

from simulators.xmlservice import copying
from tests.xmlservice.documents import parm, pgm
from tests.xmlservice.reading import codes


def test_an_endless_array_of_nothing_is_stopped(ask, monkeypatch):
    monkeypatch.setattr(copying, "MAX_VALUES", 50_000)
    inner = "<parm><ds dim='1000000'><ds dim='1000000'></ds></ds></parm>"
    assert codes(ask(pgm(inner, error="fast")))[0] == "1100018"


def test_the_same_storage_is_not_shown_without_end(ask, monkeypatch):
    monkeypatch.setattr(copying, "MAX_COPIED", 64_000_000)
    overlay = "<overlay io='out' top='on'><data type='15000000h'/></overlay>"
    answer = ask(pgm(parm("<data type='1a'/>") + overlay * 6, error="fast"))
    assert codes(answer)[0] == "1100018"
    assert codes(ask(pgm(parm("<data type='1a'/>") + overlay * 4, error="fast"))) == []


@pytest.mark.parametrize(
    "inner",
    [
        "<parm><data type='9999999a' dim='999'/></parm>",
        "<parm><data type='9999999a'/></parm>" * 100,
        "<return><data type='9999999a'/></return><parm><data type='9999999a'/></parm>",
        "<parm><ds dim='1000000'><data type='9999999a'/></ds></parm>",
    ],
)
def test_a_call_never_takes_more_than_its_storage(ask, inner):
    tracemalloc.start()
    try:
        assert codes(ask(pgm(inner, error="fast")))[0] == "1100017"
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 100_000_000


def test_the_calls_of_a_document_share_one_bound_of_bytes(ask, host, monkeypatch):
    monkeypatch.setattr(copying, "MAX_COPIED", 100_000_000)
    one = pgm(parm("<data type='15000000h'/>", io="in"), error="fast")
    answer = ask(f"<x>{one * 5}</x>")
    done = len(host.calls)
    assert 2 < done < 5
    assert answer.count("+++ success") == done
    assert set(codes(answer)) >= {"1100017"}
