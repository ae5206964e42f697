"""The IBM i adapter against the simulator: requests, socket calls, deployed bytes, fetched entries.

Run it from the repository's top: ``python -m benchmarks.ibmi [--entries N] [--json]``.

Method. One simulated IBM i serves XMLSERVICE over HTTP on loopback; the product's own client
drives it through the real itoolkit, a connection for each request as itoolkit makes it. What is
compared is timed back to back in each repetition, and the median of the repetitions' ratios is
shown: a command over HTTP to the same one answered in this process, and entries fetched and
imported to entries only fetched. Socket calls run the C exit program that was attached.
"""

from __future__ import annotations

import argparse
import json
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from db.ibmi.fetch import fetch
from db.ibmi.sources import DisplayJournal
from db.ibmi.values import FetchedEntry
from epm.addresses import parse_address
from epm.cli.ibmi_entries import records_of
from epm.cli.ibmi_import import over_xmlservice
from epm.cli.simulate_xmlservice import sk_data
from epm.events import Endpoint, Job, SocketEvent, SocketEventType
from epm.model import Server
from epm.rulefile.load import load_rules
from exitprograms.formats import acpt0100
from exitprograms.ibmi import attaching, remotespace
from exitprograms.ibmi.client import Client
from exitprograms.ibmi.connection import read_connection
from exitprograms.ibmi.objects import Names
from exitprograms.ibmi.sources import sources_for
from exitprograms.ibmi.steps import run_steps
from exitprograms.ibmi.transports import open_carrier
from exitprograms.ile.image import Target, compile_image
from journal.importing import import_records
from journal.writer import Journal
from simulators.ibmi.journals import Origin
from simulators.ibmi.sample import sample_system, sample_users
from simulators.ibmi.system import System
from simulators.ile_compiler import IleCompiler
from simulators.xmlservice.server import serve
from simulators.xmlservice.service import Service

REPETITIONS = 5
SECONDS = 0.4
BATCH = 1000
RULES = """
version: 1
servers:
  QSOACCEPT:
    activated: true
    rules:
      - {seq: 10, authority: Y, active: Y,
         conditions: [{field: RMTADDR, op: EQ, value: 10.0.0.0/8}]}
      - {seq: 99999, authority: N}
"""


