"""The log of ARMR events: lines read back, and pages of a file that others write."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.armr.event_reader import read_event
from epm.armr.events import log_line
from epm.armr.model import Severity
from epm.cef import CefHeader
from epm.cli.workbench import policy_events
from epm.cli.workbench.policy_events import EventLog, lines_before, lines_from
from epm.errors import FileUnavailableError, NotFoundError
from epm.syslog5424 import Origin
from tests.tui.policies_desk import event_text

AT = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
ORIGIN = Origin("web1", "java", "4711")
NONE = frozenset()

# ------------------------------------------------------------------------- a line read back

_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), max_size=30)
_VALUES = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")),
        st.sampled_from("\\|= \n\r"),
    ),
    max_size=30,
)


@given(
    names=st.tuples(_TEXTS, _TEXTS, _TEXTS),
    pairs=st.lists(st.tuples(st.sampled_from(["msg", "act", "x1"]), _VALUES), max_size=5),
)
def test_what_was_logged_is_read_back(names, pairs):
    mod, rule, name = names
    header = CefHeader(f"ARMR:{mod}", mod, "2.10", rule, name, "High")
    line = log_line(header, [*pairs, ("last", 1)], Severity.HIGH, ORIGIN, AT)
    event = read_event(line)
    assert (event.mod, event.level, event.rule, event.name) == (mod, "2.10", rule, name)
    assert (event.host, event.app, event.process) == ("web1", "java", "4711")
    assert event.pairs[3:] == (*pairs, ("last", "1"))


@given(st.text(max_size=200))
def test_any_line_is_an_event_or_none(line):
    assert read_event(line) is None
    event = read_event(f"<10>1 T H A P - - CEF:0|v|p|1|c|n|High|{line}")
    assert event is None or event.name == "n"


def test_a_line_of_another_form_is_none():
    for line in (
        "",
        "CEF:0|a|b|1|c|n|High|",
        "<10>1 T H A P - - CEF:0|a|b|1|c|n",
        "<10>1 T CEF:0|",
    ):
        assert read_event(line) is None


# --------------------------------------------------------------------------------- pages


@given(
    lines=st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"")), max_size=30),
    ended=st.booleans(),
)
def test_lines_are_found_backward_and_forward_alike(lines, ended):
    content = b"\n".join(lines) + (b"\n" if ended else b"")
    stream = io.BytesIO(content)
    forward = list(lines_from(stream, 0, len(content)))
    assert b"".join(line for _, line in forward) == content
    assert list(lines_before(stream, len(content), 0)) == forward[::-1]
    for place, (position, _) in enumerate(forward):
        assert list(lines_from(stream, position, len(content))) == forward[place:]
        assert list(lines_from(stream, position + 1, len(content))) == forward[place + 1 :]


@given(data=st.data(), lines=st.lists(st.binary(max_size=9), min_size=1, max_size=9))
def test_a_search_that_stops_gives_whole_lines_or_else_a_part_of_one(data, lines):
    content = b"".join(line.replace(b"\n", b"") + b"\n" for line in lines)
    stop = data.draw(st.integers(1, len(content) - 1)) if len(content) > 1 else 0
    whole = [
        found
        for found in lines_from(io.BytesIO(content), 0, len(content))
        if found[0] > stop or not stop
    ]
    found = list(lines_before(io.BytesIO(content), len(content), stop))
    assert found == (whole[::-1] or [(stop, content[stop:])])


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "events.cef"
    path.write_bytes(event_text(30))
    return EventLog(path)


def pages(log, mods, count):
    """Every row, page after page, as a list that is rolled asks for them."""
    found, before = [], None
    while True:
        page = log.older(mods, before, count)
        found += page.rows
        if len(page.rows) == count:
            before = page.rows[-1].position
        elif page.stopped is not None:
            assert before is None or page.stopped < before
            before = page.stopped
        else:
            return found


@pytest.mark.parametrize("count", [1, 7, 100])
def test_pages_are_whole_and_in_order(log, count):
    found = pages(log, NONE, count)
    assert len(found) == log.path.read_bytes().count(b"\n")
    positions = [row.position for row in found]
    assert positions == sorted(positions, reverse=True)
    newest = log.newer(NONE, positions[-1], 100).rows
    assert list(newest) == found
    assert log.newer(NONE, positions[0] + 1, 5).rows == ()


def test_a_page_looks_at_a_bounded_part_and_goes_on_from_there(log, monkeypatch):
    monkeypatch.setattr(policy_events, "SCAN_LIMIT", 1000)
    page = log.older(frozenset({"Intranet"}), None, 10)
    assert page.rows == ()
    assert page.stopped is not None
    assert [row.rule for row in pages(log, frozenset({"Intranet"}), 10)] == ["The printer"] * 2
    first = log.newer(frozenset({"Nobody"}), 0, 10)
    assert first.stopped is not None
    assert log.newer(frozenset({"Nobody"}), first.stopped + 1, 10).stopped > first.stopped


def test_a_line_without_end_is_given_in_pieces_and_costs_no_more(log, monkeypatch):
    monkeypatch.setattr(policy_events, "SCAN_LIMIT", 3000)
    monkeypatch.setattr(policy_events, "MAX_LINE", 500)
    monkeypatch.setattr(policy_events, "_BLOCK", 200)
    log.path.write_bytes(b"first\n" + b"x" * 20_000 + b"\nlast\n")
    found = pages(log, NONE, 10)
    assert [row.text for row in (found[0], found[-1])] == ["last", "first"]
    assert max(len(row.text) for row in found) <= 1000


def test_one_event_has_its_fields_in_order(log):
    row = log.older(NONE, None, 2).rows[1]
    fields = dict(log.event(row.position))
    assert (fields["Event"], fields["Rule"], fields["act"]) == (
        "Execute Rule", "Nothing else", "protect",
    )  # fmt: skip
    assert fields["remoteIpAddress"] == "192.0.2.29"
    with pytest.raises(NotFoundError):
        log.event(10**6)


def test_mods_are_met_by_as_much_of_their_names_as_the_log_keeps(log):
    header = CefHeader("ARMR:m", "m" * 63, "2.10", "r", "n", "High")
    log.path.write_text(log_line(header, [("act", "allow")], Severity.HIGH, ORIGIN, AT) + "\n")
    assert len(log.older(frozenset({"m" * 80}), None, 5).rows) == 1


def test_a_log_that_is_not_there_is_empty(tmp_path):
    log = EventLog(tmp_path / "none.cef")
    assert log.older(NONE, None, 5).rows == ()
    assert log.newer(NONE, 0, 5).rows == ()


def test_a_folder_or_a_pipe_is_no_log(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(FileUnavailableError, match="cannot be read"):
            EventLog(path).older(NONE, None, 5)
