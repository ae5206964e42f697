"""What the exit programs of an IBM i put into its queues: captured calls and messages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from epm.cli.clock import utc_now
from epm.cli.output import warn
from epm.errors import FormatError

if TYPE_CHECKING:
    from db.activity import Activity
    from db.activity_values import Captured, Message
    from epm.cli.ibmi_positions import Positions
    from exitprograms.ibmi.client import Remote
    from exitprograms.ibmi.objects import Names

_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[- T](\d\d)[.:](\d\d)[.:](\d\d)(\.\d{1,6})?")


def zone_of(remote: Remote) -> timezone:
    """Return the system's offset from UTC (CURRENT TIMEZONE, a decimal hhmmss)."""
    rows = remote.query("VALUES CURRENT TIMEZONE")
    text = next(iter(rows[0].values()), None) if rows else None
    try:
        number = int(float(text or "0"))
        sign = -1 if number < 0 else 1
        hours, rest = divmod(abs(number), 10_000)
        return timezone(sign * timedelta(hours=hours, minutes=rest // 100, seconds=rest % 100))
    except (ValueError, OverflowError):
        warn(f"{remote.where}: its offset from UTC cannot be read: its times are taken as UTC")
        return timezone.utc  # noqa: UP017 - a timezone, which datetime.UTC is too


def drain_captures(remote: Remote, names: Names, activity: Activity, zone: timezone) -> int:
    """Record the captured calls of the data queue in the store, then take them off it.

    In this order, so that none is lost where this is killed in between; then at most 100 are
    counted twice. Where another place takes from the queue at the same time, what comes off it
    and was not recorded here is recorded then.

    Raises:
        RemoteError: the system cannot be asked.
        StoreError: the store does not take them; they stay in the queue.
    """
    from exitprograms.ibmi.objects import CAPTURES

    total = 0
    while entries := _peek(remote, names):
        total += _record(entries, activity, zone)
        taken, other = _take_off(remote, names, entries)
        if not taken:
            break  # others took all of them
        if other is not None:
            total += _record([other], activity, zone)
            warn(
                f"{remote.where}: another fetch takes from {names.path(CAPTURES)} at the same "
                "time: a captured call may be counted twice"
            )
    return total


def _record(entries: Sequence[bytes], activity: Activity, zone: timezone) -> int:
    captured = [c for data in entries if (c := _captured(data, zone)) is not None]
    activity.record([], captured)
    return len(captured)


def _take_off(remote: Remote, names: Names, entries: Sequence[bytes]) -> tuple[int, bytes | None]:
    """Take recorded entries off the queue; stop at the first that is none of them.

    INVARIANT: at most one entry is off the queue and not recorded, and that is returned.

    Returns:
        How many were taken, and the one that was not recorded.
    """
    recorded = Counter(entries)
    for taken, _ in enumerate(entries):
        rows = remote.query(_receive(names))
        if not rows:
            return taken, None
        data = _bytes(rows[0].get("DATA"))
        if not recorded[data]:
            return taken + 1, data
        recorded[data] -= 1
    return len(entries), None


def _peek(remote: Remote, names: Names) -> list[bytes]:
    from exitprograms.ibmi.objects import CAPTURES, bound

    rows = remote.query(
        bound(
            "SELECT HEX(MESSAGE_DATA_BINARY) AS DATA FROM TABLE(QSYS2.DATA_QUEUE_ENTRIES("
            "DATA_QUEUE => ?, DATA_QUEUE_LIBRARY => ?)) ORDER BY ORDINAL_POSITION "
            "FETCH FIRST 100 ROWS ONLY",
            CAPTURES,
            names.lib,
        )
    )
    return [_bytes(row.get("DATA")) for row in rows]


def _receive(names: Names) -> str:
    from exitprograms.ibmi.objects import CAPTURES, bound

    return bound(
        "SELECT HEX(MESSAGE_DATA_BINARY) AS DATA FROM TABLE(QSYS2.RECEIVE_DATA_QUEUE("
        "DATA_QUEUE => ?, DATA_QUEUE_LIBRARY => ?, REMOVE => 'YES', WAIT_TIME => 0))",
        CAPTURES,
        names.lib,
    )


def _bytes(text: str | None) -> bytes:
    try:
        return bytes.fromhex(text or "")
    except ValueError:
        return b""


def _captured(data: bytes, zone: timezone) -> Captured | None:
    from db.activity_values import Captured
    from exitprograms.ile.captures import decode_capture

    try:
        record = decode_capture(data)
    except FormatError as error:
        warn(f"an entry of the data queue is no captured call and is dropped: {error}")
        return None
    at = record.call.at or datetime.min
    seen = at.replace(tzinfo=zone).astimezone(UTC)
    return Captured(replace(record.call, at=at), 1, seen, seen)


def take_messages(
    remote: Remote, names: Names, activity: Activity, positions: Positions, zone: timezone
) -> int:
    """Record the messages that came since the last time; they stay on the system's queue.

    Raises:
        RemoteError: the system cannot be asked.
        StoreError: the store does not take them.
    """
    total = 0
    while rows := _new_messages(remote, names, positions.messages):
        found = [_message(stamp, text, zone) for stamp, _, text in rows]
        activity.record(found, [])
        positions.messages = rows[-1][:2]
        total += len(found)
    return total


def _new_messages(
    remote: Remote, names: Names, after: tuple[str, int]
) -> Sequence[tuple[str, int, str]]:
    from exitprograms.ibmi.objects import bound

    stamp = after[0] or "0001-01-01-00.00.00.000000"
    rows = remote.query(
        bound(
            "SELECT MESSAGE_TIMESTAMP, MESSAGE_KEY, MESSAGE_TEXT FROM QSYS2.MESSAGE_QUEUE_INFO "
            "WHERE MESSAGE_QUEUE_LIBRARY = ? AND MESSAGE_QUEUE_NAME = ? "
            "AND MESSAGE_TIMESTAMP >= ? ORDER BY MESSAGE_TIMESTAMP, MESSAGE_KEY "
            "FETCH FIRST 1000 ROWS ONLY",
            names.lib,
            names.message_queue,
            stamp,
        )
    )
    found = ((_text(r, "MESSAGE_TIMESTAMP"), _key(r), _text(r, "MESSAGE_TEXT")) for r in rows)
    return [f for f in found if f[:2] > after]


def _text(row: dict[str, str | None], column: str) -> str:
    return (row.get(column) or "").strip()


def _key(row: dict[str, str | None]) -> int:
    """Return a message's key: a number, or CHAR(4) FOR BIT DATA as hexadecimal."""
    text = _text(row, "MESSAGE_KEY")
    try:
        return int(text, 16) if len(text) == 8 else int(text)
    except ValueError:
        return 0


def _message(stamp: str, text: str, zone: timezone) -> Message:
    from db.activity_values import INFORMATION, WARNING, Message

    severity = WARNING if " rejected " in text else INFORMATION
    return Message(_utc(stamp, zone), severity, text)


def _utc(stamp: str, zone: timezone) -> datetime:
    """Return the time that a timestamp says, in any of SQL's forms."""
    match = _STAMP.match(stamp)
    if match is None:
        return utc_now()
    micro = (match[5] or ".0")[1:].ljust(6, "0")
    at = datetime.fromisoformat(f"{match[1]}T{match[2]}:{match[3]}:{match[4]}.{micro}")
    return at.replace(tzinfo=zone).astimezone(UTC)
