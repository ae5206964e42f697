"""Fetching through the command line: each entry once, gaps said and noted, wherever it stops."""

from __future__ import annotations

import json

import pytest

from epm.addresses import parse_address
from epm.events import Endpoint, Job, SocketEvent, SocketEventType
from journal.entry import GapEntry
from journal.reader import JournalReader
from simulators.ibmi.journals import Origin
from simulators.xmlservice.server import serve
from tests.ibmi.machine import PASSWORD, machine


@pytest.fixture
def system():
    return machine()


@pytest.fixture
def fetch(epm, system, monkeypatch):
    """Fetches from PROD1 and returns the answer; ``fetch.raw`` gives the outcome itself."""
    server = serve(system)
    table = f'[ibmi.PROD1]\nurl = "{server.url}"\nuser = "EPMADM"\n'
    (epm.folder / "epm.toml").write_text(table)
    (epm.folder / "epm.toml").chmod(0o600)
    monkeypatch.setenv("EPM_IBMI_PROD1_PASSWORD", PASSWORD)
    assert epm("--system", "PROD1", "init").code == 0

    def run(*words):
        outcome = epm("ibmi", "fetch", "--json", *words)
        assert outcome.code == 0, outcome.err
        return outcome.json["journals"][0] | {"said": outcome.err}

    run.raw = lambda *words: epm("ibmi", "fetch", *words)
    yield run
    server.close()


def write(system, count, first=1):
    """So many accepts, as the system audits them."""
    origin = Origin("SSHD", "QTCP", "000123", "EPMUSER")
    for number in range(first, first + count):
        remote = Endpoint(parse_address(f"10.1.{number >> 8}.{number & 255}"), 50000)
        local = Endpoint(parse_address("192.168.1.10"), 22)
        job = Job("SSHD", "QTCP", 123)
        system.state.write_sk(SocketEvent(SocketEventType.ACCEPT, job, local, remote, 5), origin)


def command(system, text):
    outcome = system.job("EPMADM").command(text)
    assert outcome.ok, outcome.messages


def change_receiver(system, more=""):
    command(system, f"CHGJRN JRN(QSYS/QAUDJRN) JRNRCV(*GEN) {more}")


def rows(epm):
    report = epm("--system", "PROD1", "journal", "list", "--type", "SK", "--json")
    return [row["remote_address"] for row in report.json]


def gaps(epm):
    folder = epm.folder / "epm.db.journal" / "PROD1" / "EPMJRN"
    entries = (raw.decode().entry for raw in JournalReader(folder).entries())
    return [e.text for e in entries if isinstance(e, GapEntry)]


def test_each_entry_comes_once_and_the_next_fetch_takes_only_what_is_new(epm, fetch, system):
    write(system, 300)
    assert fetch()["imported"] == 300
    assert fetch()["imported"] == 0
    write(system, 5, first=301)
    change_receiver(system)
    write(system, 5, first=306)
    again = fetch()
    assert (again["imported"], again["present"], again["gaps"]) == (10, 0, [])
    assert rows(epm) == [f"10.1.{n >> 8}.{n & 255}" for n in range(1, 311)]


def test_more_than_one_page_is_fetched_whole(fetch, system, monkeypatch):
    from epm.cli import ibmi_fetch

    monkeypatch.setattr(ibmi_fetch, "_BATCH", 7)
    write(system, 50)
    assert fetch()["imported"] == 50


@pytest.mark.parametrize(
    "kind", [pytest.param("display-journal", marks=pytest.mark.heavy), "audit-journal-sk"]
)  # display-journal: every other test
def test_every_service_gives_the_same_entries(epm, fetch, system, kind):
    write(system, 20)
    assert fetch("--source", kind)["imported"] == 20
    assert rows(epm) == [f"10.1.0.{n}" for n in range(1, 21)]
    other = {"display-journal": "audit-journal-sk", "audit-journal-sk": "display-journal"}[kind]
    assert fetch("--source", other)["imported"] == 0


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("type5", "DSPJRN JRN(QSYS/QAUDJRN) RCVRNG(*CURCHAIN) ENTTYP(SK) OUTPUT(*OUTFILE) "
                  "OUTFILFMT(*TYPE5) OUTFILE(QGPL/SKOUT)"),
        ("outfile", "CPYAUDJRNE ENTTYP(SK) OUTFILE(QGPL/SKOUT) JRNRCV(*CURCHAIN)"),
    ],
)  # fmt: skip
def test_a_file_that_a_command_wrote_gives_them_too(epm, fetch, system, kind, text):
    write(system, 20)
    command(system, text)
    file = "QGPL/SKOUT" if kind == "type5" else "QGPL/SKOUTSK"
    assert fetch("--source", kind, "--file", file)["imported"] == 20
    assert rows(epm) == [f"10.1.0.{n}" for n in range(1, 21)]
    assert fetch()["imported"] == 0, "the same entries by another way are the same"


