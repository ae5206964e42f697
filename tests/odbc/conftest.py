"""A real ODBC stack: pyodbc, unixODBC, psqlODBC, PostgreSQL, with objects shaped like IBM i's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from db.store import Store
from tests.odbc.plumbing import Driver
from tests.support.postgresql import Cluster

_NUMBERS = count(1)
#: Scenarios of the store whose statements others that run here by default send too.
_SENT_BY_OTHERS = frozenset({
    "test_a_reader_in_the_middle_of_saves_never_sees_half_of_one",
    "test_every_revision_can_be_loaded_as_it_was",
    "test_programs_that_capture_at_the_same_time_lose_no_count",
    "test_revisions_are_paged_both_ways",
    "test_the_clock_is_the_callers_and_kept_in_utc",
    "test_the_users_of_a_group_are_the_rules_that_name_it",
    "test_usage_is_that_of_the_rules_as_they_are_now",
})  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the long run what is a repetition; the functions themselves are tests.db's."""
    for item in items:
        name = getattr(item, "originalname", "")
        if item.path.name == "test_store_over_ibmi.py" and name in _SENT_BY_OTHERS:
            item.add_marker(pytest.mark.heavy)


@pytest.fixture
def driver(source: str, monkeypatch: pytest.MonkeyPatch) -> Driver:
    """What the dialect takes for pyodbc."""
    import db.ibmi.dialect

    made = Driver(f"DSN={source};FetchRefcursors=0")
    monkeypatch.setattr(db.ibmi.dialect.IbmiDialect, "import_dbapi", lambda: made)
    return made


@pytest.fixture
def url(cluster: Cluster, driver: Driver) -> str:
    """An address without a store, in a library of its own."""
    library = f"epmlib{next(_NUMBERS)}"
    with psycopg.connect(cluster.address, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {library}")
    return f"ibmi://epm:canary@dev400/postgres?current_schema={library}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.init(url) as opened:
        yield opened


@pytest.fixture
def sqlite_store(store: Store) -> Store:
    """Scenarios that ask for just one kind of store get this one here."""
    return store
