"""Display Journal Entries, one entry, and reports, over a journal in memory."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.errors import FileUnavailableError, SettingsError
from tests.tui.any_keys import KEYS, press_all
from tests.tui.desk import play, session, text
from tests.tui.journal_desk import MemoryJournal
from tui.helptext import TOPICS, topic_of
from tui.keys import Aid
from tui.panels.journal import JournalEntries
from tui.panels.journal_entry import DisplayEntry
from tui.panels.journal_subset import SubsetJournal
from tui.panels.reports import Reports, ReportView
from tui.services import JournalFilter


def opened(first=None, **journal):
    """A dialogue that begins at a panel, and the journal behind it."""
    dialogue, _ = session(first=first or JournalEntries())
    made = dialogue.desk.journal
    for name, value in journal.items():
        setattr(made, name, value)
    return dialogue, made


def numbers(dialogue):
    """The sequence numbers of the entries on the page."""
    rows = dialogue.display.lines()[9 : dialogue.display.rows - 5]
    return [int(row[5:16]) for row in rows if row[5:16].strip().isdigit()]


def at(dialogue, name):
    dialogue.display.cursor = dialogue.display.field(name).start
    return dialogue


# ----------------------------------------------------------------------- the list of entries


def test_the_newest_entries_come_first_and_a_page_is_read_with_one_more():
    dialogue, journal = opened()
    assert numbers(dialogue) == list(range(25, 15, -1))
    play(dialogue, "pagedown")
    assert numbers(dialogue) == list(range(15, 5, -1))
    play(dialogue, "pagedown")
    assert numbers(dialogue) == list(range(5, 0, -1))
    assert "Bottom" in text(dialogue)
    play(dialogue, "pagedown")
    assert dialogue.display.message == "Already at the bottom of the list."
    assert max(journal.asked) == 11


def test_rolling_down_goes_back_to_the_newest():
    dialogue, _ = opened()
    play(dialogue, "f18")
    assert numbers(dialogue) == list(range(10, 0, -1))
    play(dialogue, "pageup")
    assert numbers(dialogue) == list(range(20, 10, -1))
    play(dialogue, "pageup")
    assert numbers(dialogue) == list(range(25, 15, -1))
    play(dialogue, "pageup")
    assert dialogue.display.message == "Already at the top of the list."


def test_an_entry_written_meanwhile_is_there_after_refresh():
    dialogue, journal = opened()
    play(dialogue, "pagedown")
    journal.entries += MemoryJournal(26).entries[25:]
    play(dialogue, "f5")
    assert numbers(dialogue)[0] == 26


@pytest.mark.parametrize(
    ("position", "first"),
    [
        ("12", 12),
        ("2026-11-21T10:02:00", 11),  # entry 12 is of that very time: not before it
        ("2026-11-21 10:02:01", 12),
        ("2026-11-21", 25),
        ("*FIRST", 10),
        ("*LAST", 25),
        ("999", 25),
    ],
)
def test_the_list_is_positioned_to_a_number_or_a_time(position, first):
    dialogue, _ = opened()
    play(at(dialogue, "position"), f"'{position}", "enter")
    assert numbers(dialogue)[0] == first
    assert dialogue.display.field("position").value == ""


def test_a_position_that_is_none_stays_with_the_cursor_on_it():
    dialogue, _ = opened()
    play(at(dialogue, "position"), "'lunch", "enter")
    assert dialogue.display.message.startswith("time 'LUNCH' is not an ISO date or time")
    assert dialogue.display.field_at_cursor().name == "position"
    assert dialogue.display.field("position").value == "LUNCH"
    assert numbers(dialogue)[0] == 25


def test_verdicts_are_shown_or_else_addresses():
    dialogue, _ = opened()
    assert "LOGGED" in text(dialogue)
    assert "192.168.1.10:22" not in text(dialogue)
    play(dialogue, "f11")
    assert "192.168.1.10:22 -> [2001:db8::25]" in text(dialogue)
    wide, _ = session(first=JournalEntries(), rows=27, columns=132)
    assert "LOGGED" in text(wide)
    assert "192.168.1.10:22 -> [2001:db8::25]" in text(wide)
    play(wide, "f11")  # both are there, so there is nothing to turn
    assert wide.display.message == "Function key F11 not allowed."


def test_f17_asks_which_entries_are_wanted():
    dialogue, _ = opened()
    play(dialogue, "pagedown", "f17")
    assert isinstance(dialogue.panel, SubsetJournal)
    play(at(dialogue, "verdict"), "'reject", "enter")
    assert numbers(dialogue) == [21, 14, 7]
    assert "verdict REJECT" in text(dialogue)
    play(dialogue, "f17", "ctrl+e", "enter")
    assert numbers(dialogue)[0] == 25


def test_options_typed_before_another_subset_are_forgotten():
    dialogue, _ = opened()
    play(dialogue, "tab", "'5", "f17")
    play(at(dialogue, "verdict"), "'reject", "enter", "enter")
    assert isinstance(dialogue.panel, JournalEntries)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("start", "soon", "time 'SOON' is not"),
        ("end", "2026-13-01", "time '2026-13-01' is not"),
        ("server", "QSOBIND", "server 'QSOBIND' is not one of"),
        ("type", "ZZ", "type 'ZZ' is not one of"),
        ("verdict", "MAYBE", "verdict 'MAYBE' is not one of"),
        ("address", "10.1", "10.1"),
        ("port", "65536", "Port must be a number from 0 to 65535."),
    ],
)
def test_a_bad_subset_is_refused_where_it_is_and_the_list_stays(field, value, message):
    dialogue, _ = opened()
    play(dialogue, "f17")
    play(at(dialogue, field), f"'{value}", "enter")
    assert dialogue.display.message.startswith(message) or message in dialogue.display.message
    assert dialogue.display.field_at_cursor().name == field
    play(dialogue, "f12")
    assert numbers(dialogue)[0] == 25


def test_a_search_that_finds_little_says_how_far_it_went_and_a_roll_goes_on():
    dialogue, _ = opened(JournalEntries(JournalFilter(verdict="reject")), scan=6)
    play(dialogue, "f5")
    assert numbers(dialogue) == [21]
    assert "Searched to 20; roll to go on" in text(dialogue)
    assert "More..." in text(dialogue)
    play(dialogue, "pagedown")
    assert numbers(dialogue) == [14]
    play(dialogue, "pagedown", "pagedown")
    assert numbers(dialogue) == [7] or "No records" in text(dialogue)
    seen = set(numbers(dialogue))
    for _ in range(8):
        play(dialogue, "pageup")
        seen |= set(numbers(dialogue))
    assert {14, 21} <= seen
    assert dialogue.display.message == "Already at the top of the list."


def test_damaged_places_are_left_out_and_said_so():
    dialogue, _ = opened(damaged=2)
    play(dialogue, "f5")
    assert "2 damaged places left out" in text(dialogue)


def test_a_journal_that_cannot_be_read_keeps_what_was_typed():
    dialogue, journal = opened()
    play(dialogue, "tab", "'5")
    journal.down = True
    play(dialogue, "pagedown", "f5", "enter")
    assert dialogue.display.message == "receiver EPMRCV0001: Input/output error"
    journal.down = False
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, DisplayEntry)


# ------------------------------------------------------------------------------- one entry


def test_option_5_displays_entries_one_after_the_other_newest_first():
    dialogue, _ = opened()
    play(dialogue, "tab", "'5", "tab", "'5", "enter")
    assert "Sequence 24" in text(dialogue)
    play(dialogue, "enter")
    assert "Sequence 23" in text(dialogue)
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, JournalEntries)


def entry(number):
    dialogue, _ = opened()
    return play(at(dialogue, "position"), f"'{number}", "enter", "'5", "enter")


def test_an_entry_has_its_header_its_fields_and_its_data():
    dialogue = entry(21)
    shown = text(dialogue)
    play(dialogue, "pagedown")
    shown += text(dialogue)
    assert "NR - Exit program rejected a call" in shown
    assert "Enforced  . . . . . . . :   No" in shown
    play(dialogue, "f6")
    assert dialogue.display.lines()[4].strip() == "Entry specific data"
    assert "*...+....1....+....2" in dialogue.display.lines()[5]
    assert dialogue.display.lines()[6].startswith("  00001      'EPM1")


def test_f11_shows_the_data_as_hexadecimal_digits_of_ebcdic():
    dialogue = play(entry(21), "f6", "f11")
    high, low = (line[14:18] for line in dialogue.display.lines()[6:8])
    data = bytes(int(h + lo, 16) for h, lo in zip(high, low, strict=True))
    assert data.decode("cp037") == "EPM1"
    play(dialogue, "f11")
    assert "'EPM1" in text(dialogue)


def test_f10_shows_only_what_this_kind_of_entry_has():
    dialogue = play(entry(1), "f10")
    assert "Receiver" not in text(dialogue)
    assert "rule-add QSOACCEPT 10" in text(dialogue)
    joined = " ".join(text(dialogue).split())  # a long value goes on below, broken at a blank
    assert '{"seq":10,"name":"Admin subnet to SSH","authority":"Y","audit":"Y"}' in joined
    play(dialogue, "f10")
    assert "Receiver" in text(dialogue)


# -------------------------------------------------------------------------------- reports


def test_a_report_is_displayed_and_read_a_page_at_a_time():
    dialogue, _ = opened(Reports())
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, ReportView)
    lines = dialogue.panel._made
    assert max(count for _, count in lines.asked) < 20
    play(dialogue, "f18")
    assert "      60  2026" in text(dialogue)
    play(dialogue, "f17")
    assert "       1  2026" in text(dialogue)


def test_long_lines_are_shifted_and_marked():
    dialogue, _ = opened(Reports())
    play(dialogue, "enter")
    assert dialogue.display.lines()[7].endswith(">")
    play(dialogue, "f20")
    assert dialogue.display.lines()[7].startswith(" <")
    play(dialogue, "f20", "f20", "f20", "f20", "f20", "f20")
    assert "end of the filter" in text(dialogue)
    assert dialogue.display.message == "Nothing further to the right on this page."
    play(dialogue, *["f19"] * 9)
    assert dialogue.display.message == "Already at the left of the text."
    assert dialogue.display.lines()[7].startswith(" Filter  word0")


def test_the_filter_and_the_format_are_what_was_typed():
    dialogue, _ = opened(Reports())
    play(dialogue, "ctrl+delete", "'csv")
    play(at(dialogue, "server"), "'qsoaccept", "enter")
    assert dialogue.desk.reports.made == [(JournalFilter(server="QSOACCEPT"), "csv")]
    assert "Format  . . . . . . . . :  CSV" in text(dialogue)


def test_a_format_that_is_no_text_needs_a_file():
    dialogue, _ = opened(Reports())
    play(dialogue, "ctrl+delete", "'html", "enter")
    assert dialogue.display.message == "A report in html cannot be displayed: name a file."
    assert dialogue.display.field_at_cursor().name == "file"
    play(dialogue, "'~/r.html", "enter")
    assert dialogue.display.message == "Report saved in ~/r.html"


def test_f4_lists_the_formats():
    dialogue, _ = opened(Reports())
    play(dialogue, "f4", "tab", "tab", "'1", "enter")
    assert dialogue.display.field("format").value == "HTML"


def test_an_unknown_format_names_those_there_are():
    dialogue, _ = opened(Reports())
    play(dialogue, "ctrl+delete", "'doc", "enter")
    assert dialogue.display.message == "Format must be one of TEXT CSV HTML."


@pytest.mark.parametrize("saving", [("f9",), None])
def test_a_file_that_is_there_is_replaced_only_when_that_was_said(saving):
    dialogue, _ = opened(Reports())
    dialogue.desk.reports.files.add("old.txt")
    if saving:
        play(dialogue, "enter", *saving)
    play(at(dialogue, "file"), "'old.txt", "enter")
    assert dialogue.display.message == "File old.txt is there already. Y replaces it."
    assert dialogue.display.field_at_cursor().name == "replace"
    play(dialogue, "'y", "enter")
    assert dialogue.display.message == "Report saved in old.txt"


@pytest.mark.parametrize("error", [FileUnavailableError, SettingsError])
@pytest.mark.parametrize("saving", [("f9",), None])
def test_a_file_that_cannot_be_written_is_refused_where_it_was_named(saving, error, monkeypatch):
    dialogue, _ = opened(Reports())

    def put(path, replace):
        raise error(f"{path}: cannot be written")

    monkeypatch.setattr(dialogue.desk.reports, "put", put)
    if saving:
        play(dialogue, "enter", *saving)
    play(at(dialogue, "file"), "'/no/r", "tab", "enter")
    assert dialogue.display.message == "/no/r: cannot be written"
    assert [f.name for f in dialogue.display.fields if f.error] == ["file"]
    assert dialogue.display.field_at_cursor().name == "file"


def test_saving_without_a_name_saves_nothing():
    dialogue, _ = opened(Reports())
    play(dialogue, "enter", "f9", "enter")
    assert dialogue.display.message == "Type the name of a file."
    assert not dialogue.desk.reports.files


def test_a_report_over_a_damaged_journal_says_so():
    dialogue, _ = opened(Reports())
    dialogue.desk.reports.whole = False
    play(dialogue, "enter")
    assert "NOT WHOLE" in text(dialogue)
    assert dialogue.display.message.startswith("The journal is not whole")


def test_a_bad_filter_of_a_report_is_refused_where_it_is():
    dialogue, _ = opened(Reports())
    play(at(dialogue, "port"), "'70000", "enter")
    assert dialogue.display.field_at_cursor().name == "port"
    assert not dialogue.desk.reports.made


# ------------------------------------------------------------------------------- all of them

WAYS = (
    ("'8", "enter"), ("'8", "enter", "f17"), ("'8", "enter", "tab", "'5", "enter"), ("'9", "enter"),
    ("'9", "enter", "enter"), ("'9", "enter", "enter", "f9"),
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_panel_and_every_field_has_its_help(way):
    dialogue = play(session()[0], *way)
    assert dialogue.panel.name in TOPICS
    for field in dialogue.display.fields:
        assert topic_of(dialogue.panel.name, field.name) != dialogue.panel.name, field.name
    assert all(key.aid is not Aid.F15 for key in dialogue.panel.function_keys())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(WAYS), KEYS)
def test_no_sequence_of_keys_raises_or_leaves_the_screen(way, keys):
    press_all(play(session()[0], *way), keys)
