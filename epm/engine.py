"""One published rule set, compiled for one mode: what decides."""

from __future__ import annotations

from collections.abc import Iterator

from epm.compile import CompiledServer
from epm.condition_parser import hosts_in, parse_test
from epm.conditions import Resolved
from epm.errors import ConditionError
from epm.evaluate import Mode, decide, failed, make_plan, with_trace
from epm.model import Call, Decision, FailMode, RuleSet, Server


class Engine:
    """Decides calls by one rule set. Immutable, so that readers share it without a lock.

    A change of rules makes a new engine; whoever holds this one decides to its end by the
    rules it was made of (INVARIANT: a decision never mixes two versions).
    """

    def __init__(
        self,
        ruleset: RuleSet,
        mode: Mode,
        *,
        revision: int | None = None,
        resolved: Resolved | None = None,
    ) -> None:
        """Compile ``ruleset``.

        Args:
            ruleset: the rules, groups and configuration.
            mode: by which flag a rule is enforced, and whether activation counts.
            revision: number of the revision, for those who record decisions.
            resolved: the addresses of host names; a name that is not in it is false.
        """
        self.ruleset = ruleset
        self.revision = revision
        self.servers = {s: CompiledServer(make_plan(ruleset, s, mode, resolved)) for s in Server}

    @property
    def fail(self) -> FailMode:
        """What an error inside the decision path answers."""
        return self.ruleset.config.fail

    @property
    def activated(self) -> tuple[Server, ...]:
        """The servers that are activated."""
        return tuple(s for s in Server if self.ruleset.servers[s].activated)

    def decide(self, call: Call) -> Decision:
        """Decide one call. An error is the caller's to answer, by :attr:`fail`."""
        return self.servers[call.server].decide(call)

    def decide_or_fail(
        self, call: Call, *, trace: bool = False, reference: bool = False
    ) -> Decision:
        """Decide one call; an error inside gives the decision of the fail mode.

        Args:
            call: what to decide.
            trace: give every rule's outcome and every condition's result too.
            reference: by the reference evaluator instead of the compiled one.
        """
        server = self.servers[call.server]
        try:
            decision = decide(server.plan, call) if reference else server.decide(call)
            return with_trace(server.plan, call, decision) if trace else decision
        except Exception:  # noqa: BLE001 - the fail-closed boundary: any error is a rejection
            return failed(call.server, self.fail)


def host_names(ruleset: RuleSet) -> tuple[str, ...]:
    """Return the host names that conditions of the rule set hold, sorted."""
    names: set[str] = set()
    for server, rules in ruleset.servers.items():
        for rule in rules.rules:
            for condition in rule.conditions:
                try:
                    parse_test(condition, server, ruleset.groups)
                except ConditionError:
                    continue
                names.update(hosts_in(condition))
    return tuple(sorted(names))


def warnings(ruleset: RuleSet, resolved: Resolved | None = None) -> Iterator[str]:
    """Yield a line for every rule that is not enforced as it looks, for every surface.

    Those are rules without a condition, with an invalid one, and conditions that are false
    because a host name was never resolved. An inactive rule is as it looks.
    """
    for server in Server:
        for planned in make_plan(ruleset, server, Mode.TEST, resolved).rules:
            rule = planned.rule
            where = f"{server} rule {rule.seq}"
            if not rule.is_default and not rule.conditions:
                yield f"{where} has no conditions and is never enforced"
            for problem in planned.problems:
                yield f"{where} is never enforced: {problem}"
            for condition, test in zip(
                sorted(rule.conditions, key=lambda c: c.seq), planned.tests, strict=False
            ):
                if test is not None and not test.resolved:
                    yield (
                        f"{where} condition {condition.seq} is false: "
                        f"a host name in {condition.value!r} was never resolved"
                    )
