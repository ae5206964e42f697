"""Entries: payloads both ways, records for other systems, calls for a replay, the sink."""

import io
import json
from dataclasses import asdict, replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.errors import JournalDamagedError
from epm.events import Endpoint, ExitEvent, Job, SkData, SocketEvent, SocketEventType
from epm.model import Call, Decision, Reason, RuleName, Server, Verdict
from epm.ports import Sink
from journal.entry import (
    ChangeEntry,
    ForeignEntry,
    GapEntry,
    GapReason,
    SocketEntry,
    Stored,
    entry_type,
)
from journal.layouts import type5
from journal.layouts.header import HeaderDecoder
from journal.layouts.u_entries import decode_u
from journal.layouts.values import HeaderData
from journal.parsing.api import parse
from journal.parsing.rows import Record
from journal.payload import encode_payload
from journal.payload_decode import decode_payload
from journal.reader import JournalReader
from journal.records import row_of, to_call, to_type5
from journal.sink import JournalSink

AT = "2026-11-21T10:00:00.123456"
JOB = Job("sshd", "QTCP", 4_194_304, "/usr/sbin/sshd", ("QPGMR",))
FOREIGN = ForeignEntry(
    "PROD1",
    4711,
    HeaderData(4711, "2026-11-21-08.00.00.285107", "T", "SK", "QZDASOINIT", "QUSER", 7, "PGM",
               "QSYS", "ALICE", "PROD1"),
    SkData("A", "10.0.0.1", 8471, "10.1.2.3", 50000, 5, "*IPV4"),
)  # fmt: skip


def through(entry, system="*LOCAL"):
    """The entry written and read back."""
    return decode_payload(encode_payload(entry, AT, system), 17, "EPMRCV0001")


text = st.text(st.characters(), max_size=20)
jobs = st.builds(
    Job, text, text, st.integers(0, 2**31), st.none() | text,
    st.none() | st.lists(text, max_size=3).map(tuple),
)  # fmt: skip
addresses = st.none() | st.integers(0, 2**32 + 2**128 - 1)
ports = st.none() | st.integers(0, 65535)
calls = st.builds(
    Call, st.sampled_from(Server), addresses, ports, addresses, ports, addresses, ports,
    st.none() | st.integers(-(2**31), 2**31 - 1), st.none() | text,
    st.none() | st.lists(text, max_size=3).map(tuple), st.none() | text, st.none() | text,
    st.none() | st.datetimes(),
)  # fmt: skip
decisions = st.builds(
    Decision, st.none(), st.sampled_from(Verdict), st.sampled_from(Reason),
    st.none() | st.builds(RuleName, st.integers(1, 99999), st.none() | text),
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip


@given(calls, decisions, jobs, st.none() | st.integers(0), st.booleans(), st.none() | text, text)
def test_a_decision_reads_back_as_it_was(call, decision, job, revision, enforced, error, system):
    event = ExitEvent(call, replace(decision, server=call.server), job, revision, enforced, error)
    stored = through(event, system)
    assert stored == Stored(17, datetime.fromisoformat(AT), system, "EPMRCV0001", event)


@given(
    st.sampled_from(SocketEventType), jobs, st.integers(0, 2**128), st.integers(0, 65535),
    st.none() | st.builds(Endpoint, st.integers(0, 2**32 - 1), st.integers(0, 65535)),
)  # fmt: skip
def test_a_socket_event_reads_back_as_an_sk_entry(type, job, address, port, remote):
    stored = through(SocketEvent(type, job, Endpoint(address, port), remote, 5))
    entry = stored.entry
    assert isinstance(entry, SocketEntry)
    assert entry.job == job
    assert (entry.data.type, entry.data.local_port, entry.data.descriptor) == (type, port, 5)
    assert (entry.data.remote_address is None) == (remote is None)
    assert entry.data.address_family == ("*IPV6" if address >= 2**32 else "*IPV4")


@given(text, text, st.none() | text, st.none() | text, jobs)
def test_other_entries_read_back_as_they_were(who, what, before, after, job):
    change = ChangeEntry(3, None, who, what, "subject", before, after, job)
    assert through(change).entry == change
    gap = GapEntry(GapReason.TORN_TAIL, what, {"receiver": who, "bytes": 7})
    assert through(gap).entry == gap
    socket = SocketEntry(job, SkData("D", host_name=after, mac_address=before))
    assert through(socket).entry == socket


def test_a_foreign_record_keeps_its_bytes():
    entry = replace(FOREIGN, raw=bytes(range(256)) * 6, form="type5", ccsid=500)
    assert through(entry).entry == entry
    assert through(FOREIGN).entry == FOREIGN


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (FOREIGN, ("T", "SK")),
        (GapEntry(GapReason.CUT, "", {}), ("U", "NG")),
        (ChangeEntry(0, None, "", "", "", None, None, JOB), ("U", "NC")),
        (SocketEntry(JOB, SkData("A")), ("T", "SK")),
    ],
)
def test_entries_know_their_code_and_type(entry, code):
    assert entry_type(entry) == code


