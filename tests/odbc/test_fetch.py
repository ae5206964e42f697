"""SK entries over a real ODBC stack: each once, none lost silently, from four sources."""

from __future__ import annotations

import io
from dataclasses import astuple
from datetime import UTC, datetime

import pytest

from db.ibmi.fetch import fetch
from db.ibmi.odbc import open_database
from db.ibmi.outfile import Outfile
from db.ibmi.sources import AuditJournalSk, DisplayJournal
from db.ibmi.values import FetchedEntry, Gap, Position, Reached, Unreadable
from epm.errors import RemoteError, SettingsError
from journal.entry import ForeignEntry
from journal.importing import import_records
from journal.layouts.esd import decode_esd, encode_esd
from journal.layouts.type5 import HEADER_BYTES
from journal.parsing.api import parse
from journal.parsing.rows import Record, make_row
from journal.reader import JournalReader
from journal.writer import Journal
from tests.odbc.audit import LIBRARY, Audit, header, over_postgresql, sk

pytestmark = pytest.mark.real


@pytest.fixture
def audit(cluster):
    made = Audit(cluster.address)
    yield made
    made.close()


@pytest.fixture
def connection(source):
    opened = open_database(f"DSN={source};FetchRefcursors=0", user="epm", seconds=10)
    yield opened
    opened.close()


@pytest.fixture
def query(connection):
    return over_postgresql(connection)


def entries(found):
    return [one for one in found if isinstance(one, FetchedEntry)]


def numbers(found):
    return [one.sequence for one in entries(found)]


def gaps(found):
    return [one for one in found if isinstance(one, Gap)]


def end(found):
    return [one for one in found if isinstance(one, Reached)][-1].position


def header_of(entry):
    return (
        entry.sequence, entry.timestamp, entry.code, entry.entry_type, entry.job, entry.job_user,
        entry.job_number, entry.program, entry.program_library, entry.user,
    )  # fmt: skip


def test_an_entry_comes_whole_with_its_data_as_written(audit, query):
    audit.attach("R1", 1, 9, [7])
    (entry,) = entries(fetch(query, DisplayJournal()))
    assert header_of(entry) == astuple(header(7))[:10]
    assert (entry.receiver, entry.receiver_library) == ("R1", LIBRARY)
    assert entry.data == encode_esd(sk(7))
    assert decode_esd(entry.data) == sk(7)


def test_audit_journal_sk_gives_columns_instead_of_bytes(audit, query):
    audit.attach("R1", 1, 9, [7])
    (entry,) = entries(fetch(query, AuditJournalSk()))
    assert header_of(entry) == astuple(header(7))[:10]
    assert entry.data is None
    shown = (entry.sk.type, entry.sk.local_address, entry.sk.local_port, entry.sk.remote_port)
    assert shown == ("A", "192.168.1.10", 22, 50000)
    assert entry.sk.remote_address == "10.1.2.3", "the entry's own, not the job's client"


def test_an_outfile_of_dspjrn_gives_the_data_without_the_padding(audit, query):
    audit.outfile("R1", [3, 4])
    found = entries(fetch(query, Outfile("EPMLIB", "SKOUT")))
    assert [header_of(e) for e in found] == [astuple(header(n))[:10] for n in (3, 4)]
    assert [e.data for e in found] == [encode_esd(sk(n)) for n in (3, 4)]
    assert found[0].system == "DEV400"


def test_whole_records_come_byte_for_byte(audit, query):
    audit.records("R1", [3, 4])
    found = entries(fetch(query, Outfile("EPMLIB", "SKREC")))
    assert [(e.sequence, e.receiver) for e in found] == [(3, "R1"), (4, "R1")]
    assert [e.record[HEADER_BYTES:] for e in found] == [encode_esd(sk(n)) for n in (3, 4)]


def test_qauditsk_is_read_by_the_names_its_fields_should_have(audit, query):
    audit.copied("R1", [3])
    (entry,) = entries(fetch(query, Outfile("EPMLIB", "QAUDITSK")))
    assert (entry.sequence, entry.job, entry.user) == (3, "SSHD", "ALICE")
    assert (entry.sk.local_port, entry.sk.remote_port) == (22, 50000)
    assert entry.sk.remote_address == sk(3).remote_address


def test_a_file_of_something_else_is_refused_with_its_columns(query):
    with pytest.raises(RemoteError, match=r"EPMLIB/OTHER: no column of the sequence number .* A B"):
        list(fetch(query, Outfile("EPMLIB", "OTHER")))
    with pytest.raises(RemoteError, match="file EPMLIB/NONE is not there"):
        list(fetch(query, Outfile("EPMLIB", "NONE")))


