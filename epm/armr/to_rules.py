"""From ARMR socket rules to sequenced rules that decide the same, and what cannot be said.

Candidates in their total order become rules in ascending sequence: protect rejects; allow and
detect allow, detect with Audit ``Y``; the default rule allows, as no match permits. A client
bind and a connect are two decisions in ARMR and one call, QSOCONNECT, here: only one of the two
can be said where both block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from epm.addresses import Host
from epm.armr.model import Action, Operation, Policy, SanitizationRule, Severity, SocketRule
from epm.armr.order import Candidate, candidates
from epm.armr.unsaid import Unsaid
from epm.errors import RuleError
from epm.model import (
    DEFAULT_SEQUENCE,
    MAX_NAME,
    Condition,
    Connector,
    Field,
    Flag,
    Operator,
    Rule,
    RuleSet,
    Server,
    ServerRules,
    shipped_default,
)

_STEP = 10
_EVERY_PORT = "0-65535"


def to_rules(policy: Policy) -> tuple[RuleSet, tuple[Unsaid, ...]]:
    """Return (the rules, active and activated where there are some; what they do not say).

    Raises:
        RuleError: more rules than a server has sequences.
    """
    unsaid = list(_other_kinds(policy))
    by_operation = candidates(policy)
    connect, dropped = _one_of_two(by_operation)
    unsaid += dropped
    chosen = {
        Server.LISTEN: by_operation[Operation.BIND_SERVER],
        Server.CONNECT: connect,
        Server.ACCEPT: by_operation[Operation.ACCEPT],
    }
    servers = {}
    for server, some in chosen.items():
        said = [c for c in some if not c.contexts]
        unsaid += [_context(c) for c in some if c.contexts]
        servers[server] = ServerRules(bool(said), (*_rules(server, said), shipped_default()))
        unsaid += [lost for c in said for lost in _details(c)]
    return RuleSet(servers=MappingProxyType(servers)), tuple(unsaid)


def _rules(server: Server, some: Sequence[Candidate]) -> Iterator[Rule]:
    if len(some) >= DEFAULT_SEQUENCE:
        raise RuleError(f"{server}: more than {DEFAULT_SEQUENCE - 1} rules")
    step = _STEP if len(some) * _STEP < DEFAULT_SEQUENCE else 1
    for place, candidate in enumerate(some, start=1):
        yield _rule(place * step, candidate)


def _rule(seq: int, candidate: Candidate) -> Rule:
    reaction = candidate.rule.reaction
    blocks = reaction.action is Action.PROTECT
    return Rule(
        seq=seq,
        name=candidate.rule.name[:MAX_NAME].strip() or None,
        authority=Flag.NO if blocks else Flag.YES,
        audit=Flag.YES if reaction.is_logged else Flag.NO,
        active=True,
        conditions=tuple(_conditions(candidate)),
    )


def _conditions(candidate: Candidate) -> Iterator[Condition]:
    local = candidate.operation.is_local
    endpoint = candidate.endpoint
    asked = []
    if endpoint.address is not None:
        address = endpoint.text.rpartition(":")[0]
        asked.append((Field.LCLADDR if local else Field.RMTADDR, Operator.EQ, address))
    port = Field.LCLPORT if local else Field.RMTPORT
    if endpoint.ports is not None:
        one = endpoint.ports.size == 1
        text = endpoint.text.rpartition(":")[2].partition("-")[0 if one else 1]
        text = text if one else f"{endpoint.ports.low}-{endpoint.ports.high}"
        asked.append((port, Operator.EQ if one else Operator.RANGE, text))
    elif candidate.operation is Operation.BIND_CLIENT:
        asked.append((port, Operator.NE, "0"))  # a socket that was never bound binds nothing
    elif not asked:
        # A rule without a condition is never enforced, so any must be said.
        asked.append((port, Operator.RANGE, _EVERY_PORT))
    for place, (field, op, value) in enumerate(asked, start=1):
        yield Condition(place * _STEP, Connector.AND, field, op, value)


# ------------------------------------------------------------------------ what is not said


def _one_of_two(
    by_operation: dict[Operation, tuple[Candidate, ...]],
) -> tuple[tuple[Candidate, ...], list[Unsaid]]:
    """Return the candidates that QSOCONNECT gets, and those of the other operation as unsaid."""
    binds, connects = by_operation[Operation.BIND_CLIENT], by_operation[Operation.CONNECT]
    kept, dropped = (connects, binds) if connects else (binds, ())
    if not any(_blocks(c) for c in connects) and any(_blocks(c) for c in binds):
        kept, dropped = binds, connects
    other = Operation.CONNECT if kept and kept is binds else Operation.BIND_CLIENT
    why = "client bind and connect are one call here, and the other one is said"
    return kept, [
        Unsaid(_name(replace(c, operation=other)), why, any(_blocks(x) for x in dropped))
        for c in dropped
    ]


def _blocks(candidate: Candidate) -> bool:
    return candidate.rule.reaction.action is Action.PROTECT


def _name(candidate: Candidate) -> str:
    return f"mod {candidate.mod.name!r}: rule {candidate.rule.name!r}: {candidate.operation}"


def _context(candidate: Candidate) -> Unsaid:
    rule = candidate.rule
    words = [w for w, on in (("api()", rule.api is not None), ("input()", rule.inputs)) if on]
    return Unsaid(_name(candidate), f"{' and '.join(words)} has no condition", decides=True)


def _details(candidate: Candidate) -> Iterator[Unsaid]:
    rule = candidate.rule
    reaction = rule.reaction
    silent = _blocks(candidate) and not reaction.is_logged
    lost = [
        word
        for word, on in (
            ("severity", reaction.severity is not Severity.UNKNOWN),
            ("message text", bool(reaction.message)),
            ("stack trace", reaction.stacktrace),
            ("silence, as every rejection is journaled", silent),
            ("the rest of its name", len(rule.name) > MAX_NAME),
        )
        if on
    ]
    if lost:
        yield Unsaid(_name(candidate), ", ".join(lost), decides=False)
    if isinstance(candidate.endpoint.address, Host):
        why = "a host name stands for its IPv6 addresses too"
        yield Unsaid(_name(candidate), why, decides=True)


def _other_kinds(policy: Policy) -> Iterator[Unsaid]:
    for mod in policy.mods:
        for rule in mod.rules:
            if not isinstance(rule, SocketRule):
                why = f"a {rule.kind} rule is not about sockets"
                applied = isinstance(rule, SanitizationRule)
                yield Unsaid(f"mod {mod.name!r}: rule {rule.name!r}", why, decides=applied)
