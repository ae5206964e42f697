"""Captured transactions and the message queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "captured_transaction",
        sa.Column("capture_number", sa.Integer(), nullable=False),
        sa.Column("system_name", sa.String(8), nullable=False),
        sa.Column("call_key", sa.String(64), nullable=False),
        sa.Column("server_name", sa.String(10), nullable=False),
        sa.Column("call_json", sa.Text(), nullable=False),
        sa.Column("times_seen", sa.Integer(), nullable=False),
        sa.Column("first_seen", sa.DateTime(), nullable=False),
        sa.Column("last_seen", sa.DateTime(), nullable=False),
        _of_system("captured_transaction"),
        sa.PrimaryKeyConstraint("capture_number", name="pk_captured_transaction"),
        sa.UniqueConstraint("system_name", "call_key", name="uq_captured_transaction_system_name"),
    )
    op.create_index(
        "ix_captured_transaction_system_name", "captured_transaction", ["system_name", "last_seen"]
    )
    op.create_table(
        "queued_message",
        sa.Column("message_number", sa.Integer(), nullable=False),
        sa.Column("system_name", sa.String(8), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("message_text", sa.String(512), nullable=False),
        sa.Column("server_name", sa.String(10), nullable=True),
        sa.Column("rule_seq", sa.Integer(), nullable=True),
        sa.Column("call_json", sa.Text(), nullable=True),
        _of_system("queued_message"),
        sa.PrimaryKeyConstraint("message_number", name="pk_queued_message"),
    )
    op.create_index(
        "ix_queued_message_system_name", "queued_message", ["system_name", "message_number"]
    )


def downgrade() -> None:
    """Drop both tables; the rules stay."""
    op.drop_table("queued_message")
    op.drop_table("captured_transaction")


def _of_system(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["system_name"], ["epm_system.system_name"], name=f"fk_{table}_epm_system"
    )
