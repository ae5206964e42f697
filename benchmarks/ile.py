"""What one decision costs in C and in Python, by the same rules, in the same run.

Run it from the repository's top: ``python -m benchmarks.ile [--json]``.

Method. Rules and calls are those of ``benchmarks.decide``. Both evaluators must agree on every
call before any is timed. Each repetition times, back to back and over the same calls:

* *core*: the C decision alone, calls already laid out, by one call into the library;
* *exit*: the C exit program, from the block: facts, user space, block, decision, and the U entry
  of every rejection written out, but recorded nowhere;
* *python*: the compiled Python evaluator, warm (every value was seen before) and cold (a new
  index);
* *one*: a single call through ``NativeEngine``, which is mostly the price of ctypes.

Ratios are taken within a repetition and the median over repetitions is shown, so that a slow
moment of the machine hits both sides. Times are nanoseconds a call.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from ctypes import byref, c_uint8
from dataclasses import dataclass
from datetime import datetime

from benchmarks.decide import calls, rule_set
from benchmarks.sizes import run
from epm.compile import CompiledServer
from epm.evaluate import Mode, make_plan
from epm.events import Job
from epm.model import Call, RuleSet, Server
from exitprograms.formats import block_of
from exitprograms.ile.abi import Answer, Cache, NativeCall, NativeDecision, Request
from exitprograms.ile.charset import charset
from exitprograms.ile.evaluator import NativeEngine
from exitprograms.ile.image import compile_image
from exitprograms.ile.marshal import Marshal
from exitprograms.ile.native import NativeProgram, load
from exitprograms.ile.space import space_of

CCSID = 37
FEW = 200


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured at one size; nanoseconds a call, compile in milliseconds.

    Attributes:
        image: bytes of the rule image.
        python_by_core: median of the repetitions' ratios of warm Python to the C core.
    """

    rules: int
    image: int
    compile_ms: float
    core: float
    exit: float
    warm: float
    cold: float
    one: float
    python_by_core: float


def measure(size: int, count: int, repeat: int, seed: int) -> Row:
    """Measure one size, ``repeat`` times over."""
    randomness = random.Random(seed)
    ruleset = rule_set(size, randomness)
    given = calls(count, randomness)
    started = time.perf_counter()
    image = compile_image(ruleset)
    compile_time = time.perf_counter() - started
    engine = NativeEngine(ruleset, Mode.LIVE, ccsid=CCSID)
    plan = make_plan(ruleset, Server.ACCEPT, Mode.LIVE)
    _check(CompiledServer(plan), engine, given)
    core, exit_program = _core(image, given), _exit_program(ruleset, given)
    rounds: list[tuple[float, float, float, float, float]] = []
    for _ in range(repeat):
        python = CompiledServer(plan)
        cold = _each(python.decide, given)
        warm = _each(python.decide, given)
        taken_core, taken_exit = _timed(core) / count, _timed(exit_program) / count
        rounds.append((taken_core, taken_exit, warm, cold, _each(engine.decide, given[:FEW])))
    medians = [statistics.median(column) * 1e9 for column in zip(*rounds, strict=True)]
    ratio = statistics.median(r[2] / r[0] for r in rounds)
    taken_core, taken_exit, warm, cold, one = medians
    return Row(size, len(image), compile_time * 1e3, taken_core, taken_exit, warm, cold, one, ratio)


def _check(python: CompiledServer, native: NativeEngine, given: Sequence[Call]) -> None:
    for call, got in zip(given, native.decide_many(given), strict=True):
        if python.decide(call) != got:
            raise SystemExit(f"the evaluators disagree on {call}")


def _core(image: bytes, given: Sequence[Call]) -> Callable[[], None]:
    marshal, library, count = Marshal(charset(CCSID)), load(), len(given)
    laid_out = (NativeCall * count)(*map(marshal.call, given))
    decisions, statuses = (NativeDecision * count)(), (c_uint8 * count)()

    def run() -> None:
        if library.decide_many(image, len(image), laid_out, count, decisions, statuses):
            raise SystemExit("the C evaluator failed")

    return run


def _exit_program(ruleset: RuleSet, given: Sequence[Call]) -> Callable[[], None]:
    program, library, count = NativeProgram(space_of(compile_image(ruleset))), load(), len(given)
    kept = [
        program.request(
            c.server, block_of(c), Job(c.job or "", c.user or "", 1, c.pgm, c.groups), _at(c)
        )
        for c in given
    ]
    requests, answers, cache = (Request * count)(*kept), (Answer * count)(), Cache()

    def run() -> None:
        # The requests point into `kept` and into the program's space: both live in this closure.
        assert kept
        assert program
        library.run_many(requests, count, byref(cache), answers)

    run()  # the whole image is checked once a job
    return run


def _at(call: Call) -> datetime:
    assert call.at is not None
    return call.at


def _timed(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _each(decide: Callable[[Call], object], given: Sequence[Call]) -> float:
    started = time.perf_counter()
    for call in given:
        decide(call)
    return (time.perf_counter() - started) / len(given)


def _table(rows: Sequence[Row]) -> Iterator[str]:
    names = ("rules", "image KB", "compile ms", "core ns", "exit ns", "warm ns", "cold ns",
             "one ns", "warm/core")  # fmt: skip
    yield " ".join(f"{name:>10}" for name in names)
    for row in rows:
        yield (
            f"{row.rules:>10} {row.image / 1024:>10.0f} {row.compile_ms:>10.1f} {row.core:>10.0f} "
            f"{row.exit:>10.0f} {row.warm:>10.0f} {row.cold:>10.0f} {row.one:>10.0f} "
            f"{row.python_by_core:>10.1f}"
        )


def main() -> None:
    """Measure and print."""
    run("Cost of one decision in C and in Python.", "10,1000,10000", measure, _table)


if __name__ == "__main__":
    main()
