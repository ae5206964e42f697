"""What one decision costs: the compiled evaluator beside the naive one, in the same run.

Run it from the repository's top: ``python -m benchmarks.decide [--json]``.

Method. For each size, synthetic rules of one server (networks, ranges, groups, ports, users,
generic names, OR, NE) and a pool of calls of which few repeat a value; the two evaluators must
agree on every call before any is timed. Each repetition compiles afresh and times, back to
back, the same calls: *cold* (a new index, every value is seen for the first time), *warm* (the
same calls again), *naive* (as many of them as a tenth of a second allows). Ratios are taken
within a repetition and the median over repetitions is shown, so that a slow moment of the
machine hits both sides. Times are microseconds a call, with the loop's own cost taken off.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from benchmarks.sizes import run
from epm import evaluate
from epm.addresses import parse_address
from epm.compile import CompiledServer
from epm.evaluate import Mode, Plan, make_plan
from epm.model import (
    AddressGroup,
    Call,
    Condition,
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
    shipped_default,
)

USERS = tuple(f"{team}{n:03}" for team in ("DEV", "OPS", "APP", "QPG") for n in range(150))
JOBS = ("SSHD", "HTTPD", "QZDASOINIT", "QRWTSRVR", "FTPD", "QTVDEVICE")
PORTS = (21, 22, 23, 80, 443, 449, 3389, 5432, 8080, *range(8470, 8480))
NAIVE_SECONDS = 0.1
SAMPLE_GROUPS = Groups(
    MappingProxyType(
        {
            "ADMINS": AddressGroup(("10.0.0.0/8", "192.168.0.0/16"), ("10.9.0.0/16",)),
            "PARTNERS": AddressGroup(("203.0.113.0/24", "2001:db8::/32"), ("203.0.113.128/25",)),
        }
    ),
    MappingProxyType({"OPERATORS": ("OPS*", "DEV001"), "APPS": ("APP*",)}),
    MappingProxyType({"HOSTSRV": ("8470-8476", "449"), "WEB": ("80", "443", "8080")}),
)


_Parts = tuple[Connector, Field, Operator, str]


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured at one size; times in microseconds a call, compile in milliseconds.

    Attributes:
        naive_by_warm: median of the repetitions' ratios, not the ratio of the medians.
        p99: of warm calls timed one by one, the timer's own cost included.
        memory: bytes that compiling took and kept.
    """

    rules: int
    compile_ms: float
    memory: int
    cold: float
    warm: float
    p99: float
    naive: float
    naive_by_warm: float


# ------------------------------------------------------------------------------ rules and calls


