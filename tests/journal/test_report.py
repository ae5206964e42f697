"""Reports: goldens, filters, totals over bounded memory, hostile text, the proof."""

import csv
import io
import itertools
import json
import os
import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.errors import SettingsError
from epm.events import Job, SkData
from epm.model import Server
from journal.entry import ChangeEntry, ForeignEntry, SocketEntry
from journal.layouts.values import HeaderData
from journal.query import Query, parse_query
from journal.receiver import list_receivers
from journal.report.chart import bar_chart
from journal.report.counting import Frequent, OverTime
from journal.report.csv import cell
from journal.report.run import WRITERS, ReportRequest, write_report
from journal.verify import head, verify

GOLDEN = Path(__file__).parents[1] / "data" / "journal"
GENERATED = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)


def report(journals, format, query=None, **options):
    out = io.BytesIO()
    request = ReportRequest(format, query or Query(), GENERATED, "alice", "epm 1.0", **options)
    write_report(journals.directory, request, out)
    return out.getvalue()


@pytest.fixture
def filled(journals, make_exit_event, make_socket_event, clock):
    telnet = SkData("A", "192.168.1.10", 23, "10.1.2.9", 40000, 7, "*IPV4")
    foreign = ForeignEntry(
        "PROD1",
        99,
        HeaderData(99, "2026-11-21-09.04.05.000006", "T", "SK", "QTVDEVICE", "QTCP", 1, "QTVTELNET",
                   "QTCP", "QTCP", "PROD1"),
        telnet,
    )  # fmt: skip
    with journals.open() as journal:
        journal.append(make_exit_event())
        journal.append(make_exit_event(rmtaddr="2001:db8::7", enforced=False))
        journal.append(make_exit_event("allow", Server.CONNECT))
        journal.append(make_exit_event("allow", Server.LISTEN))
        clock.now += timedelta(minutes=7)
        journal.append(make_exit_event())
        journal.append(make_socket_event())
        journal.append(foreign)
        change = ChangeEntry(4, 3, "bob", "rule-change", "QSOACCEPT 10", "{}", '{"seq":10}',
                             Job("epm", "bob", 12))  # fmt: skip
        journal.append(change)
    return journals


@pytest.mark.parametrize("format", WRITERS)
def test_a_report_is_the_golden_one(filled, format):
    # The repository keeps its text files with LF; that CSV has CR LF is another test's promise.
    made = report(filled, format).replace(b"\r\n", b"\n")
    path = GOLDEN / f"report.{format}"
    if os.environ.get("EPM_UPDATE_GOLDENS"):
        path.write_bytes(made)
    assert made == path.read_bytes()


@pytest.mark.parametrize("format", WRITERS)
def test_the_same_journal_and_request_give_the_same_bytes(filled, format):
    assert report(filled, format) == report(filled, format)


def lines_of(journals, query=None, **options):
    return [json.loads(line) for line in report(journals, "jsonl", query, **options).splitlines()]


def test_rows_and_totals_are_of_the_wanted_entries_only(filled):
    lines = lines_of(filled, parse_query(verdict="reject", address="10.0.0.0/8"))
    assert [line["sequence"] for line in lines if line["record"] == "row"] == [1, 5]
    assert [line for line in lines if line["record"] == "total"] == [
        {"record": "total", "server": "QSOACCEPT", "verdict": "reject", "type": "NR", "count": 2}
    ]
    (entries,) = (line for line in lines if line["record"] == "entries")
    assert (entries["count"], entries["in_journal"]) == (2, 8)
    assert lines[0]["filter"] == "verdict reject, address 10.0.0.0-10.255.255.255"


def test_the_proof_of_a_damaged_journal_says_so_in_every_format(filled):
    path = list_receivers(filled.directory)[0]
    data = bytearray(path.read_bytes())
    data[data.index(b"QSOCONNECT")] ^= 1
    path.write_bytes(data)
    integrity = lines_of(filled)[-1]
    assert integrity["record"] == "integrity"
    assert not integrity["whole"]
    assert (integrity["expected"], integrity["found"]) == (8, 7)
    assert integrity["findings"][0]["sequence"] == 3
    for format in ("text", "csv", "html"):
        made = report(filled, format).decode()
        assert "NOT WHOLE: 1 finding" in made
        assert "changed: receiver EPMRCV0001, entry 3, offset" in made


def test_the_proof_holds_the_journal_to_a_known_head(filled):
    known = head(filled.directory)
    assert lines_of(filled, known_head=known)[-1]["whole"]
    path = list_receivers(filled.directory)[0]
    path.write_bytes(path.read_bytes()[: path.read_bytes().rindex(b"\xc5\xd7\xd4\xf1")])
    integrity = lines_of(filled, known_head=known)[-1]
    assert [finding["kind"] for finding in integrity["findings"]] == ["cut"]


