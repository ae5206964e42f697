"""What was fetched, as entries of our journal: a decision made elsewhere reads as one made here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from db.ibmi.values import FetchedEntry, Unreadable
from epm.addresses import parse_address
from epm.cli.ibmi_entries import record_of
from epm.events import ExitEvent, Job, SkData
from epm.model import Call, Decision, Reason, RuleName, Server, Verdict
from journal.entry import Stored
from journal.foreign import decision_of, specific_of
from journal.importing import foreign_entry, import_records, last_sequences
from journal.layouts.esd import encode_esd
from journal.layouts.type5 import encode_type5
from journal.layouts.values import HeaderData
from journal.parsing.rows import Damaged
from journal.records import specific_data, to_type5
from journal.view import view_of
from journal.writer import Journal

AT = datetime(2026, 11, 21, 10)
SK = SkData("A", "192.168.1.10", 22, "10.1.2.3", 50000, 5, "*IPV4")
HEAD = HeaderData(
    7, "2026-11-21-10.00.00.000000", "T", "SK", "SSHD", "QTCP", 123456, "QTOCSSHD", "QTCP",
    "ALICE", "DEV400",
)  # fmt: skip
ENTRY = FetchedEntry(
    7, HEAD.timestamp, "T", "SK", "SSHD", "QTCP", 123456, "QTOCSSHD", "QTCP", "ALICE",
    data=encode_esd(SK),
)  # fmt: skip


def kept(entry, system="DEV400"):
    return foreign_entry(record_of(entry, system), 37, system)


def test_bytes_columns_and_records_give_the_same_entry():

    columns = replace(ENTRY, data=None, sk=SK)
    record = replace(ENTRY, data=None, record=encode_type5(HEAD, encode_esd(SK)))
    entries = [kept(e) for e in (ENTRY, columns, record)]
    assert {(e.source, e.sequence) for e in entries} == {("DEV400", 7)}
    assert [e.data for e in entries] == [SK, SK, SK]
    assert [e.header for e in entries] == [HEAD, HEAD, HEAD]


def test_entry_data_are_kept_and_exported_byte_for_byte():
    entry = kept(ENTRY)
    stored = Stored(1, AT, "PROD1", "R1", entry)
    assert specific_of(entry) == ENTRY.data
    assert to_type5(stored)[609:] == ENTRY.data


@pytest.mark.parametrize(
    "entry",
    [
        Unreadable(9, "no number"),
        replace(ENTRY, data=b"\xff" * 1070),
        replace(ENTRY, data=b""),
        replace(ENTRY, data=None, record=b"\xff" * 700),
    ],
)
def test_what_cannot_be_read_is_damaged_and_never_an_exception(entry):
    assert isinstance(record_of(entry, "DEV400"), Damaged)


def decision(allowed: bool) -> Stored:
    call = Call(
        Server.ACCEPT, rmtaddr=parse_address("10.1.2.3"), rmtport=50000,
        lcladdr=parse_address("192.168.1.10"), lclport=22, bndaddr=parse_address("0.0.0.0"),
        bndport=22, user="QTCP", job="SSHD", pgm="QSYS/QTOCSSHD",
    )  # fmt: skip
    verdict = Verdict.ALLOW if allowed else Verdict.REJECT
    made = Decision(
        Server.ACCEPT, verdict, Reason.RULE, RuleName(20, "Nobody else"),
        audit=True, message=False, capture=False,
    )  # fmt: skip
    job = Job("SSHD", "QTCP", 123456, "QSYS/QTOCSSHD")
    event = ExitEvent(call, made, job, revision=3)
    return Stored(5, AT, "DEV400", "R1", event)


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("whole", [False, True], ids=["data", "record"])
def test_a_decision_made_on_the_other_system_reads_as_one_made_here(allowed, whole):
    here = decision(allowed)
    data, _ = specific_data(here)
    kind = "NA" if allowed else "NR"
    head = replace(HEAD, code="U", entry_type=kind)
    fetched = replace(ENTRY, code="U", entry_type=kind, data=data)
    if whole:
        fetched = replace(fetched, data=None, record=encode_type5(head, data))
    there = view_of(Stored(1, AT, "PROD1", "R9", kept(fetched)))
    own = view_of(here)
    same = ("server", "verdict", "enforced", "reason", "rule", "rule_name", "revision", "user",
            "job", "program", "local_address", "local_port", "bound_address", "bound_port",
            "remote_address", "remote_port", "backlog", "detail")  # fmt: skip
    assert {n: getattr(there, n) for n in same} == {n: getattr(own, n) for n in same}


def test_another_products_u_entry_is_no_decision():
    entry = kept(replace(ENTRY, code="U", entry_type="NA", data=b"\xc1" * 400))
    assert decision_of(entry) is None
    assert view_of(Stored(1, AT, "PROD1", "R9", entry)).verdict is None


def test_numbers_of_another_journal_are_other_entries(tmp_path):
    journal = Journal.open(
        tmp_path / "J", journal_name="J", system="PROD1", clock=lambda: AT.astimezone()
    )
    record = record_of(ENTRY, "DEV400")
    first = import_records(journal, [record])
    other = import_records(journal, [record], source="DEV400/EPM/EPMJRN")
    again = import_records(journal, [record, record], source="DEV400/EPM/EPMJRN")
    assert (first.imported, other.imported, again.imported, again.present) == (1, 1, 0, 2)
    assert last_sequences(journal.directory) == {"DEV400": 7, "DEV400/EPM/EPMJRN": 7}
    journal.close()
