"""The commands behind ``===>``: one table for the parser, the prompter, the help, the shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epm.cli.cl import RUNNERS
from epm.errors import EpmError
from epm.fields import CALL_ATTRIBUTES, fields_of
from epm.model import Server
from tests.tui.any_keys import KEYS, press_all
from tests.tui.desk import play, session, text
from tui.commands import DEFINITIONS, format_command, parse_command, parse_words
from tui.helptext import TOPICS
from tui.panels.command_line import PANELS
from tui.panels.journal import JournalEntries
from tui.panels.main_menu import MainMenu
from tui.panels.prompter import CommandPrompt
from tui.panels.rules import WorkWithRules
from tui.panels.testing import TestRules, Trace


def typed(command, *keys):
    dialogue, _ = session()
    return play(dialogue, f"'{command}", *(keys or ("enter",)))


def error_of(line):
    with pytest.raises(EpmError) as refused:
        parse_command(line)
    return str(refused.value)


# ---------------------------------------------------------------------------- parsing


def test_a_command_is_a_name_and_keywords_with_the_defaults_of_the_others():
    command = parse_command(" pnststqso  server( qsolisten ) user('al ice')")
    assert command.name == "PNSTSTQSO"
    assert command.parameters == {"SERVER": "QSOLISTEN", "USER": "AL ICE", "OUTPUT": "*TRACE"}


def test_elements_of_a_value_stand_side_by_side_and_two_apostrophes_are_one():
    given = parse_words("DSPJRN FROMTIME('2026-11-21' 10:00) USRPRF('O''HARA')").given
    assert given == {"FROMTIME": "2026-11-21 10:00", "USRPRF": "O'HARA"}


def test_the_first_keyword_may_be_given_by_position():
    assert parse_command("wrksktrul qsolisten").server() is Server.LISTEN
    assert parse_words("DSPJRN EPMJRN ENTTYP(NR)").given == {"JRN": "EPMJRN", "ENTTYP": "NR"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("FROBNICATE", "Command FROBNICATE not found."),
        ("PNSTSTQSO SERVER", "Not a keyword with its value: SERVER"),
        ("PNSTSTQSO SERVER(QSOACCEPT)USER(X)", "Not a keyword with its value: USER(X)"),
        ("PNSTSTQSO SERVER('QSOACCEPT", "Not a keyword with its value: SERVER('QSOACCEPT"),
        ("PNSTSTQSO USER(X)", "Parameter SERVER required."),
        ("PNSTSTQSO SERVER(QSOBIND)", "Value QSOBIND for parameter SERVER not valid: QSOLISTEN,"),
        ("PNSTSTQSO SERVER(QSOLISTEN) CPORT1(1)", "Keyword CPORT1 not valid for SERVER(QSOLISTEN"),
        ("PNSTSTQSO SERVER(QSOLISTEN) SERVER(X)", "Keyword SERVER is there twice."),
        ("PNSTSTQSO SERVER(QSOLISTEN) LPORT1(123456)", "Value for parameter LPORT1 is too long."),
        ("PNSTSTQSO SERVER(QSOLISTEN) LPORT1(65536)", "Value 65536 for parameter LPORT1 not valid"),
        ("PNSTSTQSO SERVER(QSOCONNECT) CADDR2(10.1)", "Value 10.1 for parameter CADDR2 not valid"),
        ("PNSTSTQSO SERVER(QSOLISTEN) OUTPUT(*FILE)", "Value *FILE for parameter OUTPUT not valid"),
        ("PNSTSTQSO SERVER(QSOLISTEN) SYSTEM(OTHER)", "SYSTEM must be *LOCAL; epm --system"),
        ("DSPJRN FROMTIME(YESTERDAY)", "time 'YESTERDAY' is not an ISO date"),
        ("DSPJRN ENTTYP(ZZ)", "type 'ZZ' is not one of"),
        ("DSPJRN ENTTYP(SK) JRNCDE(U)", "JRNCDE must be *ALL when ENTTYP is given."),
        ("DSPJRN JRN(NOWHERE)", "Journal NOWHERE is not there."),
        ("GO", "Parameter MENU required."),
        ("GO CMDSEC", "Value CMDSEC for parameter MENU not valid: MAIN."),
        ("WRKSKTRUL LPORT1(1)", "Keyword LPORT1 not valid for command WRKSKTRUL."),
        ("(((", "((( is not a command."),
    ],
)
def test_a_wrong_command_says_what_is_wrong_and_stays(line, message):
    dialogue = typed(line)
    assert dialogue.display.message.startswith(message[:76])
    assert dialogue.display.field("selection").value == line
    assert dialogue.display.field("selection").error


def test_a_line_longer_than_any_command_is_refused_at_once():
    assert "is not a command." in error_of("A " + "(" * 100_000)


@given(st.text(alphabet="AB1()' .*", max_size=40))
def test_any_line_is_a_command_or_one_error(line):
    try:
        event = parse_command(line).name
    except EpmError as refused:
        event = str(refused)
    assert event
    assert event.isprintable()


_VALUES = st.text(alphabet="AB1'() *.:", min_size=1, max_size=12).map(str.strip).filter(bool)


@given(st.dictionaries(st.sampled_from(["SERVER", "USER", "OUTPUT"]), _VALUES))
def test_a_command_that_was_written_is_read_as_it_was(values):
    # Blanks within a value are elements, so several of them are one.
    wanted = {name: value for name, value in values.items() if "  " not in value}
    line = format_command(DEFINITIONS["PNSTSTQSO"], wanted)
    assert parse_words(line).given == wanted


# ---------------------------------------------------------------------------- the table


@pytest.mark.parametrize("name", DEFINITIONS)
def test_each_command_is_run_here_and_by_the_shell_and_has_its_help(name):
    definition = DEFINITIONS[name]
    assert name in RUNNERS
    assert name in PANELS or name == "GO"
    assert TOPICS[name.lower()] == definition.help
    for keyword in definition.keywords:
        assert TOPICS[f"{name.lower()}.{keyword.name.lower()}"] == keyword.help
        assert f"{keyword.name}()" in TOPICS["main.selection"]
        assert keyword.shown_hint()
        if keyword.default:
            keyword.refuse(keyword.default)


def test_every_keyword_of_a_call_is_a_field_that_its_server_has():
    for server in Server:
        keywords = DEFINITIONS["PNSTSTQSO"].applicable({"SERVER": str(server)})
        fields = {k.field for k in keywords if k.field}
        assert fields <= {CALL_ATTRIBUTES[f] for f in fields_of(server)}


# -------------------------------------------------------------------------- running them


def test_wrksktrul_opens_the_rules_of_a_server():
    dialogue = typed("wrksktrul server(qsolisten)")
    assert isinstance(dialogue.panel, WorkWithRules)
    assert dialogue.panel.server is Server.LISTEN


def test_pnststqso_decides_and_shows_the_trace():
    dialogue = typed("PNSTSTQSO SERVER(QSOACCEPT) AADDR3('10.1.2.3') APORT2(22) OUTPUT(*TRACE)")
    assert isinstance(dialogue.panel, Trace)
    assert "rule 10   Admin subnet to SSH" in text(dialogue)


def test_pnststqso_alone_asks_for_a_call():
    assert isinstance(typed("PNSTSTQSO").panel, TestRules)


def test_output_print_prints_and_says_where():
    dialogue = typed("PNSTSTQSO SERVER(QSOACCEPT) AADDR3(10.1.2.3) APORT2(22) OUTPUT(*PRINT)")
    assert isinstance(dialogue.panel, MainMenu)
    assert "lines printed to ~/spool/PNSTSTQSO.000001.txt" in dialogue.display.message
    assert dialogue.display.field("selection").value == ""
    ((_, lines),) = dialogue.desk.printing.printed
    assert any("rule 10   Admin subnet to SSH" in line for line in lines)
    assert any("RMTADDR GRP ADMINS" in line for line in lines)


def test_dspjrn_lists_what_its_keywords_ask_for():
    dialogue = typed("DSPJRN VERDICT(REJECT) USRPRF(Q*) FROMTIME('2026-11-21' '10:01')")
    assert isinstance(dialogue.panel, JournalEntries)
    assert dialogue.panel.wanted.verdict == "REJECT"
    assert "from 2026-11-21 10:01, user Q*, verdict REJECT" in text(dialogue)
    assert dialogue.panel.wanted.journal == ""


def test_a_journal_code_is_what_the_entries_must_have():
    dialogue = typed("DSPJRN JRNCDE(T)")
    codes = {line[18] for line in dialogue.display.lines()[9:19] if line}
    assert codes == {"T"}


def test_go_main_is_where_one_is():
    dialogue = typed("GO MAIN")
    assert isinstance(dialogue.panel, MainMenu)
    assert dialogue.display.message == ""
    assert dialogue.display.field("selection").value == ""


# ----------------------------------------------------------------------------- retrieving


def test_f9_goes_back_through_the_commands_that_were_run():
    dialogue = typed("WRKSKTRUL", "enter", "f12")
    assert dialogue.display.field("selection").value == ""
    play(dialogue, "'DSPJRN", "enter", "f12", "'DSPJRN", "enter", "f12")
    play(dialogue, "f9")
    assert dialogue.display.field("selection").value == "DSPJRN"
    play(dialogue, "f9")
    assert dialogue.display.field("selection").value == "WRKSKTRUL"
    play(dialogue, "f9")
    assert dialogue.display.message == "No more commands to retrieve."
    assert dialogue.display.field("selection").value == "WRKSKTRUL"


def test_a_command_that_was_refused_can_be_retrieved_too():
    dialogue = typed("WRKSKTRUL QSOBIND", "enter", "ctrl+e", "f9")
    assert dialogue.display.field("selection").value == "WRKSKTRUL QSOBIND"


# ------------------------------------------------------------------------------ prompting


def test_f4_prompts_for_a_command_with_what_was_typed():
    dialogue = typed("PNSTSTQSO SERVER(QSOCONNECT) CPORT2(25)", "f4")
    assert isinstance(dialogue.panel, CommandPrompt)
    assert dialogue.display.field("cport2").value == "25"
    assert dialogue.display.field("output").value == "*TRACE"
    assert dialogue.display.field("aport1") is None
    play(dialogue, "enter")
    assert isinstance(dialogue.panel, Trace)
    assert dialogue.panel.decision.server is Server.CONNECT


def test_f4_with_nothing_typed_lists_the_commands_and_prompts_for_the_one_chosen():
    dialogue, _ = session()
    play(dialogue, "f4", "tab", "tab", "'1", "enter")
    assert isinstance(dialogue.panel, CommandPrompt)
    assert dialogue.panel.definition.name == "DSPJRN"


def test_f4_on_a_choice_of_the_menu_has_nothing_to_prompt_for():
    dialogue, _ = session()
    play(dialogue, "'1", "f4")
    assert dialogue.display.message == "F4 prompts for a command; a choice has no values."


def test_the_parameters_of_a_server_appear_when_it_is_typed():
    dialogue = typed("PNSTSTQSO", "f4")
    assert [f.name for f in dialogue.display.fields] == ["system", "server", "user", "output"]
    play(dialogue, "tab", "'QSOLISTEN", "enter")
    assert dialogue.display.field("lport1") is not None
    assert dialogue.display.message.startswith("Parameters for QSOLISTEN shown")
    dialogue.display.cursor = dialogue.display.field("lport1").start
    play(dialogue, "'8080", "enter")
    assert "lclport=8080" in text(dialogue)


def test_a_wrong_value_on_the_prompt_panel_gets_the_cursor():
    dialogue = typed("PNSTSTQSO SERVER(QSOLISTEN)", "f4")
    dialogue.display.cursor = dialogue.display.field("lport1").start
    play(dialogue, "'99999", "enter")
    assert dialogue.display.field_at_cursor().name == "lport1"
    assert dialogue.display.field("lport1").error
    assert dialogue.display.message.startswith("Value 99999 for parameter LPORT1 not valid")


def test_what_the_journal_refuses_gets_the_cursor_on_its_keyword():
    dialogue = typed("DSPJRN TOTIME(SOON)", "f4", "enter")
    assert dialogue.display.field_at_cursor().name == "totime"


def test_f4_on_a_keyword_lists_its_values():
    dialogue = typed("PNSTSTQSO SERVER(QSOLISTEN)", "f4", "shift+tab", "f4")
    assert "Select Output" in text(dialogue)
    play(dialogue, "tab", "tab", "'1", "enter", "enter")
    assert "printed to ~/spool/PNSTSTQSO" in dialogue.display.message


def test_f11_shows_the_keywords_and_f5_what_was_typed_first():
    dialogue = typed("WRKSKTRUL QSOLISTEN", "f4", "f11")
    assert "SERVER  . . . ." in text(dialogue)
    play(dialogue, "ctrl+delete", "f5")
    assert dialogue.display.field("server").value == "QSOLISTEN"


def test_f12_on_the_prompt_panel_leaves_the_line_as_it_was():
    dialogue = typed("PNSTSTQSO USER(X)", "f4", "f12")
    assert dialogue.display.field("selection").value == "PNSTSTQSO USER(X)"


def test_a_command_with_many_keywords_is_retrieved_too():
    dialogue = typed("PNSTSTQSO SERVER(QSOACCEPT)", "f4")
    address = "2001:DB8:1111:2222:3333:4444:5555:6666"
    keys = ["tab", "tab", "'65535", "'65534", f"'{address}", "tab", "'65533", "'QSECOFR"]
    play(dialogue, *keys, "enter", "f12", "f9")
    assert dialogue.display.values()["selection"] == (
        f"PNSTSTQSO SERVER(QSOACCEPT) APORT1(65535) APORT2(65534) AADDR3({address}) "
        "APORT3(65533) USER(QSECOFR)"
    )
    assert isinstance(play(dialogue, "enter").panel, Trace)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("PNSTSTQSO FOO(3)", "Keyword FOO not valid for command PNSTSTQSO."),
        (
            "PNSTSTQSO SERVER(QSOACCEPT) LPORT1(3)",
            "Keyword LPORT1 not valid for SERVER(QSOACCEPT).",
        ),
    ],
)
def test_f4_drops_nothing_that_was_typed(line, message):
    dialogue = typed(line, "f4")
    assert dialogue.display.message == message
    assert dialogue.display.field("selection").value == line


def test_a_command_that_was_prompted_is_retrieved_with_its_keywords():
    dialogue = typed("PNSTSTQSO SERVER(QSOCONNECT)", "f4")
    dialogue.display.cursor = dialogue.display.field("caddr2").start
    play(dialogue, "'192.0.2.1", "enter", "f12", "f9")
    line = dialogue.display.field("selection").value
    assert line == "PNSTSTQSO SERVER(QSOCONNECT) CADDR2(192.0.2.1)"
    assert isinstance(dialogue.panel, MainMenu)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_field_of_a_prompt_panel_has_its_help(name):
    dialogue = typed(name, "f4")
    assert all(f"{name.lower()}.{f.name}" in TOPICS for f in dialogue.display.fields)
    play(dialogue, "f1")
    assert "- Help" in text(dialogue)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(DEFINITIONS)), KEYS)
def test_no_sequence_of_keys_on_a_prompt_panel_raises(name, keys):
    press_all(typed(name, "f4"), keys)


GUIDE = (Path(__file__).parents[2] / "docs" / "workbench.md").read_text("utf-8")


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_guide_lists_every_command_with_its_keywords(name):
    definition = DEFINITIONS[name]
    assert f"### {name}: {definition.text}\n\n{definition.help}\n" in GUIDE
    for keyword in definition.keywords:
        assert f"| `{keyword.name}` | {keyword.shown_hint()} | {keyword.help} |\n" in GUIDE


@pytest.mark.parametrize("golden", ["journal", "command"])
def test_the_screens_in_the_guide_are_the_screens(golden):
    shown = (Path(__file__).parent / "golden_journal" / f"{golden}.txt").read_text("utf-8")
    assert shown.rpartition("\n(")[0].rstrip() in GUIDE