@pytest.mark.parametrize("format", ["jsonl", "html"])
def test_entries_that_come_while_a_report_is_made_stay_out(
    filled, format, make_exit_event, monkeypatch
):
    def verify_then_append(directory, *rest, **options):
        found = verify(directory, *rest, **options)
        with filled.open() as journal:
            journal.append(make_exit_event(error="late"))
        return found

    monkeypatch.setattr("journal.report.run.verify", verify_then_append)
    made = report(filled, format)
    assert b"late" not in made
    assert {"jsonl": b'"entries", "count": 8,', "html": b"<td>8 of 8</td>"}[format] in made
    monkeypatch.undo()
    assert b"late" in report(filled, format)


def test_an_unknown_format_is_refused(filled):
    with pytest.raises(SettingsError, match="format 'docx' is not one of text, csv, jsonl, html"):
        report(filled, "docx")


def test_an_empty_journal_gives_a_report(journals):
    journals.fill(0)
    for format in WRITERS:
        made = report(journals, format)
        assert b"0 of 0" in made or format == "jsonl" or made == b"", format
    assert {"record": "entries", "count": 0, "in_journal": 0} in lines_of(journals)


HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "<script>alert(1)</script>", '"><img src=x>',
    "a\nb", "a\r\nb", "\x1b[2J", "\u202egpj", "\u2028", "\x85", "a,b", 'a"b', "\udcff", "日本",
]  # fmt: skip


@pytest.fixture
def hostile(journals, make_exit_event):
    with journals.open() as journal:
        for text in HOSTILE:
            job = Job(text, text, 1, text, (text,))
            journal.append(make_exit_event(job=job, error=text))
            journal.append(SocketEntry(job, SkData("D", "10.0.0.1", 1, host_name=text)))
            journal.append(ChangeEntry(1, 1, text, text, text, text, text, job))
    return journals


def test_no_cell_of_a_csv_is_a_formula_and_a_record_is_one_line(hostile):
    made = report(hostile, "csv").decode()
    rows = list(csv.reader(io.StringIO(made, newline="")))
    assert len(rows) == made.count("\r\n")
    assert len({len(row) for row in rows}) == 1
    for row in rows:
        for value in row:
            assert not value.startswith(("=", "+", "-", "@", "\t", "\r"))
            assert value.isprintable()
    details = {row[rows[0].index("detail")] for row in rows}
    assert {"'=1+1", "a,b", 'a"b', "日本"} <= details


def test_html_holds_no_markup_of_others_no_script_and_nothing_from_elsewhere(hostile):
    made = report(hostile, "html").decode()
    assert "<script" not in made
    assert "<img" not in made
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!$)", made.replace("&quot;", ""))
    assert all(c.isprintable() or c == "\n" for c in made)
    assert "default-src 'none'" in made


def test_text_and_json_lines_hold_no_control_characters(hostile):
    text = report(hostile, "text").decode()
    assert all(c.isprintable() or c == "\n" for c in text)
    data = report(hostile, "jsonl")
    assert data.isascii()
    assert [json.loads(line)["record"] for line in data.splitlines()].count("row") == len(
        HOSTILE * 3
    )


@given(st.text())
def test_no_text_becomes_a_formula(text):
    shown = str(cell(text))
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.lists(st.integers(0, 40), max_size=400), st.integers(2, 50))
def test_counts_of_the_most_frequent_are_within_their_error(keys, limit):
    frequent, exact = Frequent(limit), Counter(keys)
    for key in keys:
        frequent.add(key)
    assert len(frequent.counts) <= limit
    for key, count in frequent.counts.items():
        assert exact[key] <= count <= exact[key] + frequent.error
    for key, count in exact.items():
        assert key in frequent.counts or count <= frequent.error
    if len(exact) <= limit:
        assert frequent.counts == exact
        assert frequent.error == 0


@given(st.lists(st.datetimes(), max_size=60), st.integers(12, 60))
def test_events_over_time_are_all_counted_in_few_stretches(times, limit):
    over = OverTime(limit)
    for at in times:
        over.add(at)
    series = over.series()
    assert sum(count for _, count in series) == len(times)
    assert len(series) <= max(limit, 820)
    assert all(b - a == over.step for (a, _), (b, _) in itertools.pairwise(series))


def test_stretches_grow_only_when_they_must():
    over = OverTime(limit=60)
    begin = datetime(2026, 11, 21, 10)
    for minute in range(60):
        over.add(begin + timedelta(minutes=minute))
    assert over.step == timedelta(minutes=1)
    over.add(begin + timedelta(minutes=60))
    assert over.step == timedelta(minutes=5)
    assert over.series()[0] == (begin, 5)


def test_the_chart_has_a_bar_for_every_stretch_with_events():
    begin = datetime(2026, 11, 21)
    series = [(begin + timedelta(hours=n), n) for n in range(5)]
    chart = ElementTree.fromstring(bar_chart(series, "Rejections"))
    bars = chart.findall("rect")
    assert [bar.find("title").text for bar in bars] == [
        f"2026-11-21 0{n}:00Z: {n}" for n in range(1, 5)
    ]
    heights = [float(bar.get("height")) for bar in bars]
    assert heights == pytest.approx([44.5, 89.0, 133.5, 178.0])
    assert bar_chart([], "x") == "<p>No rejections.</p>"
