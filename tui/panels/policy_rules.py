"""One ARMR policy: its rules in the order of the file, and what was found in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.display import GREEN, PINK, TURQUOISE, WHITE, Display
from tui.keys import Aid
from tui.kit.drawing import VALUE_COLUMN, cut, output_line, output_text
from tui.kit.facts import Facts
from tui.kit.listing import HEADS_ROW, ListPanel
from tui.kit.pages import part_of
from tui.outcomes import FieldRefusedError, Result
from tui.panels.policy_testing import TestPolicy
from tui.services import Desk, PolicyFinding, PolicyRuleLine, PolicyState, PolicySummary
from tui.session import CANCEL, EXIT, PRINT, FunctionKey, Panel, Session

STATE_ATTRS = {
    PolicyState.VALID: GREEN,
    PolicyState.WARNED: TURQUOISE,
    PolicyState.REFUSED: PINK,
}

_KIND, _RULE, _EVENT, _ENDPOINT = 7, 20, 38, 46
_RULE_WIDE, _EVENT_WIDE, _ENDPOINT_WIDE = 20, 70, 78


class PolicyRules(ListPanel[PolicyRuleLine]):
    """Option 8: the rules of one policy, in the order of the file; F11 shows the findings."""

    name = "policy-rules"
    title = "Work with ARMR Rules"
    options = (("5", "Display"), ("9", "Test"))

    def __init__(self, summary: PolicySummary, rules: Sequence[PolicyRuleLine]) -> None:
        """List the rules as they were read; F5 reads them again."""
        super().__init__()
        self._summary = summary
        self._rules = rules

    def fetch(
        self, desk: Desk, start: int, count: int, *, backward: bool
    ) -> Sequence[PolicyRuleLine]:
        """Return a page of rules."""
        return part_of(self._rules, start, count, backward=backward)

    def key_of(self, row: PolicyRuleLine) -> int:
        """Return its place in the policy."""
        return row.number

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the policy and the heads."""
        one = self._summary
        width = display.columns - VALUE_COLUMN
        output_line(display, 3, "Policy", cut(one.name, width - 9))
        state = one.error or f"{one.state}   {one.linked} of {one.rules} rules linked"
        output_line(display, 4, "State", cut(state, width), STATE_ATTRS[one.state])
        event, endpoint = _columns(display)
        heads = (
            (_KIND, "Kind"),
            (_RULE, "Rule"),
            (event, "Event"),
            (endpoint, "Endpoint"),
            (display.columns - 16, "Action"),
            (display.columns - 8, "Severity"),
        )
        for column, head in heads:
            display.put(HEADS_ROW, column, head, WHITE)

    def draw_row(self, display: Display, at: int, row: PolicyRuleLine) -> None:
        """Write one rule; one that is not linked is pink."""
        attr = GREEN if row.linked else PINK
        event, endpoint = _columns(display)
        action = display.columns - 16
        display.put(at, _KIND, cut(row.kind, _RULE - _KIND - 1), attr)
        display.put(at, _RULE, cut(row.name, event - _RULE - 1), attr)
        display.put(at, event, row.event, attr)
        if row.linked:
            display.put(at, endpoint, cut(row.endpoint, action - endpoint - 1), attr)
        else:
            display.put(at, endpoint, cut(row.endpoint, display.columns - endpoint), attr)
        display.put(at, action, row.action, PINK if row.action == "protect" else attr)
        display.put(at, display.columns - 8, row.severity, attr)

    def note(self) -> str:
        """Say why there are no rules."""
        return "Refused; F11 shows why" if self._summary.state is PolicyState.REFUSED else ""

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of the list, with F11."""
        _, refresh, _, *rest = super().function_keys()
        return (
            EXIT,
            refresh,
            FunctionKey(Aid.F11, "View findings", self._findings),
            CANCEL,
            *rest,
        )

    def _findings(self, session: Session) -> None:
        name = self._summary.name
        session.push(PolicyFindings(name, session.desk.policies.findings(name)))

    def refresh(self, session: Session) -> None:
        """Read the file again."""
        name = self._summary.name
        summary = session.desk.policies.summary(name)
        self._rules, self._summary = session.desk.policies.rules(name), summary
        super().refresh(session)

    def check_option(self, key: int, option: str) -> None:
        """Refuse to test a rule that is not about sockets."""
        if option == "9" and self._rules[key - 1].kind != "socket":
            raise FieldRefusedError("Option 9 is for socket rules.", f"opt{key}")

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel for an option."""
        rule = self._rules[key - 1]
        if option == "5":
            return DisplayPolicyRule(rule), (key,)
        return TestPolicy(self._summary.name, rule), (key,)


