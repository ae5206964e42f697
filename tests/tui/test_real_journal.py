"""The panels' journal, reports and printer over a real journal and real files."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from epm.cli.app import App
from epm.cli.main import main
from epm.cli.settings import load_settings
from epm.cli.workbench import journal as browsing
from epm.cli.workbench.desk import desk_for
from epm.errors import FileUnavailableError, JournalError, SettingsError
from journal.writer import Journal
from tests.tui import journal_desk
from tests.tui.desk import play, text
from tui.panels.main_menu import MainMenu
from tui.services import FilterRefusedError, JournalFilter
from tui.services.reports import FileExistsRefusedError
from tui.session import Session

ALL = JournalFilter(journal="LARGE")
COUNT = 300


class Clock:
    """A second later each time."""

    def __init__(self):
        self.now = datetime(2026, 11, 21, 10, tzinfo=UTC)

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


def surround(patch, folder):
    """Have commands work in a folder of their own."""
    for name in [n for n in os.environ if n.startswith("EPM_") and n != "EPM_REQUIRE_REAL"]:
        patch.delenv(name)
    patch.setenv("EPM_DB", f"sqlite:///{folder / 'epm.db'}")
    patch.setenv("XDG_DATA_HOME", str(folder / "data"))
    patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    patch.chdir(folder)
    return load_settings({"db": None, "system": None}, os.environ)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A store with the sample rules, and a journal LARGE of several receivers."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        app = App(surround(patch, folder))
        with pytest.raises(SystemExit):
            main(["init", "--sample"])
        with Journal.open(
            app.journal_folder("LARGE"), journal_name="LARGE", system="*LOCAL", clock=Clock(),
            boot="boot-1", receiver_bytes=50_000,
        ) as journal:  # fmt: skip
            for stored in journal_desk.entries(COUNT):
                journal.append(stored.entry)
    return folder


@pytest.fixture
def desk(made, tmp_path, monkeypatch):
    """Services over a copy of it."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    app = App(surround(monkeypatch, tmp_path))
    yield desk_for(app)
    app.close()


def receivers(tmp_path):
    return sorted(Path(tmp_path).glob("epm.db.journal/*/LARGE/EPMRCV*"))


def test_pages_are_the_entries_newest_first_without_gap_or_repeat(desk, tmp_path):
    assert len(receivers(tmp_path)) > 2
    seen, before = [], None
    while rows := desk.journal.older(ALL, before, 11).rows:
        seen += [row.sequence for row in rows]
        before = seen[-1]
    assert seen == list(range(COUNT, 0, -1))


@pytest.mark.parametrize("after", [0, 1, 99, COUNT - 3, COUNT])
def test_the_entries_that_came_next(desk, after):
    rows = desk.journal.newer(ALL, after, 10).rows
    assert [row.sequence for row in rows] == list(range(min(COUNT, after + 10), after, -1))


def test_a_filter_is_that_of_epm_journal_list(desk):
    rows = desk.journal.older(JournalFilter("LARGE", verdict="REJECT"), None, 1000).rows
    assert [r.sequence for r in rows] == [n for n in range(COUNT, 2, -1) if n % 7 == 0]
    rows = desk.journal.older(JournalFilter("LARGE", type="SK", address="10.1.2.5"), None, 9).rows
    assert {r.remote for r in rows} == {"10.1.2.5:50000"}


@pytest.mark.parametrize("number", [2, 3, 57, 199, COUNT])
def test_a_time_is_found_in_whichever_receiver_it_lies(desk, number):
    row = desk.journal.older(ALL, number + 1, 1).rows[0]
    assert desk.journal.number_before(ALL, row.time) == number
    assert desk.journal.number_before(ALL, "2026-11-21") is None
    assert desk.journal.number_before(ALL, "2020-01-01") == 1


def test_a_search_looks_at_so_many_entries_and_says_where_it_stopped(desk, monkeypatch):
    monkeypatch.setattr(browsing, "SCAN_LIMIT", 50)
    nobody = JournalFilter("LARGE", user="NOBODY")
    page = desk.journal.older(nobody, None, 11)
    assert (page.rows, page.stopped) == ([], COUNT - 49)
    assert desk.journal.older(nobody, 51, 11).stopped is None
    page = desk.journal.newer(nobody, 100, 11)
    assert (page.rows, page.stopped) == ([], 150)
    assert desk.journal.newer(nobody, COUNT - 50, 11).stopped is None


