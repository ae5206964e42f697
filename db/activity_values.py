"""Messages and captured transactions as values, and the text of a message.

Pure: no database here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from db.values import canonical
from epm.addresses import format_address, is_v6
from epm.calls import call_to_mapping
from epm.errors import one_line
from epm.events import ExitEvent
from epm.model import Call, Server

#: Severities, in the manner of IBM i's 00 to 99.
INFORMATION, WARNING, LOSS = 0, 20, 40


@dataclass(frozen=True, slots=True)
class Message:
    """A message: when (aware, UTC) it was sent, and about what.

    Attributes:
        number: place in the queue, ascending; 0 before it is sent.
        severity: 0 information, 20 warning, 40 something was lost.
        rule: sequence of the rule that sent it.
    """

    at: datetime
    severity: int
    text: str
    server: Server | None = None
    rule: int | None = None
    call: Call | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Captured:
    """Calls that are equal in every field but ``at``.

    Attributes:
        call: the last of them.
        count: how many there were.
        first_seen, last_seen: aware, UTC.
        number: names it in lists; 0 before it is kept.
    """

    call: Call
    count: int
    first_seen: datetime
    last_seen: datetime
    number: int = 0

    @property
    def key(self) -> str:
        """SHA-256, hexadecimal, of every field but ``at``; the order of groups is none."""
        call = self.call
        if call.groups is not None:
            call = replace(call, groups=tuple(sorted(call.groups)))
        fields = canonical(call_to_mapping(replace(call, at=None)))
        return hashlib.sha256(fields.encode()).hexdigest()

    def joined(self, other: Captured) -> Captured:
        """Return both as one."""
        last = max(self, other, key=lambda captured: captured.last_seen)
        first_seen = min(self.first_seen, other.first_seen)
        return Captured(
            last.call, self.count + other.count, first_seen, last.last_seen, self.number
        )


def message_of(event: ExitEvent, at: datetime) -> Message:
    """Return the message that a rule with Message ``Y`` sends about a call."""
    call, decision, rule = event.call, event.decision, event.decision.rule
    verdict = "allowed" if decision.allowed else "rejected"
    if not event.enforced:
        verdict += " (not enforced)"
    by = "" if rule is None else f" by rule {rule.seq} {rule.name or ''}".rstrip()
    text = (
        f"{call.server} {verdict} {ends_of(call)} job {call.job or event.job.name} "
        f"user {call.user or event.job.user}{by}"
    )
    severity = INFORMATION if decision.allowed else WARNING
    seq = None if rule is None else rule.seq
    return Message(at, severity, one_line(text), call.server, seq, call)


def ends_of(call: Call) -> str:
    """Return who calls whom, such as ``10.1.2.3:50000 -> 192.168.1.10:22``."""
    local = _end(call.lcladdr, call.lclport)
    if call.server is Server.LISTEN:
        return local if call.backlog is None else f"{local} backlog {call.backlog}"
    remote = _end(call.rmtaddr, call.rmtport)
    ends = (remote, local) if call.server is Server.ACCEPT else (local, remote)
    return " -> ".join(ends)


def _end(address: int | None, port: int | None) -> str:
    shown = "?" if address is None else format_address(address)
    if address is not None and is_v6(address):
        shown = f"[{shown}]"
    return f"{shown}:{'?' if port is None else port}"
