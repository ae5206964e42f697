"""Create, change, copy and display one socket rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from epm.errors import NotFoundError
from epm.model import DEFAULT_SEQUENCE, MAX_NAME, Flag, Rule, Server
from tui.display import PINK, Display, Kind
from tui.kit.drawing import continue_line, cut, key_legend, output_line, title_block
from tui.kit.entry import Entry, EntryPanel
from tui.kit.values import Choice
from tui.kit.viewer import folded
from tui.outcomes import FieldRefusedError, Result
from tui.panels.common import conditions_line, description, why_never_enforced, yes_no
from tui.services import Desk, Saved
from tui.session import Panel, Session

LAST_SEQUENCE = DEFAULT_SEQUENCE - 1
_INHERIT = "YN*"
_FLAG_TEXTS = {
    "authority": ("Authority", "Y=Allow, N=Reject, *=As default rule"),
    "audit": ("Audit", "Y=Log all, N=Rejections only, *=Inherit"),
    "message": ("Message", "Y=Send a message, N=No, *=Inherit"),
    "capture": ("Capture", "Y=Record the call, N=No, *=Inherit"),
    "active": ("Active", "Y=Live exit program evaluates it, N=No"),
    "test": ("Test", "Y=Test facility evaluates it, N=No"),
}


def _values(rule: Rule) -> dict[str, str]:
    return {
        "seq": str(rule.seq),
        "name": rule.name or "",
        "authority": str(rule.authority),
        "audit": str(rule.audit),
        "message": str(rule.message),
        "capture": str(rule.capture),
        "active": yes_no(rule.active),
        "test": yes_no(rule.test),
    }


class RuleEntry(EntryPanel):
    """The fields of a rule; what Enter does with them is the sub-class's."""

    name = "rule"
    first_row = 7
    prompts = True
    #: Whether the sequence may be typed.
    new = True

    def __init__(self, server: Server, rule: Rule) -> None:
        """Begin with the fields of ``rule``, which is as it was read."""
        super().__init__(_values(rule))
        self.server = server
        self.seen = rule

    def draw_heads(self, display: Display) -> None:
        """Write the server and its exit point."""
        output_line(display, 3, "Server", f"{self.server}   {self.server.exit_point}")

    def entries(self) -> Sequence[Entry]:
        """Return the fields of a rule; those fixed in the default rule are protected."""
        fixed = ("active", "test") if self.seen.is_default else ()
        return (
            Entry("seq", "Sequence", 5, Kind.DIGITS, f"1-{LAST_SEQUENCE}", not self.new),
            Entry("name", "Description", MAX_NAME, Kind.TEXT),
            *(
                Entry(name, label, 1, Kind.UPPER, hint, name in fixed)
                for name, (label, hint) in _FLAG_TEXTS.items()
            ),
        )

    def choices(self, name: str, desk: Desk) -> Sequence[Choice]:
        """Return what a flag may be."""
        if name not in _FLAG_TEXTS:
            return ()
        allowed = self._allowed(name)
        texts = dict(part.split("=", 1) for part in _FLAG_TEXTS[name][1].split(", "))
        return [Choice(value, texts.get(value, "")) for value in allowed]

    def _allowed(self, name: str) -> str:
        if name in ("active", "test") or (name == "authority" and self.seen.is_default):
            return "YN"
        return _INHERIT

    def rule(self) -> Rule:
        """Return the rule that the fields describe.

        Raises:
            FieldRefusedError: one of them is not valid.
        """
        seq = self.number("seq", 1, LAST_SEQUENCE) if self.new else self.seen.seq
        flags = {name: self.one_of(name, self._allowed(name)) for name in _FLAG_TEXTS}
        return replace(
            self.seen,
            seq=seq,
            name=self.values["name"] or None,
            authority=Flag(flags["authority"]),
            audit=Flag(flags["audit"]),
            message=Flag(flags["message"]),
            capture=Flag(flags["capture"]),
            active=flags["active"] == "Y",
            test=flags["test"] == "Y",
        )

    def done(self, session: Session, text: str, saved: Saved) -> None:
        """Leave with what was done."""
        session.leave(Result(done=True, messages=(text, *saved.warnings)))


def add_rule(session: Session, server: Server, rule: Rule) -> Saved:
    """Add a rule.

    Raises:
        FieldRefusedError: its sequence is taken.
        EpmError: it cannot be added; nothing was.
    """
    refuse_taken(session.desk, server, rule.seq, "seq")
    return session.desk.rules.add(server, rule)


def refuse_taken(desk: Desk, server: Server, seq: int, field: str) -> None:
    """Refuse a sequence that another rule has.

    Whoever takes it after this look is told so by the service, which looks again.

    Raises:
        FieldRefusedError: there is such a rule.
    """
    try:
        desk.rules.rule(server, seq)
    except NotFoundError:
        return
    raise FieldRefusedError(f"{server} has a rule {seq} already.", field)