SOURCES = {
    "display_journal": DisplayJournal,
    "audit_journal_sk": AuditJournalSk,
    "outfile": lambda: Outfile("EPMLIB", "SKOUT"),
    "records": lambda: Outfile("EPMLIB", "SKREC"),
}


@pytest.mark.parametrize("make", SOURCES.values(), ids=list(SOURCES))
@pytest.mark.parametrize("batch", [1, 3, 100])
def test_batches_are_joined_without_a_seam_across_receivers(audit, query, make, batch):
    first, second = range(5, 50, 3), range(51, 60, 2)
    for fill in (audit.outfile, audit.records):
        fill("R1", first)
        fill("R2", second)
    audit.attach("R1", 1, 50, first)
    audit.attach("R2", 51, 60, second)
    found = list(fetch(query, make(), batch=batch))
    assert numbers(found) == [*first, *second]
    assert gaps(found) == []


@pytest.mark.parametrize("make", [DisplayJournal, AuditJournalSk])
def test_what_was_fetched_is_not_fetched_again(audit, query, make):
    audit.attach("R1", 1, 50, [10, 20])
    first = list(fetch(query, make()))
    assert end(first) == Position(LIBRARY, "R1", 50), "numbers of other entries were looked at too"
    assert numbers(fetch(query, make(), end(first))) == []
    audit.write("R1", [51])
    audit.attach("R2", 52, 60, [55])
    assert numbers(fetch(query, make(), end(first))) == [51, 55]


def test_every_place_that_was_reached_is_one_to_go_on_from(audit, query):
    wanted = [3, 5, 8, 13, 21, 34]
    audit.attach("R1", 1, 20, wanted[:4])
    audit.attach("R2", 21, 40, wanted[4:])
    whole = list(fetch(query, DisplayJournal(), batch=2))
    for place, one in enumerate(whole):
        if isinstance(one, Reached):
            before = numbers(whole[:place])
            assert before + numbers(fetch(query, DisplayJournal(), one.position)) == wanted


def test_a_batch_is_as_large_as_it_was_asked_for(audit, connection):
    audit.attach("R1", 1, 10, range(1, 11))
    seen = []
    list(fetch(over_postgresql(connection, seen.append), DisplayJournal(), batch=4))
    pages = [s for s in seen if "DISPLAY_JOURNAL" in s]
    assert all("FETCH FIRST 4 ROWS ONLY" in s for s in pages)
    assert ["STARTING_SEQUENCE => 4," in s for s in pages[-2:]] == [True, False]
    # SYSTEM_NAME is not known here: asked for once, then left out.
    assert ["SYSTEM_NAME" in s for s in pages] == [True, False, False, False]


# ------------------------------------------------------------------- what cannot be fetched


def test_a_receiver_deleted_between_two_fetches_is_a_gap_with_its_numbers(audit, query):
    audit.attach("R1", 1, 50, [10])
    place = end(fetch(query, DisplayJournal()))
    audit.write("R1", [51, 60])
    audit.attach("R2", 61, 100, [70])
    audit.delete("R1")
    found = list(fetch(query, DisplayJournal(), place))
    assert [(g.first, g.last) for g in gaps(found)] == [(51, 60)]
    assert str(gaps(found)[0]) == f"entries 51 to 60 are lost: receiver {LIBRARY}/R1 was deleted"
    assert numbers(found) == [70]


def test_a_receiver_that_was_read_to_its_end_may_be_deleted(audit, query):
    audit.attach("R1", 1, 50, [10])
    place = end(fetch(query, DisplayJournal()))
    audit.attach("R2", 51, 60, [55])
    audit.delete("R1")
    found = list(fetch(query, DisplayJournal(), place))
    assert (numbers(found), gaps(found)) == ([55], [])


@pytest.mark.parametrize("make", [DisplayJournal, AuditJournalSk])
def test_a_receiver_deleted_under_a_fetch_is_a_gap_from_where_it_was(audit, query, make):
    audit.attach("R1", 1, 50, range(1, 51))
    audit.attach("R2", 51, 60, [55])
    fetching = fetch(query, make(), batch=10)
    found = []
    for one in fetching:
        found.append(one)
        if numbers(found) and numbers(found)[-1] == 20:
            audit.delete("R1")
            break
    found += fetching
    assert numbers(found) == [*range(1, 21), 55]
    assert [(g.first, g.last) for g in gaps(found)] == [(21, 50)]


