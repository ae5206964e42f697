"""A menu: numbered choices and one entry for the number."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui.commands import CommandError
from tui.display import WHITE, Display, Kind
from tui.keys import Aid
from tui.kit.drawing import instruction, key_legend, title_block
from tui.services import Desk
from tui.session import (
    CANCEL,
    EXIT,
    FieldRefusedError,
    FunctionKey,
    KeyRefusedError,
    Panel,
    Result,
    Session,
)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One choice. ``make`` gives its panel; without one the menu is left."""

    number: int
    text: str
    make: Callable[[Desk], Panel] | None
    heading: str = ""


class Menu(Panel):
    """Numbered choices; the number, or a command, is typed behind ``===>``."""

    title = ""

    def __init__(self, items: Sequence[MenuItem]) -> None:
        """Offer ``items``."""
        self.items = items
        self._selection = ""
        self._last = ""

    @abstractmethod
    def command(self, session: Session, text: str, *, prompt: bool) -> None:
        """Run a command that was typed; with ``prompt`` only show its panel.

        Raises:
            EpmError: it cannot be run.
        """

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of a menu with a command line."""
        return (
            EXIT,
            FunctionKey(Aid.F4, "Prompt", self._prompt),
            FunctionKey(Aid.F9, "Retrieve", self._retrieve),
            CANCEL,
        )

    def _prompt(self, session: Session) -> None:
        if not self._selection or self._selection.isdigit():
            raise KeyRefusedError("Type a command first, then F4 prompts for its values.")
        self._run(session, prompt=True)

    def _retrieve(self, session: Session) -> None:
        if not self._last:
            raise KeyRefusedError("No command to retrieve.")
        self._selection = self._last
        session.redraw()

    def _run(self, session: Session, *, prompt: bool) -> None:
        self._last = self._selection
        try:
            self.command(session, self._selection, prompt=prompt)
        except CommandError as error:
            raise FieldRefusedError(str(error), "selection") from None

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw the choices."""
        title_block(display, desk, self.title)
        instruction(display, 4, "Select one of the following:")
        row = 6
        for item in self.items:
            if item.heading:
                display.put(row, 4, item.heading, WHITE)
                row += 1
            display.put(row, 6, f"{item.number:>2}. {item.text}")
            row += 1
        entry_row = display.rows - 4
        display.put(entry_row - 1, 2, "Selection or command")
        display.put(entry_row, 2, "===>")
        display.add("selection", entry_row, 7, display.columns - 8, self._selection, Kind.UPPER)
        key_legend(display, self.function_keys())

    def keep(self, values: dict[str, str]) -> None:
        """Keep the number that was typed."""
        self._selection = values.get("selection", "")

    def enter(self, session: Session) -> None:
        """Go to the choice."""
        if not self._selection:
            session.redraw()
            return
        if not self._selection.isdigit():
            self._run(session, prompt=False)
            return
        for item in self.items:
            if self._selection == str(item.number):
                if item.make is None:
                    session.exit_function()
                    return
                session.push(item.make(session.desk))
                return
        raise FieldRefusedError(f"{self._selection} is not a choice of this menu.", "selection")

    def resumed(self, session: Session, result: Result) -> None:
        """Draw afresh, for the next choice."""
        self._selection = ""
        session.redraw()
        session.say(*result.messages)
