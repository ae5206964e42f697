"""Times fetching over ODBC: entries per second from each source, and what of that is the driver.

Run it as ``python benchmarks/fetch.py [ENTRIES]``. It starts a PostgreSQL of its own (server,
unixODBC and psqlODBC must be installed) with tables and services shaped like IBM i's. Each figure
is the best of three; the ratio is to reading the same rows by pyodbc alone, in the same run.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from db.ibmi.fetch import fetch
from db.ibmi.odbc import open_database
from db.ibmi.outfile import Outfile
from db.ibmi.sources import AuditJournalSk, DisplayJournal
from db.ibmi.values import FetchedEntry
from tests.odbc.audit import Audit, over_postgresql
from tests.odbc.stack import SOURCE, make_objects, make_source
from tests.support.postgresql import cluster_folder, running_cluster


def best(work: Callable[[], int], count: int) -> float:
    """Return entries per second of the fastest of three runs, each of which must give all."""
    times = []
    for _ in range(3):
        start = perf_counter()
        found = work()
        times.append(perf_counter() - start)
        assert found == count, (found, count)
    return count / min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time fetching over ODBC.")
    parser.add_argument("entries", nargs="?", type=int, default=20_000)
    measure(parser.parse_args().entries)


def measure(count: int) -> None:
    """Print the figures of fetching so many entries."""
    with cluster_folder() as folder, running_cluster(folder) as server:
        make_objects(server.address)
        make_source(folder)
        os.environ["ODBCSYSINI"] = str(folder)
        connection = open_database(f"DSN={SOURCE};FetchRefcursors=0")
        audit = Audit(server.address)
        numbers = range(1, count + 1)
        audit.attach("R1", 1, count, numbers)
        audit.outfile("R1", numbers)
        audit.records("R1", numbers)
        query = over_postgresql(connection)
        bare = "SELECT hex(entry_data) FROM qsys2.entries ORDER BY sequence_number"
        driver = best(lambda: sum(1 for _ in connection.query(bare)), count)
        print(f"{count} entries of 1,070 bytes; entries/s, and part of the bare driver's")
        print(f"{'bare query':20} {driver:10,.0f}")
        for name, make in (
            ("DISPLAY_JOURNAL", DisplayJournal),
            ("AUDIT_JOURNAL_SK", AuditJournalSk),
            ("*TYPE5 outfile", lambda: Outfile("EPMLIB", "SKOUT")),
            ("*TYPE5 records", lambda: Outfile("EPMLIB", "SKREC")),
        ):
            rate = best(
                lambda make=make: sum(isinstance(e, FetchedEntry) for e in fetch(query, make())),
                count,
            )
            print(f"{name:20} {rate:10,.0f} {rate / driver:6.2f}")
        audit.close()
        connection.close()


if __name__ == "__main__":
    main()