def test_a_receiver_deleted_before_its_first_entry_was_read_is_a_gap_too(audit, connection):
    audit.attach("R1", 1, 50, [10])
    audit.attach("R2", 51, 60, [55])
    listed = []

    def delete_once(statement):
        if "DISPLAY_JOURNAL" in statement and not listed:
            listed.append(statement)
            audit.delete("R1")

    found = list(fetch(over_postgresql(connection, delete_once), DisplayJournal()))
    assert numbers(found) == [55]
    assert [(g.first, g.last) for g in gaps(found)] == [(1, 50)]


def test_a_receiver_missing_in_the_middle_is_a_gap(audit, query):
    audit.attach("R1", 1, 10, [1])
    audit.attach("R3", 31, 40, [35])
    found = list(fetch(query, DisplayJournal()))
    assert numbers(found) == [1, 35]
    assert [(g.first, g.last) for g in gaps(found)] == [(11, 30)]


def test_numbers_begun_anew_are_said_and_read_from_the_beginning(audit, query):
    audit.attach("R1", 1, 100, [90])
    place = end(fetch(query, DisplayJournal()))
    audit.attach("R2", 1, 20, [5])
    found = list(fetch(query, DisplayJournal(), place))
    assert numbers(found) == [5]
    assert "the numbers were begun anew: receiver EPMRCV/R2 begins with entry 1" in str(found[0])


def test_all_receivers_gone_is_an_error_that_names_the_place(query, audit):
    with pytest.raises(RemoteError, match="no journal receiver is there"):
        list(fetch(query, DisplayJournal()))
    with pytest.raises(RemoteError, match="entries after 50 may be lost"):
        list(fetch(query, DisplayJournal(), Position(LIBRARY, "R1", 50)))


def test_a_damaged_row_is_reported_and_the_rest_is_given(audit, query):
    audit.records("R1", [3, 4, 5])
    audit._connection.execute(
        """UPDATE "EPMLIB"."SKREC" SET "RECORD" = substr("RECORD", 1, 300)
           WHERE substr("RECORD", 6, 20) = %s""",
        (f"{4:020d}".encode("cp037"),),
    )
    found = list(fetch(query, Outfile("EPMLIB", "SKREC")))
    assert numbers(found) == [3, 5]
    (bad,) = [one for one in found if isinstance(one, Unreadable)]
    assert "a record of 300 bytes" in str(bad)


@pytest.mark.parametrize("name", ["X' OR '1'='1", "", "lower", "ELEVENCHARS", 'A"B'])
def test_only_an_object_name_gets_into_a_statement(query, name):
    with pytest.raises(SettingsError, match="is not an object name"):
        list(fetch(query, Outfile("EPMLIB", name)))
    with pytest.raises(SettingsError, match="is not an object name"):
        list(fetch(query, DisplayJournal(name, "QAUDJRN")))


# ------------------------------------------------------------------------ into our journal


def record_of(entry: FetchedEntry) -> Record:
    """What the command line makes of an entry: a parsed record, whichever source it is of."""
    if entry.record is not None:
        (record,) = parse(io.BytesIO(entry.record), "type5")
        return record
    values = decode_esd(entry.data) if entry.data is not None else entry.sk
    row = make_row((*header_of(entry), entry.system), astuple(values))
    return Record(entry.sequence, row, entry.data, "esd")


@pytest.mark.parametrize("make", SOURCES.values(), ids=list(SOURCES))
def test_each_entry_gets_into_the_journal_once_however_often_it_is_fetched(
    audit, query, make, tmp_path
):
    wanted = [*range(1, 30, 2)]
    audit.attach("R1", 1, 30, wanted)
    audit.outfile("R1", wanted)
    audit.records("R1", wanted)
    with Journal.open(
        tmp_path, journal_name="EPMJRN", system="*LOCAL", clock=lambda: datetime.now(UTC)
    ) as journal:
        journal.start()
        for _ in range(2):
            records = map(record_of, entries(fetch(query, make(), batch=7)))
            import_records(journal, records, system="DEV400")
    read = (raw.decode().entry for raw in JournalReader(tmp_path).entries())
    kept = [entry for entry in read if isinstance(entry, ForeignEntry)]
    assert [(entry.source, entry.sequence) for entry in kept] == [("DEV400", n) for n in wanted]
    assert {entry.data.local_port for entry in kept} == {22}
