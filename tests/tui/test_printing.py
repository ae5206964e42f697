"""F21=Print: a list whole, any other panel as it is; and the spooled files themselves."""

from __future__ import annotations

import pytest

from epm.cli import spool
from epm.cli.workbench.printing import SpoolPrinting
from epm.errors import FileUnavailableError, JournalError
from epm.model import Server
from tests.tui.desk import MemoryRules, many, play, sample, session
from tui.kit import listing
from tui.panels.journal import JournalEntries
from tui.panels.rules import WorkWithRules
from tui.services import JournalFilter


def printed(dialogue):
    """The lines that were printed last."""
    return dialogue.desk.printing.printed[-1][1]


def test_a_list_is_printed_whole_whatever_page_is_shown():
    store = MemoryRules(many(1000))
    dialogue, _ = session(store, WorkWithRules(Server.CONNECT))
    play(dialogue, "pagedown", "f21")
    lines = printed(dialogue)
    assert next(x for x in lines if "Rule number" in x).startswith("         10  Rule number 1")
    assert sum("Rule number" in line for line in lines) == 1000
    assert "Work with Socket Rules - Connect Server" in lines[0]
    assert "Seq  Description" in lines[listing.HEADS_ROW - 1]
    assert listing.END_OF_LISTING in lines[-1]
    assert max(map(len, lines)) <= listing.PRINT_COLUMNS
    assert max(store.pages) <= listing.PRINT_BATCH
    assert dialogue.display.message == f"{len(lines)} lines printed to ~/spool/RULES.000001.txt"


def test_a_list_that_is_too_long_is_printed_as_far_as_the_limit_and_says_so(monkeypatch):
    monkeypatch.setattr(listing, "PRINT_LIMIT", 250)
    dialogue, _ = session(MemoryRules(many(1000)), WorkWithRules(Server.CONNECT))
    play(dialogue, "f21")
    lines = printed(dialogue)
    assert sum("Rule number" in line for line in lines) == 250
    assert lines[-1] == "The list is longer: its first 250 rows were printed."
    assert dialogue.display.message.endswith("+")
    dialogue.display.cursor = dialogue.display.position(24, 1)
    play(dialogue, "pagedown")
    assert dialogue.display.message.startswith("The list is longer")


def test_a_list_of_just_so_many_rows_is_whole(monkeypatch):
    monkeypatch.setattr(listing, "PRINT_LIMIT", 201)
    dialogue, _ = session(MemoryRules(many(200)), WorkWithRules(Server.CONNECT))
    play(dialogue, "f21")
    assert listing.END_OF_LISTING in printed(dialogue)[-1]
    assert not dialogue.display.message.endswith("+")


def test_options_and_the_page_stay_as_they_were():
    dialogue, _ = session(MemoryRules(many(1000)), WorkWithRules(Server.CONNECT))
    play(dialogue, "pagedown", "'5", "f21")
    assert dialogue.display.field("opt110").value == "5"
    assert "F21=Print" in "\n".join(dialogue.display.lines())


@pytest.mark.parametrize("way", [(), ("'1", "enter", "'5", "enter"), ("'1", "enter", "f6")])
def test_any_other_panel_is_printed_as_it_is_on_the_screen(way):
    dialogue, _ = session(sample())
    play(dialogue, *way)
    before = dialogue.display.lines()
    play(dialogue, "f21")
    assert printed(dialogue) == before[:-1]


def test_a_printer_that_refuses_is_a_message():
    dialogue, _ = session(sample())
    dialogue.desk.printing.full = True
    play(dialogue, "'1", "enter", "f21")
    assert dialogue.display.message == "~/spool: cannot be written: No space left on device"


def test_a_journal_is_printed_over_stretches_where_nothing_is_wanted():
    dialogue, _ = session(first=JournalEntries(JournalFilter(verdict="reject")))
    dialogue.desk.journal.scan = 4
    play(dialogue, "f21")
    numbers = [
        line[5:16].strip() for line in printed(dialogue)[listing.HEADS_ROW :] if "NR" in line
    ]
    assert numbers == ["21", "14", "7"]
    assert "198.51.100.7:50000 -> 192.168.1.10:22" in "\n".join(printed(dialogue))


def test_a_report_is_printed_with_its_long_lines_whole():
    dialogue, _ = session()
    dialogue.desk.reports.count = 250
    play(dialogue, "'9", "enter", "enter", "f21")
    joined = "".join(printed(dialogue))
    assert "word38 word39  end of the filter" in joined
    numbers = [int(line[:8]) for line in printed(dialogue) if "reject  20" in line]
    assert numbers == [1, 2, *range(4, 251)]


# ------------------------------------------------------------------------- spooled files


def test_a_spooled_file_is_private_and_numbered_on(tmp_path):
    folder = tmp_path / "data" / "spool"
    printing = SpoolPrinting(folder)
    first = printing.spool("rules", ["one", "two"])
    second = printing.spool("PNSTSTQSO", ["x"])
    assert (folder / "RULES.000001.txt").read_text() == "one\ntwo\n"
    assert first.path == str(folder / "RULES.000001.txt")
    assert (first.lines, second.lines) == (2, 1)
    assert second.path.endswith("PNSTSTQSO.000002.txt")
    assert (folder / "RULES.000001.txt").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.parent.stat().st_mode & 0o777 == 0o700


def test_the_path_is_shown_as_a_person_writes_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert SpoolPrinting(tmp_path / "s").spool("a/../b", []).path == "~/s/A-B.000001.txt"


def test_what_could_run_in_a_terminal_is_printed_as_text(tmp_path):
    SpoolPrinting(tmp_path).spool("x", ["a\x1b[2Jb\nc\u202e", "\ud800"])
    shown = (tmp_path / "X.000001.txt").read_text()
    assert shown == "a\\u001b[2Jb\\u000ac\\u202e\n\\ud800\n"


def test_what_fails_half_way_leaves_no_file(tmp_path):
    def lines():
        yield "begun"
        raise JournalError("receiver EPMRCV0001: Input/output error")

    with pytest.raises(JournalError):
        SpoolPrinting(tmp_path).spool("x", lines())
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_somebody_took_meanwhile_is_not_written_over(tmp_path, monkeypatch):
    (tmp_path / "Y.000001.txt").write_text("theirs")
    (tmp_path / "Y.000002.txt").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(spool, "_last_number", lambda folder: 0)  # as it was a moment ago
    with spool.spooled_file("y", tmp_path) as (path, stream):
        stream.write("mine")
    assert path.name == "Y.000003.txt"
    assert (tmp_path / "Y.000001.txt").read_text() == "theirs"
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileUnavailableError, match="cannot be written: "):
        SpoolPrinting(tmp_path / "file" / "spool").spool("x", [])
