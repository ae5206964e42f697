"""What the journal costs: appends, flushes, reading, verifying, parsing, reports.

Run it from the repository as ``python -m benchmarks.journal`` (as a script its own name would
hide the package). Read the ratios of one run, not the times: they are
of this machine and of its disk. The first line is the floor: one write of as many bytes.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from epm.events import Endpoint, ExitEvent, Job, SkData, SocketEvent, SocketEventType
from epm.model import Call, Decision, Reason, RuleName, Server, Verdict
from journal.layouts.esd import encode_esd
from journal.layouts.type4 import encode_type4
from journal.layouts.type5 import encode_type5
from journal.layouts.values import HeaderData
from journal.parsing.api import parse
from journal.query import Query
from journal.reader import JournalReader
from journal.records import to_type5
from journal.report.run import ReportRequest, write_report
from journal.sink import JournalSink
from journal.verify import verify
from journal.writer import Journal

APPENDS = 20_000
SYNCED = 300
RECORDS = 30_000
JOB = Job("sshd", "QTCP", 4711, "/usr/sbin/sshd", ("QPGMR", "QSYSOPR"))
CALL = Call(
    Server.ACCEPT,
    lcladdr=0xC0A8010A,
    lclport=22,
    bndaddr=0,
    bndport=22,
    rmtaddr=0x0A010203,
    rmtport=50000,
    user="QTCP",
    groups=("QPGMR", "QSYSOPR"),
    job="sshd",
    pgm="/usr/sbin/sshd",
    at=datetime(2026, 11, 21, 10, 0, 0, 123456),
)
DECISION = Decision(
    Server.ACCEPT, Verdict.REJECT, Reason.RULE, RuleName(10, "Admin subnet"), True, False, False
)
EXIT_EVENT = ExitEvent(CALL, DECISION, JOB, 3)
SOCKET_EVENT = SocketEvent(
    SocketEventType.ACCEPT, JOB, Endpoint(0xC0A8010A, 22), Endpoint(0x0A010203, 50000), 5
)


def timed(count: int, action: Callable[[], object]) -> float:
    """Return seconds for one of ``count``, of the best of three runs of ``action``."""
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - begin)
    return best / count


def repeat(count: int, call: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(count):
            call()

    return run


def appends(folder: Path) -> Iterator[tuple[str, float]]:
    descriptor = os.open(folder / "floor", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    data = b"x" * 600
    yield "write of 600 bytes", timed(APPENDS, repeat(APPENDS, lambda: os.write(descriptor, data)))
    os.close(descriptor)
    with open_journal(folder / "group", "group") as journal:
        sink = JournalSink(journal)
        journal.start()
        yield (
            "SK entry, group flush",
            timed(APPENDS, repeat(APPENDS, lambda: sink.socket_event(SOCKET_EVENT))),
        )
        yield (
            "NR entry, group flush",
            timed(APPENDS, repeat(APPENDS, lambda: sink.decided(EXIT_EVENT))),
        )
    with open_journal(folder / "always", "always") as journal:
        sink = JournalSink(journal)
        yield (
            "SK entry, sync always",
            timed(SYNCED, repeat(SYNCED, lambda: sink.socket_event(SOCKET_EVENT))),
        )


def open_journal(directory: Path, sync: str) -> Journal:
    return Journal.open(
        directory,
        journal_name="EPMJRN",
        system="*LOCAL",
        clock=lambda: datetime.now(UTC),
        sync=sync,
    )


def reading(directory: Path) -> Iterator[tuple[str, float]]:
    reader = JournalReader(directory)
    count = sum(1 for _ in reader.entries())
    stored = [raw.decode() for raw, _ in zip(reader.entries(), range(5000), strict=False)]
    yield "read, payload not decoded", timed(count, lambda: sum(1 for _ in reader.entries()))
    yield (
        "read and decode",
        timed(count, lambda: [None for r in reader.entries() if not r.decode()]),
    )
    yield "verify", timed(count, lambda: verify(directory))
    yield "*TYPE5 record of an entry", timed(len(stored), lambda: [to_type5(s) for s in stored])
    request = ReportRequest("csv", Query(), datetime.now(UTC), "benchmark", "epm")
    yield (
        "report as csv, proof included",
        timed(count, lambda: write_report(directory, request, io.BytesIO())),
    )


def parsing() -> Iterator[tuple[str, float]]:
    for form, data in records().items():
        yield f"parse {form}", timed(RECORDS, partial(parse_all, data, form))


def parse_all(data: bytes, form: str) -> None:
    assert sum(1 for _ in parse(io.BytesIO(data), form)) == RECORDS


def records() -> dict[str, bytes]:
    """Return records as journals hold them: addresses and names repeat, times do not."""
    made: dict[str, list[bytes]] = {"type5": [], "type4": [], "esd": []}
    for number in range(RECORDS):
        header = HeaderData(
            number, f"2026-11-21-08.00.00.{number:06d}", "T", "SK", f"QZDASOINI{number % 7}",
            "QUSER", 100_000 + number % 500, "QZDASOINIT", "QSYS", f"USER{number % 50}", "PROD1",
        )  # fmt: skip
        remote = f"10.{number % 200}.{number % 11}.7"
        sk = SkData("A", "192.168.1.10", 8471, remote, 1024 + number % 40_000, 5, "*IPV4")
        esd = encode_esd(sk)
        made["esd"].append(esd)
        made["type5"].append(encode_type5(header, esd))
        made["type4"].append(encode_type4(header, esd[:960]))
    return {form: b"".join(pieces) for form, pieces in made.items()}


def show(title: str, rows: Iterator[tuple[str, float]]) -> None:
    print(f"\n{title:<32} {'per second':>12} {'microseconds':>13} {'ratio':>8}")
    floor = 0.0
    for name, seconds in rows:
        floor = floor or seconds
        print(f"{name:<32} {1 / seconds:>12,.0f} {seconds * 1e6:>13.1f} {seconds / floor:>8.1f}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        show("append", appends(folder))
        show("read", reading(folder / "group"))
    show("parse", parsing())


if __name__ == "__main__":
    main()