def test_damage_is_left_out_and_counted(desk, tmp_path):
    path = receivers(tmp_path)[1]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    page = desk.journal.older(ALL, None, COUNT)
    assert page.damaged == 1
    assert len(page.rows) == COUNT - 1


def test_an_entry_is_what_epm_journal_show_prints(desk, capsys):
    entry = desk.journal.entry(ALL, 21)
    with pytest.raises(SystemExit):
        main(["journal", "show", "21", "--journal", "LARGE"])
    shown = capsys.readouterr().out.splitlines()
    for lines in (entry.header, entry.details, entry.characters):
        assert all(line.rstrip() in [x.rstrip() for x in shown] for line in lines)


def test_a_name_that_leads_elsewhere_is_no_journal(desk):
    with pytest.raises(FilterRefusedError, match="is not a name"):
        desk.journal.check(JournalFilter(journal="../../.."))
    with pytest.raises(JournalError, match="has not begun"):
        desk.journal.check(JournalFilter(journal="NOWHERE"))


def test_the_workbench_shows_its_own_journal_and_what_a_command_added(desk):
    dialogue = Session(desk, MainMenu())
    play(dialogue, "'8", "enter")
    assert "NC" in text(dialogue)
    with pytest.raises(SystemExit):
        main(["rules", "delete", "accept", "30"])
    play(dialogue, "f5", "f11")
    assert "delete" in dialogue.display.lines()[9]


# -------------------------------------------------------------------------------- reports


def test_a_report_is_that_of_epm_journal_report(desk, tmp_path):
    made = desk.reports.make(ALL, "text")
    with pytest.raises(SystemExit):
        main(["journal", "report", "--journal", "LARGE", "-o", "wanted.txt"])
    wanted = (tmp_path / "wanted.txt").read_text().splitlines()
    shown = made.lines(1, 10_000)
    assert made.whole
    assert made.count == len(shown) == len(wanted)
    differs = [a for a, b in zip(shown, wanted, strict=True) if a != b]
    assert all(line.startswith("Generated") for line in differs)


@pytest.mark.parametrize("start", [1, 2, 255, 256, 257, 512, 600])
def test_any_lines_of_a_report_are_found(desk, start):
    made = desk.reports.make(ALL, "text")
    assert made.count > 600
    assert made.lines(start, 3) == made.lines(1, made.count)[start - 1 : start + 2]
    assert made.lines(made.count + 1, 3) == []


def test_every_format_can_be_written(desk, tmp_path):
    for known in desk.reports.formats():
        path = tmp_path / f"report.{known.name}"
        written = desk.reports.write(ALL, known.name, str(path), replace=False)
        assert written.path == str(path)
        assert path.stat().st_size > 100
        assert path.stat().st_mode & 0o777 == 0o600
        if known.shown:
            assert desk.reports.make(ALL, known.name).count >= COUNT


def test_a_file_is_written_over_only_when_that_was_said(desk, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("mine")
    made = desk.reports.make(ALL, "text")
    with pytest.raises(FileExistsRefusedError):
        made.save(str(path), replace=False)
    with pytest.raises(FileExistsRefusedError):
        desk.reports.write(ALL, "csv", str(path), replace=False)
    assert path.read_text() == "mine"
    made.save(str(path), replace=True)
    assert path.read_text().splitlines() == list(made.lines(1, made.count))


def test_a_link_that_leads_nowhere_counts_as_a_file(desk, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(FileExistsRefusedError):
        desk.reports.write(ALL, "csv", str(tmp_path / "link"), replace=False)
    assert not (tmp_path / "target").exists()


def test_a_file_that_cannot_be_written_is_one_line_and_nothing_is_left(desk, tmp_path):
    with pytest.raises(FileUnavailableError, match="cannot be written"):
        desk.reports.write(ALL, "text", str(tmp_path / "none" / "r.txt"), replace=False)
    with pytest.raises(SettingsError, match="is a folder"):
        desk.reports.write(ALL, "text", str(tmp_path), replace=True)
    with pytest.raises(FilterRefusedError):
        desk.reports.write(JournalFilter("LARGE", port="x"), "text", "new.txt", replace=False)
    with pytest.raises(JournalError):
        desk.reports.write(JournalFilter("NOWHERE"), "text", "new.txt", replace=False)
    assert not (tmp_path / "new.txt").exists()


def test_a_report_of_a_damaged_journal_is_made_and_says_so(desk, tmp_path):
    path = receivers(tmp_path)[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert not desk.reports.make(ALL, "text").whole
    assert not desk.reports.write(ALL, "csv", "damaged.csv", replace=False).whole