def _columns(display: Display) -> tuple[int, int]:
    """Return where event and endpoint stand."""
    wide = display.columns >= 132
    return (_EVENT_WIDE, _ENDPOINT_WIDE) if wide else (_EVENT, _ENDPOINT)


class DisplayPolicyRule(Facts):
    """Everything that a rule says."""

    name = "policy-rule"
    title = "Display ARMR Rule"

    def __init__(self, rule: PolicyRuleLine) -> None:
        """Show a rule as it was read."""
        super().__init__("Rule", rule.name)
        self._rule = rule

    def facts(self) -> Iterator[str]:
        """Yield all that it says."""
        rule = self._rule
        yield output_text("Rule", rule.name)
        yield output_text("Mod", rule.mod)
        yield output_text("Kind", rule.kind)
        linked = "*YES" if rule.linked else "*NO    rules of this kind are not applied here"
        yield output_text("Linked", linked)
        yield output_text("Place in the file", f"line {rule.line}, column {rule.column}")
        pairs = (
            ("Event", rule.event),
            ("Endpoint", rule.endpoint if rule.linked else ""),
            ("Action", rule.action),
            ("Severity", rule.severity),
            *rule.details,
        )
        for label, value in pairs:
            if value:
                yield output_text(label, value)


class PolicyFindings(ListPanel[PolicyFinding]):
    """What was found in a policy, by line and column; Enter and F11 go back to the rules."""

    name = "policy-findings"
    title = "Display Findings of an ARMR Policy"
    options = (("5", "Display"),)

    def __init__(self, policy: str, findings: Sequence[PolicyFinding]) -> None:
        """List findings as they were made."""
        super().__init__()
        self._policy = policy
        self._findings = findings

    def fetch(
        self, desk: Desk, start: int, count: int, *, backward: bool
    ) -> Sequence[PolicyFinding]:
        """Return a page of findings."""
        return part_of(self._findings, start, count, backward=backward)

    def key_of(self, row: PolicyFinding) -> int:
        """Return its number."""
        return row.number

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the policy and the heads."""
        width = display.columns - VALUE_COLUMN
        output_line(display, 3, "Policy", cut(self._policy, width - 9))
        errors = sum(one.error for one in self._findings)
        output_line(display, 4, "Errors, warnings", f"{errors}, {len(self._findings) - errors}")
        for column, head in ((7, " Line"), (13, " Col"), (19, "Code"), (30, "Finding")):
            display.put(HEADS_ROW, column, head, WHITE)

    def draw_row(self, display: Display, at: int, row: PolicyFinding) -> None:
        """Write one finding; an error is pink."""
        attr = PINK if row.error else GREEN
        display.put(at, 7, f"{row.line:>5}", attr)
        display.put(at, 13, f"{row.column:>4}", attr)
        display.put(at, 19, row.code, attr)
        text = f"{row.about}: {row.text}" if row.about else row.text
        display.put(at, 30, cut(text, display.columns - 30), attr)

    def function_keys(self) -> tuple[FunctionKey, ...]:
        """Return the keys of the list; F11 turns back."""
        _, _, _, top, bottom, _ = super().function_keys()
        back = FunctionKey(Aid.F11, "View rules", lambda session: session.leave(Result(done=True)))
        return (EXIT, back, CANCEL, top, bottom, PRINT)

    def enter(self, session: Session) -> None:
        """Display what was chosen; with nothing chosen, go back."""
        if self.chosen:
            super().enter(session)
        else:
            session.leave(Result(done=True))

    def panel_for(self, session: Session, key: int, option: str) -> tuple[Panel, tuple[int, ...]]:
        """Return the panel of one finding."""
        return DisplayFinding(self._policy, self._findings[key - 1]), (key,)


class DisplayFinding(Facts):
    """One finding whole."""

    name = "policy-finding"
    title = "Display Finding"

    def __init__(self, policy: str, finding: PolicyFinding) -> None:
        """Show a finding as it was made."""
        super().__init__("Policy", policy)
        self._finding = finding

    def facts(self) -> Iterator[str]:
        """Yield where it is, and what."""
        one = self._finding
        yield output_text("Place in the file", f"line {one.line}, column {one.column}")
        yield output_text("Code", one.code)
        yield output_text("Refuses the file", "*YES" if one.error else "*NO")
        if one.about:
            yield output_text("About", one.about)
        yield output_text("Finding", one.text)
