"""The services that the panels ask, kept in memory over the same pure edits as the store."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from epm import edits
from epm.calls import call_from_mapping
from epm.engine import Engine
from epm.errors import StoreUnavailableError
from epm.evaluate import Mode
from epm.model import (
    AddressGroup,
    Condition,
    Connector,
    Field,
    Flag,
    Groups,
    Operator,
    Rule,
    RuleSet,
    Server,
)
from epm.soundness import check_ruleset
from tests.tui.activity_desk import captures, messages
from tests.tui.history_desk import MemoryConfiguration, MemoryGroups, MemoryHistory
from tests.tui.journal_desk import MemoryJournal, MemoryReports
from tests.tui.policies_desk import MemoryLog, MemoryPolicies
from tests.tui.printing_desk import MemoryPrinting
from tests.tui.systems_desk import MemoryRegistration, MemorySystems
from tui.panels.help import help_for
from tui.panels.main_menu import MainMenu
from tui.services import Desk, Saved, Tested, check_unchanged
from tui.session import Session

NOW = datetime(2026, 11, 21, 10, 30, 15)


@dataclass
class MemoryRules:
    """Rules in memory. ``down`` makes every call fail; ``delay`` makes every call slow."""

    ruleset: RuleSet
    revision: int = 1
    down: bool = False
    delay: float = 0.0
    pages: list[int] = field(default_factory=list)
    warn: tuple[str, ...] = ()
    past: list[tuple[str, str, RuleSet]] = field(default_factory=list)

    def __post_init__(self):
        self.past.append(("create", "system *LOCAL", self.ruleset))

    def _reach(self):
        if self.delay:
            time.sleep(self.delay)
        if self.down:
            raise StoreUnavailableError("rule store: the connection is lost")

    # An outline is this object itself.
    @property
    def groups(self):
        return self.ruleset.groups

    @property
    def activated(self):
        return {s: r.activated for s, r in self.ruleset.servers.items()}

    @property
    def counts(self):
        return {s: len(r.rules) for s, r in self.ruleset.servers.items()}

    def outline(self):
        self._reach()
        return self

    def page(self, server, start, count, *, backward=False, text=None):
        self._reach()
        self.pages.append(count)
        rules = [
            r
            for r in self.ruleset.servers[server].rules
            if (r.seq <= start if backward else r.seq >= start)
            and (text is None or text.upper() in (r.name or "").upper())
        ]
        return rules[-count:] if backward else rules[:count]

    def rule(self, server, seq):
        self._reach()
        return edits.find_rule(self.ruleset, server, seq)

    def save(self, ruleset, action, subject):
        self._reach()
        check_ruleset(ruleset)
        self.ruleset = ruleset
        self.revision += 1
        self.past.append((action, subject, ruleset))
        return Saved(self.revision, self.warn)

    def add(self, server, rule):
        ruleset = edits.add_rule(self.ruleset, server, rule)
        return self.save(ruleset, "add", f"{server} rule {rule.seq}")

    def _check(self, server, seen):
        now = edits.find_rule(self.ruleset, server, seen.seq)
        check_unchanged(f"{server} rule {seen.seq}", seen, now)

    def change(self, server, seen, rule):
        self._check(server, seen)
        ruleset = edits.change_rule(self.ruleset, server, rule)
        return self.save(ruleset, "change", f"{server} rule {rule.seq}")

    def move(self, server, seen, to_seq):
        self._check(server, seen)
        ruleset = edits.move_rule(self.ruleset, server, seen.seq, to_seq)
        return self.save(ruleset, "move", f"{server} rule {seen.seq} to {to_seq}")

    def delete(self, server, seen):
        ruleset = self.ruleset
        for rule in seen:
            self._check(server, rule)
            ruleset = edits.delete_rule(ruleset, server, rule.seq)
        seqs = ", ".join(str(rule.seq) for rule in seen)
        return self.save(ruleset, "delete", f"{server} rule {seqs}")

    def set_activated(self, servers, activated):
        ruleset = self.ruleset
        for server in servers:
            ruleset = edits.with_activation(ruleset, server, activated)
        word = "activate" if activated else "deactivate"
        return self.save(ruleset, word, " ".join(servers))

    def decide(self, server, fields, *, live):
        self._reach()
        data = {**fields, "server": str(server)}
        call = call_from_mapping(data, now=NOW, localize=lambda at: at, strict=True)
        engine = Engine(self.ruleset, Mode.LIVE if live else Mode.TEST)
        rules = self.ruleset.servers[server].rules
        return Tested(engine.decide_or_fail(call, trace=True), rules)

    def seqs(self, server=Server.ACCEPT):
        return [r.seq for r in self.ruleset.servers[server].rules]


def condition(seq, field_name, op, value, connector="AND"):
    return Condition(seq, Connector(connector), Field(field_name), Operator(op), value)


def sample():
    """An instructive rule set: a group, three rules, one without conditions."""
    groups = Groups(
        addresses=MappingProxyType({"ADMINS": AddressGroup(("10.0.0.0/8",), ("10.9.0.0/16",))}),
        names=MappingProxyType({"OPERATORS": ("ALICE", "QPG*")}),
        ports=MappingProxyType({"WEB": ("80", "443")}),
    )
    ruleset = RuleSet(groups=groups)
    rules = (
        Rule(
            10, "Admin subnet to SSH", Flag.YES, audit=Flag.YES, active=True,
            conditions=(
                condition(10, "RMTADDR", "GRP", "ADMINS"),
                condition(20, "LCLPORT", "EQ", "22"),
            ),
        ),
        Rule(
            20, "Nobody else to SSH", Flag.NO, message=Flag.YES, active=True,
            conditions=(condition(10, "LCLPORT", "EQ", "22"),),
        ),
        Rule(30, "Not thought through yet", Flag.INHERIT, test=False),
    )  # fmt: skip
    for rule in rules:
        ruleset = edits.add_rule(ruleset, Server.ACCEPT, rule)
    return ruleset


def many(count):
    """A connect server with ``count`` rules at 10, 20 and so on."""
    ruleset = RuleSet()
    made = tuple(
        Rule(10 * n, f"Rule number {n}", Flag.YES,
             conditions=(condition(10, "RMTPORT", "EQ", str(n)),))
        for n in range(1, count + 1)
    )  # fmt: skip
    server = ruleset.servers[Server.CONNECT]
    rules = type(server)(server.activated, (*made, *server.rules))
    return edits.with_server(ruleset, Server.CONNECT, rules)


def session(rules=None, first=None, **size):
    """A dialogue over rules in memory; ``.store`` is what its panels ask."""
    store = rules if isinstance(rules, MemoryRules) else MemoryRules(rules or sample())
    journal = MemoryJournal()
    systems = MemorySystems()
    desk = Desk(
        rules=store,
        activation=store,
        testing=store,
        captures=captures(store),
        messages=messages(),
        groups=MemoryGroups(store),
        configuration=MemoryConfiguration(store),
        history=MemoryHistory(store),
        printing=MemoryPrinting(),
        journal=journal,
        reports=MemoryReports(journal),
        registration=MemoryRegistration(systems),
        systems=systems,
        policies=MemoryPolicies(),
        policy_events=MemoryLog(),
        user="QSECOFR",
        system="*LOCAL",
        clock=lambda: NOW,
    )
    made = Session(desk, first or MainMenu(), helper=help_for, **size)
    return made, store


def play(dialogue, *words):
    """Press keys by name; a word that begins with ``'`` is typed."""
    for word in words:
        if word.startswith("'"):
            for character in word[1:]:
                dialogue.press(character, character)
        else:
            dialogue.press(word)
    return dialogue


def text(dialogue):
    return "\n".join(dialogue.display.lines())
