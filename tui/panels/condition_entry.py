"""Add and change one condition, with lists of its fields, operators and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from epm.condition_parser import parse_test
from epm.errors import NotFoundError, RuleError
from epm.fields import DAY_NAMES, FIELD_TYPES, OPERATORS, FieldType, fields_of
from epm.model import MAX_SEQUENCE, Condition, Connector, Field, Operator, Rule, Server
from tui.display import Display, Kind
from tui.kit.drawing import output_line
from tui.kit.entry import Entry, EntryPanel
from tui.kit.values import Choice
from tui.outcomes import FieldRefusedError, Result
from tui.panels.common import description
from tui.services import Desk
from tui.session import Session

#: What the value field holds: the rest of its row and three more.
VALUE_LENGTH = 52 + 3 * 80 - 1
_GROUPS = (Operator.GRP, Operator.NGRP)
_MEANING = {
    Operator.EQ: "equal",
    Operator.NE: "not equal",
    Operator.LT: "less than",
    Operator.LE: "less than or equal",
    Operator.GT: "greater than",
    Operator.GE: "greater than or equal",
    Operator.RANGE: "in the range",
    Operator.NRANGE: "not in the range",
    Operator.LIST: "one of the list",
    Operator.NLIST: "none of the list",
    Operator.LIKE: "like the pattern, * and ?",
    Operator.NLIKE: "not like the pattern",
    Operator.GRP: "in the group",
    Operator.NGRP: "not in the group",
}


class ConditionEntry(EntryPanel):
    """The fields of a condition; F4 lists what each may hold."""

    name = "condition"
    prompts = True
    rereads = True
    #: Whether the sequence may be typed.
    new = True

    def __init__(self, server: Server, rule: Rule, values: dict[str, str]) -> None:
        """Begin with ``values`` for a condition of ``rule``, which is as it was read."""
        super().__init__(values)
        self.server = server
        self.seen = rule

    def reread(self, desk: Desk) -> None:
        """Work on the rule as it is now, whoever changed it."""
        self.seen = desk.rules.rule(self.server, self.seen.seq)

    def draw_heads(self, display: Display) -> None:
        """Write server and rule."""
        output_line(display, 2, "Server", str(self.server))
        output_line(display, 3, "Socket rule", f"{self.seen.seq}   {description(self.seen)}")

    def entries(self) -> Sequence[Entry]:
        """Return the fields of a condition."""
        return (
            Entry("seq", "Sequence", 5, Kind.DIGITS, f"1-{MAX_SEQUENCE}", not self.new),
            Entry("connector", "Connector", 3, Kind.UPPER, "AND, OR; AND binds tighter"),
            Entry("field", "Field", 8, Kind.UPPER, "Name, F4 for list"),
            Entry("op", "Operator", 6, Kind.UPPER, "Name, F4 for list"),
            Entry("value", "Value", VALUE_LENGTH, Kind.TEXT),
        )

    def choices(self, name: str, desk: Desk) -> Sequence[Choice]:
        """Return the connectors, the server's fields, the field's operators, the groups."""
        if name == "connector":
            return [Choice("AND", "both must be true"), Choice("OR", "one must be true")]
        if name == "field":
            return [Choice(f, FIELD_TYPES[f]) for f in fields_of(self.server)]
        kind = FIELD_TYPES[self._field()]
        if name == "op":
            return [Choice(op, _MEANING[op]) for op in OPERATORS[kind]]
        if name == "value" and self.values.get("op", "") in _GROUPS:
            return _groups(kind, desk)
        if name == "value" and kind is FieldType.DAY:
            return [Choice(day) for day in DAY_NAMES]
        return ()

    def _field(self) -> Field:
        text = self.values.get("field", "")
        if text in Field.__members__ and Field(text) in fields_of(self.server):
            return Field(text)
        raise FieldRefusedError(f"{text or 'Blank'} is not a field of {self.server}.", "field")

    def condition(self, desk: Desk) -> Condition:
        """Return the condition that the fields describe.

        Raises:
            FieldRefusedError: one of them is not valid.
        """
        seq = self.number("seq", 1, MAX_SEQUENCE) if self.new else int(self.values["seq"])
        if self.new and any(c.seq == seq for c in self.seen.conditions):
            raise FieldRefusedError(f"The rule has a condition {seq} already.", "seq")
        connector = self.values.get("connector", "")
        if connector not in Connector.__members__:
            raise FieldRefusedError("Connector must be AND or OR.", "connector")
        field = self._field()
        op = self.values.get("op", "")
        allowed = OPERATORS[FIELD_TYPES[field]]
        if op not in allowed:
            raise FieldRefusedError(f"{field} takes {' '.join(allowed)}.", "op")
        made = Condition(seq, Connector(connector), field, Operator(op), self.values["value"])
        try:
            parse_test(made, self.server, desk.rules.outline().groups)
        except RuleError as error:
            raise FieldRefusedError(str(error), "value") from None
        return made

    def save(self, session: Session, text: str) -> None:
        """Put the condition into the rule, unless someone else changed that meanwhile."""
        condition = self.condition(session.desk)
        others = (c for c in self.seen.conditions if c.seq != condition.seq)
        ordered = tuple(sorted((*others, condition), key=lambda c: c.seq))
        changed = replace(self.seen, conditions=ordered)
        if changed == self.seen:
            text = f"Condition {condition.seq} not changed."
            session.leave(Result(done=True, messages=(text,)))
            return
        saved = session.desk.rules.change(self.server, self.seen, changed)
        messages = (f"Condition {condition.seq} {text}.", *saved.warnings)
        session.leave(Result(done=True, messages=messages))


def _values(condition: Condition) -> dict[str, str]:
    return {
        "seq": str(condition.seq),
        "connector": str(condition.connector),
        "field": str(condition.field),
        "op": str(condition.op),
        "value": condition.value,
    }


def _groups(kind: FieldType, desk: Desk) -> list[Choice]:
    groups = desk.rules.outline().groups
    if kind is FieldType.ADDRESS:
        return [
            Choice(name, f"{len(g.include)} include, {len(g.exclude)} exclude")
            for name, g in sorted(groups.addresses.items())
        ]
    named = groups.ports if kind is FieldType.PORT else groups.names
    return [Choice(name, ", ".join(members)) for name, members in sorted(named.items())]


class AddCondition(ConditionEntry):
    """F6: one more condition, behind the last."""

    title = "Add Socket Condition"

    def __init__(self, server: Server, rule: Rule) -> None:
        """Offer the next sequence that ends in 0."""
        last = max((c.seq for c in rule.conditions), default=0)
        seq = min((last // 10 + 1) * 10, MAX_SEQUENCE)
        values = {"seq": str(seq), "connector": "AND", "field": "", "op": "", "value": ""}
        super().__init__(server, rule, values)

    def enter(self, session: Session) -> None:
        """Add it."""
        self.save(session, "added")


class ChangeCondition(ConditionEntry):
    """Option 2: a condition as it shall be."""

    title = "Change Socket Condition"
    instruction = "Change choices, press Enter."
    new = False

    def __init__(self, server: Server, rule: Rule, condition: Condition) -> None:
        """Begin with the fields of ``condition``."""
        super().__init__(server, rule, _values(condition))

    def reread(self, desk: Desk) -> None:
        """Show the condition as it is now."""
        rule = desk.rules.rule(self.server, self.seen.seq)
        now = next((c for c in rule.conditions if str(c.seq) == self.values["seq"]), None)
        if now is None:
            raise NotFoundError(f"rule {rule.seq} has no condition {self.values['seq']} any more")
        self.seen, self.values = rule, _values(now)

    def enter(self, session: Session) -> None:
        """Save it."""
        self.save(session, "changed")
