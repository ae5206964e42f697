"""Policies and their events in memory, through the same views and the same reader as files."""

from __future__ import annotations

import io
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from epm.armr.attempts import attempt_from_mapping
from epm.armr.engine import SocketEngine
from epm.armr.events import policy_line, socket_line
from epm.armr.policy import load
from epm.armr.policy_reader import read_policy
from epm.cli.workbench.policy_events import EventLog
from epm.cli.workbench.policy_views import (
    finding_lines,
    reading_of,
    rule_lines,
    summary_of,
    verdict_of,
)
from epm.errors import NotFoundError
from epm.syslog5424 import Origin

CHANGED = datetime(2026, 11, 20, 9, 15, 0)
AT = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
ORIGIN = Origin("web1", "java", "4711")
NO_NAMES = {}

SHOP = """\
app("Shop"):
  requires(version: ARMR/2.10)
  version(3)
  socket("Only the database"):
    connect("10.0.0.0/24:5432")
    allow()
  endsocket
  socket("Nothing else"):
    connect("0.0.0.0:0")
    protect(message: "blocked", severity: 8, stacktrace: "full")
  endsocket
  socket("One port, both ways"):
    bind(client: "127.0.0.1:0", server: "0.0.0.0:8080")
    detect(message: "", severity: Low)
    api("/shop/*")
    input(http)
  endsocket
  sanitization("No tricks in the API"):
    request(paths: ["/api/*"])
    detect(message: "odd input", severity: Very-High)
  endsanitization
  sql("Prepared only"):
    vendor(any)
  endsql
endapp
app("Intranet"):
  requires(version: ARMR/2.8)
  socket("The printer"):
    connect("printer.example:9100")
    allow(message: "printed")
  endsocket
endapp
"""
BROKEN = """\
app("Broken"):
  requires(version: ARMR/2.2)
  socket("Backwards"):
    connect("10.0.0.0/24:90-80")
    allow()
  endsocket
  socket("Silent"):
    accept("10.0.0.1:22")
    detect(severity: 3)
  endsocket
endapp
"""
PLAIN = """\
app("Plain"):
  requires(version: ARMR/2.2)
  socket("Nobody"):
    accept("0.0.0.0:22")
    protect(message: "no")
  endsocket
endapp
"""


def event_text(count=30):
    """A log: the policies come into force, then ``count`` connections, then a line of noise."""
    policy = read_policy(SHOP).policy
    lines = [policy_line(e, ORIGIN, AT) for e in load(None, SHOP, "shop.armr").events]
    lines += [policy_line(e, ORIGIN, AT) for e in load(None, BROKEN, "wrong.armr").events]
    engine = SocketEngine(policy, {"printer.example": frozenset({0x0A000063})})
    for n in range(count):
        event = {"op": "connect", "address": f"192.0.2.{n % 250}", "port": 1000 + n}
        decision = engine.decide(attempt_from_mapping(event))
        lines.append(socket_line(decision, ORIGIN, AT + timedelta(seconds=n)))
    lines.append("not an event \x1b[2J\u202e at all")
    return "".join(f"{line}\n" for line in lines).encode()


class MemoryLog(EventLog):
    """The real reader over bytes in memory."""

    def __init__(self, content=None):
        object.__setattr__(self, "content", event_text() if content is None else content)

    def log(self):
        return "~/armr/events.cef"

    @contextmanager
    def _open(self):
        yield io.BytesIO(self.content), len(self.content)


class MemoryPolicies:
    """Texts by name."""

    def __init__(self, texts=None):
        self.texts = texts or {"wrong.armr": BROKEN, "telnet.armr": PLAIN, "shop.armr": SHOP}
        self.read = []

    def folder(self):
        return "~/armr"

    def names(self):
        return sorted(self.texts)

    def _reading(self, name):
        if name not in self.texts:
            raise NotFoundError(f"{name} is not there any more")
        self.read.append(name)
        return reading_of(self.texts[name], name)

    def summary(self, name):
        return summary_of(self._reading(name), name, CHANGED)

    def rules(self, name):
        return rule_lines(self._reading(name).policy)

    def findings(self, name):
        return finding_lines(self._reading(name))

    def decide(self, name, event):
        return verdict_of(self._reading(name).policy, event, NO_NAMES, ORIGIN, AT)
