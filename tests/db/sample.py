"""People and a rule set that has one of everything the store keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from db.history import Actor
from db.store import Store
from epm.model import LOCAL_SYSTEM, Config, FailMode, RuleSet, Server, ServerRules
from tests.support.builders import default_rule, groups, rule, rule_set

ALICE = Actor("ALICE", "laptop")
BOB = Actor("BOB", "desk")
LOCAL = LOCAL_SYSTEM


def full() -> RuleSet:
    """Return a rule set with every kind of object, and texts that tempt a database."""
    made = rule_set(
        rule(10, "RMTADDR GRP ADMINS", "AND LCLPORT EQ 22", authority="Y", name="Admin subnet"),
        rule(20, "USER LIKE Q*", "OR PGM EQ /opt/it's;--/ü", audit="Y", message="N", capture="*"),
        rule(30, authority="*", active=False, test=False, name="100% _new_ \\ 'rule'"),
        default=default_rule("N", audit="Y"),
        groups=groups(
            {"ADMINS": (["10.0.0.0/8", "::1"], ["10.9.0.0/16"]), "EMPTY": ([], [])},
            {"OPERATORS": ["QPG*", "ALICE"]},
            {"HOSTSRV": ["8470-8476", "449"], "ADMINS": ["22"]},
        ),
        config=Config(audit=True, message_queue="SECMSGQ", journal="SECJRN", fail=FailMode.OPEN),
    )
    listen = ServerRules(False, (rule(10, "BACKLOG GT 100"), default_rule()))
    return replace(made, servers={**made.servers, Server.LISTEN: listen})


def save(store: Store, ruleset: RuleSet, tests: str = "", **other: Any) -> int:
    """Save on top of what is there, as ALICE."""
    given = {
        "seen": store.revision(LOCAL),
        "who": ALICE,
        "action": "change",
        "object": "rules",
        "reason": None,
        **other,
    }
    return store.save(LOCAL, ruleset, tests, **given)


def with_rule(ruleset: RuleSet, seq: int, **fields: Any) -> RuleSet:
    """Return a rule set with a rule of QSOACCEPT added or replaced."""
    own = ruleset.servers[Server.ACCEPT]
    made = rule(seq, "USER EQ X", **fields)
    kept = [r for r in own.rules if r.seq != seq]
    rules = tuple(sorted([*kept, made], key=lambda r: r.seq))
    return replace(ruleset, servers={**ruleset.servers, Server.ACCEPT: replace(own, rules=rules)})
