"""The one place that reads a clock and the time zone for the command line."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time now, UTC."""
    return datetime.now(UTC)


def local_now() -> datetime:
    """Return the system's local time, without zone, as calls carry it."""
    return datetime.now()


def to_local(at: datetime) -> datetime:
    """Return a time with an offset as the system's local time, without zone."""
    return at.astimezone().replace(tzinfo=None)
