"""The Textual adapter: keys in, cells out, and nothing lost in between."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from textual import events

from epm.model import Server
from tests.tui.desk import MemoryRules, play, sample, session
from tests.tui.waiting import settle
from tui import app as adapter
from tui import viewport
from tui.app import Workbench
from tui.panels.rule_entry import DisplayRule
from tui.panels.rules import WorkWithRules

ROOT = Path(__file__).parents[2]


def accept(**options):
    store = MemoryRules(sample(), **options)
    dialogue, _ = session(store, WorkWithRules(Server.ACCEPT))
    return dialogue, store


def painted(workbench):
    """What the terminal shows, line by line, as Textual paints it."""
    terminal = workbench.terminal
    return [terminal.render_line(y).text.rstrip() for y in range(terminal.size.height)]


def test_the_display_is_painted_and_f3_ends_it():
    async def run():
        dialogue, _ = accept()
        workbench = Workbench(dialogue)
        async with workbench.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert painted(workbench) == dialogue.display.lines()
            await pilot.press("5", "enter")
            assert isinstance(dialogue.panel, DisplayRule)
            await pilot.press("f12", "shift+f1")
            assert dialogue.display.message == "Function key F13 not allowed."
            await pilot.press("f3")
            await pilot.pause()
        assert dialogue.ended

    asyncio.run(run())


def test_the_mouse_presses_the_legend_and_moves_the_cursor():
    async def run():
        dialogue, _ = accept()
        workbench = Workbench(dialogue)
        async with workbench.run_test(size=(100, 30)) as pilot:
            left, top = workbench.terminal.viewport.origin(dialogue.display)
            at = dialogue.display.lines()[21].index("F6=Create")
            await pilot.click(offset=(left + at + 2, top + 21))
            await settle(workbench, pilot)
            assert dialogue.panel.title == "Create Socket Rule"
            await pilot.click(offset=(left + 30, top + 7))
            assert (dialogue.display.row, dialogue.display.column) == (8, 31)
            assert painted(workbench)[top + 24].strip() == "08/031"

    asyncio.run(run())


def test_long_work_says_that_it_waits_and_keeps_what_is_typed(monkeypatch):
    monkeypatch.setattr(adapter, "PATIENCE", 0.05)

    async def run():
        dialogue, store = accept()
        workbench = Workbench(dialogue)
        async with workbench.run_test(size=(80, 24)) as pilot:
            store.delay = 0.3
            workbench.post_message(events.Key("f11", None))
            workbench.post_message(events.Key("5", "5"))
            await asyncio.sleep(0.2)
            assert painted(workbench)[23].strip() == viewport.WORKING
            await settle(workbench, pilot)
            assert painted(workbench)[23] == ""
            assert dialogue.display.field("opt10").value == "5"

    asyncio.run(run())


def test_a_paste_fills_the_fields():
    async def run():
        dialogue, _ = accept()
        play(dialogue, "f6")
        workbench = Workbench(dialogue)
        async with workbench.run_test(size=(80, 24)) as pilot:
            workbench.terminal.post_message(events.Paste("15\nMail relay\nN"))
            await settle(workbench, pilot)
            values = dialogue.display.values()
            assert (values["seq"], values["name"], values["authority"]) == ("15", "Mail relay", "N")

    asyncio.run(run())


def test_what_is_typed_before_the_first_panel_is_shown_is_done_in_order():
    async def run():
        dialogue, _ = session()
        workbench = Workbench(dialogue)
        for name in ("1", "ctrl+j", "5", "enter"):  # ctrl+j: an Enter that the shell still had
            await workbench.on_event(events.Key(name, name if len(name) == 1 else None))
        async with workbench.run_test(size=(80, 24)) as pilot:
            await settle(workbench, pilot)
            assert isinstance(dialogue.panel, DisplayRule)
            await pilot.press("f12", "f12")
            workbench.post_message(events.Paste("GO MAIN"))
            await settle(workbench, pilot)
            assert dialogue.display.values() == {"selection": "GO MAIN"}

    asyncio.run(run())


def test_a_small_terminal_says_so_and_takes_no_keys_until_it_grows():
    async def run():
        dialogue, _ = accept()
        workbench = Workbench(dialogue)
        async with workbench.run_test(size=(79, 24)) as pilot:
            await pilot.press("4", "enter")
            assert painted(workbench)[0] == "EPM needs 24x80, this terminal is 24x79"
            assert isinstance(dialogue.panel, WorkWithRules)
            await pilot.resize_terminal(80, 24)
            await pilot.pause()
            assert painted(workbench) == dialogue.display.lines()

    asyncio.run(run())


def test_a_store_lost_while_the_terminal_shrinks_says_so_and_the_next_key_tries_again():
    async def run():
        store = MemoryRules(sample())
        dialogue, _ = session(store, WorkWithRules(Server.ACCEPT), rows=27, columns=132)
        workbench = Workbench(dialogue)
        async with workbench.run_test(size=(132, 27)) as pilot:
            await pilot.press("5")
            store.down = True
            await pilot.resize_terminal(80, 24)
            await settle(workbench, pilot)
            assert painted(workbench)[:2] == [
                "EPM needs 27x132, this terminal is 24x80",
                "rule store: the connection is lost",
            ]
            store.down = False
            await pilot.press("enter")
            await settle(workbench, pilot)
            assert painted(workbench) == dialogue.display.lines()
            assert isinstance(dialogue.panel, WorkWithRules)  # nobody saw what Enter would do
            assert dialogue.display.field("opt10").value == "5"

    asyncio.run(run())


def test_an_error_inside_a_panel_gives_the_screen_back_before_it_is_told(monkeypatch):
    async def run():
        dialogue, _ = accept()
        monkeypatch.setattr(dialogue, "handle", lambda key: 1 / 0)
        workbench = Workbench(dialogue)
        async with workbench.run_test(size=(80, 24)) as pilot:
            await pilot.press("enter")
            await pilot.pause()
        assert isinstance(workbench.return_value, ZeroDivisionError)

    asyncio.run(run())


_SEQUENCES = {
    **{f"\x1b{c}": f"f{n}" for n, c in enumerate("1234567890-=!@#$%^&*()_+", 1)},  # all 24, quick
    "\n": "ctrl+j", "\x1b\n": "ctrl+n",
    "\x1bOP": "f1", "\x1b[1;2P": "f13",
    "\x1b[25~": "f13", "\x1b[34~": "f20", "\x1b[24;2~": "f24", "\xa3": "pound_sign",
}  # fmt: skip
_SCRIPT = """
import json, sys, tui.app
from textual._xterm_parser import XTermParser
from textual.events import Key
for sequence in json.load(sys.stdin):
    parser = XTermParser()
    events = [e for part in (sequence, "") for e in parser.feed(part)]
    print(json.dumps([e.key for e in events if isinstance(e, Key)]))
"""


def test_keys_as_terminals_send_them():
    """In a process of its own: what is read at the import of Textual counts once only."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], input=json.dumps(list(_SEQUENCES)),
        capture_output=True, text=True, timeout=60, check=True, cwd=ROOT,
    )  # fmt: skip
    names = [json.loads(line) for line in done.stdout.splitlines()]
    assert dict(zip(_SEQUENCES, names, strict=True)) == {s: [n] for s, n in _SEQUENCES.items()}


def test_nothing_but_the_adapter_loads_textual():
    script = (
        "import sys, tui.panels.main_menu, tui.panels.help, tui.session; "
        "print(*sorted(m for m in sys.modules if m.partition('.')[0] in ('textual', 'rich')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.strip() == ""
