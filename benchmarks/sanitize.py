"""Detection: rates on the development corpus and its hold-out, costs, growth, middleware.

Run it from the repository's top: ``python -m benchmarks.sanitize``. Read the ratios; times are
this machine's.

Method. *Rates*: hand-written lists (``tests/data/sanitize``; the second by another hand, measured
before it was tuned on) and values made by grammar
(``tests.support.payload_grammar``; its hold-out part uses other productions than the part that
was tuned on). An attack counts if it is flagged with its own class; an honest value is an alarm
if it is flagged with any. *Cost*: each value of a list alone, the best of five calls. *Growth*:
values of one repeated unit, built to make a careless detector go back and forth; the worst at
10 KB, and how much four times the length costs (4 is linear). *Middleware*: one small JSON
request through a Starlette application, with and without, in turns.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from epm.armr.policy_reader import read_policy
from epm.sanitize.asgi import SanitizingApp
from epm.sanitize.detect import classify
from epm.sanitize.rules import RuleBook
from epm.sanitize.sanitizer import Sanitizer
from epm.sanitize.values import PayloadClass
from epm.syslog5424 import Origin
from tests.support import payload_grammar

LISTS = Path("tests/data/sanitize")
CLASSES = {"sqli": "SQLI", "xss": "XSS", "traversal": "PATH_TRAVERSAL", "benign": None}
MADE = 5_000
SEEDS = {False: 20261121, True: 1121}
SIZE = 10_000
REQUESTS = 400
ROUNDS = 7
POLICY = """
app("BENCH"):
    requires(version: ARMR/2.7)
    sanitization("ALL"):
        request()
        protect(message: "")
    endsanitization
