"""The commands behind ``===>``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.errors import EpmError
from epm.fields import CALL_ATTRIBUTES, fields_of
from epm.model import Server
from tests.tui.desk import play, session, text
from tui.commands import TEST_KEYWORDS, parse_command
from tui.panels.rules import WorkWithRules
from tui.panels.testing import TestRules, Trace


def typed(command, *keys):
    dialogue, _ = session()
    return play(dialogue, f"'{command}", *(keys or ("enter",)))


def test_a_command_is_a_name_and_keywords():
    command = parse_command(" wrksktrul  server( qsoaccept ) user('a b')")
    assert command.name == "WRKSKTRUL"
    assert command.parameters == {"SERVER": "QSOACCEPT", "USER": "A B"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("FROBNICATE", "Command FROBNICATE not found."),
        ("PNSTSTQSO SERVER", "Not a keyword with its value: SERVER"),
        ("PNSTSTQSO SERVER(QSOACCEPT)USER(X)", "Not a keyword with its value: USER(X)"),
        ("PNSTSTQSO USER(X)", "Keyword SERVER must be one of"),
        ("PNSTSTQSO SERVER(QSOBIND)", "Keyword SERVER must be one of"),
        ("PNSTSTQSO SERVER(QSOLISTEN) CPORT1(1)", "Keyword CPORT1 not valid for command"),
        ("PNSTSTQSO SERVER(QSOLISTEN) SERVER(X)", "Keyword SERVER is there twice."),
        ("PNSTSTQSO SERVER(QSOLISTEN) LPORT1(123456)", "The value for Local port is too long."),
        ("PNSTSTQSO SERVER(QSOLISTEN) OUTPUT(*PRINT)", "OUTPUT must be * or *TRACE"),
        ("PNSTSTQSO SERVER(QSOLISTEN) SYSTEM(OTHER)", "SYSTEM must be *LOCAL"),
        ("(((", "((( is neither a choice of this menu nor a command."),
    ],
)
def test_a_wrong_command_says_what_is_wrong_and_stays(line, message):
    dialogue = typed(line)
    assert dialogue.display.message.startswith(message)
    assert dialogue.display.field("selection").value == line
    assert dialogue.display.field("selection").error


def test_wrksktrul_opens_the_rules_of_a_server():
    dialogue = typed("wrksktrul server(qsolisten)")
    assert isinstance(dialogue.panel, WorkWithRules)
    assert dialogue.panel.server is Server.LISTEN


def test_pnststqso_decides_and_shows_the_trace():
    dialogue = typed("PNSTSTQSO SERVER(QSOACCEPT) AADDR3('10.1.2.3') APORT2(22) OUTPUT(*TRACE)")
    assert isinstance(dialogue.panel, Trace)
    assert "rule 10   Admin subnet to SSH" in text(dialogue)


def test_f4_prompts_for_the_values_of_a_command():
    dialogue = typed("PNSTSTQSO SERVER(QSOCONNECT) CPORT2(25)", "f4")
    assert isinstance(dialogue.panel, TestRules)
    assert dialogue.display.field("rmtport").value == "25"


def test_a_wrong_value_is_shown_on_the_panel_of_the_command():
    dialogue = typed("PNSTSTQSO SERVER(QSOCONNECT) CADDR2(10.1)")
    assert isinstance(dialogue.panel, TestRules)
    assert dialogue.display.field_at_cursor().name == "rmtaddr"
    assert dialogue.display.field("rmtaddr").error


def test_f9_retrieves_the_last_command():
    dialogue = typed("WRKSKTRUL", "enter", "f12")
    assert dialogue.display.field("selection").value == ""
    play(dialogue, "f9")
    assert dialogue.display.field("selection").value == "WRKSKTRUL"


def test_every_keyword_is_a_field_that_its_server_has():
    for server, keywords in TEST_KEYWORDS.items():
        assert set(keywords.values()) <= {CALL_ATTRIBUTES[f] for f in fields_of(server)}


@given(st.text(alphabet="AB1()' .*", max_size=40))
def test_any_line_is_a_command_or_one_error(line):
    try:
        command = parse_command(line)
    except EpmError as refused:
        event = str(refused)
    else:
        event = command.name
        assert line.upper().strip().startswith(command.name)
    assert event
    assert event.isprintable()
