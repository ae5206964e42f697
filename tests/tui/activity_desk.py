"""Captured transactions and messages in memory, for panels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from epm.addresses import parse_address
from epm.calls import call_to_mapping
from epm.errors import NotFoundError, StoreUnavailableError
from epm.model import Call, Server
from epm.proposals import propose_rule
from tui.services import CapturedCall, QueuedMessage

SEEN = datetime(2026, 11, 20, 23, 59, 58)
SSH = Call(
    Server.ACCEPT, rmtaddr=parse_address("10.1.2.3"), rmtport=50000,
    lcladdr=parse_address("192.168.1.10"), lclport=22, bndaddr=0, bndport=22, user="QTCP",
    groups=("QPGMR",), job="SSHD", pgm="/usr/sbin/sshd", at=SEEN,
)  # fmt: skip
MAIL = Call(
    Server.CONNECT, lcladdr=0, lclport=0, rmtaddr=parse_address("2001:db8::25"), rmtport=25,
    user="ALICE", job="QTSMTPCLTD",
)  # fmt: skip


@dataclass
class Numbered:
    """Rows by number. ``down`` makes every call fail; ``pages`` are the counts asked for."""

    rows: list
    down: bool = False
    pages: list[int] = field(default_factory=list)

    def page(self, start, count, *, newer=False):
        self.reach()
        self.pages.append(count)
        ordered = sorted(self.rows, key=lambda row: -row.number)
        if newer:
            return [row for row in ordered if row.number >= start][-count:]
        return [row for row in ordered if row.number <= start][:count]

    def one(self, number):
        self.reach()
        for row in self.rows:
            if row.number == number:
                return row
        raise NotFoundError(f"{number} is not there any more")

    def delete(self, numbers):
        return self._keep(lambda row: row.number not in numbers)

    def clear(self, through):
        return self._keep(lambda row: row.number > through)

    def reach(self):
        if self.down:
            raise StoreUnavailableError("rule store: the connection is lost")

    def _keep(self, wanted):
        self.reach()
        before = len(self.rows)
        self.rows[:] = filter(wanted, self.rows)
        return before - len(self.rows)


@dataclass
class MemoryCaptures(Numbered):
    testing: object = None

    captured = Numbered.one

    def proposal(self, number):
        call = self.one(number).call
        fields = {k: v for k, v in call_to_mapping(call).items() if k != "server"}
        tested = self.testing.decide(call.server, fields, live=False)
        return propose_rule(call, tested.rules, tested.decision.rule.seq)


class MemoryMessages(Numbered):
    message = Numbered.one


def captures(testing, count=2):
    """The first is the oldest: a mail sent 7 times; then calls to SSH, of ports of their own."""
    made = [CapturedCall(1, MAIL, "0.0.0.0:0 -> [2001:db8::25]:25", 7, SEEN, SEEN)]
    for n in range(2, count + 1):
        call = replace(SSH, rmtport=50000 + n)
        ends = f"10.1.2.3:{50000 + n} -> 192.168.1.10:22"
        last = SEEN + timedelta(minutes=n)
        made.append(CapturedCall(n, call, ends, 1, SEEN, last))
    return MemoryCaptures(made, testing=testing)


def messages(count=3):
    """A loss, then calls that rule 20 rejected."""
    made = [
        QueuedMessage(1, SEEN, 40, "3 messages or captures were lost: the queue was full",
                      None, None, None),
    ]  # fmt: skip
    for n in range(2, count + 1):
        text = (
            f"QSOACCEPT rejected 10.1.2.3:{50000 + n} -> 192.168.1.10:22 job SSHD user QTCP "
            "by rule 20 Nobody else to SSH"
        )
        at = SEEN + timedelta(minutes=n)
        made.append(QueuedMessage(n, at, 20, text, Server.ACCEPT, 20, SSH))
    return MemoryMessages(made)
