"""Work with Socket Conditions: the conditions of one rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from epm.errors import NotFoundError
from epm.model import Condition, Rule, Server
from tui.display import WHITE, Display, Kind
from tui.keys import Aid
from tui.kit.confirm import Confirm
from tui.kit.drawing import LABEL_COLUMN, VALUE_COLUMN, cut, leader, output_line
from tui.kit.listing import HEADS_ROW, ListPanel
from tui.outcomes import CANCELLED, FieldRefusedError, Result
from tui.panels.common import description, why_never_enforced
from tui.panels.condition_entry import AddCondition, ChangeCondition
from tui.services import Desk, Saved
from tui.session import EXIT, FunctionKey, Panel, Session

_VALUE = 36
#: Cells left of More... or Bottom.
_NOTE_WIDTH = 68


class Conditions(ListPanel[Condition]):
    """The conditions in the order in which they combine."""

    name = "conditions"
    title = "Work with Socket Conditions"
    options = (("2", "Change"), ("4", "Delete"))

    def __init__(self, server: Server, rule: Rule) -> None:
        """List the conditions of ``rule``, which is as it was read."""
        super().__init__()
        self.server = server
        self.rule = rule
        self._why = ""
        self._position = ""

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[Condition]:
        """Return a page of the rule's conditions."""
        if backward:
            return [c for c in self.rule.conditions if c.seq <= start][-count:]
        return [c for c in self.rule.conditions if c.seq >= start][:count]

    def key_of(self, row: Condition) -> int:
        """Return the condition sequence."""
        return row.seq

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw the rule as the store has it now."""
        self.rule = desk.rules.rule(self.server, self.rule.seq)
        groups = desk.rules.outline().groups
        self._why = why_never_enforced(self.server, self.rule, groups)
        super().draw(display, desk)

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write server and rule, the position-to field and the heads."""
        output_line(display, 2, "Server", str(self.server))
        output_line(display, 3, "Socket rule", f"{self.rule.seq}   {description(self.rule)}")
        display.put(4, LABEL_COLUMN, leader("Position to Seq", output=False))
        display.add("position", 4, VALUE_COLUMN, 5, "", Kind.DIGITS)
        for column, head in (
            (7, "  Seq"),
            (14, "Con"),
            (19, "Field"),
            (28, "Oper"),
            (_VALUE, "Value"),
        ):
            display.put(HEADS_ROW, column, head, WHITE)

    def draw_row(self, display: Display, at: int, row: Condition) -> None:
        """Write one condition; the connector of the first is ignored, so not shown."""
        first = row.seq == self.rule.conditions[0].seq
        display.put(at, 7, f"{row.seq:>5}")
        display.put(at, 14, "" if first else str(row.connector))
        display.put(at, 19, str(row.field))
        display.put(at, 28, str(row.op))
        display.put(at, _VALUE, cut(row.value, display.columns - _VALUE))

    def note(self) -> str:
        """Say when the rule is never enforced."""
        return cut(f"Never enforced: {self._why}", _NOTE_WIDTH) if self._why else ""

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of the list, with F6."""
        _, refresh, _, *rest = super().function_keys()
        add = FunctionKey(Aid.F6, "Add", self._add)
        back = FunctionKey(Aid.F12, "Cancel", self._back)
        return (EXIT, refresh, add, back, *rest)

    def _add(self, session: Session) -> None:
        session.push(AddCondition(self.server, self.rule))

    def _back(self, session: Session) -> None:
        session.leave(CANCELLED)

    def keep(self, values: dict[str, str]) -> None:
        """Keep options and position."""
        super().keep(values)
        self._position = values.get("position", "")

    def enter(self, session: Session) -> None:
        """Go to a position, do options, or with neither go back: the work is done."""
        if self._position:
            if not self._position.isdigit() or int(self._position) < 1:
                raise FieldRefusedError("Position to Seq must be a sequence.", "position")
            self.go_to(session, int(self._position))
        elif self.chosen:
            super().enter(session)
        else:
            session.leave(Result(done=True))

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel for an option; all deletes are confirmed together."""
        if option == "2":
            return ChangeCondition(self.server, self.rule, self._condition(key)), (key,)
        keys = tuple(sorted(k for k, chosen in self.chosen.items() if chosen == "4"))
        rows = [self._condition(k) for k in keys]

        def act() -> tuple[str, ...]:
            left = tuple(c for c in self.rule.conditions if c.seq not in keys)
            changed = replace(self.rule, conditions=left)
            saved: Saved = session.desk.rules.change(self.server, self.rule, changed)
            self.rule = changed
            count = len(keys)
            text = "1 condition deleted." if count == 1 else f"{count} conditions deleted."
            return (text, *saved.warnings)

        lines = [f"{c.seq:>5}  {c.field} {c.op} {c.value}" for c in rows]
        title = "Confirm Delete of Socket Conditions"
        return Confirm(title, ("4", "Delete"), "  Seq  Condition", lines, act), keys

    def _condition(self, seq: int) -> Condition:
        for condition in self.rule.conditions:
            if condition.seq == seq:
                return condition
        raise NotFoundError(f"rule {self.rule.seq} has no condition {seq}")
