"""What the ODBC stack of a test run consists of: objects in the database, a data source."""

from __future__ import annotations

from pathlib import Path

import psycopg

DRIVER = "/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so"
#: The data source.
SOURCE = "EPMDEV"
_DATA = Path(__file__).parents[1] / "data" / "odbc"


def make_objects(address: str) -> None:
    """Make tables and services shaped like IBM i's in an empty database."""
    with psycopg.connect(address, autocommit=True) as connection:
        for name in ("store.sql", "journal.sql"):
            connection.execute((_DATA / name).read_text())


def make_source(folder: Path) -> None:
    """Write unixODBC's files, which name a data source, into the folder of a server.

    They count where the environment's ``ODBCSYSINI`` names the folder.
    """
    (folder / "odbcinst.ini").write_text(f"[EPM TEST]\nDriver={DRIVER}\n")
    (folder / "odbc.ini").write_text(
        f"[{SOURCE}]\nDriver=EPM TEST\nServername={folder}\nDatabase=postgres\nUsername=epm\n"
        "ByteaAsLongVarBinary=1\nFetchRefcursors=1\nMaxLongVarcharSize=20000000\n"
    )