def draw_conditions(display: Display, at: int, rule: Rule) -> None:
    """Write how many conditions a rule has, and below it as much of them as there is room for."""
    line = conditions_line(rule) or ("(always holds)" if rule.is_default else "")
    output_line(display, at, "Conditions", str(len(rule.conditions)))
    width, first = display.columns - 8, at + 1
    rows = display.rows - 5 - first
    lines = folded([line], width, 0)
    if len(lines) > rows:
        lines[rows - 1 :] = [cut(" ".join(lines[rows - 1 :]), width)]
    for number, text in enumerate(lines):
        display.put(first + number, 4, text)


class CreateRule(RuleEntry):
    """F6: a new rule, inactive and marked for test."""

    title = "Create Socket Rule"

    def __init__(self, server: Server) -> None:
        """Begin with the shipped values and no sequence."""
        super().__init__(server, Rule(1, None, Flag.NO))
        self.values |= {"seq": "", "authority": ""}

    def enter(self, session: Session) -> None:
        """Add the rule."""
        rule = self.rule()
        saved = add_rule(session, self.server, rule)
        self.done(session, f"Socket rule {rule.seq} created; option 8 adds conditions.", saved)


class CreateFromCall(RuleEntry):
    """A new rule that was proposed from a call; nothing but its authority is left to decide."""

    title = "Create Socket Rule"

    def __init__(self, server: Server, proposal: Rule) -> None:
        """Begin with the proposal, its authority undecided."""
        super().__init__(server, proposal)
        self.values |= {"authority": ""}

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw the fields, and the conditions that come from the call."""
        super().draw(display, desk)
        draw_conditions(display, self.first_row + 9, self.seen)

    def enter(self, session: Session) -> None:
        """Add the rule."""
        rule = self.rule()
        saved = add_rule(session, self.server, rule)
        state = "active" if rule.active else "inactive"
        self.done(session, f"{self.server} rule {rule.seq} created, {state}; 8=Conditions.", saved)


class CopyRule(RuleEntry):
    """Option 3: a new rule with the conditions of another, inactive."""

    title = "Copy Socket Rule"

    def __init__(self, server: Server, rule: Rule) -> None:
        """Begin with the fields of ``rule``, without its sequence."""
        super().__init__(server, rule)
        self.values |= {"seq": "", "active": "N"}

    def draw_heads(self, display: Display) -> None:
        """Write what is copied."""
        super().draw_heads(display)
        output_line(display, 4, "From sequence", f"{self.seen.seq}   {description(self.seen)}")

    def enter(self, session: Session) -> None:
        """Add the copy."""
        rule = self.rule()
        saved = add_rule(session, self.server, rule)
        self.done(session, f"Socket rule {self.seen.seq} copied to {rule.seq}.", saved)


class ChangeRule(RuleEntry):
    """Option 2: the fields of a rule, as they shall be."""

    title = "Change Socket Rule"
    instruction = "Change choices, press Enter."
    new = False
    rereads = True

    def reread(self, desk: Desk) -> None:
        """Show the rule as it is now, whoever changed it."""
        self.seen = desk.rules.rule(self.server, self.seen.seq)
        self.values = _values(self.seen)

    def enter(self, session: Session) -> None:
        """Save, unless someone else changed the rule in the meantime."""
        rule = self.rule()
        if rule == self.seen:
            session.leave(Result(done=True, messages=(f"Socket rule {rule.seq} not changed.",)))
            return
        saved = session.desk.rules.change(self.server, self.seen, rule)
        self.done(session, f"Socket rule {rule.seq} changed.", saved)


class DisplayRule(Panel):
    """Option 5: a rule, and whether it is enforced."""

    name = "display"

    def __init__(self, server: Server, rule: Rule) -> None:
        """Show ``rule`` as it was read."""
        self._server = server
        self._rule = rule

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw all fields and the beginning of the conditions."""
        rule = self._rule
        title_block(display, desk, "Display Socket Rule")
        output_line(display, 3, "Server", f"{self._server}   {self._server.exit_point}")
        output_line(display, 5, "Sequence", str(rule.seq))
        output_line(display, 6, "Description", description(rule))
        values = _values(rule)
        for row, (name, (label, _)) in enumerate(_FLAG_TEXTS.items(), 7):
            output_line(display, row, label, values[name])
        draw_conditions(display, 13, rule)
        why = why_never_enforced(self._server, rule, desk.rules.outline().groups)
        if why:
            display.put(display.rows - 5, 2, f"Never enforced: {why}", PINK)
        continue_line(display)
        key_legend(display, self.function_keys())

    def enter(self, session: Session) -> None:
        """Go on."""
        session.leave(Result(done=True))
