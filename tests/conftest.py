"""What tests of several folders share: one database server and one ODBC stack a process.

They are here and not imported where they are wanted: an imported fixture is one more fixture, with
one more server. And they name unixODBC's folder before the first test, because it never asks again
where its files are, and keeps for a while what it read in them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.odbc.stack import SOURCE, make_objects, make_source
from tests.support.postgresql import Cluster, cluster_folder, running_cluster


@pytest.fixture(scope="session", autouse=True)
def odbc_folder() -> Iterator[Path]:
    """Where unixODBC finds the files of this test run alone, and the server its socket."""
    before = os.environ.get("ODBCSYSINI")
    with cluster_folder() as folder:
        make_source(folder)
        os.environ["ODBCSYSINI"] = str(folder)
        yield folder
    if before is None:
        del os.environ["ODBCSYSINI"]
    else:
        os.environ["ODBCSYSINI"] = before


@pytest.fixture(scope="session")
def cluster(odbc_folder: Path) -> Iterator[Cluster]:
    with running_cluster(odbc_folder) as server:
        make_objects(server.address)
        yield server


@pytest.fixture(scope="session")
def source(cluster: Cluster) -> str:
    """Name of the data source; its server runs."""
    return SOURCE
