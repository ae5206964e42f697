"""Stores on each database; PostgreSQL is a real one, started for these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.store import Store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An address without a store, on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/epm.db"
    return request.getfixturevalue("cluster").new_database()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/epm.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.init(url) as opened:
        yield opened


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """For promises that no database has a say in."""
    with Store.init(sqlite_url) as opened:
        yield opened
