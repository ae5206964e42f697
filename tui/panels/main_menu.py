"""The main menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from epm.model import Server
from tui.commands import DEFINITIONS, parse_words
from tui.kit.menu import Menu, MenuItem
from tui.kit.values import Choice
from tui.panels.activation import Activation
from tui.panels.captures import WorkWithCaptures
from tui.panels.command_line import prompt_for, run_command
from tui.panels.common import SERVER_WORDS
from tui.panels.configuration import ProductConfiguration
from tui.panels.groups import WorkWithGroups
from tui.panels.history import RuleHistory
from tui.panels.journal import JournalEntries
from tui.panels.messages import WorkWithMessages
from tui.panels.policies import WorkWithPolicies
from tui.panels.registration import WorkWithRegistration
from tui.panels.reports import Reports
from tui.panels.rules import WorkWithRules
from tui.panels.systems import WorkWithSystems
from tui.panels.testing import TestRules
from tui.services import Desk
from tui.session import Panel, Session


def _rules_item(number: int, server: Server) -> MenuItem:
    text = f"Work with Socket Rules - {SERVER_WORDS[server]} Server"
    return MenuItem(number, text, lambda desk: WorkWithRules(server))


def _beside(number: int, text: str, make: Callable[[Desk], Panel], heading: str = "") -> MenuItem:
    return MenuItem(number, text, make, heading, beside=True)


def _configuration(desk: Desk) -> Panel:
    return ProductConfiguration(desk.configuration.config())


def _registration(desk: Desk) -> Panel:
    return WorkWithRegistration(desk.system)


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
                MenuItem(6, "Captured Transactions", lambda desk: WorkWithCaptures()),
                MenuItem(7, "Messages", lambda desk: WorkWithMessages()),
                MenuItem(8, "Display Journal Entries", lambda desk: JournalEntries()),
                MenuItem(9, "Reports", lambda desk: Reports()),
                MenuItem(10, "Groups", lambda desk: WorkWithGroups()),
                MenuItem(11, "Product Configuration", _configuration),
                MenuItem(12, "Rule Change History", lambda desk: RuleHistory()),
                MenuItem(90, "Exit", None),
                _beside(20, "Work with Registration Information", _registration, "IBM i"),
                _beside(21, "Work with IBM i Systems", lambda desk: WorkWithSystems()),
                _beside(30, "Work with ARMR Policies", lambda desk: WorkWithPolicies(), "ARMR"),
            )
        )

    def run(self, session: Session, line: str) -> tuple[str, ...] | None:
        """Run a command."""
        return run_command(session, parse_words(line))

    def prompter(self, line: str) -> Panel:
        """Return the panel that prompts for a command's values."""
        return prompt_for(parse_words(line))

    def commands(self) -> Sequence[Choice]:
        """Return every command."""
        return [Choice(d.name, d.text) for d in DEFINITIONS.values()]
