"""The tables of what happened: captured transactions and the message queue.

Apart from the rules (:mod:`db.tables`): these rows are no part of any revision; captures are
updated in place and both are trimmed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base

MAX_MESSAGE = 512


class CaptureRow(Base):
    """A captured transaction: equal calls (all fields but the time) share one row.

    ``call_key`` is the SHA-256 of those fields, because a key must be bounded and not null.
    """

    __tablename__ = "captured_transaction"
    __table_args__ = (
        UniqueConstraint("system_name", "call_key"),
        Index(None, "system_name", "last_seen"),
        # Db2 for i has no RETURNING; no number need be read back.
        {"implicit_returning": False},
    )
    capture_number: Mapped[int] = mapped_column(Integer, primary_key=True)
    system_name: Mapped[str] = mapped_column(String(8), ForeignKey("epm_system.system_name"))
    call_key: Mapped[str] = mapped_column(String(64))
    server_name: Mapped[str] = mapped_column(String(10))
    call_json: Mapped[str] = mapped_column(Text)
    times_seen: Mapped[int] = mapped_column(Integer)
    first_seen: Mapped[datetime] = mapped_column(DateTime)
    last_seen: Mapped[datetime] = mapped_column(DateTime)


class MessageRow(Base):
    """A message of the message queue."""

    __tablename__ = "queued_message"
    __table_args__ = (
        Index(None, "system_name", "message_number"),
        {"implicit_returning": False},
    )
    message_number: Mapped[int] = mapped_column(Integer, primary_key=True)
    system_name: Mapped[str] = mapped_column(String(8), ForeignKey("epm_system.system_name"))
    sent_at: Mapped[datetime] = mapped_column(DateTime)
    severity: Mapped[int] = mapped_column(Integer)
    message_text: Mapped[str] = mapped_column(String(MAX_MESSAGE))
    server_name: Mapped[str | None] = mapped_column(String(10))
    rule_seq: Mapped[int | None] = mapped_column(Integer)
    call_json: Mapped[str | None] = mapped_column(Text)