class Inside:
    """A carrier without a transport: the same documents, answered in this process."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def call(self, toolkit) -> str:
        """Answer a document."""
        return self.service.answer("EPMADM", "*na", "*here *cdata", toolkit.xml_in(), 15_000_000)

    def close(self) -> None:
        """Nothing is open."""


def rate(call: Callable[[], object]) -> float:
    """Return calls per second."""
    call()
    count, begin = 0, time.perf_counter()
    while (spent := time.perf_counter() - begin) < SECONDS:
        call()
        count += 1
    return count / spent


@contextmanager
def machine() -> Iterator[tuple[System, Client, Client]]:
    """Yield a system, a client over HTTP and one inside."""
    word = secrets.token_hex(8)
    system = sample_system(
        datetime.now, sample_users(word), sk_encoder=sk_data, compiler=IleCompiler()
    )
    server = serve(system)
    connection = read_connection("BENCH", {"url": server.url, "user": "EPMADM"}, "benchmark")
    carrier = open_carrier(connection, lambda: word, lambda *_: None)
    try:
        yield system, Client(carrier, "http"), Client(Inside(server.service), "inside")
    finally:
        server.close()


def requests(http: Client, inside: Client) -> dict[str, dict[str, float]]:
    """Return commands, queries and user-space reads a second, over HTTP and inside."""
    kinds: dict[str, Callable[[Client], object]] = {
        "command": lambda c: c.command("CHGLIBL LIBL(QGPL QTEMP)"),
        "query": lambda c: c.query("VALUES 1"),
        "180 KB of a user space": lambda c: remotespace.read(c, "EPM", "EPMRULES", 0, 180_000),
        "list a library": lambda c: c.query(
            "SELECT OBJNAME FROM TABLE(QSYS2.OBJECT_STATISTICS('QGPL', '*ALL'))"
        ),
    }
    result = {}
    for name, call in kinds.items():
        pairs = [
            (rate(partial(call, http)), rate(partial(call, inside))) for _ in range(REPETITIONS)
        ]
        result[name] = {
            "over HTTP": statistics.median(p[0] for p in pairs),
            "inside": statistics.median(p[1] for p in pairs),
            "ratio": statistics.median(p[0] / p[1] for p in pairs),
        }
    return result


def attach(http: Client) -> float:
    """Attach for real, compiling with the compiler here; return seconds."""
    names = Names("EPM")
    image = compile_image(load_rules(RULES, "rules").ruleset, revision=1, target=Target())
    before = attaching.look(http, names)
    steps = attaching.plan(
        before, names, (Server.ACCEPT,), sources_for(names), image, "/epm-EPM-benchmark"
    )
    begin = time.perf_counter()
    run_steps(http, steps, lambda _: None)
    return time.perf_counter() - begin


def socket_calls(system: System) -> float:
    """Return socket calls a second, each answered by the C exit program."""
    job = system.job("EPMUSER", name="SSHD")
    end = Endpoint(parse_address("192.168.1.10"), 22)
    block = acpt0100.encode(acpt0100.Accept(end, end, Endpoint(parse_address("10.1.2.3"), 50000)))
    return statistics.median(
        rate(lambda: system.socket_call("ACPT0100", block, job)) for _ in range(REPETITIONS)
    )


def fill(system: System, entries: int) -> None:
    origin, job = Origin("SSHD", "QTCP", "000123", "EPMUSER"), Job("SSHD", "QTCP", 123)
    local = Endpoint(parse_address("192.168.1.10"), 22)
    for number in range(entries):
        remote = Endpoint(parse_address("10.0.0.0") + number, 50000)
        system.state.write_sk(SocketEvent(SocketEventType.ACCEPT, job, local, remote, 5), origin)


def fetched(http: Client) -> tuple[float, float]:
    """Return (entries a second only fetched, entries a second fetched and imported)."""

    def entries() -> Iterator[FetchedEntry]:
        found = fetch(over_xmlservice(http), DisplayJournal(), batch=BATCH)
        return (entry for entry in found if isinstance(entry, FetchedEntry))

    begin = time.perf_counter()
    count = sum(1 for _ in entries())
    plain = count / (time.perf_counter() - begin)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.open(
            Path(folder) / "J", journal_name="J", system="BENCH", clock=lambda: datetime.now(UTC)
        )
        journal.start()
        begin = time.perf_counter()
        done = import_records(journal, records_of(entries(), "BENCH"), system="BENCH")
        journal.close()
        spent = time.perf_counter() - begin
    assert done.imported == count
    return plain, count / spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with machine() as (system, http, inside):
        seconds = attach(http)
        result = requests(http, inside)
        calls = socket_calls(system)
        fill(system, options.entries)
        pairs = [fetched(http) for _ in range(3)]
    plain, kept = (statistics.median(values) for values in zip(*pairs, strict=True))
    ratio = statistics.median(k / p for p, k in pairs)
    if options.json:
        print(json.dumps({"requests": result, "attach_seconds": seconds, "socket_calls": calls,
                          "fetched": plain, "imported": kept, "import_ratio": ratio}))  # fmt: skip
        return
    for name, row in result.items():
        print(f"{name:24} over HTTP {row['over HTTP']:8,.0f}/s  inside {row['inside']:8,.0f}/s  "
              f"ratio {row['ratio']:.2f}")  # fmt: skip
    print(f"attach, C compiled       {seconds:.1f} s")
    print(f"socket calls, C decides  {calls:,.0f}/s")
    print(f"entries fetched          {plain:,.0f}/s, and imported {kept:,.0f}/s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
