"""A real PostgreSQL for tests: a private cluster in a temporary folder, Unix socket only."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg

from tests.support.real import unavailable

_NUMBERS = count(1)


def _tool(name: str) -> str | None:
    found = shutil.which(name)
    if found:
        return found
    return next((str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)


class Cluster:
    """A running server; PostgreSQL refuses to run as root, so root lends it another user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._user: list[str] = []
        if os.geteuid() == 0:
            name = next(n for n in ("postgres", "nobody") if _exists(n))
            self._user = ["runuser", "-u", name, "--"]
            shutil.chown(folder, name)

    def run(self, tool: str, *words: str) -> None:
        path = _tool(tool)
        assert path is not None
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [*self._user, path, *words],
            check=True,
            capture_output=True,
            cwd=self.folder,
            env=environment,
            timeout=60,
        )

    def start(self) -> None:
        self.run("initdb", "-D", f"{self.folder}/data", "-U", "epm", "-A", "trust", "--no-sync")
        settings = (
            f"-k {self.folder} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB "
            "-c max_connections=50"
        )
        self.run(
            "pg_ctl",
            "-D",
            f"{self.folder}/data",
            "-w",
            "-o",
            settings,
            "-l",
            f"{self.folder}/log",
            "start",
        )

    def stop(self) -> None:
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")

    @property
    def address(self) -> str:
        """As libpq takes it."""
        return f"host={self.folder} user=epm dbname=postgres"

    def new_database(self) -> str:
        """Return the address of an empty schema: a database to a store, and made in no time."""
        name = f"epm{next(_NUMBERS)}"
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        options = f"host={self.folder}&options=-csearch_path%3D{name}"
        return f"postgresql://epm:canary@/postgres?{options}"


def _exists(user: str) -> bool:
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwnam(user))
    return False


@contextlib.contextmanager
def cluster_folder() -> Iterator[Path]:
    """A folder for a server, with a path short enough for its socket's name."""
    folder = Path(tempfile.mkdtemp(prefix="epm-pg-", dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """A server for as long as it is wanted; without PostgreSQL the test is skipped, or fails."""
    if _tool("initdb") is None:
        unavailable("PostgreSQL's initdb is not installed")
    server = Cluster(folder)
    server.start()
    yield server
    server.stop()
