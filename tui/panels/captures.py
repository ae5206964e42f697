"""Work with Captured Transactions: calls that a rule with Capture Y recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.display import WHITE, Display
from tui.keys import Aid
from tui.kit.confirm import Confirm
from tui.kit.drawing import (
    cut,
    instruction,
    output_text,
)
from tui.kit.facts import Facts
from tui.kit.listing import HEADS_ROW
from tui.kit.newest import HIGHEST, NewestFirst, key_of_number
from tui.outcomes import KeyRefusedError
from tui.panels.call_fields import call_lines
from tui.panels.common import SERVER_WORDS, moment
from tui.panels.rule_entry import CreateFromCall
from tui.panels.testing import TestRules
from tui.services import CapturedCall, Desk
from tui.session import CANCEL, EXIT, FunctionKey, Panel, Session

_COUNT, _SERVER, _ENDS, _USER, _JOB = 7, 14, 25, 59, 70
_FIRST, _LAST, _SHORT_ENDS = 14, 35, 56
#: With so many columns, the times stand beside user and job.
_WIDE = 132


class WorkWithCaptures(NewestFirst[CapturedCall]):
    """The captured transactions, the newest first; equal calls are one, counted."""

    name = "captures"
    title = "Work with Captured Transactions"
    options = (("4", "Delete"), ("5", "Display"), ("6", "Create rule"), ("9", "Test this call"))

    def __init__(self) -> None:
        """List them with user and job."""
        super().__init__()
        self._times = False

    # --------------------------------------------------------------------------- data

    def fetch_numbered(
        self, desk: Desk, start: int, count: int, *, newer: bool
    ) -> Sequence[CapturedCall]:
        """Return a page."""
        return desk.captures.page(start, count, newer=newer)

    def number_of(self, row: CapturedCall) -> int:
        """Return its number."""
        return row.number

    # ------------------------------------------------------------------------ drawing

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write what is listed, and the heads."""
        instruction(display, 3, "Equal calls are one transaction; Count says how many there were.")
        display.put(HEADS_ROW, _COUNT, "Count", WHITE)
        if self._times:
            display.put(HEADS_ROW, _FIRST, "First seen", WHITE)
            display.put(HEADS_ROW, _LAST, "Last seen", WHITE)
            display.put(HEADS_ROW, _SHORT_ENDS, "Call", WHITE)
            return
        wide = display.columns >= _WIDE
        user, job = (_USER + 19, _JOB + 19) if wide else (_USER, _JOB)
        for column, head in ((_SERVER, "Server"), (_ENDS, "Call"), (user, "User"), (job, "Job")):
            display.put(HEADS_ROW, column, head, WHITE)
        if wide:
            display.put(HEADS_ROW, job + 17, "Last seen", WHITE)

    def draw_row(self, display: Display, at: int, row: CapturedCall) -> None:
        """Write one transaction."""
        display.put(at, _COUNT, f"{row.count:>5}")
        if self._times:
            display.put(at, _FIRST, moment(row.first_seen))
            display.put(at, _LAST, moment(row.last_seen))
            display.put(at, _SHORT_ENDS, cut(row.ends, display.columns - _SHORT_ENDS))
            return
        wide = display.columns >= _WIDE
        user, job = (_USER + 19, _JOB + 19) if wide else (_USER, _JOB)
        display.put(at, _SERVER, str(row.call.server))
        display.put(at, _ENDS, cut(row.ends, user - _ENDS - 1))
        display.put(at, user, cut(row.call.user or "", 10))
        display.put(at, job, cut(row.call.job or "", 15 if wide else 10))
        if wide:
            display.put(at, job + 17, moment(row.last_seen))

    # --------------------------------------------------------------------------- keys

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of the list, with F11 and F13."""
        _, refresh, _, *rest = super().function_keys()
        other = "View callers" if self._times else "View times"
        return (
            EXIT,
            refresh,
            FunctionKey(Aid.F11, other, self._turn),
            CANCEL,
            FunctionKey(Aid.F13, "Delete all", self._clear_all),
            *rest,
        )

    def _turn(self, session: Session) -> None:
        self._times = not self._times
        session.redraw()

    def _clear_all(self, session: Session) -> None:
        captures = session.desk.captures
        newest = captures.page(HIGHEST, 1)
        if not newest:
            raise KeyRefusedError("There are no captured transactions to delete.")
        # What is captured while somebody makes up their mind was not meant.
        through = newest[0].number

        def act() -> tuple[str, ...]:
            self.chosen.clear()
            return (_deleted(captures.clear(through)),)

        rows = [f"All captured transactions, up to {moment(newest[0].first_seen)}"]
        session.push(Confirm(_CONFIRM, ("F13", "Delete all"), "Transactions", rows, act))

    # ------------------------------------------------------------------------ options

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel for an option; all deletes are confirmed together."""
        captures = session.desk.captures
        if option == "4":
            return self._confirm(session)
        number = key_of_number(key)
        captured = captures.captured(number)
        if option == "5":
            return DisplayCapture(captured), (key,)
        if option == "6":
            return CreateFromCall(captured.call.server, captures.proposal(number)), (key,)
        return TestRules(captured.call.server, captured.call), (key,)

    def _confirm(self, session: Session) -> tuple[Panel, tuple[int, ...]]:
        captures = session.desk.captures
        keys = tuple(sorted(k for k, option in self.chosen.items() if option == "4"))
        found = [captures.captured(key_of_number(key)) for key in keys]

        def act() -> tuple[str, ...]:
            return (_deleted(captures.delete([one.number for one in found])),)

        rows = [f"{one.count:>6}  {one.call.server:<10}  {one.ends}" for one in found]
        head = f"{'Count':>6}  {'Server':<10}  Call"
        return Confirm(_CONFIRM, ("4", "Delete"), head, rows, act), keys


_CONFIRM = "Confirm Delete of Captured Transactions"


def _deleted(count: int) -> str:
    if count == 1:
        return "1 captured transaction deleted."
    return f"{count} captured transactions deleted."


class DisplayCapture(Facts):
    """Option 5: every field of a captured call."""

    name = "captured"
    title = "Display Captured Transaction"

    def __init__(self, captured: CapturedCall) -> None:
        """Show a transaction as it was read."""
        server = captured.call.server
        super().__init__("Server", f"{server}   {SERVER_WORDS[server]}, {server.exit_point}")
        self._captured = captured

    def facts(self) -> Iterator[str]:
        """Yield how often and when it was captured, and the call's fields."""
        one = self._captured
        yield output_text("Calls", one.ends)
        yield output_text("Count", str(one.count))
        yield output_text("First seen", moment(one.first_seen))
        yield output_text("Last seen", moment(one.last_seen))
        yield ""
        yield from call_lines(one.call)