endapp
"""
UNITS = (
    "'",
    '"',
    "`",
    "<",
    "<a ",
    "<a b=",
    '<a b="',
    "<!--",
    "((",
    "/*",
    "*/",
    "/*!",
    "--",
    "%2525",
    "%c0%ae",
    "%u0041",
    "&#",
    "&lt;",
    "\\x41",
    "../",
    "..\\",
    "....//",
    "..;",
    "./",
    "//",
    "union select ",
    "' or ",
    "1=1 ",
    "(select ",
    "'a' ",
    "a' or 'b'='",
    "x=1;",
    "; drop ",
    "java\n",
    "j a v a s c r i p t",
    "onx=",
    "data:image/svg+xml,",
    "{{",
    "${",
    "[]",
    "alert(",
    "alert ",
    "expression(",
    "url(",
    "+ADw-",
    "\uff1c",
    "日",
    "1 ",
    " ",
    "\t",
    "case when ",
    "a.b.",
    "a_b_",
    "<b>x</b>",
    '{"a":1},',
    "f('x');",
    "home/a/",
    "etc/",
    "1+if(",
    "-- x\n",
    "$$",
    "::int",
    "%2%e",
    "..%bg%qf",
    "<style>",
    "ununionion ",
    "=!+&",
    "a/**/",
    "<style>",
    ".then(alert",
    ";if(1=1)",
    "word word alert(1) ",
)


def listed(name: str) -> list[str]:
    text = (LISTS / f"{name}.txt").read_text("utf-8")
    return [line for line in text.split("\n") if line]


def made(name: str, hold_out: bool) -> list[str]:
    make: Callable[..., Iterator[str]] = getattr(payload_grammar, name)
    some = make(random.Random(SEEDS[hold_out]), hold_out=hold_out)
    return list(dict.fromkeys(itertools.islice(some, MADE)))


def rate(values: Sequence[str], reason: str | None) -> tuple[float, float]:
    """Return (share flagged as it should be, or as it should not; share undetermined)."""
    found = [classify(value) for value in values]
    if reason is None:
        hits = sum(f.payload_class is PayloadClass.UNSAFE for f in found)
    else:
        hits = sum(f.reason == reason for f in found)
    doubts = sum(f.payload_class is PayloadClass.UNDETERMINED for f in found)
    return hits / len(values), doubts / len(values)


def show_rates() -> None:
    print(f"{'corpus':<12}{'part':<20}{'values':>8}{'flagged':>10}{'undetermined':>14}")
    for name, reason in CLASSES.items():
        parts = {
            "hand-written": listed(name),
            "second list": listed(f"{name}-second"),
            "grammar": made(name, False),
            "grammar, hold-out": made(name, True),
        }
        for part, values in parts.items():
            hits, doubts = rate(values, reason)
            print(f"{name:<12}{part:<20}{len(values):>8}{hits:>9.2%}{doubts:>13.2%}")


def best_of(call: Callable[[], object], times: int) -> float:
    """Return the least processor time of a call, in seconds: a busy machine adds none to it."""
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return best


def show_costs() -> None:
    print(f"\n{'cost of a value':<32}{'median us':>10}{'p99 us':>10}{'worst us':>10}")
    for name in CLASSES:
        costs = sorted(best_of(partial(classify, v), 5) * 1e6 for v in listed(name))
        last = costs[int(len(costs) * 0.99)]
        print(f"{name:<32}{statistics.median(costs):>10.1f}{last:>10.1f}{costs[-1]:>10.1f}")
    word = best_of(lambda: classify("Conan Doyle, 221B Baker Street"), 200) * 1e6
    print(f"{'a plain value':<32}{word:>10.1f}")


def hostile(size: int) -> Iterator[tuple[str, str]]:
    for unit in UNITS:
        for lead in ("", "x' ", "<a "):
            yield lead + unit, (lead + unit * (size // len(unit) + 1))[:size]
    for seed in range(60):
        some = random.Random(seed)
        units = some.sample(UNITS, some.randint(2, 6))
        mixed = "".join(some.choice(units) for _ in range(size))[:size]
        yield " ".join(units), mixed


def show_growth() -> None:
    worst: list[tuple[float, float, str]] = []
    for (name, small), (_, large) in zip(hostile(SIZE), hostile(4 * SIZE), strict=True):
        one = best_of(partial(classify, small), 3)
        worst.append((one * 1e3, best_of(partial(classify, large), 2) / one, name))
    worst.sort(reverse=True)
    print(f"\nhostile values: {len(worst)} of {SIZE} characters")
    for cost, growth, name in worst[:5]:
        print(f"  {cost:6.1f} ms, four times the length x{growth:.1f}: {name[:50]!r}")
    steep = max((growth, cost, name) for cost, growth, name in worst if cost > 1)
    print(f"  steepest growth above 1 ms: x{steep[0]:.1f} ({steep[1]:.1f} ms, {steep[2][:50]!r})")


async def _serve(app: Any, body: bytes) -> float:
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/echo",
        "raw_path": b"/echo",
        "query_string": b"page=2",
        "root_path": "",
        "scheme": "http",
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 80),
        "headers": [(b"content-type", b"application/json")],
    }

    async def send(_: object) -> None:
        return None

    start = time.process_time()
    for _ in range(REQUESTS):
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive(messages: Iterator[dict[str, Any]] = messages) -> dict[str, Any]:
            return next(messages)

        await app(dict(scope), receive, send)
    return (time.process_time() - start) / REQUESTS


def show_middleware() -> None:
    try:
        from starlette.applications import Starlette
        from starlette.responses import JSONResponse
        from starlette.routing import Route
    except ImportError:
        print("\nmiddleware: starlette is not installed")
        return

    async def echo(request: Any) -> Any:
        return JSONResponse(await request.json())

    bare = Starlette(routes=[Route("/echo", echo, methods=["POST"])])
    book = RuleBook.of(read_policy(POLICY).policy)
    origin = Origin("localhost", "bench", "1")
    written: list[str] = []
    sanitizer = Sanitizer(lambda: book, written.append, origin, lambda: datetime.now(UTC))
    guarded = SanitizingApp(bare, sanitizer)
    print("\nsmall JSON request of 5 payloads through Starlette")
    for name, what in (("Conan Doyle", "nothing to log"), ("Conan <Doyle>", "one event logged")):
        body = json.dumps({"name": name, "city": "New York", "tags": ["a", "b"]}).encode()
        written.clear()
        pairs = [
            (asyncio.run(_serve(bare, body)), asyncio.run(_serve(guarded, body)))
            for _ in range(ROUNDS)
        ]
        without, with_it = (statistics.median(p[i] for p in pairs) * 1e6 for i in (0, 1))
        ratio = statistics.median(b / a for a, b in pairs)
        added = f"x{ratio:.1f}, +{with_it - without:.0f} us"
        assert len(written) in (0, REQUESTS * ROUNDS), "an event a request, or none"
        print(f"  {what}: {without:.0f} us without, {with_it:.0f} us with ({added})")


def main() -> None:
    show_rates()
    show_costs()
    show_growth()
    show_middleware()


if __name__ == "__main__":
    main()
