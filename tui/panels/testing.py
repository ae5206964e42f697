"""Test Socket Rules: one call, decided by the rule test facility, with its trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from epm.errors import CallError
from epm.fields import CALL_ATTRIBUTES, fields_of
from epm.model import Call, Decision, Outcome, Reason, Rule, RuleTrace, Server
from tui.display import GREEN, PINK, TURQUOISE, WHITE, Attr, Display, Kind
from tui.kit.drawing import VALUE_COLUMN, cut, output_line
from tui.kit.entry import Entry, EntryPanel
from tui.kit.listing import HEADS_ROW, ListPanel
from tui.kit.pages import part_of
from tui.kit.values import Choice
from tui.outcomes import FieldRefusedError, Result
from tui.panels.call_fields import CALL_FIELDS, call_values
from tui.panels.common import SERVER_WORDS, description, yes_no
from tui.services import Desk, Tested
from tui.session import Session


class TestRules(EntryPanel):
    """What to ask: the server and the fields of its call."""

    __test__ = False  # pytest: not a test
    name = "test"
    title = "Test Socket Rules"
    first_row = 6
    prompts = True

    def __init__(self, server: Server = Server.ACCEPT, call: Call | None = None) -> None:
        """Begin with an empty call of ``server``, or with the fields of ``call``."""
        super().__init__({"server": str(server), "live": "N"})
        self._server = server
        if call is not None:
            self._server = call.server
            self.values |= call_values(call)

    def entries(self) -> Sequence[Entry]:
        """Return the server, the fields that it has, and which flags decide."""
        present = {CALL_ATTRIBUTES[field] for field in fields_of(self._server)}
        return (
            Entry("server", "Server", 10, Kind.UPPER, "Name, F4 for list"),
            *(
                Entry(name, label, length, kind, hint)
                for name, (label, length, kind, hint) in CALL_FIELDS.items()
                if name in present
            ),
            Entry("live", "Live rules", 1, Kind.UPPER, "N=By Test flags, Y=As live now"),
        )

    def choices(self, name: str, desk: Desk) -> Sequence[Choice]:
        """Return the servers."""
        if name == "server":
            return [Choice(s, f"{SERVER_WORDS[s]}, {s.exit_point}") for s in Server]
        return ()

    def enter(self, session: Session) -> None:
        """Decide the call and show the trace; for another server, show its fields first."""
        typed = self.values.get("server", "")
        if typed not in Server.__members__.values():
            raise FieldRefusedError(f"Server must be one of {' '.join(Server)}.", "server")
        if typed != self._server:
            self._server = Server(typed)
            session.redraw()
            session.say(f"Fields of {typed} shown.")
            return
        live = self.one_of("live", "YN") == "Y"
        fields = self._fields()
        try:
            tested = session.desk.testing.decide(self._server, fields, live=live)
        except CallError as error:
            raise FieldRefusedError(str(error), str(error).partition(":")[0].split()[0]) from None
        session.push(Trace(tested, fields))

    def _fields(self) -> dict[str, object]:
        names = [e.name for e in self.entries() if e.name in CALL_FIELDS]
        typed = {name: self.values.get(name, "") for name in names}
        fields: dict[str, object] = {n: v for n, v in typed.items() if v and n != "groups"}
        if typed.get("groups"):
            fields["groups"] = typed["groups"].replace(",", " ").split()
        return fields


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One line of a trace."""

    number: int
    text: str
    attr: Attr


class Trace(ListPanel[TraceLine]):
    """Every rule with its outcome and every condition with its result."""

    name = "trace"
    title = "Socket Rule Test Results"

    def __init__(self, tested: Tested, fields: dict[str, object]) -> None:
        """Show what was decided of a call with these fields."""
        super().__init__()
        self.decision = tested.decision
        self._call = " ".join(f"{name}={_plain(value)}" for name, value in fields.items())
        self._lines = tuple(
            TraceLine(number, text, attr)
            for number, (text, attr) in enumerate(_trace_lines(tested), 1)
        )

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[TraceLine]:
        """Return a page of lines."""
        return part_of(self._lines, start, count, backward=backward)

    def key_of(self, row: TraceLine) -> int:
        """Return the line's number."""
        return row.number

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the call and the decision."""
        decision = self.decision
        output_line(display, 3, "Server", str(decision.server))
        shown = cut(self._call, display.columns - VALUE_COLUMN) or "(no fields)"
        output_line(display, 4, "Call", shown)
        verdict = "ALLOW" if decision.allowed else "REJECT"
        output_line(display, 5, "Verdict", verdict, WHITE if decision.allowed else PINK)
        output_line(display, 6, "Decided by", _decided_by(decision))
        flags = (decision.audit, decision.message, decision.capture)
        text = "Audit {}   Message {}   Capture {}".format(*map(yes_no, flags))
        output_line(display, 7, "Effective flags", text)
        display.put(
            HEADS_ROW, 2, "Rule   Result         Cond  Result  Description or condition", WHITE
        )

    def draw_row(self, display: Display, at: int, row: TraceLine) -> None:
        """Write one line."""
        display.put(at, 2, cut(row.text, display.columns - 2), row.attr)

    def enter(self, session: Session) -> None:
        """Go back to the call."""
        session.leave(Result(done=True))


def _plain(value: object) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)


def _decided_by(decision: Decision) -> str:
    if decision.reason is Reason.NOT_ACTIVATED:
        return "the server is not activated"
    if decision.rule is None:
        return "an error inside the decision path"
    name = decision.rule.name or ("Default rule" if decision.reason is Reason.DEFAULT else "")
    return f"rule {decision.rule.seq}   {name}"


def _trace_lines(tested: Tested) -> Iterator[tuple[str, Attr]]:
    by_seq = {rule.seq: rule for rule in tested.rules}
    for step in tested.decision.trace or ():
        rule = by_seq.get(step.seq)
        if rule is None:
            continue
        result = str(step.why) if step.why else str(step.outcome)
        text = f"{step.seq:>5}  {result:<13}                {description(rule)}"
        yield text, _OUTCOME_ATTRS.get(step.outcome, GREEN)
        yield from _condition_lines(step, rule)


def _condition_lines(step: RuleTrace, rule: Rule) -> Iterator[tuple[str, Attr]]:
    results = {c.seq: c.result for c in step.conditions}
    for place, c in enumerate(rule.conditions):
        connector = f"{c.connector} " if place else ""
        result = "true" if results.get(c.seq) else "false"
        yield f"{'':20} {c.seq:>5}  {result:<6}  {connector}{c.field} {c.op} {c.value}", GREEN


_OUTCOME_ATTRS = {Outcome.MATCHED: WHITE, Outcome.NOT_ENFORCED: TURQUOISE}
