"""The command palette, themes, the wheel and sizes, through the real adapter."""

from __future__ import annotations

import asyncio
import os

import pytest
from rich.color import Color
from textual.command import CommandPalette

from epm.model import Server
from tests.tui.desk import MemoryRules, many, play, sample, session, text
from tests.tui.waiting import settle
from tests.tui.walks import LOST, losing_session
from tui.app import Workbench, style_of
from tui.display import BLUE, ERROR, GREEN, PINK, WHITE, Colour
from tui.panels.main_menu import MainMenu
from tui.panels.rules import WorkWithRules
from tui.themes import ANSI, IBM5250, MONO, THEMES, theme_for


def accept():
    return session(MemoryRules(sample()), WorkWithRules(Server.ACCEPT))[0]


def offered(workbench):
    return {c.title: c for c in workbench.get_system_commands(workbench.screen)}


def in_terminal(dialogue, use, size=(80, 24), **options):
    """Run ``use(workbench, pilot)`` on a workbench of so many columns and rows."""

    async def run():
        workbench = Workbench(dialogue, **options)
        async with workbench.run_test(size=size) as pilot:
            await pilot.pause()
            await use(workbench, pilot)

    asyncio.run(run())
    return dialogue


async def choose(workbench, pilot, title):
    offered(workbench)[title].callback()
    await settle(workbench, pilot)


# --------------------------------------------------------------------------------- palette


def test_it_offers_every_key_of_the_panel_every_choice_of_the_menu_and_how_to_leave():
    dialogue = play(session()[0], "'1", "enter")

    async def use(workbench, pilot):
        titles = list(offered(workbench))
        assert titles[0] == "F1 Help"
        assert {f"{k.aid} {k.label}" for k in dialogue.panel.function_keys()} <= set(titles)
        choices = {f"Menu {i.number:>2}  {i.text}" for i in MainMenu().items if i.make is not None}
        assert choices <= set(titles)
        assert titles[-1] == "Quit"

    in_terminal(dialogue, use)


def test_ctrl_p_searches_it_and_enter_does_what_was_found():
    async def use(workbench, pilot):
        await pilot.press("ctrl+p")
        assert CommandPalette.is_open(workbench)
        await pilot.press(*"view conditions")
        await pilot.pause(0.3)
        await pilot.press("down", "enter")
        await pilot.pause(0.1)
        await settle(workbench, pilot)

    assert "RMTADDR GRP ADMINS" in text(in_terminal(accept(), use))


def test_a_choice_of_the_menu_leaves_the_function_and_f12_goes_back_to_the_menu():
    dialogue = play(session()[0], "'1", "enter", "'5", "enter")

    async def use(workbench, pilot):
        await choose(workbench, pilot, "Menu  5  Exit Point Manager Activation")

    in_terminal(dialogue, use)
    assert dialogue.panel.name == "activation"
    play(dialogue, "f12")
    assert dialogue.panel.name == "main"
    assert dialogue.display.field("selection").value == ""


def test_a_choice_that_cannot_be_shown_leaves_everything_as_it_was():
    dialogue, state = losing_session()
    play(dialogue, "'1", "enter", "f6", "'15")

    async def use(workbench, pilot):
        state["down"] = True
        await choose(workbench, pilot, "Menu  2  Work with Socket Rules - Connect Server")

    in_terminal(dialogue, use)
    assert dialogue.display.message == LOST
    assert dialogue.display.field("seq").value == "15"


def test_what_was_chosen_for_a_panel_is_not_done_on_another():
    async def use(workbench, pilot):
        press = offered(workbench)["F6 Create"].callback
        await pilot.press("f12", "5", "enter")  # keys that were on their way
        press()
        await settle(workbench, pilot)

    dialogue = in_terminal(play(session()[0], "'1", "enter"), use)
    assert dialogue.panel.name == "activation"
    assert dialogue.display.message == "Another panel is shown by now; nothing was done."


def test_a_picture_is_written_where_the_workbench_was_told_how():
    kept = []

    def keep(dialogue):
        kept.append(dialogue.panel.name)
        dialogue.say("Picture written.")

    async def use(workbench, pilot):
        await choose(workbench, pilot, "Picture of this panel")

    dialogue = in_terminal(accept(), use, keep_picture=keep)
    assert kept == ["rules"]
    assert dialogue.display.message == "Picture written."


# ------------------------------------------------------------------------------------ size


