"""A menu: numbered choices and one entry for the number."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tui.commands import CommandError
from tui.display import WHITE, Display, Kind
from tui.keys import Aid
from tui.kit.drawing import instruction, key_legend, title_block
from tui.kit.values import Choice, ValueList
from tui.outcomes import FieldRefusedError, KeyRefusedError, Result
from tui.services import Desk
from tui.session import CANCEL, EXIT, FunctionKey, Panel, Session

#: Commands that F9 remembers.
KEPT = 100
_FIRST_ROW = 6
_COLUMN = 6


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One choice. ``make`` gives its panel; without one the menu is left.

    Attributes:
        heading: stands above it, over it and those that follow.
        beside: it stands in the second column.
    """

    number: int
    text: str
    make: Callable[[Desk], Panel] | None
    heading: str = ""
    beside: bool = False

    @property
    def line(self) -> str:
        """Number and text, the number right-adjusted."""
        return f"{self.number:>2}. {self.text}"


class History:
    """The commands that were run, for F9=Retrieve: each press goes one further back."""

    def __init__(self) -> None:
        """Remember nothing."""
        self._lines: list[str] = []
        self._back = 0

    def add(self, line: str) -> None:
        """Remember a line that was run; the next one to retrieve is this one."""
        self._back = 0
        if not self._lines or self._lines[-1] != line:
            self._lines = [*self._lines, line][-KEPT:]

    def earlier(self) -> str:
        """Return the line before the one retrieved last.

        Raises:
            KeyRefusedError: there is none.
        """
        if self._back == len(self._lines):
            raise KeyRefusedError("No more commands to retrieve.")
        self._back += 1
        return self._lines[-self._back]


class Menu(Panel):
    """Numbered choices; the number, or a command, is typed behind ``===>``."""

    title = ""

    def __init__(self, items: Sequence[MenuItem]) -> None:
        """Offer ``items``."""
        self.items = items
        self._selection = ""
        self._history = History()
        self._listing = False

    @abstractmethod
    def run(self, session: Session, line: str) -> tuple[str, ...] | None:
        """Run a command: return what to say, or ``None`` when it has opened a panel.

        Raises:
            EpmError: it cannot be run.
        """

    @abstractmethod
    def prompter(self, line: str) -> Panel:
        """Return the panel that prompts for the values of a command.

        Raises:
            CommandError: it is not known.
        """

    @abstractmethod
    def commands(self) -> Sequence[Choice]:
        """Return the commands there are."""

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of a menu with a command line."""
        return (
            EXIT,
            FunctionKey(Aid.F4, "Prompt", self._prompt),
            FunctionKey(Aid.F9, "Retrieve", self._retrieve),
            CANCEL,
        )

    def _prompt(self, session: Session) -> None:
        """Prompt for a command's values; with nothing typed, for the command."""
        if self._selection.isdigit():
            raise KeyRefusedError("F4 prompts for a command; a choice has no values.")
        if not self._selection:
            session.push(ValueList("Select Command", self.commands()))
            self._listing = True
            return
        with _at_the_line():
            session.push(self.prompter(self._selection))

    def _retrieve(self, session: Session) -> None:
        self._selection = self._history.earlier()
        session.redraw()

    def _run(self, session: Session) -> None:
        self._history.add(self._selection)
        with _at_the_line():
            said = self.run(session, self._selection)
        if said is not None:
            self._selection = ""
            session.redraw()
            session.say(*said)

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw the choices."""
        title_block(display, desk, self.title)
        instruction(display, 4, "Select one of the following:")
        first = [item for item in self.items if not item.beside]
        second = [item for item in self.items if item.beside]
        _draw_items(display, _FIRST_ROW, _COLUMN, first)
        column = display.columns // 2 + 2
        # Where the first column has nothing so long that it would reach into the second.
        reach = [n for n, item in enumerate(first, 1) if _COLUMN + len(item.line) > column - 3]
        _draw_items(display, _FIRST_ROW + max(reach, default=0), column, second)
        entry_row = display.rows - 4
        display.put(entry_row - 1, 2, "Selection or command")
        display.put(entry_row, 2, "===>")
        length = 2 * display.columns - 7  # as on the device, 153: to the end of the next row
        display.add("selection", entry_row, 7, length, self._selection, Kind.UPPER)
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
            self._run(session)
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
        """Draw afresh, for the next choice; a command that was chosen or run is taken over."""
        listing, self._listing = self._listing, False
        if listing and result.value is not None:
            self._selection = result.value
            session.redraw()
            self._prompt(session)
            return
        if result.value is not None:
            self._history.add(result.value)
        if not result.keep:
            self._selection = ""
        session.redraw()
        session.say(*result.messages)


def _draw_items(display: Display, row: int, column: int, items: Sequence[MenuItem]) -> None:
    """Write choices below one another; a heading has a blank row above it."""
    for place, item in enumerate(items):
        if item.heading:
            row += 1 if place else 0
            display.put(row, column - 2, item.heading, WHITE)
            row += 1
        display.put(row, column, item.line)
        row += 1


@contextmanager
def _at_the_line() -> Iterator[None]:
    """Show what is wrong with a command where it was typed."""
    try:
        yield
    except CommandError as error:
        raise FieldRefusedError(str(error), "selection") from None
