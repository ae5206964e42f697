"""Give a socket rule another sequence."""

from __future__ import annotations

from collections.abc import Sequence

from epm.model import Rule, Server
from tui.display import Display, Kind
from tui.kit.drawing import output_line
from tui.kit.entry import Entry, EntryPanel
from tui.outcomes import FieldRefusedError, Result
from tui.panels.common import description
from tui.panels.rule_entry import LAST_SEQUENCE, refuse_taken
from tui.services import Desk
from tui.session import Session


class MoveRule(EntryPanel):
    """Option 7: another sequence for a rule."""

    name = "move"
    title = "Move Socket Rule"
    rereads = True

    def __init__(self, server: Server, rule: Rule) -> None:
        """Begin without a new sequence."""
        super().__init__({"to": ""})
        self._server = server
        self._rule = rule

    def reread(self, desk: Desk) -> None:
        """Show the rule as it is now, whoever changed it."""
        self._rule = desk.rules.rule(self._server, self._rule.seq)

    def draw_heads(self, display: Display) -> None:
        """Write what is moved."""
        output_line(display, 2, "Server", str(self._server))
        output_line(display, 3, "From sequence", f"{self._rule.seq}   {description(self._rule)}")

    def entries(self) -> Sequence[Entry]:
        """Return the one field."""
        return (Entry("to", "To sequence", 5, Kind.DIGITS, f"1-{LAST_SEQUENCE}"),)

    def enter(self, session: Session) -> None:
        """Move the rule."""
        to = self.number("to", 1, LAST_SEQUENCE)
        if to == self._rule.seq:
            raise FieldRefusedError(f"The rule has sequence {to} already.", "to")
        refuse_taken(session.desk, self._server, to, "to")
        saved = session.desk.rules.move(self._server, self._rule, to)
        text = f"Socket rule {self._rule.seq} moved to {to}."
        session.leave(Result(done=True, messages=(text, *saved.warnings)))
