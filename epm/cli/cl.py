"""``epm cl``: the commands of the workbench from the shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from epm.cli.app import current
from epm.cli.exits import ExitCode
from epm.cli.journals import list_entries
from epm.cli.output import answer, table, talk
from epm.cli.params import json_option
from epm.cli.rules import list_rules
from epm.cli.testing import test
from epm.cli.workbench.desk import desk_for
from epm.errors import UnsupportedError
from epm.model import Server

if TYPE_CHECKING:
    from tui.commands import Command
    from tui.services import ExitPointLine
    from tui.session import Panel


@click.command("cl")
@click.argument("words", nargs=-1, required=True, metavar="COMMAND...")
@json_option
def cl(words: tuple[str, ...], as_json: bool) -> int:
    """Run a command as it is typed behind ===> of the workbench.

    WRKSKTRUL lists the rules of a server, PNSTSTQSO tests a call by them, DSPJRN lists journal
    entries, WRKREGINF exit points. OUTPUT(*PRINT) prints into a spooled file and says where that
    is. PNSTSTQSO ends with 0 when the call is allowed and 1 when it is rejected.

    \b
    Examples:
      epm cl "PNSTSTQSO SERVER(QSOACCEPT) AADDR3('10.1.2.3') APORT2(22) OUTPUT(*TRACE)"
      epm cl "DSPJRN ENTTYP(NR) FROMTIME('2026-11-21')"
    """
    from tui.commands import CommandError, parse_command

    line = " ".join(words)
    if not line.strip():
        raise click.UsageError(f"Type a command: {', '.join(RUNNERS)}.")
    try:
        command = parse_command(line)
        if command.parameters.get("OUTPUT") == "*PRINT":
            return _print(command, as_json)
        return RUNNERS[command.name](command, as_json)
    except CommandError as error:
        raise click.UsageError(str(error)) from None


def _list_rules(command: Command, as_json: bool) -> int:
    click.get_current_context().invoke(list_rules, server=command.server(), as_json=as_json)
    return ExitCode.OK


def _test(command: Command, as_json: bool) -> int:
    """Decide a call as ``epm test`` does."""
    from tui.commands import DEFINITIONS
    from tui.panels.command_line import check_system

    check_system(command, current().system)
    fields: dict[str, object] = {**DEFINITIONS[command.name].fields(command)}
    trace = command.parameters["OUTPUT"] == "*TRACE"
    context = click.get_current_context()
    given = {"server": command.server(), "trace": trace, "as_json": as_json, "groups": ()}
    return int(context.invoke(test, **given, **fields))


def _list_entries(command: Command, as_json: bool) -> int:
    """List entries as ``epm journal list`` does."""
    from tui.panels.command_line import journal_filter

    wanted = journal_filter(command)
    context = click.get_current_context()
    context.invoke(
        list_entries,
        limit=None,
        follow=False,
        as_json=as_json,
        start=wanted.start or None,
        end=wanted.end or None,
        server=Server(wanted.server) if wanted.server else None,
        user=wanted.user or None,
        kind=wanted.type or None,
        verdict=wanted.verdict or None,
        address=wanted.address or None,
        port=int(wanted.port) if wanted.port else None,
        name=wanted.journal or None,
    )
    return ExitCode.OK


def _list_exit_points(command: Command, as_json: bool) -> int:
    """List exit points as WRKREGINF shows them."""
    from tui.panels.command_line import selection_of

    app, selection = current(), selection_of(command)
    points = desk_for(app).registration.exit_points(app.system)
    found = [point for point in points if selection.takes(point)]
    if as_json:
        answer([_point_to_json(point) for point in found])
        return ExitCode.OK
    rows = ((p.name, p.format_name, "*YES" if p.registered else "*NO", p.text) for p in found)
    table(("Exit point", "Format", "Registered", "Text"), rows)
    return ExitCode.OK


def _point_to_json(point: ExitPointLine) -> dict[str, object]:
    return {
        "exit_point": point.name,
        "format": point.format_name,
        "registered": point.registered,
        "text": point.text,
    }


def _go(command: Command, as_json: bool) -> int:
    raise UnsupportedError("GO shows a menu, and menus need the workbench: epm tui")


#: What each command does here.
RUNNERS: Mapping[str, Callable[[Command, bool], int]] = MappingProxyType(
    {
        "WRKSKTRUL": _list_rules,
        "PNSTSTQSO": _test,
        "DSPJRN": _list_entries,
        "WRKREGINF": _list_exit_points,
        "GO": _go,
    }
)


def _print(command: Command, as_json: bool) -> int:
    """Print what a command's panel shows into a spooled file, as the workbench does."""
    from tui.display import Display
    from tui.panels.command_line import panel_of

    desk = desk_for(current())
    panel = panel_of(desk, command)
    spooled = desk.printing.spool(command.name, panel.printed(desk, Display()))
    if as_json:
        answer({"file": spooled.path, "lines": spooled.lines})
    talk(spooled.message)
    if panel.print_note():
        talk(panel.print_note())
    return _code(panel)


def _code(panel: Panel) -> ExitCode:
    """Return 1 for a call that was rejected, else 0."""
    from tui.panels.testing import Trace

    rejected = isinstance(panel, Trace) and not panel.decision.allowed
    return ExitCode.NO if rejected else ExitCode.OK


COMMANDS = (cl,)
