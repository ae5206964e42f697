"""Opening and making a store: what all its methods stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import Connection

from db import schema
from db.engine import Database, Timeouts, is_missing, open_engine
from db.failures import translated
from db.gate import Gate

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time now, aware, UTC."""
    return datetime.now(UTC)


class OpenStore:
    """A database that holds a store of this version's schema, and its two kinds of transaction."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        """Take an open database whose schema has been checked."""
        self.database = database
        self._clock = clock

    @classmethod
    def open(
        cls,
        url: str,
        *,
        create: bool = False,
        timeouts: Timeouts | None = None,
        clock: Clock = utc_now,
    ) -> Self:
        """Open a store; with ``create``, make a missing SQLite file (but never upgrade one).

        Raises:
            SettingsError: ``url`` is not an address of a store.
            StoreUnavailableError: missing, locked or unreachable.
            StoreError: damaged, or its schema is not this version's.
            UnsupportedError: the driver is not installed.
        """
        if create and is_missing(url):
            return cls.init(url, timeouts=timeouts, clock=clock)
        store = cls(open_engine(url, timeouts=timeouts), clock)
        try:
            schema.check(store.database)
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def init(cls, url: str, *, timeouts: Timeouts | None = None, clock: Clock = utc_now) -> Self:
        """Create or upgrade a store.

        When it fails nothing is changed; an empty file may be left, which counts as missing.

        Raises:
            StoreError: and the others of :meth:`open`; also a newer schema.
        """
        store = cls(open_engine(url, create=True, timeouts=timeouts), clock)
        try:
            schema.upgrade(store.database)
            store.begin_life()
        except BaseException:
            store.close()
            raise
        return store

    def begin_life(self) -> None:
        """Make what a new store must hold; called after each upgrade, so do it once only."""

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self.close()

    def reconnect(self) -> None:
        """Open new connections from now on: the file behind the old ones was replaced."""
        self.database.engine.dispose()

    @property
    def label(self) -> str:
        """The store's address without secrets."""
        return self.database.where.label

    @property
    def gate(self) -> Gate | None:
        """What the linked SQLite may be trusted with; ``None`` for a server."""
        return self.database.gate

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read transaction: everything in it is of one state of the store."""
        with translated(self.database.where), self.database.reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction: all of it is kept, or nothing."""
        with translated(self.database.where), self.database.writer.begin() as connection:
            yield connection
