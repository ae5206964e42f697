"""Short spellings for rules and calls, so that a test shows its promise and little else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from epm import evaluate
from epm.addresses import parse_address
from epm.compile import CompiledServer
from epm.conditions import Resolved
from epm.evaluate import Mode, make_plan
from epm.model import (
    DEFAULT_SEQUENCE,
    AddressGroup,
    Call,
    Condition,
    Config,
    Connector,
    Decision,
    Field,
    Flag,
    Groups,
    Operator,
    Rule,
    RuleSet,
    Server,
    ServerRules,
)

SATURDAY = datetime(2026, 11, 21, 10, 0, 0)
_ADDRESSES = ("rmtaddr", "lcladdr", "bndaddr")


def condition(text: str, seq: int = 10) -> Condition:
    """Return the condition of ``[AND|OR] FIELD OP VALUE``; the value is the rest, as it is."""
    first, _, rest = text.partition(" ")
    connector = Connector.AND
    if first in Connector.__members__:
        connector, text = Connector(first), rest
    field, op, value = text.split(" ", 2)
    return Condition(seq, connector, Field(field), Operator(op), value)


def rule(seq: int, *conditions: str, authority: str = "N", **other: Any) -> Rule:
    """Return an active rule; its conditions are numbered 10, 20 ... in the order given."""
    flags = {k: Flag(v) for k, v in other.items() if k in ("audit", "message", "capture")}
    made = tuple(condition(text, 10 * n) for n, text in enumerate(conditions, start=1))
    return Rule(
        seq,
        other.get("name"),
        Flag(authority),
        active=other.get("active", True),
        test=other.get("test", True),
        conditions=made,
        **flags,
    )


def default_rule(authority: str = "Y", **flags: str) -> Rule:
    """Return a default rule."""
    return rule(DEFAULT_SEQUENCE, authority=authority, **flags)


def rule_set(
    *rules: Rule,
    server: Server = Server.ACCEPT,
    default: Rule | None = None,
    groups: Groups | None = None,
    config: Config | None = None,
    activated: bool = True,
) -> RuleSet:
    """Return a rule set with these rules and a default rule on one server."""
    own = ServerRules(activated, (*rules, default or default_rule()))
    servers = {s: own if s is server else ServerRules() for s in Server}
    return RuleSet(config or Config(), groups or Groups(), MappingProxyType(servers))


def groups(
    addresses: Mapping[str, tuple[list[str], list[str]]] | None = None,
    names: Mapping[str, list[str]] | None = None,
    ports: Mapping[str, list[str]] | None = None,
) -> Groups:
    """Return groups; an address group is its include lines and its exclude lines."""
    made = {n: AddressGroup(tuple(i), tuple(e)) for n, (i, e) in (addresses or {}).items()}
    return Groups(
        MappingProxyType(made),
        MappingProxyType({n: tuple(x) for n, x in (names or {}).items()}),
        MappingProxyType({n: tuple(x) for n, x in (ports or {}).items()}),
    )


def call(server: Server = Server.ACCEPT, **fields: Any) -> Call:
    """Return a call; addresses are given as text, groups as a list, ``at`` as ISO text."""
    for key in _ADDRESSES:
        if fields.get(key) is not None:
            fields[key] = parse_address(fields[key])
    if fields.get("groups") is not None:
        fields["groups"] = tuple(fields["groups"])
    if isinstance(fields.get("at"), str):
        fields["at"] = datetime.fromisoformat(fields["at"])
    return Call(server, **fields)


def decide(
    ruleset: RuleSet, one: Call, mode: Mode = Mode.LIVE, resolved: Resolved | None = None
) -> Decision:
    """Decide by both evaluators, which must agree, and return the decision with its trace."""
    plan = make_plan(ruleset, one.server, mode, resolved)
    expected = evaluate.decide(plan, one)
    decision = CompiledServer(plan).decide(one)
    assert decision == expected, f"compiled {decision}, reference {expected}"
    return evaluate.with_trace(plan, one, decision)


def deciding(ruleset: RuleSet, one: Call, mode: Mode = Mode.LIVE) -> int | None:
    """Return the sequence of the rule that decides."""
    decided = decide(ruleset, one, mode).rule
    return None if decided is None else decided.seq


def holds(
    *conditions: str,
    server: Server = Server.ACCEPT,
    groups: Groups | None = None,
    resolved: Resolved | None = None,
    members: list[str] | None = None,
    **fields: Any,
) -> bool:
    """Whether a rule of these conditions decides the call, by both evaluators.

    ``groups`` are the system's, ``members`` the group profiles that the caller is in.
    A rule that is invalid fails the test: it would never hold, whatever is asked.
    """
    ruleset = rule_set(rule(10, *conditions), server=server, groups=groups)
    problems = make_plan(ruleset, server, Mode.LIVE).rules[0].problems
    assert not problems, problems
    decision = decide(ruleset, call(server, groups=members, **fields), resolved=resolved)
    assert decision.rule is not None
    return decision.rule.seq == 10
