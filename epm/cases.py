"""Rule unit tests: a call and the verdict it must have, and what of the rules they cover."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from epm.engine import Engine
from epm.model import Call, Decision, NotEnforced, Outcome, Server, Verdict


@dataclass(frozen=True, slots=True)
class Case:
    """One test of the rules.

    Attributes:
        call: the call's fields as written, by the names of the contract.
        rule: sequence of the rule that must decide; ``None`` where any may.
        keyword: ``expect``, or ``always`` / ``never`` for a line that the lock-out guard keeps.
    """

    name: str
    call: Mapping[str, object]
    expect: Verdict
    rule: int | None = None
    keyword: str = "expect"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case; ``failure`` is a line, or ``None`` when it passed."""

    case: Case
    decision: Decision
    failure: str | None


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """How often the cases met one rule.

    Attributes:
        decided: cases that the rule decided.
        tried: cases in which its conditions were tried.
        conditions: for each condition (sequence, times true, times false) where tried.
        why: why it is not enforced, or ``None``.
    """

    server: Server
    seq: int
    name: str | None
    decided: int
    tried: int
    conditions: tuple[tuple[int, int, int], ...]
    why: NotEnforced | None


def run_case(engine: Engine, case: Case, call: Call) -> CaseResult:
    """Decide one case and compare."""
    decision = engine.decide_or_fail(call, trace=True)
    seq = None if decision.rule is None else decision.rule.seq
    failure = None
    if decision.verdict is not case.expect:
        by = f" by rule {seq}" if seq is not None else f" ({decision.reason})"
        failure = f"expected {case.expect}, got {decision.verdict}{by}"
    elif case.rule is not None and seq != case.rule:
        failure = f"expected rule {case.rule} to decide, got {seq or decision.reason}"
    return CaseResult(case, decision, failure)


def coverage(engine: Engine, results: Iterable[CaseResult]) -> Sequence[RuleCoverage]:
    """Return how the cases covered each rule of the servers that they call."""
    traces: dict[Server, list[Decision]] = {}
    for result in results:
        traces.setdefault(result.decision.server, []).append(result.decision)
    return [
        line for server in Server if server in traces for line in _server(engine, traces[server])
    ]


def _server(engine: Engine, decisions: Sequence[Decision]) -> Iterable[RuleCoverage]:
    server = decisions[0].server
    steps = [d.trace for d in decisions if d.trace]
    for position, planned in enumerate(engine.servers[server].plan.rules):
        own = [trace[position] for trace in steps]
        tried = [s for s in own if s.outcome in (Outcome.MATCHED, Outcome.NOT_MATCHED)]
        results = [{c.seq: c.result for c in s.conditions} for s in tried]
        yield RuleCoverage(
            server=server,
            seq=planned.rule.seq,
            name=planned.rule.name,
            decided=sum(s.outcome is Outcome.MATCHED for s in tried),
            tried=len(tried),
            conditions=tuple(
                (c.seq, sum(r[c.seq] for r in results), sum(not r[c.seq] for r in results))
                for c in sorted(planned.rule.conditions, key=lambda c: c.seq)
            ),
            why=planned.why,
        )
