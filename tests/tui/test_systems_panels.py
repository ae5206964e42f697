"""Systems, exit points and exit programs on the screen: what the operator can rely on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from epm.errors import EditConflictError, NotFoundError
from exitprograms.registry import add_exit_program, remove_exit_program
from tests.tui.any_keys import KEYS, press_all
from tests.tui.desk import play, session, text
from tests.tui.test_golden_systems import WALKS
from tui.helptext import TOPICS, topic_of
from tui.panels.exit_programs import AddExitProgram, WorkWithExitPrograms
from tui.panels.registration import Selection, WorkWithRegistration
from tui.panels.systems import ConfirmAction, WorkWithSystems
from tui.places import PlaceKind, place_at
from tui.pointing import point
from tui.services import ExitPointLine, ExitProgramLine

POINT = ("QIBM_QSO_ACCEPT", "ACPT0100")


def begin(panel, *keys):
    dialogue, _ = session(first=panel)
    return play(dialogue, *keys), dialogue.desk


def rows(dialogue):
    return [line for line in dialogue.display.lines()[9:19] if line.strip()]


# --------------------------------------------------------------------------------- systems


def test_a_system_is_asked_only_when_somebody_says_so():
    dialogue, desk = begin(WorkWithSystems(), "pagedown", "enter", "f17")
    dialogue.attempt(lambda: dialogue.resize(27, 132))
    assert desk.systems.asked == []
    play(dialogue, "f5")
    assert desk.systems.asked == [["PROD", "TEST", "WEST"]]
    play(dialogue, "enter", "tab", "'5", "enter", "enter")
    assert desk.systems.asked[1:] == [["TEST"]]


def test_what_one_system_said_stays_beside_it():
    dialogue, _ = begin(WorkWithSystems(), "'5", "enter", "enter")
    assert "PROD      http       2 of 3               5  *YES" in text(dialogue)
    assert text(dialogue).count("(not asked)") == 2


@pytest.mark.parametrize(
    ("option", "word"), [("10", "Deploy"), ("11", "Attach"), ("12", "Detach"), ("13", "Fetch")]
)
def test_work_is_shown_and_confirmed_before_it_is_done(option, word):
    dialogue, desk = begin(WorkWithSystems(), f"'{option}", "enter")
    assert isinstance(dialogue.panel, ConfirmAction)
    assert f"Press Enter to confirm your choices for {option}={word}." in text(dialogue)
    assert desk.systems.done == []
    play(dialogue, "enter")
    assert desk.systems.done == [("PROD", word)]
    assert dialogue.display.message == f"PROD: {word.lower()} done."
    assert dialogue.display.field("opt1").value == ""


def test_f12_does_nothing_and_keeps_the_option():
    dialogue, desk = begin(WorkWithSystems(), "'12", "enter", "f12")
    assert desk.systems.done == []
    assert dialogue.display.field("opt1").value == "12"


def test_what_was_known_of_a_system_is_forgotten_once_it_was_worked_on():
    dialogue, _ = begin(WorkWithSystems(), "f5", "'10", "enter", "enter")
    assert "(not asked)" in rows(dialogue)[0]
    assert "(not asked)" not in rows(dialogue)[1]


def test_work_that_is_refused_leaves_the_confirmation_and_what_is_behind_it():
    dialogue, desk = begin(WorkWithSystems(), "'11", "'11", "enter")
    desk.systems.refuse = "PROD: library EPM: CPF2182: not authorized; nothing was changed"
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, ConfirmAction)
    assert dialogue.display.message == desk.systems.refuse
    desk.systems.refuse = ""
    play(dialogue, "enter", "enter")
    assert desk.systems.done == [("PROD", "Attach"), ("TEST", "Attach")]


def test_an_unreachable_system_keeps_its_option_and_says_why():
    dialogue, _ = begin(WorkWithSystems(), "tab", "tab", "'8", "enter")
    assert dialogue.display.message == "ssh://west.example:22: no answer in 30 s"
    assert dialogue.display.field("opt3").error


def test_a_system_without_a_store_of_its_own_keeps_its_option(monkeypatch):
    dialogue, desk = begin(WorkWithSystems(), "'10", "'10")

    def plan(name, action):
        raise NotFoundError(f"the store has no system {name}")

    monkeypatch.setattr(desk.systems, "plan", plan)
    play(dialogue, "enter")
    assert dialogue.display.message == "the store has no system PROD"
    assert [f.value for f in dialogue.display.fields] == ["10", "10", ""]
    assert dialogue.display.field("opt1").error


# ---------------------------------------------------------------------------- exit points


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (Selection(), True),
        (Selection("*UNREGISTERED"), False),
        (Selection("*ALL", "ACPT*"), True),
        (Selection("*ALL", "CONN0100"), False),
        (Selection("QIBM_QSO*"), True),
        (Selection("QIBM_QSO_ACCEPT", "ACPT0100"), True),
        (Selection("QIBM_QSO"), False),
    ],
)
def test_a_selection_takes_what_wrkreginf_would(selection, taken):
    assert selection.takes(ExitPointLine(*POINT, registered=True, text="")) is taken


def test_unregistered_points_are_listed_only_when_asked_for():
    dialogue, _ = begin(WorkWithRegistration("PROD", Selection("*UNREGISTERED")))
    assert [line.split()[:3] for line in rows(dialogue)] == [["ACME_OLD_POINT", "ACME0100", "*NO"]]


def test_the_system_is_asked_once_for_its_exit_points_and_again_at_f5():
    dialogue, desk = begin(WorkWithRegistration("PROD"), "f18", "f17", "'5", "enter", "enter")
    assert desk.registration.asked == 1
    play(dialogue, "f5")
    assert desk.registration.asked == 2


def test_the_list_goes_to_a_position():
    dialogue, _ = begin(WorkWithRegistration("PROD"), "home", "'qibm_qt", "enter")
    assert rows(dialogue)[0].split()[0] == "QIBM_QTMF_SERVER_REQ"


def test_the_list_is_printed_without_having_been_drawn():
    dialogue, desk = begin(WorkWithSystems())
    lines = list(WorkWithRegistration("PROD").printed(desk, dialogue.display))
    assert sum("*YES" in line for line in lines) == 4


def test_wrkreginf_takes_exit_point_and_format_and_prints():
    dialogue, _ = session()
    play(dialogue, "'WRKREGINF QIBM_QSO_L* FORMAT(LSTN0100)", "enter")
    assert isinstance(dialogue.panel, WorkWithRegistration)
    assert [line.split()[0] for line in rows(dialogue)] == ["QIBM_QSO_LISTEN"]
    play(dialogue, "f3", "'WRKREGINF OUTPUT(*PRINT)", "enter")
    ((name, lines),) = dialogue.desk.printing.printed
    assert name == "WRKREGINF"
    assert sum("*YES" in line for line in lines) == 3


@pytest.mark.parametrize("value", ["*NONE", "1ABC", "A B", "ABC*D"])
def test_wrkreginf_refuses_what_is_neither_a_name_nor_generic(value):
    dialogue, _ = session()
    play(dialogue, f"'WRKREGINF EXITPNT('{value}')", "enter")
    assert f"Value {value} for parameter EXITPNT not valid" in dialogue.display.message


def test_a_choice_of_the_second_column_is_clicked_and_has_its_help():
    dialogue, _ = session()
    display = dialogue.display
    row = next(n for n, line in enumerate(display.lines(), 1) if "21. Work with IBM i" in line)
    for column, number in ((10, "6"), (50, "21")):
        place = place_at(display, row, column)
        assert (place.kind, place.name) == (PlaceKind.CHOICE, number)
    for key in point(display, row, 50):
        dialogue.handle(key)
    assert isinstance(dialogue.panel, WorkWithSystems)


# -------------------------------------------------------------------------- exit programs


def at_programs(*keys, system="PROD"):
    return begin(WorkWithRegistration(system), "'8", "enter", *keys)


def registered(desk):
    return [(p.number, p.qualified, p.text) for p in desk.registration.programs("PROD", *POINT)]


def test_an_exit_program_is_added_under_the_next_number():
    dialogue, desk = at_programs("'1", "enter")
    play(dialogue, "tab", "'mylog", "tab", "'acme", "tab", "'Logs", "enter")
    assert registered(desk) == [(1, "EPM/EPMACCEPT", "epm 1.0"), (2, "ACME/MYLOG", "Logs")]
    assert dialogue.display.message == "ACME/MYLOG registered."
    assert "MYLOG" in text(dialogue)


def test_an_exit_program_is_replaced_under_its_number():
    dialogue, desk = at_programs("tab", "'10", "enter", "'new", "ctrl+k", "enter")
    assert registered(desk) == [(1, "EPM/NEW", "epm 1.0")]
    assert dialogue.display.message == "EPM/NEW registered as number 1."


def test_an_exit_program_is_removed_after_it_was_confirmed():
    dialogue, desk = at_programs("tab", "'4", "enter")
    assert len(registered(desk)) == 1
    play(dialogue, "enter")
    assert registered(desk) == []
    assert dialogue.display.message == "1 exit program removed."
    assert "(No exit programs found.)" in text(dialogue)


def test_what_somebody_else_changed_meanwhile_is_not_removed():
    dialogue, desk = at_programs("tab", "'4", "enter")
    tables = desk.systems.tables
    tables["PROD"] = add_exit_program(
        tables["PROD"], *POINT, 1, "ACME/THEIRS", replace_existing=True
    )
    play(dialogue, "enter")
    assert "changed" in dialogue.display.message
    assert registered(desk) == [(1, "ACME/THEIRS", "")]


@pytest.mark.parametrize("option", ["4", "5", "10"])
def test_an_exit_program_that_is_gone_says_so_and_its_option_does_not_stay(option):
    dialogue, desk = at_programs("'1", "tab", f"'{option}", "enter")
    tables = desk.systems.tables
    tables["PROD"] = remove_exit_program(tables["PROD"], *POINT, 1)
    play(dialogue, "'2", "tab", "'mylog", "tab", "'acme", "enter")
    assert registered(desk) == [(2, "ACME/MYLOG", "")]
    assert isinstance(dialogue.panel, WorkWithExitPrograms)
    assert dialogue.display.message == "exit program number 1 is not there any more"
    assert all(f.value == "" for f in dialogue.display.fields)


def test_a_number_that_is_taken_is_refused_and_what_was_typed_stays():
    dialogue, desk = at_programs("'1", "enter", "'1", "ctrl+k", "'x", "tab", "'lib", "enter")
    assert isinstance(dialogue.panel, AddExitProgram)
    assert dialogue.display.field("lib").value == "LIB"
    assert len(registered(desk)) == 1


@pytest.mark.parametrize("option", ["1", "4", "10"])
def test_the_products_own_table_is_not_changed_here(option):
    dialogue, _ = at_programs(f"'{option}", "enter", system="*LOCAL")
    assert isinstance(dialogue.panel, WorkWithExitPrograms)
    assert dialogue.panel.options == (("5", "Display"),)
    assert not [f for f in dialogue.display.fields if f.name.startswith("opt")]


def test_the_highest_number_can_be_worked_with():
    dialogue, desk = begin(WorkWithSystems())
    table = desk.systems.tables["PROD"]
    desk.systems.tables["PROD"] = add_exit_program(table, *POINT, 2147483647, "ACME/LAST")
    play(dialogue, "'8", "enter", "'8", "enter", "f18", "tab", "tab", "'5", "enter")
    assert "2147483647" in text(dialogue)
    assert "LAST" in text(dialogue)


def test_the_bottom_of_a_long_list_is_the_program_that_is_called_last():
    dialogue, desk = begin(WorkWithSystems())
    for number in range(2147483647, 2147483647 - 20, -1):
        table, name = desk.systems.tables["PROD"], f"ACME/P{number % 1000}"
        desk.systems.tables["PROD"] = add_exit_program(table, *POINT, number, name)
    play(dialogue, "'8", "enter", "'8", "enter", "f18")
    assert rows(dialogue)[-1].split()[0] == "2147483647"
    assert "Bottom" in text(dialogue)
    play(dialogue, "f17")
    assert rows(dialogue)[0].split()[1:3] == ["EPMACCEPT", "EPM"]


def test_a_service_never_takes_another_program_for_the_one_that_was_seen():
    _, desk = begin(WorkWithSystems())
    point = ExitPointLine(*POINT, registered=True, text="")
    (seen,) = desk.registration.programs("PROD", *POINT)
    new = ExitProgramLine(1, "NEW", "ACME")
    with pytest.raises(EditConflictError):
        desk.registration.add("PROD", point, new, replace(seen, text="other"))
    with pytest.raises(EditConflictError):
        desk.registration.add("PROD", point, new)


# --------------------------------------------------------------- what no walk from the menu finds

BEHIND = ("exit_programs", "exit_program_add", "exit_program", "exit_program_replace",
          "policy_result", "policy_rules_not_socket")  # fmt: skip


@pytest.mark.parametrize("name", BEHIND)
@settings(max_examples=40, deadline=None)
@given(KEYS)
def test_no_sequence_of_keys_raises_or_leaves_the_screen(name, keys):
    for size in ({}, {"rows": 27, "columns": 132}):
        dialogue, store = session(**size)
        press_all(play(dialogue, *WALKS[name]), keys)
        assert store.seqs()[-1] == 99999


@pytest.mark.parametrize("name", BEHIND)
def test_every_field_and_key_has_its_help(name):
    dialogue, _ = session()
    play(dialogue, *WALKS[name])
    panel = dialogue.panel
    assert panel.name in TOPICS
    for field in dialogue.display.fields:
        assert topic_of(panel.name, field.name) != panel.name, field.name
    for key in panel.function_keys():
        assert {f"{panel.name}.key.{key.aid}", f"key.{key.aid}"} & set(TOPICS), key.aid