def test_the_hand_written_payloads_are_what_a_general_encoder_writes(
    make_socket_event, make_exit_event
):
    for event in (make_socket_event(), make_socket_event(type="P"), make_exit_event()):
        payload = encode_payload(event, AT, "*LOCAL")
        value = json.loads(payload)
        assert json.dumps(value, separators=(",", ":")).encode() == payload
        assert payload.isascii()


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"[]", b"{}", b"[" * 100_000, b'{"at":"x","k":"SK","sys":"a"}',
        b'{"at":"2026-11-21T10:00:00","k":"XX","sys":"a"}',
        b'{"at":"2026-11-21T10:00:00","k":"NG","sys":"a","reason":"cut","text":7,"details":{}}',
        b'{"at":"2026-11-21T10:00:00","k":"SK","sys":"a","job":["a","b",1,null,null],'
        b'"sk":{"type":"A","local_port":"22"}}',
        b'{"at":"2026-11-21T10:00:00","k":"SK","sys":"a","job":[{},"b",1,null,null],"sk":{}}',
    ],
)  # fmt: skip
def test_a_payload_that_is_not_one_of_ours_is_damage(payload):
    with pytest.raises(JournalDamagedError, match="entry 17: its payload"):
        decode_payload(payload, 17, "EPMRCV0001")


def test_a_foreign_record_that_unpacks_beyond_a_record_is_damage():
    bomb = replace(FOREIGN, raw=bytes(1_000_000), form="type5")
    with pytest.raises(JournalDamagedError):
        through(bomb)


def parsed(record, **options):
    (found,) = parse(io.BytesIO(record), "type5", **options)
    assert isinstance(found, Record)
    return found.row


@pytest.mark.parametrize("ccsid", [37, 273, 500])
def test_an_sk_entry_yields_a_record_that_parses_to_its_row(make_socket_event, ccsid):
    stored = through(make_socket_event())
    record = to_type5(stored, ccsid)
    assert len(record) == 1679
    row = parsed(record, ccsid=ccsid)
    assert row == row_of(stored) | {"job": "sshd", "program": "sshd"}
    assert row["timestamp"] == "2026-11-21-10.00.00.123456"
    assert row["sequence"] == 17
    assert type5.LAYOUT.decode(record, f"cp{ccsid:03d}")["receiver"] == "EPMRCV0001"


def test_a_decision_yields_a_record_with_fixed_fields_and_full_values(make_exit_event):
    long = "u" * 30
    event = make_exit_event(enforced=False, error="boom", job=replace(JOB, user=long))
    event = replace(event, call=replace(event.call, user=long))
    record = to_type5(through(event))
    (header, size) = HeaderDecoder(type5.HEADER, "cp037").values(record)
    assert header[2:4] == ["U", "NR"]
    assert header[6] == 4_194_304 % 1_000_000
    assert len(record) == 609 + size
    fixed, full = decode_u("NR", record[609:])
    assert fixed["verdict"] == "N"
    assert fixed["enforced"] == "N"
    assert (fixed["server"], fixed["format"]) == ("QSOACCEPT", "ACPT0100")
    assert (fixed["rule"], fixed["rule_name"], fixed["revision"]) == (10, "Admin subnet", 3)
    assert (fixed["remote_address"], fixed["remote_port"]) == ("10.1.2.3", "50000")
    assert fixed["user"] == "u" * 10
    assert full["call"]["user"] == long
    assert full["job"]["number"] == 4_194_304
    assert full["error"] == "boom"
    row = parsed(record, all_entries=True)
    assert (row["type"], row["local_address"], row["local_port"]) == (None, "192.168.1.10", 22)


def test_a_change_that_is_too_long_for_a_record_is_marked_and_kept_whole_in_the_journal():
    change = ChangeEntry(7, 8, "alice", "import", "*ALL", "b" * 200_000, None, JOB)
    stored = through(change)
    assert stored.entry == change
    record = to_type5(stored)
    assert len(record) <= 99_999
    assert type5.LAYOUT.decode(record, "cp037")["incomplete"] == "1"
    fixed, full = decode_u("NC", record[609:])
    assert (fixed["what"], fixed["who"], fixed["number"]) == ("import", "alice", 7)
    assert full["incomplete"] is True
    assert full["before"] == "b" * 1000


