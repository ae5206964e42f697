"""The list that confirms an option before it is done, worded as the system words it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from epm.errors import EditConflictError
from tui.display import WHITE, Display
from tui.keys import Aid
from tui.kit.drawing import instruction, key_legend, right, title_block
from tui.outcomes import KeyRefusedError, Result
from tui.services import Desk
from tui.session import EXIT, FunctionKey, Panel, Session

_FIRST_ROW = 9


class Confirm(Panel):
    """Shows what would be done; Enter does it, F12 returns to change the choices."""

    name = "confirm"

    def __init__(
        self,
        title: str,
        option: tuple[str, str],
        head: str,
        rows: Sequence[str],
        act: Callable[[], tuple[str, ...]],
    ) -> None:
        """Take what to show and do.

        Args:
            title: such as ``Confirm Delete of Socket Rules``.
            option: its number and name, such as ``("4", "Delete")``.
            head: column heads.
            rows: a line for each object.
            act: does it and returns what to say; an EpmError leaves this panel as it is, but
                an EditConflictError goes back, for what this panel shows is no longer so.
        """
        self._title = title
        self._option = option
        self._head = head
        self._rows = rows
        self._act = act
        self._first = 0
        self._page = 0

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw one page of what would be done."""
        self._page = display.rows - 14
        title_block(display, desk, self._title)
        number, word = self._option
        instruction(display, 4, f"Press Enter to confirm your choices for {number}={word}.")
        instruction(display, 5, "Press F12 to return to change your choices.")
        display.put(_FIRST_ROW - 1, 2, f"Opt  {self._head}", WHITE)
        for offset, text in enumerate(self._rows[self._first : self._first + self._page]):
            display.put(_FIRST_ROW + offset, 3, f"{number:<4}{text}"[: display.columns - 4])
        bottom = self._first + self._page >= len(self._rows)
        right(display, display.rows - 4, "Bottom" if bottom else "More...", WHITE)
        key_legend(display, self.function_keys())

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys; F12 keeps the options as they were typed."""
        back = Result(done=False, keep=True)
        return (EXIT, FunctionKey(Aid.F12, "Cancel", lambda session: session.leave(back)))

    def roll(self, session: Session, *, up: bool) -> None:
        """Page forward or back."""
        first = self._first + (self._page if up else -self._page)
        if first >= len(self._rows) or (self._first == 0 and not up):
            raise KeyRefusedError("No more choices in that direction.")
        self._first = max(0, first)
        session.redraw()

    def enter(self, session: Session) -> None:
        """Do it; what someone else changed meanwhile is shown by the panel below, undone."""
        try:
            messages = self._act()
        except EditConflictError as error:
            session.leave(Result(done=False, keep=True, messages=(str(error),)))
            return
        session.leave(Result(done=True, messages=messages))
