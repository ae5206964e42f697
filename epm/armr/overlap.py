"""W-OVERLAP: where the readings of "which rule wins" would do different things.

Three readings of the vendor's sentences (:mod:`epm.armr.order`): the one adopted, any allow
first, and the narrower endpoint first. The space of attempts falls into regions in which the
same rules match: addresses are cut at every rule's ends, ports at those of the rules that cover
the addresses, contexts at what api() and input() tell apart. One attempt of each region shows
what all of it does, so addresses, ports and taint are exact. Endpoints are: none, each named
one, one for each wildcard and each pair of them, and one that no rule names.

A host name whose addresses are not known stands for an address that no other rule names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, pairwise

from epm.addresses import AXIS_END, Host, format_address
from epm.armr.attempts import NO_CONTEXT, Attempt, RequestContext
from epm.armr.engine import address_spans, call_of, context_tests
from epm.armr.findings import Code, Finding
from epm.armr.model import Operation, Policy
from epm.armr.order import Candidate, action_first, candidates, precedence, specific_first
from epm.conditions import Resolved, Test
from epm.fields import MAX_PORT

#: Visits of a rule in a region before the search of one operation ends incomplete.
WORK_LIMIT = 2_000_000
#: Overlaps that are told of; nobody reads more.
MAX_OVERLAPS = 200
_READINGS = (precedence, action_first, specific_first)


@dataclass(frozen=True, slots=True)
class Overlap:
    """A region where the readings differ.

    Attributes:
        adopted, by_action, by_specificity: which rule wins by each reading.
        witness: an attempt in it.
        host: the host name that stands for the witness's address, where one does.
    """

    adopted: Candidate
    by_action: Candidate
    by_specificity: Candidate
    witness: Attempt
    host: str | None = None

    def finding(self) -> Finding:
        """Return it as a finding about the rule that wins."""
        others = {
            f"{other.rule.reaction.action} by {how} ({other.rule.name!r})": other
            for how, other in (
                ("allow-first", self.by_action),
                ("narrowest-first", self.by_specificity),
            )
            if other.rank != self.adopted.rank
        }
        text = f"{self._attempt()}: {self.adopted.rule.reaction.action}, but {' and '.join(others)}"
        winner = self.adopted
        return Finding(Code.OVERLAP, text, winner.rule.position, winner.mod.name, winner.rule.name)

    def _attempt(self) -> str:
        witness = self.witness
        address = self.host or format_address(witness.address)
        context = witness.context
        parts = [f"{witness.operation} {address}:{witness.port}"]
        if context.endpoint is not None:
            parts.append(f"in a request of {context.endpoint}")
        if context.taint:
            parts.append(f"with input of {', '.join(sorted(context.taint))}")
        return " ".join(parts)


def find_overlaps(
    policy: Policy, resolved: Resolved | None = None, *, limit: int = WORK_LIMIT
) -> tuple[tuple[Overlap, ...], bool]:
    """Return (overlaps, whether every region was looked at).

    There is one for each set of rules that the readings choose, with the first witness met.

    Args:
        policy: whose socket rules to look at.
        resolved: the addresses of host names, where they are known.
        limit: how much work to do for one operation.
    """
    found: dict[tuple[Operation, tuple[int, ...]], Overlap] = {}
    complete = True
    for operation, some in candidates(policy).items():
        search = _Search(operation, some, resolved or {}, limit)
        for overlap in search.overlaps():
            chosen = (overlap.adopted, overlap.by_action, overlap.by_specificity)
            found.setdefault((operation, tuple(c.place for c in chosen)), overlap)
            if len(found) >= MAX_OVERLAPS:
                return tuple(found.values()), False
        complete = complete and search.work <= limit
    return tuple(found.values()), complete


def overlap_findings(policy: Policy, resolved: Resolved | None = None) -> tuple[Finding, ...]:
    """Return the overlaps as findings, and one more where not every region was looked at."""
    overlaps, complete = find_overlaps(policy, resolved)
    findings = [overlap.finding() for overlap in overlaps]
    if not complete:
        mod = policy.mods[0]
        text = "too many rules overlap for every region to be looked at; there may be more"
        findings.append(Finding(Code.OVERLAP, text, mod.position))
    return tuple(findings)


class _Search:
    """The regions of one operation."""

    def __init__(
        self, operation: Operation, some: Sequence[Candidate], resolved: Resolved, limit: int
    ) -> None:
        names = sorted(
            {c.endpoint.address.name for c in some if isinstance(c.endpoint.address, Host)}
        )
        # INVARIANT: numbers beyond the address axis; only their own rules and wildcards hold them.
        self._hosts = {name: AXIS_END + 1 + i for i, name in enumerate(names)}
        self._end = AXIS_END + 1 + len(names)
        self._operation = operation
        self._resolved = resolved
        self._limit = limit
        orders = [{id(c): i for i, c in enumerate(sorted(some, key=r))} for r in _READINGS]
        self._rules = [
            _Ruled(c, self._addresses(c), tuple(order[id(c)] for order in orders)) for c in some
        ]
        self._looked_at: set[frozenset[_Ruled]] = set()
        self.work = 0

    def _addresses(self, candidate: Candidate) -> tuple[tuple[int, int], ...]:
        address = candidate.endpoint.address
        if address is None:
            return ((0, self._end),)
        spans = address_spans(candidate.endpoint, self._resolved)
        if isinstance(address, Host) and not spans:
            number = self._hosts[address.name]
            return ((number, number),)
        return tuple((span.low, span.high) for span in spans)

    def overlaps(self) -> Iterator[Overlap]:
        """Yield an overlap for each region that has one."""
        seen: set[frozenset[int]] = set()
        for address, active in self._address_regions():
            self.work += len(active)
            if self.work > self._limit:
                return
            if active not in seen:
                seen.add(active)
                rules = [self._rules[i] for i in sorted(active)]
                if len({rule.candidate.rank for rule in rules}) > 1:
                    yield from self._in_ports(address, rules)

    def _address_regions(self) -> Iterator[tuple[int, frozenset[int]]]:
        """Yield (first address, the rules that cover it) of each elementary interval."""
        toggles: dict[int, list[int]] = {}
        for i, rule in enumerate(self._rules):
            for low, high in rule.addresses:
                toggles.setdefault(low, []).append(i)
                toggles.setdefault(high + 1, []).append(i)
        active: set[int] = set()
        for edge in sorted(toggles):
            active.symmetric_difference_update(toggles[edge])
            if len(active) > 1:
                yield edge, frozenset(active)

    def _in_ports(self, address: int, rules: Sequence[_Ruled]) -> Iterator[Overlap]:
        edges = sorted({edge for rule in rules for edge in (rule.low, rule.high + 1)})
        for low, _ in pairwise(edges):
            self.work += len(rules)
            if self.work > self._limit:
                return
            matching = frozenset(rule for rule in rules if rule.low <= low <= rule.high)
            if matching in self._looked_at:
                continue
            self._looked_at.add(matching)
            if len({rule.candidate.rank for rule in matching}) > 1:
                yield from self._in_contexts(address, low, matching)

    def _in_contexts(self, address: int, port: int, rules: Collection[_Ruled]) -> Iterator[Overlap]:
        host = next((name for name, n in self._hosts.items() if n == address), None)
        for context in _contexts([rule.candidate for rule in rules]):
            self.work += len(rules)
            if self.work > self._limit:
                return
            attempt = Attempt(self._operation, address, port, context)
            call = call_of(attempt)
            matching = [rule for rule in rules if all(t.holds(call) for t in rule.tests)]
            if not matching:
                continue
            adopted, by_action, by_specificity = (_winner(matching, i) for i in range(3))
            if not adopted.rank == by_action.rank == by_specificity.rank:
                yield Overlap(adopted, by_action, by_specificity, attempt, host)


class _Ruled:
    """A candidate with its addresses, its ports and what it asks of the context.

    Attributes:
        orders: its place by each reading.
    """

    def __init__(
        self,
        candidate: Candidate,
        addresses: tuple[tuple[int, int], ...],
        orders: tuple[int, ...],
    ) -> None:
        self.candidate = candidate
        self.addresses = addresses
        self.orders = orders
        ports = candidate.endpoint.ports
        self.low, self.high = (0, MAX_PORT) if ports is None else (ports.low, ports.high)

    @cached_property
    def tests(self) -> tuple[Test, ...]:
        """What api() and input() ask."""
        return tuple(context_tests(self.candidate))


def _winner(rules: Iterable[_Ruled], reading: int) -> Candidate:
    return min(rules, key=lambda rule: rule.orders[reading]).candidate


def _contexts(some: Sequence[Candidate]) -> Iterable[RequestContext]:
    """Return a context for each region that api() and input() of these rules tell apart."""
    if not any(c.contexts for c in some):
        return (NO_CONTEXT,)
    sources = sorted({source for c in some for source in c.rule.inputs})
    taints = chain.from_iterable(combinations(sources, n) for n in range(len(sources) + 1))
    endpoints = _endpoints(some)
    return [RequestContext(e, frozenset(taint)) for taint in taints for e in endpoints]


def _endpoints(some: Sequence[Candidate]) -> list[str | None]:
    limited = [c.rule.api for c in some if c.rule.api is not None]
    if not limited:
        return [None]
    patterns = sorted({p for api in limited for p in api}, key=lambda p: p.literal)
    wild = [p.literal for p in patterns if not p.is_exact]
    named = [p.literal for p in patterns] + [a + b for a in wild for b in wild]
    samples = map("/~{}".format, range(8))
    unnamed = [x for x in samples if not any(p.matches(x) for p in patterns)][:1]
    return [None, *dict.fromkeys(named), *unnamed]
