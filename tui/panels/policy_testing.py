"""Test ARMR Policy: one event, decided by a policy; nothing is enforced or logged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tui.display import PINK, WHITE, Display, Kind
from tui.kit.drawing import VALUE_COLUMN, cut, output_line, output_text
from tui.kit.entry import Entry, EntryPanel
from tui.kit.facts import Facts
from tui.kit.values import Choice
from tui.outcomes import FieldRefusedError
from tui.services import Desk, PolicyRuleLine, PolicyVerdict
from tui.services.policies import AttemptRefusedError
from tui.session import Session

_OPERATIONS = (
    ("accept", "by address and port of the peer"),
    ("connect", "by those of the destination"),
    ("bind-client", "by the local end, then connected"),
    ("bind-server", "by the local end, then listening"),
)
_SOURCES = (
    ("http", "from an HTTP request"),
    ("database", "from a database"),
    ("deserialization", "from an object that was read"),
)
#: One endpoint of a rule that is also an event: a single address and port.
_SINGLE = re.compile(r"(?:(client|server) )?([0-9.]+):([1-9][0-9]{0,4})")


class TestPolicy(EntryPanel):
    """What to ask of a policy: an operation, its end, and the request that it is part of."""

    __test__ = False  # pytest: not a test
    name = "policy-test"
    title = "Test ARMR Policy"
    first_row = 7
    prompts = True

    def __init__(self, policy: str, rule: PolicyRuleLine | None = None) -> None:
        """Begin empty, or with the event that a rule is about as far as it is a single one."""
        super().__init__({"op": "connect", **(_event_of(rule) if rule else {})})
        self._policy = policy

    def draw_heads(self, display: Display) -> None:
        """Write the policy."""
        output_line(display, 3, "Policy", cut(self._policy, display.columns - VALUE_COLUMN - 9))

    def entries(self) -> Sequence[Entry]:
        """Return the parts of an event."""
        return (
            Entry("op", "Operation", 11, Kind.TEXT, "Name, F4 for list"),
            Entry("address", "Address", 45, Kind.TEXT),
            Entry("port", "Port", 5, Kind.DIGITS, "0-65535"),
            Entry("endpoint", "API endpoint", 50, Kind.TEXT),
            Entry("taint", "Untrusted input", 30, Kind.TEXT, "F4 for list"),
        )

    def choices(self, name: str, desk: Desk) -> Sequence[Choice]:
        """Return the operations, or where untrusted input comes from."""
        values = {"op": _OPERATIONS, "taint": _SOURCES}.get(name, ())
        return [Choice(value, text) for value, text in values]

    def enter(self, session: Session) -> None:
        """Decide the event and show what becomes of it."""
        # The words are the language's own, in lower case; the keyboard may not be.
        event = {**self.values, "op": self.values["op"].lower()}
        event["taint"] = event.get("taint", "").lower()
        try:
            verdict = session.desk.policies.decide(self._policy, event)
        except AttemptRefusedError as error:
            raise FieldRefusedError(str(error), error.field) from None
        session.push(PolicyResult(self._policy, event, verdict))


def _event_of(rule: PolicyRuleLine) -> dict[str, str]:
    """Return the event that a socket rule is about."""
    found = _SINGLE.match(rule.endpoint)
    operation = rule.event
    if operation == "bind":
        operation = "bind-client" if rule.endpoint.startswith("client ") else "bind-server"
    if found is None or found.end() < len(rule.endpoint.partition(",")[0]):
        return {"op": operation}
    return {"op": operation, "address": found[2], "port": found[3]}


class PolicyResult(Facts):
    """What a policy makes of an event, and the event that would be logged."""

    name = "policy-result"
    title = "ARMR Policy Test Results"
    heads_row = 6

    def __init__(self, policy: str, event: dict[str, str], verdict: PolicyVerdict) -> None:
        """Show what was decided."""
        super().__init__("Policy", policy)
        self._event = event
        self._verdict = verdict

    def draw_heads(self, display: Display, desk: Desk) -> None:
        """Write the policy, the event and the verdict."""
        super().draw_heads(display, desk)
        verdict, event = self._verdict, self._event
        attempt = f"{event['op']} {event.get('address', '')}:{event.get('port', '')}"
        output_line(display, 4, "Event", cut(attempt, display.columns - VALUE_COLUMN))
        blocked = "BLOCKED" if verdict.blocked else "NOT BLOCKED"
        output_line(display, 5, "Verdict", blocked, PINK if verdict.blocked else WHITE)

    def facts(self) -> Iterator[str]:
        """Yield what is done, and the rule that decides it."""
        verdict = self._verdict
        yield output_text("Action", verdict.action)
        yield output_text("Rule", verdict.rule or "(no rule matches: it is permitted)")
        if verdict.mod:
            yield output_text("Mod", verdict.mod)
        for label, key in (("API endpoint", "endpoint"), ("Untrusted input", "taint")):
            if self._event.get(key):
                yield output_text(label, self._event[key])
        if verdict.unresolved:
            names = ", ".join(verdict.unresolved)
            yield output_text("Not resolved", f"{names}: their rules do not apply")
        yield ""
        yield output_text("Event logged", verdict.event or "(none)")
