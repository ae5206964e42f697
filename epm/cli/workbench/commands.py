"""``epm tui`` and ``epm print``: the 5250-like workbench."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from epm.cli.app import current
from epm.cli.exits import ExitCode
from epm.cli.output import out_text
from epm.cli.workbench.desk import desk_for
from epm.cli.workbench.served import end_with_server, is_served
from epm.cli.workbench.terminal import is_terminal, take_terminal
from epm.errors import NotFoundError, UnsupportedError

if TYPE_CHECKING:
    from tui.display import Display
    from tui.session import Session

#: Names of :data:`tui.themes.THEMES`, which commands without a screen need not load.
THEME_NAMES = ("ibm5250", "mono", "ansi")
WEB_PORT = 5250


@click.command("tui")
@click.option("--wide", is_flag=True, help="27 rows of 132 columns instead of 24 of 80.")
@click.option(
    "--theme",
    type=click.Choice(THEME_NAMES),
    envvar="EPM_THEME",
    help="ibm5250 (default), mono (high contrast; NO_COLOR asks for it too), ansi (your colours).",
)
@click.option("--web", is_flag=True, help="In a browser on this machine, for this user only.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=WEB_PORT,
    show_default=True,
    help="Where --web listens, on 127.0.0.1; 0 takes a free port.",
)
def tui(wide: bool, theme: str | None, web: bool, port: int) -> int:
    """Work with rules on 5250-like screens: menus, lists, function keys, help at F1.

    \b
    Examples:
      epm tui
      epm tui --web --theme mono
    """
    if web:
        return _serve(wide, theme, port)
    if is_served():
        end_with_server()
    else:
        take_terminal()
    from tui.app import run
    from tui.themes import theme_for

    if theme is not None or not os.environ.get("NO_COLOR"):
        # A theme that was asked for goes before NO_COLOR, which says nothing when it is empty.
        os.environ.pop("NO_COLOR", None)
    painted = theme_for(theme, no_color="NO_COLOR" in os.environ)
    ended_by = run(_session(wide), theme=painted, keep_picture=_keep_picture)
    return 128 + ended_by if ended_by else ExitCode.OK


def _serve(wide: bool, theme: str | None, port: int) -> int:
    """Serve sessions; each is this command again, in a process of its own."""
    try:
        from epm.cli.workbench.web import serve
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        raise UnsupportedError(
            f"epm tui --web needs {missing}, which the extra web installs: epm-ibmi[web]"
        ) from None
    _session(wide)  # a store that cannot be had is said here, not to each browser
    settings = current().settings
    for key, value in (("db", settings.db), ("system", settings.system)):
        if settings.sources[key] == "option":  # an address may hold a password: not an argument
            os.environ[f"EPM_{key.upper()}"] = value
    options = [*(["--wide"] if wide else []), *(["--theme", theme] if theme else [])]
    serve([sys.executable, "-P", "-m", "epm", "tui", *options], port)
    return ExitCode.OK


def _keep_picture(session: Session) -> None:
    """Write a picture of the panel on top into the current folder, and say so."""
    from tui.picture import svg

    path = f"epm-{session.panel.name}.svg"
    with out_text(path) as stream:
        stream.write(svg(session.display))
    session.say(f"Picture written to {path}.")


#: Panel -> the keys that lead to it from the main menu; a word of one letter is typed.
PICTURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "main": (),
        "rules-accept": ("1", "enter"),
        "rules-connect": ("2", "enter"),
        "rules-listen": ("3", "enter"),
        "rule": ("1", "enter", "5", "enter"),
        "conditions": ("1", "enter", "8", "enter"),
        "create": ("1", "enter", "f6"),
        "change": ("1", "enter", "2", "enter"),
        "test": ("4", "enter"),
        "trace": ("4", "enter", "tab", *"10.1.2.3", "tab", "tab", "tab", *"22", "enter"),
        "activation": ("5", "enter"),
        "captures": ("6", "enter"),
        "messages": ("7", "enter"),
        "groups": (*"10", "enter"),
        "configuration": (*"11", "enter"),
        "history": (*"12", "enter"),
        "history-change": (*"12", "enter", "5", "enter"),
        "history-compare": (*"12", "enter", "tab", "7", "enter"),
        "journal": ("8", "enter"),
        "journal-entry": ("8", "enter", "5", "enter"),
        "journal-subset": ("8", "enter", "f17"),
        "reports": ("9", "enter"),
        "report": ("9", "enter", "enter"),
        "registration": (*"20", "enter"),
        "exit-point": (*"20", "enter", "5", "enter"),
        "exit-programs": (*"20", "enter", "8", "enter"),
        "systems": (*"21", "enter"),
        "policies": (*"30", "enter"),
        "policy-events": (*"30", "enter", "f10"),
        "commands": ("f4",),
        "command": (*"PNSTSTQSO SERVER(QSOACCEPT)", "f4"),
    }
)


@click.command("print")
@click.argument("panel", type=click.Choice(list(PICTURES)))
@click.option("-o", "--output", metavar="FILE", help="Write here; .svg gives a picture.")
@click.option("--wide", is_flag=True, help="27 rows of 132 columns instead of 24 of 80.")
def print_panel(panel: str, output: str | None, wide: bool) -> int:
    """Print a panel as the workbench shows it, as text or as an exact picture.

    \b
    Example: epm print rules-accept -o rules.svg
    """
    from tui.picture import svg

    display = _shown(_session(wide), panel)
    picture = output is not None and output.lower().endswith(".svg")
    with out_text(output) as stream:
        text = svg(display) if picture else "\n".join(display.lines()) + "\n"
        stream.write(text)
    return ExitCode.OK


def _shown(session: Session, panel: str) -> Display:
    """Press the keys that lead to a panel, and return what is on the screen then.

    Raises:
        NotFoundError: one of them is refused there, as option 5 is in an empty list.
    """
    for key in PICTURES[panel]:
        before = session.panel
        session.press(key, key if len(key) == 1 else None)
        if session.panel is before and session.display.message:
            said = "; ".join(session.said) or session.display.message
            raise NotFoundError(f"panel {panel} cannot be shown: {said}")
    return session.display


def _session(wide: bool) -> Session:
    """Return a dialogue that begins at the main menu.

    Raises:
        StoreUnavailableError: the store cannot be opened; said before the screen is taken.
    """
    from tui.panels.help import help_for
    from tui.panels.main_menu import MainMenu
    from tui.session import Session

    rows, columns = (27, 132) if wide else (24, 80)
    desk = desk_for(current())
    desk.rules.outline()
    return Session(desk, MainMenu(), rows=rows, columns=columns, helper=help_for)


def without_command(context: click.Context) -> object:
    """Do what ``epm`` alone does: the workbench on a terminal, otherwise the help."""
    if is_terminal():
        with tui.make_context("tui", [], parent=context) as alone:
            return tui.invoke(alone)
    raise click.exceptions.NoArgsIsHelpError(context)


COMMANDS = (tui, print_panel)
