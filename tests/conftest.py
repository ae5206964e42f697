"""What tests of several folders share: one database server and one ODBC stack a process.

They are here and not imported where they are wanted: an imported fixture is one more fixture, with
one more server, while unixODBC keeps what it once read about a data source.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.odbc.stack import make_objects, make_source
from tests.support.postgresql import Cluster, running_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as server:
        make_objects(server.address)
        yield server


@pytest.fixture(scope="session")
def source(cluster: Cluster) -> Iterator[str]:
    """Name of a data source in configuration files of this test run alone."""
    before = os.environ.get("ODBCSYSINI")
    os.environ["ODBCSYSINI"] = str(cluster.folder)
    yield make_source(cluster.folder)
    if before is None:
        del os.environ["ODBCSYSINI"]
    else:
        os.environ["ODBCSYSINI"] = before
