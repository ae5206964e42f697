"""What benchmarks over several sizes of rule sets share: their options and how they print."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

R = TypeVar("R")


def run(
    what: str,
    sizes: str,
    measure: Callable[[int, int, int, int], R],
    table: Callable[[Sequence[R]], Iterator[str]],
) -> None:
    """Measure each size and print.

    Args:
        what: description of the benchmark.
        sizes: numbers of rules by default, comma separated.
        measure: takes rules, calls, repetitions and the seed; gives a row, a dataclass.
        table: makes lines of rows.
    """
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--sizes", default=sizes, help="rules, comma separated")
    parser.add_argument("--calls", type=int, default=5000, help="calls a repetition")
    parser.add_argument("--repeat", type=int, default=5, help="repetitions; medians are shown")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON object a size")
    options = parser.parse_args()
    given = [int(size) for size in options.sizes.split(",")]
    rows: list[Any] = [measure(n, options.calls, options.repeat, options.seed) for n in given]
    print("\n".join([json.dumps(asdict(row)) for row in rows] if options.json else table(rows)))
