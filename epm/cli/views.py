"""Rules, groups and decisions as JSON values and as lines for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from epm.calls import call_to_mapping
from epm.cli.output import table
from epm.model import Decision, Groups, Rule, RuleTrace, Server

if TYPE_CHECKING:
    from db.activity_values import Captured, Message
    from db.history import Change


def rule_to_json(server: Server, rule: Rule) -> dict[str, object]:
    """Return a rule in the names of the rule file, with its server."""
    return {
        "server": str(server),
        "seq": rule.seq,
        "name": rule.name,
        "authority": str(rule.authority),
        "audit": str(rule.audit),
        "message": str(rule.message),
        "capture": str(rule.capture),
        "active": yes_no(rule.active),
        "test": yes_no(rule.test),
        "conditions": [
            {
                "seq": c.seq,
                "connector": str(c.connector),
                "field": str(c.field),
                "op": str(c.op),
                "value": c.value,
            }
            for c in rule.conditions
        ],
    }


def yes_no(value: bool) -> str:
    """Return Y or N."""
    return "Y" if value else "N"


RULE_HEADS = ("Server", "Seq", "Description", "Aut", "Aud", "Msg", "Cap", "Act", "Tst", "Cond")


def rule_row(server: Server, rule: Rule) -> tuple[object, ...]:
    """Return one line of the rule list."""
    return (
        server,
        rule.seq,
        rule.name or ("Default rule" if rule.is_default else ""),
        rule.authority,
        rule.audit,
        rule.message,
        rule.capture,
        yes_no(rule.active),
        yes_no(rule.test),
        len(rule.conditions) or "",
    )


def conditions_text(rule: Rule) -> Iterator[str]:
    """Yield a line for each condition; the first one's connector is ignored, so not shown."""
    for position, c in enumerate(rule.conditions):
        connector = c.connector if position else ""
        yield f"{c.seq:>5}  {connector:<3}  {c.field:<8} {c.op:<6} {c.value}"


def groups_to_json(groups: Groups) -> dict[str, object]:
    """Return the groups in the names of the rule file."""
    return {
        "addresses": {
            n: {"include": list(g.include), "exclude": list(g.exclude)}
            for n, g in groups.addresses.items()
        },
        "names": {n: list(g) for n, g in groups.names.items()},
        "ports": {n: list(g) for n, g in groups.ports.items()},
    }


def decision_line(decision: Decision) -> str:
    """Return a decision as one line for people."""
    rule = decision.rule
    by = {
        "not-activated": "the server is not activated",
        "error": "an error inside the decision path",
    }.get(decision.reason, "")
    if rule is not None:
        name = f" {rule.name}" if rule.name else ""
        by = f"default rule {rule.seq}" if decision.reason == "default" else f"rule {rule.seq}"
        by += name if decision.reason == "rule" else ""
    flags = [k for k in ("audit", "message", "capture") if getattr(decision, k)]
    return f"{decision.verdict}: {by}" + (f" [{', '.join(flags)}]" if flags else "")


def print_trace(trace: tuple[RuleTrace, ...], rules: tuple[Rule, ...]) -> None:
    """Print each rule with its outcome, and its conditions with their results."""
    by_seq = {r.seq: r for r in rules}
    rows: list[tuple[object, ...]] = []
    for step in trace:
        rule = by_seq[step.seq]
        outcome = f"{step.outcome} ({step.why})" if step.why else str(step.outcome)
        rows.append((step.seq, "", outcome, rule.name or ""))
        results = {c.seq: c.result for c in step.conditions}
        for position, c in enumerate(rule.conditions):
            connector = c.connector if position else ""
            result = "true" if results.get(c.seq) else "false"
            rows.append(("", c.seq, result, f"{connector:<3} {c.field} {c.op} {c.value}".strip()))
    table(("Rule", "Cond", "Result", "What"), rows)


def stamp(at: datetime) -> str:
    """Return a time in UTC, to the second, as lists show it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def change_to_json(change: Change) -> dict[str, object]:
    """Return one change of the history; before and after are values, not text."""
    made = change.revision
    return {
        "number": change.number,
        "revision": made.number,
        "at": _iso(made.at),
        "user": made.who.user,
        "host": made.who.host,
        "action": made.action,
        "object": str(change.key),
        "reason": made.reason,
        "before": None if change.before is None else json.loads(change.before),
        "after": None if change.after is None else json.loads(change.after),
        "hash": change.hash,
    }


def captured_to_json(captured: Captured) -> dict[str, object]:
    """Return one captured transaction."""
    return {
        "count": captured.count,
        "first_seen": _iso(captured.first_seen),
        "last_seen": _iso(captured.last_seen),
        "call": call_to_mapping(captured.call),
    }


def message_to_json(message: Message) -> dict[str, object]:
    """Return one message."""
    return {
        "number": message.number,
        "at": _iso(message.at),
        "severity": message.severity,
        "text": message.text,
        "server": None if message.server is None else str(message.server),
        "rule": message.rule,
        "call": None if message.call is None else call_to_mapping(message.call),
    }
