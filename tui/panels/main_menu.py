"""The main menu."""

from __future__ import annotations

from epm.model import Server
from tui.kit.menu import Menu, MenuItem
from tui.panels.activation import Activation
from tui.panels.command_line import run_command
from tui.panels.common import SERVER_WORDS
from tui.panels.rules import WorkWithRules
from tui.panels.testing import TestRules
from tui.session import Session


def _rules_item(number: int, server: Server) -> MenuItem:
    text = f"Work with Socket Rules - {SERVER_WORDS[server]} Server"
    return MenuItem(number, text, lambda desk: WorkWithRules(server))


class MainMenu(Menu):
    """Where everything begins."""

    name = "main"
    title = "Exit Point Manager Main Menu"

    def __init__(self) -> None:
        """Offer what there is."""
        super().__init__(
            (
                _rules_item(1, Server.ACCEPT),
                _rules_item(2, Server.CONNECT),
                _rules_item(3, Server.LISTEN),
                MenuItem(4, "Test Socket Rules", lambda desk: TestRules()),
                MenuItem(5, "Exit Point Manager Activation", lambda desk: Activation()),
                MenuItem(90, "Exit", None),
            )
        )

    def command(self, session: Session, text: str, *, prompt: bool) -> None:
        """Run a command."""
        run_command(session, text, prompt=prompt)
