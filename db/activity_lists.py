"""Lists of captured transactions and messages: paged both ways by number, displayed, removed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import InstrumentedAttribute

from db.activity_tables import CaptureRow, MessageRow
from db.activity_values import Captured, Message
from db.opening import OpenStore
from epm.calls import call_from_mapping
from epm.errors import CallError, NotFoundError, StoreError
from epm.model import Call, Server

#: So many keys go into one statement; every database takes that many parameters.
KEYS_AT_ONCE = 500
#: The column that numbers the rows of a list.
_Number = InstrumentedAttribute[int]


class ActivityLists:
    """The captured transactions and messages of one system, as they are looked at."""

    def __init__(self, store: OpenStore, system: str) -> None:
        """Take an open store."""
        self._store = store
        self._system = system

    @property
    def label(self) -> str:
        """The store's address without secrets."""
        return self._store.label

    def messages(
        self, limit: int = 100, before: int | None = None, *, since: int | None = None
    ) -> list[Message]:
        """Return messages, newest first, of numbers below ``before``.

        With ``since`` they are those of numbers from it on that are nearest to it, so that a
        list can be paged both ways.
        """
        with self._store.reading() as connection:
            rows = connection.execute(self._page(MessageRow.message_number, limit, before, since))
            return sorted(map(_message, rows), key=lambda message: -message.number)

    def message(self, number: int) -> Message:
        """Return one message.

        Raises:
            NotFoundError: it is not there, or no longer.
        """
        for found in self.messages(1, number + 1):
            if found.number == number:
                return found
        raise NotFoundError(f"message {number} is not in the queue any more")

    def clear_messages(self, through: int | None = None) -> int:
        """Remove messages up to number ``through``, or all; return how many."""
        return self._remove(MessageRow.message_number, through)

    def remove_messages(self, numbers: Sequence[int]) -> int:
        """Remove these messages; return how many there were."""
        return self._remove_each(MessageRow.message_number, numbers)

    def captures(
        self, limit: int = 100, before: int | None = None, *, since: int | None = None
    ) -> list[Captured]:
        """Return captured transactions, the newest first, of numbers below ``before``.

        Those that were recorded together come in no particular order. ``since`` is as for
        :meth:`messages`.
        """
        with self._store.reading() as connection:
            rows = connection.execute(self._page(CaptureRow.capture_number, limit, before, since))
            return sorted(map(_captured, rows), key=lambda captured: -captured.number)

    def captured(self, number: int) -> Captured:
        """Return one captured transaction.

        Raises:
            NotFoundError: it is not there, or no longer.
        """
        for found in self.captures(1, number + 1):
            if found.number == number:
                return found
        raise NotFoundError(f"captured transaction {number} is not there any more")

    def clear_captures(self, through: int | None = None) -> int:
        """Remove captured transactions up to number ``through``, or all; return how many."""
        return self._remove(CaptureRow.capture_number, through)

    def remove_captures(self, numbers: Sequence[int]) -> int:
        """Remove these captured transactions; return how many there were."""
        return self._remove_each(CaptureRow.capture_number, numbers)

    def _page(
        self, number: _Number, limit: int, before: int | None, since: int | None
    ) -> Select[Any]:
        query = select(number.class_.__table__).where(number.class_.system_name == self._system)
        if before is not None:
            query = query.where(number < before)
        if since is not None:
            return query.where(number >= since).order_by(number).limit(limit)
        return query.order_by(number.desc()).limit(limit)

    def _remove(self, number: _Number, through: int | None) -> int:
        statement = delete(number.class_).where(number.class_.system_name == self._system)
        if through is not None:
            statement = statement.where(number <= through)
        with self._store.writing() as connection:
            return connection.execute(statement).rowcount

    def _remove_each(self, number: _Number, numbers: Sequence[int]) -> int:
        removed = 0
        with self._store.writing() as connection:
            for start in range(0, len(numbers), KEYS_AT_ONCE):
                some = numbers[start : start + KEYS_AT_ONCE]
                own = number.class_.system_name == self._system
                statement = delete(number.class_).where(own, number.in_(some))
                removed += connection.execute(statement).rowcount
        return removed


def _call(text: str) -> Call:
    try:
        return call_from_mapping(json.loads(text), now=datetime.min, localize=lambda at: at)
    except (ValueError, CallError) as error:
        raise StoreError(f"the store holds a call that is not one: {error}") from None


def _message(row: Any) -> Message:
    return Message(
        row.sent_at.replace(tzinfo=UTC),
        row.severity,
        row.message_text,
        None if row.server_name is None else Server(row.server_name),
        row.rule_seq,
        None if row.call_json is None else _call(row.call_json),
        row.message_number,
    )


def _captured(row: Any) -> Captured:
    return Captured(
        _call(row.call_json),
        row.times_seen,
        row.first_seen.replace(tzinfo=UTC),
        row.last_seen.replace(tzinfo=UTC),
        row.capture_number,
    )
