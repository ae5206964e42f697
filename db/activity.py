"""Captured transactions and messages: what is recorded and kept how long.

A live call must never wait for this; :mod:`db.activity_writer` is what stands between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, bindparam, case, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from db.activity_lists import KEYS_AT_ONCE, ActivityLists
from db.activity_tables import MAX_MESSAGE, CaptureRow, MessageRow
from db.activity_values import Captured, Message
from db.failures import translated
from db.opening import OpenStore
from db.values import canonical
from epm.calls import call_to_mapping
from epm.model import Call

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Retention:
    """How many of each are kept for a system; the oldest go first."""

    messages: int = 10_000
    captures: int = 100_000


class Activity(ActivityLists):
    """The captured transactions and messages of one system."""

    def __init__(self, store: OpenStore, system: str, retention: Retention | None = None) -> None:
        """Take an open store; what goes beyond ``retention`` is dropped when more is recorded."""
        super().__init__(store, system)
        self._retention = retention or Retention()

    def record(self, messages: Sequence[Message], captures: Iterable[Captured]) -> int:
        """Keep messages and captures in one transaction; return how many captures it pushed out.

        Raises:
            StoreError: nothing was kept.
        """
        joined: dict[str, Captured] = {}
        for captured in captures:
            key = captured.key
            joined[key] = joined[key].joined(captured) if key in joined else captured
        # In one order everywhere: programs that write the same rows then never wait crosswise.
        joined = dict(sorted(joined.items()))
        database = self._store.database
        with translated(database.where):
            for attempt in range(_ATTEMPTS):
                try:
                    with database.writer.begin() as connection:
                        return self._record(connection, messages, joined)
                except IntegrityError:
                    # On a server, another program may capture an equal call at the same time.
                    if attempt == _ATTEMPTS - 1:
                        raise
        raise AssertionError("the loop returns or raises")

    def _record(
        self, connection: Connection, messages: Sequence[Message], captures: dict[str, Captured]
    ) -> int:
        if messages:
            connection.execute(insert(MessageRow), [self._message_row(m) for m in messages])
            self._trim_messages(connection)
        known = self._known(connection, list(captures))
        self._raise_counts(connection, {k: c for k, c in captures.items() if k in known})
        fresh = {k: c for k, c in captures.items() if k not in known}
        if not fresh:
            return 0
        connection.execute(insert(CaptureRow), [self._capture_row(k, c) for k, c in fresh.items()])
        return self._trim_captures(connection)

    def _message_row(self, message: Message) -> dict[str, Any]:
        return {
            "system_name": self._system,
            "sent_at": _stored(message.at),
            "severity": message.severity,
            "message_text": _bounded(message.text),
            "server_name": None if message.server is None else message.server.value,
            "rule_seq": message.rule,
            "call_json": None if message.call is None else _call_json(message.call),
        }

    def _capture_row(self, key: str, captured: Captured) -> dict[str, Any]:
        return {
            "system_name": self._system,
            "call_key": key,
            "server_name": captured.call.server.value,
            "call_json": _call_json(captured.call),
            "times_seen": captured.count,
            "first_seen": _stored(captured.first_seen),
            "last_seen": _stored(captured.last_seen),
        }

    def _known(self, connection: Connection, keys: list[str]) -> set[str]:
        known: set[str] = set()
        for start in range(0, len(keys), KEYS_AT_ONCE):
            query = select(CaptureRow.call_key).where(
                CaptureRow.system_name == self._system,
                CaptureRow.call_key.in_(keys[start : start + KEYS_AT_ONCE]),
            )
            known.update(connection.execute(query).scalars())
        return known

    def _raise_counts(self, connection: Connection, captures: dict[str, Captured]) -> None:
        if not captures:
            return
        seen = bindparam("seen", type_=DateTime)
        statement = (
            update(CaptureRow)
            .where(CaptureRow.system_name == self._system, CaptureRow.call_key == bindparam("key"))
            .values(
                times_seen=CaptureRow.times_seen + bindparam("more"),
                call_json=bindparam("call"),
                # Two programs may write out of order.
                last_seen=case((CaptureRow.last_seen < seen, seen), else_=CaptureRow.last_seen),
            )
        )
        connection.execute(
            statement,
            [
                {
                    "key": key,
                    "more": captured.count,
                    "call": _call_json(captured.call),
                    "seen": _stored(captured.last_seen),
                }
                for key, captured in captures.items()
            ],
        )

    def _trim_messages(self, connection: Connection) -> None:
        oldest = connection.execute(
            select(MessageRow.message_number)
            .where(MessageRow.system_name == self._system)
            .order_by(MessageRow.message_number.desc())
            .offset(self._retention.messages)
            .limit(1)
        ).scalar()
        if oldest is not None:
            connection.execute(
                delete(MessageRow).where(
                    MessageRow.system_name == self._system, MessageRow.message_number <= oldest
                )
            )

    def _trim_captures(self, connection: Connection) -> int:
        oldest = connection.execute(
            select(CaptureRow.last_seen)
            .where(CaptureRow.system_name == self._system)
            .order_by(CaptureRow.last_seen.desc())
            .offset(self._retention.captures)
            .limit(1)
        ).scalar()
        if oldest is None:
            return 0
        return connection.execute(
            delete(CaptureRow).where(
                CaptureRow.system_name == self._system, CaptureRow.last_seen <= oldest
            )
        ).rowcount


def _stored(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)


def _bounded(text: str) -> str:
    plain = text.encode("utf-8", "backslashreplace").decode().replace("\0", "?")
    return plain if len(plain) <= MAX_MESSAGE else f"{plain[: MAX_MESSAGE - 3]}..."


def _call_json(call: Call) -> str:
    return canonical(call_to_mapping(call))