def test_the_size_is_changed_while_the_workbench_runs_and_keeps_what_is_typed():
    dialogue = play(accept(), "f6", "'15", "tab", "'Mail")

    async def use(workbench, pilot):
        await choose(workbench, pilot, "Size 27x132")
        assert dialogue.size == (27, 132)
        assert dialogue.display.values()["name"] == "Mail"
        shown = [workbench.terminal.render_line(y).text.rstrip() for y in range(1, 28)]
        assert [line.strip() for line in shown] == [x.strip() for x in dialogue.display.lines()]
        await choose(workbench, pilot, "Size 24x80")

    in_terminal(dialogue, use, size=(140, 30))
    assert dialogue.size == (24, 80)
    assert dialogue.display.values()["seq"] == "15"


def test_a_size_that_the_terminal_does_not_have_is_not_offered():
    async def use(workbench, pilot):
        assert "Size 27x132" not in offered(workbench)

    in_terminal(accept(), use, size=(131, 40))


def test_a_wide_display_falls_back_while_the_terminal_is_narrow_and_comes_back():
    dialogue, _ = session(MemoryRules(sample()), WorkWithRules(Server.ACCEPT), rows=27, columns=132)

    async def use(workbench, pilot):
        await pilot.press("5")
        for size, shown in (((100, 30), (24, 80)), ((60, 10), (24, 80)), ((140, 40), (27, 132))):
            await pilot.resize_terminal(*size)
            await settle(workbench, pilot)
            assert dialogue.size == shown
            assert dialogue.display.field("opt10").value == "5"

    in_terminal(dialogue, use, size=(132, 27))


# ----------------------------------------------------------------------------------- wheel


def test_the_wheel_rolls_the_list():
    dialogue = play(session(many(100))[0], "'2", "enter")

    async def use(workbench, pilot):
        await pilot._post_mouse_events([_wheel("Down")], workbench.terminal, (30, 12))
        await settle(workbench, pilot)
        assert "Rule number 11" in text(dialogue)
        await pilot._post_mouse_events([_wheel("Up")], workbench.terminal, (30, 12))
        await settle(workbench, pilot)
        assert "Rule number 1 " in text(dialogue)

    in_terminal(dialogue, use)


def _wheel(way):
    from textual import events

    return getattr(events, f"MouseScroll{way}")


# ---------------------------------------------------------------------------------- themes


def test_every_theme_can_be_had_and_paints_from_then_on():
    async def use(workbench, pilot):
        painted = set()
        for theme in (MONO, ANSI, IBM5250):
            await choose(workbench, pilot, f"Theme {theme.name}")
            assert f"Theme {theme.name}" not in offered(workbench)
            segment = next(s for s in workbench.terminal.render_line(6) if "2=Change" in s.text)
            assert segment.style == style_of(theme, BLUE)
            painted.add((segment.style.color, segment.style.bgcolor))
        assert len(painted) == len(THEMES)

    in_terminal(accept(), use)


def test_the_theme_of_the_terminal_sends_its_own_colours_only():
    """Neither the panel nor what is around it may ask for a colour by its red, green and blue."""

    async def use(workbench, pilot):
        strips = workbench.screen._compositor.render_strips()
        styles = [s.style for strip in strips for s in strip if s.style is not None]
        colours = {c for style in styles for c in (style.color, style.bgcolor) if c is not None}
        assert Color.parse("green") in colours
        assert all(colour.triplet is None for colour in colours)

    in_terminal(accept(), use, theme=ANSI)


def test_what_colours_tell_apart_is_told_without_them():
    bold = {c for c in Colour if MONO.paints[c].bold}
    assert {Colour.WHITE, Colour.PINK, Colour.RED} <= bold
    assert {MONO.paint(a).colour for a in (GREEN, WHITE, BLUE, PINK)} == {"#ffffff"}
    assert style_of(MONO, ERROR).reverse
    assert style_of(MONO, GREEN, cursor=True).reverse


@pytest.mark.parametrize(
    ("asked", "no_color", "theme"),
    [(None, False, IBM5250), (None, True, MONO), ("ansi", False, ANSI), ("ansi", True, ANSI)],
)
def test_the_theme_is_the_one_asked_for_else_without_colours_where_those_are_unwanted(
    asked, no_color, theme
):
    assert theme_for(asked, no_color=no_color) is theme


def test_no_color_sends_no_colour_at_all(monkeypatch):
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")

    async def use(workbench, pilot):
        assert not any(title.startswith("Theme") for title in offered(workbench))
        strip = workbench.terminal.render_lines(workbench.terminal.region.reset_offset)[6]
        for line_filter in workbench._filters:
            strip = strip.apply_filter(line_filter, workbench.background_colors[1])
        colours = {c for s in strip if s.style for c in (s.style.color, s.style.bgcolor)}
        assert all(c is None or c.is_default for c in colours)

    in_terminal(accept(), use, theme=theme_for(None, no_color=True))
