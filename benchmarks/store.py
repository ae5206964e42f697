"""Times the rule store: lists, one changed rule, loading, importing, at 100 and 100,000 rules.

Run it as ``python benchmarks/store.py [URL]``; without an address it uses an SQLite file in a
temporary folder. It prints the median of several runs, in milliseconds.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from db.history import Actor
from db.snapshots import put_rule
from db.store import Store
from epm.model import (
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

WHO = Actor("BENCH", "here")
ACCEPT = Server.ACCEPT


def rule(seq: int) -> Rule:
    conditions = (
        Condition(10, Connector.AND, Field.RMTADDR, Operator.EQ, f"10.0.{seq % 256}.0/24"),
        Condition(20, Connector.AND, Field.LCLPORT, Operator.EQ, "22"),
    )
    return Rule(seq, f"Rule number {seq}", Flag.NO, active=True, conditions=conditions)


def rule_set(count: int) -> RuleSet:
    rules = (*(rule(seq) for seq in range(1, count)), shipped_default())
    servers = {**RuleSet().servers, ACCEPT: ServerRules(True, rules)}
    return RuleSet(servers=servers)


def median(action: Callable[[], object], runs: int = 20) -> float:
    times = []
    for _ in range(runs):
        start = perf_counter()
        action()
        times.append(perf_counter() - start)
    return 1000 * statistics.median(times)


def report(what: str, milliseconds: float) -> None:
    print(f"  {what:<44}{milliseconds:>10.2f} ms")


def run(url: str, system: str, count: int) -> None:
    store = Store.init(url)
    store.create_system(system, WHO)
    print(f"{store.label}, {count} rules" + (f", {store.gate}" if store.gate else ""))
    rules = rule_set(count)

    def save(ruleset: RuleSet) -> int:
        seen = store.revision(system)
        return store.save(
            system, ruleset, "", seen=seen, who=WHO, action="import", object="benchmark"
        )

    report("save all", median(lambda: save(rules), 1))
    middle = count // 2
    names = iter(range(10_000))

    def change_one() -> int:
        changed = replace(rule(middle), name=f"changed {next(names)}")
        own = rules.servers[ACCEPT].rules
        own = (*own[: middle - 1], changed, *own[middle:])
        return save(replace(rules, servers={**rules.servers, ACCEPT: ServerRules(True, own)}))

    def apply_one() -> int:
        changed = replace(rule(middle), name=f"changed {next(names)}")
        seen = store.revision(system)
        return store.apply(
            system, [put_rule(ACCEPT, changed)], seen=seen, who=WHO, action="a", object="o"
        )

    report("save with one rule changed", median(change_one, 5))
    report("apply one changed rule", median(apply_one))
    pages = {
        "first page of 20": lambda: store.page(system, ACCEPT, 1, 20),
        "page of 20 in the middle": lambda: store.page(system, ACCEPT, middle, 20),
        "page of 20 backward": lambda: store.page(system, ACCEPT, middle, 20, backward=True),
        "page of 20 by description": lambda: store.page(system, ACCEPT, 1, 20, text="BER 7"),
        "page by a description that none has": lambda: store.page(system, ACCEPT, text="zz"),
        "count": lambda: store.count(system, ACCEPT),
        "outline": lambda: store.outline(system),
        "revision (the watcher's poll)": lambda: store.revision(system),
        "history of one rule": lambda: store.history(system, ACCEPT, middle),
    }
    for what, action in pages.items():
        report(what, median(action))

    def load() -> None:
        with Store.open(url) as fresh:
            fresh.load(system)

    report("open and load", median(load, 3))
    store.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/epm.db"
        for system, count in (("SMALL", 100), ("LARGE", 99_999)):
            run(url, system, count)


if __name__ == "__main__":
    main()