def test_a_receiver_deleted_before_it_was_fetched_is_a_gap_said_and_noted(epm, fetch, system):
    write(system, 10)
    assert fetch()["imported"] == 10
    change_receiver(system)
    write(system, 10, first=11)
    change_receiver(system)
    write(system, 10, first=21)
    command(system, "DLTJRNRCV JRNRCV(QGPL/AUDRCV0001)")
    command(system, "DLTJRNRCV JRNRCV(QGPL/AUDRCV0002)")
    found = fetch()
    assert found["imported"] == 10
    (gap,) = found["gaps"]
    assert "AUDRCV0001 was deleted" in gap
    assert "warning: QSYS/QAUDJRN display-journal: " in found["said"]
    assert gaps(epm) == [f"QSYS/QAUDJRN display-journal: {gap}"]
    assert fetch()["gaps"] == []


def test_numbers_begun_anew_are_other_entries_and_none_is_lost(epm, fetch, system):
    write(system, 10)
    assert fetch()["imported"] == 10
    change_receiver(system, "SEQOPT(*RESET)")
    write(system, 10, first=101)
    found = fetch()
    assert found["imported"] == 10
    assert "begun anew" in found["gaps"][0]
    write(system, 3, first=111)
    assert fetch()["imported"] == 3
    expected = [*range(1, 11), *range(101, 114)]
    assert rows(epm) == [f"10.1.0.{n}" for n in expected]


def test_without_the_kept_position_the_journal_itself_says_where_to_go_on(epm, fetch, system):
    write(system, 30)
    fetch()
    kept = epm.folder / "epm.db.journal" / "PROD1" / "fetched.json"
    assert kept.stat().st_mode & 0o077 == 0
    for content in (None, b"{not JSON", b'{"version": 1}'):
        kept.unlink() if content is None else kept.write_bytes(content)
        write(system, 2, first=31)
        again = fetch()
        assert (again["imported"], again["present"], again["gaps"]) == (2, 0, [])
        if content is not None:
            assert "cannot be read" in again["said"]


def test_an_older_kept_position_than_the_journal_imports_nothing_twice(epm, fetch, system):
    write(system, 30)
    fetch()
    kept = epm.folder / "epm.db.journal" / "PROD1" / "fetched.json"
    value = json.loads(kept.read_text())
    for place in value["places"].values():
        place["sequence"] = 5
    kept.write_text(json.dumps(value))
    again = fetch()
    assert (again["imported"], again["gaps"]) == (0, [])


def test_a_fetch_that_breaks_in_the_middle_goes_on_at_the_next(epm, fetch, system, monkeypatch):
    from epm.cli import ibmi_fetch
    from exitprograms.ibmi.client import Client

    monkeypatch.setattr(ibmi_fetch, "_BATCH", 10)
    write(system, 45)
    plain, seen = Client.query, []

    def breaks(self, statement):
        from epm.errors import RemoteError

        seen.append(statement)
        if "DISPLAY_JOURNAL" in statement and sum("DISPLAY_JOURNAL" in s for s in seen) == 3:
            raise RemoteError("the line is down")
        return plain(self, statement)

    monkeypatch.setattr(Client, "query", breaks)
    broken = fetch.raw()
    assert broken.code == 3
    assert "the line is down" in broken.err
    monkeypatch.setattr(Client, "query", plain)
    held = len(rows(epm))
    assert 0 < held < 45
    found = fetch()
    assert (found["imported"], found["present"]) == (45 - held, 0)
    assert len(rows(epm)) == 45


def test_a_damaged_entry_is_said_and_the_sound_ones_come(epm, fetch, system):
    write(system, 5)
    journal = system.state.audit_journal
    journal.append("T", "SK", b"\xc1" + b"\xff" * 1069, Origin("J", "U", "000001", "U"),
                   system.state.now())  # fmt: skip
    write(system, 5, first=6)
    outcome = fetch.raw()
    assert outcome.code == 4
    assert "1 damaged" in outcome.err
    assert len(rows(epm)) == 10


def test_usage_is_one_line(fetch):
    for words, line in (
        (("--source", "type5"), "--source type5 needs --file LIB/FILE"),
        (("--source", "type5", "--file", "NOSLASH"), "needs --file LIB/FILE"),
        (("--file", "A/B"), "--file goes with outfile and type5"),
        (("NOSYS",), "no IBM i system NOSYS: known are PROD1"),
    ):
        outcome = fetch.raw(*words)
        assert outcome.code == 2
        assert line in outcome.err


def test_the_journal_that_the_configuration_named_before_is_fetched_and_kept_too(
    epm, fetch, system
):
    assert epm("--system", "PROD1", "activate", "QSOACCEPT").code == 0
    assert epm("ibmi", "attach").code == 0
    journal = system.state.object("EPM", "EPMJRN", "*JRN").data
    journal.append("U", "NA", b"x" * 379, Origin("J", "U", "000001", "U"), system.state.now())
    assert epm("--system", "PROD1", "config", "set", "--journal", "OTHERJRN").code == 0
    assert epm("ibmi", "attach").code == 0
    refused = epm("ibmi", "detach", "--purge")
    assert refused.code == 3
    assert "EPM/EPMJRN holds entries that were not fetched" in refused.err
    names = [j["journal"] for j in epm("ibmi", "fetch", "--json").json["journals"]]
    assert names[1:] == ["EPM/EPMJRN", "EPM/OTHERJRN"]
    assert epm("ibmi", "detach", "--purge").code == 0
