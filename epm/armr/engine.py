"""A policy's socket rules on the one engine: candidates become planned rules in their order.

Theory of operation. For one operation the total order is a sequence, so its candidates are the
rules of a plan of :mod:`epm.evaluate`, ascending, and :mod:`epm.compile` finds the first that
holds, as it does for sequenced rules. The default rule at the end is "no rule matches". An
attempt travels as a call of the server whose fields it needs:

==============  ==========  ===================  ==========================================
operation       server      address and port     context
==============  ==========  ===================  ==========================================
accept          QSOACCEPT   RMTADDR, RMTPORT     endpoint in PGM (text, compared exactly),
connect         QSOCONNECT  RMTADDR, RMTPORT     taint in GRPPRF (a set of names)
bind-client     QSOCONNECT  LCLADDR, LCLPORT
bind-server     QSOLISTEN   LCLADDR, LCLPORT
==============  ==========  ===================  ==========================================

INVARIANT: these calls are made here and decided here; they never meet a rule of the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from epm.addresses import Host, Span, is_v6
from epm.armr.attempts import Attempt
from epm.armr.model import Action, EndpointPattern, Operation, PathPattern, Policy
from epm.armr.order import Candidate, candidates
from epm.compile import CompiledServer
from epm.conditions import Names, Numbers, Resolved, Test
from epm.errors import RuleError
from epm.evaluate import Mode, Plan, PlannedRule
from epm.model import (
    DEFAULT_SEQUENCE,
    Call,
    Decision,
    Field,
    Flag,
    Reason,
    Rule,
    RuleName,
    Server,
    Verdict,
    shipped_default,
)

_SERVERS = {
    Operation.ACCEPT: Server.ACCEPT,
    Operation.CONNECT: Server.CONNECT,
    Operation.BIND_CLIENT: Server.CONNECT,
    Operation.BIND_SERVER: Server.LISTEN,
}
_ENDPOINT = Field.PGM
_TAINT = Field.GRPPRF

# A path may hold the characters that are wildcards in a pattern of the core. They change places
# with two that no pattern can hold, in pattern and endpoint alike: nothing else is mapped there.
_PLAIN = str.maketrans({"*": "\x00", "\x00": "*", "?": "\x01", "\x01": "?"})


@dataclass(frozen=True, slots=True)
class SocketDecision:
    """What becomes of an attempt.

    Attributes:
        candidate: the rule that decides; ``None`` where none matches, which permits in silence.
    """

    attempt: Attempt
    candidate: Candidate | None

    @property
    def action(self) -> Action | None:
        """The deciding rule's action."""
        return None if self.candidate is None else self.candidate.rule.reaction.action

    @property
    def blocked(self) -> bool:
        """Whether the operation must not happen."""
        return self.action is Action.PROTECT


class SocketEngine:
    """Decides attempts by one policy. Immutable, so that readers share it without a lock."""

    def __init__(self, policy: Policy, resolved: Resolved | None = None) -> None:
        """Compile the socket rules of ``policy``.

        Args:
            policy: the mods in force.
            resolved: the addresses of host names; a rule whose name is not in it never matches.

        Raises:
            RuleError: more rules of one operation than a sequence has numbers.
        """
        self.policy = policy
        self._candidates = candidates(policy)
        self._compiled: dict[Operation, CompiledServer] = {}
        for operation, some in self._candidates.items():
            if len(some) >= DEFAULT_SEQUENCE:
                raise RuleError(f"more than {DEFAULT_SEQUENCE - 1} rules for {operation}")
            self._compiled[operation] = CompiledServer(_plan(operation, some, resolved or {}))

    def decide(self, attempt: Attempt) -> SocketDecision:
        """Decide one attempt."""
        operation = attempt.operation
        decision = self._compiled[operation].decide(call_of(attempt))
        if decision.reason is Reason.DEFAULT or decision.rule is None:
            return SocketDecision(attempt, None)
        return SocketDecision(attempt, self._candidates[operation][decision.rule.seq - 1])


