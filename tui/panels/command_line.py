"""What the commands behind ``===>`` do: each opens a panel, prints one, or says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from epm.errors import CallError
from tui.commands import DEFINITIONS, Command, CommandError, Words
from tui.panels.journal import JournalEntries
from tui.panels.prompter import CommandPrompt
from tui.panels.registration import Selection, WorkWithRegistration
from tui.panels.rules import WorkWithRules
from tui.panels.testing import TestRules, Trace
from tui.services import Desk, JournalFilter
from tui.services.journal import FilterRefusedError
from tui.session import Panel, Session

#: A command's result: what to say, or ``None`` when it has opened a panel.
Said = tuple[str, ...] | None


def run_command(session: Session, words: Words) -> Said:
    """Run a command as it was typed.

    Raises:
        CommandError: a keyword of it is wrong; nothing was shown.
        EpmError: it cannot be done now.
    """
    if words.definition.name == "PNSTSTQSO" and not words.given:
        session.push(TestRules())
        return None
    return perform(session, words.complete())


def prompt_for(words: Words) -> Panel:
    """Return the panel that prompts for the keywords of a command (F4).

    Raises:
        CommandError: a keyword that was typed is none of them, so it could not be shown.
    """
    words.definition.refuse_strangers(words.given)
    return CommandPrompt(words.definition, words.given, perform)


def perform(session: Session, command: Command) -> Said:
    """Run a complete command.

    Raises:
        CommandError: a keyword of it is wrong; nothing was shown.
        EpmError: it cannot be done now.
    """
    if command.name == "GO":
        return ()
    panel = panel_of(session.desk, command)
    if command.parameters.get("OUTPUT") == "*PRINT":
        spooled = session.desk.printing.spool(
            command.name, panel.printed(session.desk, session.display)
        )
        return (spooled.message, panel.print_note())
    session.push(panel)
    return None


def panel_of(desk: Desk, command: Command) -> Panel:
    """Return the panel that shows what a command gives.

    Raises:
        CommandError: a keyword of it is wrong, or it has no panel of its own.
    """
    maker = PANELS.get(command.name)
    if maker is None:
        raise CommandError(f"Command {command.name} opens no panel.")
    return maker(desk, command)


def _rules(desk: Desk, command: Command) -> Panel:
    return WorkWithRules(command.server())


def _test(desk: Desk, command: Command) -> Panel:
    check_system(command, desk.system)
    fields: dict[str, object] = {**DEFINITIONS[command.name].fields(command)}
    try:
        return Trace(desk.testing.decide(command.server(), fields, live=False), fields)
    except CallError as error:
        raise CommandError(str(error)) from None


def check_system(command: Command, system: str) -> None:
    """Refuse another system than the one that is worked with.

    Raises:
        CommandError: SYSTEM names another one.
    """
    if command.parameters.get("SYSTEM", system) != system:
        raise CommandError(f"SYSTEM must be {system}; epm --system names another.", "SYSTEM")


def _journal(desk: Desk, command: Command) -> Panel:
    wanted = journal_filter(command)
    try:
        desk.journal.check(wanted)
    except FilterRefusedError as error:
        keywords = DEFINITIONS[command.name].keywords
        keyword = next((k.name for k in keywords if k.field == error.field), "")
        raise CommandError(str(error), keyword) from None
    return JournalEntries(wanted)


def journal_filter(command: Command) -> JournalFilter:
    """Return the filter that the keywords of DSPJRN describe.

    Raises:
        CommandError: an entry type and a journal code, which is one too many.
    """
    parts = DEFINITIONS[command.name].fields(command)
    code = command.parameters["JRNCDE"]
    if code != "*ALL":
        if "type" in parts:
            raise CommandError("JRNCDE must be *ALL when ENTTYP is given.", "JRNCDE")
        parts["type"] = code
    return JournalFilter(**parts)


def _registration(desk: Desk, command: Command) -> Panel:
    return WorkWithRegistration(desk.system, selection_of(command))


def selection_of(command: Command) -> Selection:
    """Return which exit points WRKREGINF asks for."""
    return Selection(command.parameters["EXITPNT"], command.parameters["FORMAT"])


#: The panel of each command that has one.
PANELS: Mapping[str, Callable[[Desk, Command], Panel]] = MappingProxyType(
    {"WRKSKTRUL": _rules, "PNSTSTQSO": _test, "DSPJRN": _journal, "WRKREGINF": _registration}
)