@pytest.mark.parametrize("name", ["日本語", "\x1b[31m", "\udcff", "=1+1", 'a"b', ""])
def test_hostile_names_yield_sound_records(make_exit_event, name):
    job = Job(name, name, 1, f"/bin/{name}", (name,))
    for entry in (
        make_exit_event(job=job, error=name),
        SocketEntry(job, SkData("A", "10.0.0.1", 1, "10.0.0.2", 2, 3, "*IPV4")),
        ChangeEntry(1, 1, name, name, name, name, name, job),
        GapEntry(GapReason.CUT, name, {"receiver": name}),
    ):
        record = to_type5(through(entry))
        assert len(record) == int(record[:5].decode("cp037"))


def test_an_imported_record_comes_out_byte_for_byte():
    raw = to_type5(through(SocketEntry(JOB, FOREIGN.data)), 500)
    entry = replace(FOREIGN, raw=raw, form="type5", ccsid=500)
    assert to_type5(through(entry), 500) == raw
    assert to_type5(through(entry), 37) != raw
    assert parsed(to_type5(through(entry), 37)) == asdict_row(entry)


def asdict_row(entry):
    return row_of(through(entry))


def test_a_decision_gives_its_call_whole(make_exit_event):
    assert to_call(through(make_exit_event())) == {
        "server": "QSOACCEPT", "rmtaddr": "10.1.2.3", "rmtport": 50000,
        "lcladdr": "192.168.1.10", "lclport": 22, "bndaddr": "0.0.0.0", "bndport": 22,
        "user": "QTCP", "groups": ["QPGMR"], "job": "sshd", "pgm": "/usr/sbin/sshd",
        "at": "2026-11-21T11:00:00",
    }  # fmt: skip


@pytest.mark.parametrize(("type", "server"), [("A", "QSOACCEPT"), ("C", "QSOCONNECT")])
def test_an_sk_entry_gives_the_call_that_it_records_in_utc(make_socket_event, type, server):
    assert to_call(through(make_socket_event(type=type))) == {
        "server": server, "rmtaddr": "10.1.2.3", "rmtport": 50000, "lcladdr": "192.168.1.10",
        "lclport": 22, "user": "QTCP", "groups": ["QPGMR"], "job": "sshd",
        "pgm": "/usr/sbin/sshd", "at": "2026-11-21T10:00:00.123456Z",
    }  # fmt: skip


def test_a_foreign_record_gives_a_call_in_its_systems_time():
    call = to_call(through(FOREIGN))
    assert call["at"] == "2026-11-21T08:00:00.285107"
    assert (call["user"], call["job"], call["pgm"]) == ("ALICE", "QZDASOINIT", "PGM")


@pytest.mark.parametrize(
    "entry", [SocketEntry(JOB, SkData("P", "10.0.0.1", 22)), GapEntry(GapReason.CUT, "", {}),
              ChangeEntry(0, None, "", "", "", None, None, JOB)],
)  # fmt: skip
def test_other_entries_record_no_call(entry):
    assert to_call(through(entry)) is None


def kinds(journals):
    stored = (e.decode() for e in JournalReader(journals.directory).entries())
    return [entry_type(s.entry)[1] for s in stored]


def test_the_sink_writes_what_is_logged_and_nothing_else(
    journals, make_exit_event, make_socket_event
):
    with journals.open() as journal:
        sink: Sink = JournalSink(journal)
        sink.decided(make_exit_event("reject", audit=False))
        sink.decided(make_exit_event("allow", audit=True))
        sink.decided(make_exit_event("allow", audit=False))
        sink.socket_event(make_socket_event())
        silent = make_exit_event("allow", audit=False, error="boom")
        sink.decided(silent)
        not_activated = replace(
            silent, error=None, decision=replace(silent.decision, reason=Reason.NOT_ACTIVATED)
        )
        sink.decided(not_activated)
    assert kinds(journals) == ["NR", "NA", "SK", "NA"]


def test_the_sink_writes_changes(journals):
    with journals.open() as journal:
        number = JournalSink(journal).changed(
            who="alice", what="activate", subject="QSOACCEPT", before="false", after="true",
            job=JOB, number=12, revision=5,
        )  # fmt: skip
    assert number == 1
    entry = JournalReader(journals.directory).entry(1).decode().entry
    assert asdict(entry) | {"job": None} == {
        "number": 12, "revision": 5, "who": "alice", "what": "activate", "subject": "QSOACCEPT",
        "before": "false", "after": "true", "job": None,
    }  # fmt: skip
