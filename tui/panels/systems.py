"""Work with IBM i Systems: what is attached and deployed on each, and the work that does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tui.display import GREEN, PINK, TURQUOISE, WHITE, Display
from tui.keys import Aid
from tui.kit.drawing import (
    VALUE_COLUMN,
    cut,
    instruction,
    output_line,
    output_text,
)
from tui.kit.facts import Facts
from tui.kit.listing import HEADS_ROW
from tui.kit.named import NamedList
from tui.kit.viewer import Line, Viewer, folded, page_of
from tui.outcomes import Result
from tui.panels.registration import WorkWithRegistration
from tui.services import Desk, SystemAction, SystemLine, SystemState
from tui.session import EXIT, PRINT, FunctionKey, Panel, Session

_NAME, _TRANSPORT, _REGISTRATION, _REVISION, _DRIFT, _WHERE = 7, 17, 28, 42, 52, 59
_ACTIONS = {
    "10": SystemAction.DEPLOY,
    "11": SystemAction.ATTACH,
    "12": SystemAction.DETACH,
    "13": SystemAction.FETCH,
}


class WorkWithSystems(NamedList[str]):
    """The systems of the settings, each with what it said when it was asked last."""

    name = "systems"
    title = "Work with IBM i Systems"
    options = (
        ("5", "Display status"),
        ("8", "Registration information"),
        *((number, str(action)) for number, action in _ACTIONS.items()),
    )

    def __init__(self) -> None:
        """Begin at the first system; none was asked yet."""
        super().__init__()
        self._system: Callable[[str], SystemLine] | None = None
        self._states: dict[str, SystemState] = {}

    # --------------------------------------------------------------------------- data

    def names(self, desk: Desk) -> Sequence[str]:
        """Return the systems' names."""
        return desk.systems.names()

    def order(self, name: str) -> str:
        """Order by name."""
        return name

    def refresh(self, session: Session) -> None:
        """Ask the systems on this page how they are; all at once, for each may be slow."""
        self._states |= session.desk.systems.states(self._shown)
        super().refresh(session)

    # ------------------------------------------------------------------------ drawing

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write how to ask, and the heads."""
        self._system = desk.systems.system
        instruction(display, 3, "F5 asks the systems shown here; that may take a while.")
        heads = (
            (_NAME, "System"),
            (_TRANSPORT, "Transport"),
            (_REGISTRATION, "Registration"),
            (_REVISION, "Revision"),
            (_DRIFT, "Drift"),
            (_WHERE, "Address"),
        )
        for column, head in heads:
            display.put(HEADS_ROW, column, head, WHITE)

    def draw_row(self, display: Display, at: int, row: str) -> None:
        """Write one system; why it could not be asked stands in place of what it would say."""
        assert self._system is not None
        line = self._system(row)
        display.put(at, _NAME, line.name)
        display.put(at, _TRANSPORT, line.transport)
        state = self._states.get(row)
        if state is not None and state.problem:
            room = display.columns - _REGISTRATION
            display.put(at, _REGISTRATION, cut(state.problem, room), PINK)
            return
        display.put(at, _WHERE, cut(line.where, display.columns - _WHERE))
        if state is None:
            display.put(at, _REGISTRATION, "(not asked)", TURQUOISE)
            return
        display.put(at, _REGISTRATION, cut(state.registration, _REVISION - _REGISTRATION - 1))
        display.put(at, _REVISION, f"{cut(state.revision, 8):>8}")
        display.put(at, _DRIFT, state.drift, PINK if state.drift == "*YES" else GREEN)

    # ------------------------------------------------------------------------ options

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel for an option; what changes a system is confirmed first."""
        name, systems = self.name_at(key), session.desk.systems
        line = systems.system(name)
        if option == "5":
            self._states |= systems.states([name])
            return DisplaySystem(line, self._states[name]), (key,)
        if option == "8":
            return WorkWithRegistration(name), (key,)
        action = _ACTIONS[option]

        def act() -> tuple[str, ...]:
            try:
                return systems.do(name, action)
            finally:  # whatever came of it, what is known may not be so any more
                self._states.pop(name, None)

        return ConfirmAction(line, (option, action), systems.plan(name, action), act), (key,)


class DisplaySystem(Facts):
    """Option 5: what a system said of itself."""

    name = "system"
    title = "Display System Status"

    def __init__(self, line: SystemLine, state: SystemState) -> None:
        """Show a system as it was when it was asked."""
        super().__init__("System", line.name)
        self._line = line
        self._state = state

    def facts(self) -> Iterator[str]:
        """Yield where the system is, and what it said."""
        line, state = self._line, self._state
        yield output_text("Address", line.where)
        yield output_text("Transport", line.transport)
        yield output_text("User profile", line.user or "(as the connection says)")
        yield output_text("Library", line.lib)
        yield ""
        if state.problem:
            yield output_text("Cannot be asked", state.problem)
            return
        yield output_text("Registration", state.registration)
        yield output_text("Revision", state.revision or "(nothing is deployed)")
        yield output_text("Drift", state.drift)
        for label, value in state.lines:
            yield output_text(label, value)


class ConfirmAction(Viewer):
    """What would be run on a system; Enter runs it, F12 returns to change the choice."""

    name = "system-confirm"

    def __init__(
        self,
        line: SystemLine,
        option: tuple[str, SystemAction],
        plan: Sequence[str],
        act: Callable[[], tuple[str, ...]],
    ) -> None:
        """Take what to show and do.

        Args:
            line: the system.
            option: its number and what it does.
            plan: the commands and statements of it.
            act: does it and returns what to say; an EpmError leaves this panel as it is.
        """
        super().__init__()
        number, action = option
        self.title = f"Confirm {action}"
        self._line = line
        self._option = f"{number}={action}"
        self._plan = plan
        self._act = act

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the system, and how to confirm."""
        where = f"{self._line.name}   {self._line.where}"
        output_line(display, 3, "System", cut(where, display.columns - VALUE_COLUMN - 9))
        instruction(display, 5, f"Press Enter to confirm your choices for {self._option}.")
        instruction(display, 6, "Press F12 to return to change your choices.")
        display.put(HEADS_ROW, 2, "What would be run", WHITE)

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> list[Line]:
        """Return a page of the commands."""
        lines = folded(self._plan or ["(Nothing: it is done already.)"], self._columns - 2, 5)
        return page_of(lines, start, count, backward=backward)

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys; F12 keeps the options as they were typed."""
        _, _, top, bottom, left, right, *_ = super().function_keys()
        back = Result(done=False, keep=True)
        cancel = FunctionKey(Aid.F12, "Cancel", lambda session: session.leave(back))
        return (EXIT, cancel, top, bottom, left, right, PRINT)

    def enter(self, session: Session) -> None:
        """Do it."""
        session.leave(Result(done=True, messages=self._act()))