def rule_set(size: int, randomness: random.Random) -> RuleSet:
    """Return a rule set of ``size`` rules and the default rule on one server."""
    step = max(1, 99998 // size)
    rules = tuple(_rule(step * (n + 1), randomness) for n in range(size))
    own = ServerRules(True, (*rules, shipped_default()))
    servers = {s: own if s is Server.ACCEPT else ServerRules() for s in Server}
    return RuleSet(groups=SAMPLE_GROUPS, servers=MappingProxyType(servers))


def _rule(seq: int, randomness: random.Random) -> Rule:
    conditions: list[_Parts] = [_address(randomness), _port(randomness)]
    if randomness.random() < 0.7:
        conditions.append(_user(randomness))
    if randomness.random() < 0.1:
        conditions.append((Connector.AND, Field.JOB, Operator.EQ, randomness.choice(JOBS)))
    if randomness.random() < 0.05:
        conditions.append((Connector.AND, Field.TIME, Operator.RANGE, "22:00-06:00"))
    if randomness.random() < 0.15:
        _, field, op, value = _address(randomness)
        conditions += [(Connector.OR, field, op, value), _port(randomness)]
    made = tuple(Condition(10 * n, *c) for n, c in enumerate(conditions, start=1))
    authority = randomness.choice((Flag.YES, Flag.NO))
    return Rule(seq, f"Rule {seq}", authority, active=True, conditions=made)


def _address(randomness: random.Random) -> _Parts:
    a, b, c = (randomness.randrange(256) for _ in range(3))
    form = randomness.random()
    if form < 0.6:
        return (Connector.AND, Field.RMTADDR, Operator.EQ, f"10.{a}.{b}.0/24")
    if form < 0.8:
        return (Connector.AND, Field.RMTADDR, Operator.EQ, f"10.{a}.{b}.{c}")
    if form < 0.9:
        return (Connector.AND, Field.RMTADDR, Operator.EQ, f"10.{a}.0.0-10.{a}.{b}.255")
    if form < 0.95:
        return (Connector.AND, Field.RMTADDR, Operator.EQ, f"2001:db8:{a:x}:{b:x}::/64")
    group = randomness.choice(tuple(SAMPLE_GROUPS.addresses))
    return (Connector.AND, Field.RMTADDR, Operator.GRP, group)


def _port(randomness: random.Random) -> _Parts:
    form = randomness.random()
    if form < 0.6:
        return (Connector.AND, Field.LCLPORT, Operator.EQ, str(randomness.choice(PORTS)))
    if form < 0.8:
        low = randomness.randrange(1024, 60000)
        return (Connector.AND, Field.LCLPORT, Operator.RANGE, f"{low}-{low + 100}")
    if form < 0.9:
        return (Connector.AND, Field.LCLPORT, Operator.NE, str(randomness.choice(PORTS)))
    group = randomness.choice(tuple(SAMPLE_GROUPS.ports))
    return (Connector.AND, Field.LCLPORT, Operator.GRP, group)


def _user(randomness: random.Random) -> _Parts:
    form = randomness.random()
    user = randomness.choice(USERS)
    if form < 0.6:
        return (Connector.AND, Field.USER, Operator.EQ, user)
    if form < 0.7:
        return (Connector.AND, Field.USER, Operator.NE, user)
    if form < 0.8:
        return (Connector.AND, Field.USER, Operator.LIKE, f"{user[:3]}*")
    if form < 0.9:
        several = ",".join(randomness.sample(USERS, 3))
        return (Connector.AND, Field.USER, Operator.LIST, several)
    group = randomness.choice(tuple(SAMPLE_GROUPS.names))
    return (Connector.AND, Field.USER, Operator.GRP, group)


def calls(count: int, randomness: random.Random) -> list[Call]:
    """Return calls of which most addresses and many users are new to an index."""
    return [_call(randomness) for _ in range(count)]


def _call(randomness: random.Random) -> Call:
    a, b, c = (randomness.randrange(256) for _ in range(3))
    remote = f"10.{a}.{b}.{c}" if randomness.random() < 0.9 else f"2001:db8:{a:x}:{b:x}::{c:x}"
    user = randomness.choice(USERS)
    at = datetime(2026, 11, 21) + timedelta(seconds=randomness.randrange(86400))
    return Call(
        Server.ACCEPT,
        lcladdr=parse_address("192.168.1.10"),
        lclport=randomness.choice(PORTS),
        bndaddr=0,
        bndport=22,
        rmtaddr=parse_address(remote),
        rmtport=randomness.randrange(1024, 65536),
        user=user if randomness.random() < 0.9 else f"{user}X{randomness.randrange(1000)}",
        groups=(randomness.choice(("QPGMR", "OPERATORS")),),
        job=randomness.choice(JOBS),
        pgm="/usr/sbin/sshd",
        at=at,
    )


# ----------------------------------------------------------------------------------- measuring


def _seconds_each(decide: Callable[[Call], Decision], given: Sequence[Call]) -> float:
    """Return the seconds a call takes, without the loop around it."""
    started = time.perf_counter()
    for call in given:
        decide(call)
    taken = time.perf_counter() - started
    started = time.perf_counter()
    for _ in given:
        pass
    return (taken - (time.perf_counter() - started)) / len(given)


def _naive(plan: Plan) -> Callable[[Call], Decision]:
    return lambda call: evaluate.decide(plan, call)


def _affordable(plan: Plan, given: Sequence[Call]) -> Sequence[Call]:
    each = _seconds_each(_naive(plan), given[:5])
    return given[: max(5, min(len(given), int(NAIVE_SECONDS / each)))]


def _check(plan: Plan, given: Sequence[Call]) -> None:
    compiled = CompiledServer(plan)
    for call in given:
        if compiled.decide(call) != evaluate.decide(plan, call):
            raise SystemExit(f"the evaluators disagree on {call}")


def _memory(plan: Plan) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        kept = CompiledServer(plan)
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        del kept
    finally:
        tracemalloc.stop()
    return size


def _p99(server: CompiledServer, given: Sequence[Call]) -> float:
    clock = time.perf_counter_ns
    taken = []
    for call in given:
        started = clock()
        server.decide(call)
        taken.append(clock() - started)
    return sorted(taken)[len(taken) * 99 // 100] / 1000


def measure(size: int, count: int, repeat: int, seed: int) -> Row:
    """Measure one size, ``repeat`` times over."""
    randomness = random.Random(seed)
    plan = make_plan(rule_set(size, randomness), Server.ACCEPT, Mode.LIVE)
    given = calls(count, randomness)
    few = _affordable(plan, given)
    _check(plan, few)
    rounds: list[tuple[float, float, float, float, float]] = []
    for _ in range(repeat):
        started = time.perf_counter()
        server = CompiledServer(plan)
        compile_time = time.perf_counter() - started
        cold = _seconds_each(server.decide, given)
        warm = _seconds_each(server.decide, given)
        p99 = _p99(server, given)
        naive = _seconds_each(_naive(plan), few)
        rounds.append((compile_time, cold, warm, p99, naive))
    compile_times, colds, warms, p99s, naives = zip(*rounds, strict=True)
    return Row(
        rules=size,
        compile_ms=statistics.median(compile_times) * 1e3,
        memory=_memory(plan),
        cold=statistics.median(colds) * 1e6,
        warm=statistics.median(warms) * 1e6,
        p99=statistics.median(p99s),
        naive=statistics.median(naives) * 1e6,
        naive_by_warm=statistics.median(n / w for n, w in zip(naives, warms, strict=True)),
    )


# ------------------------------------------------------------------------------------- output


def _table(rows: Sequence[Row]) -> Iterator[str]:
    names = ("rules", "compile ms", "index KB", "cold µs", "warm µs", "p99 µs", "naive µs", "ratio")
    yield " ".join(f"{name:>10}" for name in names)
    for row in rows:
        yield (
            f"{row.rules:>10} {row.compile_ms:>10.1f} {row.memory / 1024:>10.0f} "
            f"{row.cold:>10.2f} {row.warm:>10.2f} {row.p99:>10.2f} {row.naive:>10.1f} "
            f"{row.naive_by_warm:>10.0f}"
        )
    if len(rows) > 1:
        first, last = rows[0], rows[-1]
        growth = last.warm / first.warm
        yield f"growth of warm from {first.rules} to {last.rules} rules: {growth:.1f} times"


def main() -> None:
    """Measure and print."""
    run("Cost of one decision.", "10,100,1000,10000", measure, _table)


if __name__ == "__main__":
    main()