def host_names(policy: Policy) -> tuple[str, ...]:
    """Return the host names that its socket rules hold, in lower case, sorted."""
    names = {
        endpoint.address.name
        for _, rule in policy.socket_rules()
        for _, endpoint in rule.endpoints
        if isinstance(endpoint.address, Host)
    }
    return tuple(sorted(names))


def call_of(attempt: Attempt) -> Call:
    """Return the call that carries an attempt."""
    context = attempt.context
    endpoint = None if context.endpoint is None else context.endpoint.translate(_PLAIN)
    taint = tuple(context.taint)
    server = _SERVERS[attempt.operation]
    if attempt.operation.is_local:
        return Call(
            server, lcladdr=attempt.address, lclport=attempt.port, groups=taint, pgm=endpoint
        )
    return Call(server, rmtaddr=attempt.address, rmtport=attempt.port, groups=taint, pgm=endpoint)


# ------------------------------------------------------------------------------- the plan


def _plan(operation: Operation, some: Iterable[Candidate], resolved: Resolved) -> Plan:
    server = _SERVERS[operation]
    planned = [
        _planned(server, sequence, candidate, resolved)
        for sequence, candidate in enumerate(some, start=1)
    ]
    default = shipped_default()
    decision = _decision(server, default.seq, Reason.DEFAULT, allowed=True)
    planned.append(PlannedRule(default, (), (), None, (), decision))
    # The test facility's mode: a policy has no activation of its own.
    return Plan(server, tuple(planned), activated=True, mode=Mode.TEST)


def _planned(
    server: Server, sequence: int, candidate: Candidate, resolved: Resolved
) -> PlannedRule:
    allowed = candidate.rule.reaction.action is not Action.PROTECT
    rule = Rule(sequence, candidate.rule.name, Flag.YES if allowed else Flag.NO, active=True)
    tests = (*endpoint_tests(candidate, resolved), *context_tests(candidate))
    decision = _decision(server, sequence, Reason.RULE, allowed=allowed)
    return PlannedRule(rule, tests, (tests,), None, (), decision)


def _decision(server: Server, sequence: int, reason: Reason, *, allowed: bool) -> Decision:
    verdict = Verdict.ALLOW if allowed else Verdict.REJECT
    name = RuleName(sequence, None)
    return Decision(server, verdict, reason, name, audit=False, message=False, capture=False)


def endpoint_tests(candidate: Candidate, resolved: Resolved) -> Iterator[Test]:
    """Yield what the candidate's address and port ask; a wildcard asks nothing."""
    local = candidate.operation.is_local
    pattern = candidate.endpoint
    if pattern.address is not None:
        field = Field.LCLADDR if local else Field.RMTADDR
        spans = address_spans(pattern, resolved)
        yield Test(field, Numbers(spans), negated=False, resolved=bool(spans))
    if pattern.ports is not None:
        field = Field.LCLPORT if local else Field.RMTPORT
        yield Test(field, Numbers((pattern.ports,)), negated=False)


def address_spans(pattern: EndpointPattern, resolved: Resolved) -> tuple[Span, ...]:
    """Return the addresses that a pattern names; none for a host name never resolved.

    Rules speak of IPv4 only, so a name stands for its IPv4 addresses.
    """
    match pattern.address:
        case Host(name):
            numbers = sorted(n for n in resolved.get(name, ()) if not is_v6(n))
            return tuple(Span(n, n) for n in numbers)
        case Span() as span:
            return (span,)
    return ()


def context_tests(candidate: Candidate) -> Iterator[Test]:
    """Yield what api() and input() ask."""
    rule = candidate.rule
    if rule.api is not None:
        exact = frozenset(p.literal.translate(_PLAIN) for p in rule.api if p.is_exact)
        patterns = tuple(_glob(p) for p in rule.api if not p.is_exact)
        members = Names(exact, (), patterns if rule.api else ("*",), fold=False)
        yield Test(_ENDPOINT, members, negated=False)
    if rule.inputs:
        sources = frozenset(source.upper() for source in rule.inputs)
        yield Test(_TAINT, Names(sources, (), (), fold=True), negated=False)


def _glob(path: PathPattern) -> str:
    literal = path.literal.translate(_PLAIN)
    return f"{'*' * path.before}{literal}{'*' * path.behind}"
