"""Display ARMR Events: the log that ``epm run --armr-log`` adds to, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.display import GREEN, PINK, TURQUOISE, WHITE, Display
from tui.keys import Aid
from tui.kit.drawing import VALUE_COLUMN, cut, output_line, output_text
from tui.kit.facts import Facts
from tui.kit.listing import HEADS_ROW
from tui.kit.searched import Found, SearchedList
from tui.services import Desk, PolicyEventLine, PolicyEventPage
from tui.session import CANCEL, EXIT, PRINT, FunctionKey, Panel, Session

_TIME, _NAME, _ACTION, _RULE, _SAID = 7, 28, 42, 50, 100
_WIDE = 132


class PolicyEvents(SearchedList[PolicyEventLine]):
    """The events of some mods, or every line of the log; each page costs the same."""

    name = "policy-events"
    title = "Display ARMR Events"
    options = (("5", "Display"),)

    def __init__(self, policy: str = "", mods: frozenset[str] = frozenset()) -> None:
        """List the events of a policy's mods; without one, every line."""
        super().__init__()
        self._policy = policy
        self._mods = mods
        self._messages = False
        self._wide = False

    def older(self, desk: Desk, before: int | None, count: int) -> Found[PolicyEventLine]:
        """Return events before a place."""
        return _found(desk.policy_events.older(self._mods, before, count))

    def newer(self, desk: Desk, start: int, count: int) -> Found[PolicyEventLine]:
        """Return events from a place on."""
        return _found(desk.policy_events.newer(self._mods, start, count))

    def place_of(self, row: PolicyEventLine) -> int:
        """Return where it is in the log."""
        return row.position

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw a page."""
        self._wide = display.columns >= _WIDE
        super().draw(display, desk)

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the log, whose events they are, and the heads."""
        width = display.columns - VALUE_COLUMN
        output_line(display, 3, "Log of events", cut(desk.policy_events.log(), width - 9))
        output_line(display, 4, "Policy", cut(self._policy or "*ALL", width), TURQUOISE)
        for column, head in ((_TIME, "Logged at"), (_NAME, "Event"), (_ACTION, "Action")):
            display.put(HEADS_ROW, column, head, WHITE)
        if display.columns >= _WIDE:
            display.put(HEADS_ROW, _RULE, "Rule", WHITE)
            display.put(HEADS_ROW, _RULE + 24, "Address and port", WHITE)
            display.put(HEADS_ROW, _SAID, "Message", WHITE)
        else:
            display.put(HEADS_ROW, _RULE, "Message" if self._messages else "Rule", WHITE)

    def draw_row(self, display: Display, at: int, row: PolicyEventLine) -> None:
        """Write one event; of a line that is none, the line."""
        width = display.columns
        if not row.name:
            display.put(at, _TIME, cut(row.text or "(blank line)", width - _TIME), PINK)
            return
        attr = PINK if row.action == "protect" or row.name == "Syntax Error" else GREEN
        display.put(at, _TIME, cut(row.at, _NAME - _TIME - 2))
        display.put(at, _NAME, cut(row.name, _ACTION - _NAME - 1), attr)
        display.put(at, _ACTION, cut(row.action, _RULE - _ACTION - 1), attr)
        if width >= _WIDE:
            display.put(at, _RULE, cut(row.rule, 23))
            display.put(at, _RULE + 24, cut(row.end, 24))
            display.put(at, _SAID, cut(row.text, width - _SAID))
        else:
            shown = row.end or row.text if self._messages else row.rule
            if self._messages and row.end:
                shown = f"{row.end} {row.text}"
            display.put(at, _RULE, cut(shown, width - _RULE))

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of the list; F11 where there is no room for both views."""
        _, refresh, _, _, bottom, _ = super().function_keys()  # the newest are reached by F5
        other = "View rules" if self._messages else "View messages"
        turn = () if self._wide else (FunctionKey(Aid.F11, other, self._turn),)
        return (EXIT, refresh, *turn, CANCEL, bottom, PRINT)

    def _turn(self, session: Session) -> None:
        self._messages = not self._messages
        session.redraw()

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel of one event."""
        events = session.desk.policy_events
        event = events.event(self.last_key - key)
        return DisplayPolicyEvent(events.log(), event), (key,)


def _found(page: PolicyEventPage) -> Found[PolicyEventLine]:
    return Found(page.rows, page.stopped)


class DisplayPolicyEvent(Facts):
    """One event, a field a line."""

    name = "policy-event"
    title = "Display ARMR Event"

    def __init__(self, log: str, fields: Sequence[tuple[str, str]]) -> None:
        """Show the fields of an event, each with its label, and the log that it is of."""
        super().__init__("Log of events", log)
        self._fields = fields

    def facts(self) -> Iterator[str]:
        """Yield its fields; a value's own lines go on below it."""
        for label, value in self._fields:
            first, *more = value.split("\n")
            yield output_text(label, first)
            for line in more:
                yield " " * (VALUE_COLUMN - 2) + line
