"""What the commands behind ``===>`` do: each opens a panel."""

from __future__ import annotations

from epm.model import Server
from tui.commands import TEST_KEYWORDS, Command, CommandError, parse_command
from tui.panels.rules import WorkWithRules
from tui.panels.testing import TestRules
from tui.session import Session


def run_command(session: Session, text: str, *, prompt: bool) -> None:
    """Run a command; with ``prompt`` (F4) show its panel and wait.

    Raises:
        CommandError: it is not known, or a keyword of it is wrong; nothing was shown.
    """
    command = parse_command(text)
    if command.name == "WRKSKTRUL":
        command.only("SERVER")
        server = command.server() if command.parameters else Server.ACCEPT
        session.push(WorkWithRules(server))
    elif command.name == "PNSTSTQSO":
        _test(session, command, prompt=prompt)
    elif command.name == "GO":
        raise CommandError("This is the main menu.")
    else:
        raise CommandError(f"Command {command.name} not found.")


def _test(session: Session, command: Command, *, prompt: bool) -> None:
    if not command.parameters:
        session.push(TestRules())
        return
    server = command.server()
    keywords = TEST_KEYWORDS[server]
    command.only("SYSTEM", "SERVER", "OUTPUT", *keywords)
    if command.parameters.get("OUTPUT", "*TRACE") not in ("*", "*TRACE"):
        raise CommandError("OUTPUT must be * or *TRACE here; epm test prints.")
    system = command.parameters.get("SYSTEM", session.desk.system)
    if system != session.desk.system:
        raise CommandError(f"SYSTEM must be {session.desk.system}: the workbench shows that one.")
    panel = TestRules(server)
    panel.values |= {
        field: command.parameters[keyword]
        for keyword, field in keywords.items()
        if keyword in command.parameters
    }
    for entry in panel.entries():
        if len(panel.values.get(entry.name, "")) > entry.length:
            raise CommandError(f"The value for {entry.label} is too long.")
    session.push(panel)
    if not prompt:
        panel.enter(session)
