"""Which socket rule wins: the total order over the rules that match.

The vendor's documentation gives several sentences that contradict one another when they are
read over all matching rules: a rule with a matching address and port goes before one with
wildcards; then allow, protect, detect; any matching allow wins; on a tie the first defined.
The order here satisfies every sentence inside the tier that the first one chooses (assumption:
ours, there is no statement of the vendor that settles it).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from epm.armr.model import Action, EndpointPattern, Mod, Operation, Policy, SocketRule

_RANKS = {Action.ALLOW: 0, Action.PROTECT: 1, Action.DETECT: 2}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A socket rule for one operation: a bind with client and server is two.

    Attributes:
        place: of its rule in the policy, from 0: who was defined first.
    """

    mod: Mod
    rule: SocketRule
    operation: Operation
    endpoint: EndpointPattern
    place: int

    @property
    def tier(self) -> int:
        """0 without wildcard in address and port, 1 with one."""
        return int(self.endpoint.is_wildcard)

    @property
    def rank(self) -> int:
        """Of its action: allow 0, protect 1, detect 2."""
        return _RANKS[self.rule.reaction.action]

    @property
    def contexts(self) -> int:
        """How many of api() and input() limit it."""
        return (self.rule.api is not None) + bool(self.rule.inputs)


def precedence(candidate: Candidate) -> tuple[int, ...]:
    """Return the key of the total order; the smallest of those that match wins.

    The first two numbers settle what happens, the others only which rule is named.
    """
    endpoint = candidate.endpoint
    return (
        candidate.tier,
        candidate.rank,
        -candidate.contexts,
        -endpoint.prefix,
        endpoint.port_width,
        candidate.place,
    )


def action_first(candidate: Candidate) -> tuple[int, ...]:
    """Return the key of another reading: any matching allow wins, whatever is specific."""
    return candidate.rank, *precedence(candidate)


def specific_first(candidate: Candidate) -> tuple[int, ...]:
    """Return the key of another reading: the narrower address, then the narrower ports, win."""
    endpoint = candidate.endpoint
    graded = (candidate.tier, -endpoint.prefix, endpoint.port_width)
    return *graded, *precedence(candidate)


def candidates(policy: Policy) -> dict[Operation, tuple[Candidate, ...]]:
    """Return the candidates of each operation, the one that would win first."""
    found: dict[Operation, list[Candidate]] = {operation: [] for operation in Operation}
    for place, (mod, rule) in enumerate(policy.socket_rules()):
        for operation, endpoint in rule.endpoints:
            found[operation].append(Candidate(mod, rule, operation, endpoint, place))
    return {operation: _sorted(some) for operation, some in found.items()}


def _sorted(some: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(some, key=precedence))
