"""``epm cl``: the words of the workbench, with the answers and exit codes of the commands."""

from __future__ import annotations

from datetime import UTC

import pytest

from journal.writer import Journal
from tests.tui import journal_desk
from tests.tui.journal_desk import BEGIN


@pytest.fixture
def sample(epm):
    """A command line over the sample rules."""
    assert epm("init", "--sample").code == 0
    return epm


def test_a_call_is_decided_as_epm_test_does(sample):
    cl = sample("cl", "PNSTSTQSO SERVER(QSOACCEPT) AADDR3('10.1.2.3') APORT2(22) OUTPUT(*)")
    test = sample("test", "QSOACCEPT", "--rmtaddr", "10.1.2.3", "--lclport", "22")
    assert cl.out == test.out
    assert cl.code == test.code == 0
    assert cl.out.startswith("allow: rule 10")


def test_a_rejected_call_gives_1_and_the_trace_is_the_default(sample):
    outcome = sample("cl", "PNSTSTQSO", "SERVER(QSOACCEPT)", "AADDR3(192.0.2.1)", "APORT2(22)")
    assert outcome.code == 1
    assert outcome.out.startswith("reject: ")
    assert "not-matched" in outcome.out


@pytest.mark.parametrize(("address", "code"), [("10.1.2.3", 0), ("192.0.2.1", 1)])
def test_print_writes_a_private_file_and_says_where(sample, address, code):
    words = f"PNSTSTQSO SERVER(QSOACCEPT) AADDR3({address}) APORT2(22) OUTPUT(*PRINT)"
    outcome = sample("cl", words)
    assert outcome.code == code
    assert outcome.out == ""
    spooled = sample.folder / "data" / "epm" / "spool" / "PNSTSTQSO.000001.txt"
    assert f"lines printed to {spooled}" in outcome.err
    assert spooled.stat().st_mode & 0o777 == 0o600
    assert "Socket Rule Test Results" in spooled.read_text()
    assert f"rmtaddr={address}" in spooled.read_text()


def test_wrksktrul_lists_the_rules_of_a_server(sample):
    assert sample("cl", "wrksktrul qsolisten").out == sample("rules", "list", "listen").out
    assert sample("cl", "WRKSKTRUL").out == sample("rules", "list", "accept").out


def test_dspjrn_lists_the_entries(sample):
    sample("rules", "delete", "accept", "30")
    assert sample("cl", "DSPJRN").out == sample("journal", "list").out
    outcome = sample("cl", "DSPJRN ENTTYP(NR) VERDICT(REJECT) SERVER(QSOACCEPT) PORT(22)")
    assert outcome.out == sample("journal", "list", "--type", "NR").out
    assert outcome.code == 0
    assert "NC" in sample("cl", "DSPJRN JRNCDE(U)").out
    assert "NC" not in sample("cl", "DSPJRN JRNCDE(T)").out


_FILTERS = {
    "ENTTYP(SK)": ["--type", "SK"],
    "JRNCDE(T)": ["--type", "T"],
    "VERDICT(REJECT)": ["--verdict", "reject"],
    "SERVER(QSOCONNECT)": ["--server", "QSOCONNECT"],
    "USRPRF(AL*)": ["--user", "AL*"],
    "ADDR('10.1.2.0/28')": ["--address", "10.1.2.0/28"],
    "PORT(22)": ["--port", "22"],
    "FROMTIME('2026-11-21' '10:01')": ["--from", "2026-11-21T10:01"],
    "TOTIME('2026-11-21 10:01')": ["--to", "2026-11-21T10:01"],
}


def test_each_keyword_of_dspjrn_asks_what_its_option_asks(sample):
    entries = journal_desk.entries(40)
    times = iter([BEGIN, *(stored.at for stored in entries)])
    with Journal.open(
        sample.folder / "epm.db.journal" / "_LOCAL" / "CALLS", journal_name="CALLS",
        system="*LOCAL", clock=lambda: next(times).replace(tzinfo=UTC), boot="boot-1",
    ) as journal:  # fmt: skip
        for stored in entries:
            journal.append(stored.entry)
    everything = sample("cl", "DSPJRN CALLS").out
    assert len(everything.splitlines()) == 41
    for keyword, options in _FILTERS.items():
        outcome = sample("cl", f"DSPJRN CALLS {keyword}")
        assert outcome.out == sample("journal", "list", "--journal", "CALLS", *options).out
        assert 1 < len(outcome.out.splitlines()) < 41, keyword


def test_the_journal_is_printed_the_newest_first(sample):
    sample("rules", "delete", "accept", "30")
    assert sample("cl", "DSPJRN OUTPUT(*PRINT)").code == 0
    text = (sample.folder / "data" / "epm" / "spool" / "DSPJRN.000001.txt").read_text()
    numbers = [int(line[5:16]) for line in text.splitlines() if line[5:16].strip().isdigit()]
    assert len(numbers) > 2
    assert numbers == list(range(numbers[0], 0, -1))


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("FROB", 2, "epm: error: Command FROB not found.\n"),
        ("PNSTSTQSO", 2, "epm: error: Parameter SERVER required.\n"),
        ("PNSTSTQSO SERVER(QSOACCEPT) SYSTEM(X)", 2, "epm: error: SYSTEM must be *LOCAL;"),
        ("PNSTSTQSO SERVER(QSOACCEPT) SYSTEM(X) OUTPUT(*PRINT)", 2, "epm: error: SYSTEM must be"),
        ("DSPJRN ENTTYP(SK) JRNCDE(U)", 2, "epm: error: JRNCDE must be *ALL"),
        ("DSPJRN FROMTIME(SOON)", 2, "epm: error: time 'SOON' is not an ISO date"),
        ("DSPJRN FROMTIME(SOON) OUTPUT(*PRINT)", 2, "epm: error: time 'SOON' is not an ISO date"),
        ("DSPJRN NOSUCHJRN", 3, "epm: error: journal "),
        ("GO MAIN", 3, "epm: error: GO shows a menu, and menus need the workbench: epm tui\n"),
    ],
)
def test_what_cannot_be_run_is_one_line(epm, words, code, message):
    outcome = epm("cl", words)
    assert outcome.code == code
    assert outcome.out == ""
    assert outcome.err.startswith(message)
    assert outcome.err.count("\n") == 1


def test_it_runs_as_a_process(sample):
    outcome = sample.process("cl", "PNSTSTQSO SERVER(QSOACCEPT) AADDR3(192.0.2.1) APORT2(22)")
    assert outcome.code == 1
    assert outcome.out.startswith("reject: ")


@pytest.mark.parametrize("words", ["", "  "])
def test_no_command_at_all_is_told_which_there_are(epm, words):
    outcome = epm("cl", words)
    assert outcome.code == 2
    assert "Type a command: WRKSKTRUL, PNSTSTQSO, DSPJRN, WRKREGINF, GO." in outcome.err
