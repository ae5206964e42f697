"""Systems, revisions, the history of changes, and rule sets in versions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TABLES = (
    "rule_group_line",
    "rule_condition",
    "rule_change",
    "socket_rule",
    "server_activation",
    "rule_tests",
    "rule_revision",
    "rule_group",
    "product_config",
    "epm_system",
)


def upgrade() -> None:
    """Make every table; parents before those that refer to them."""
    op.create_table(
        "epm_system",
        _text("system_name", 8),
        _number("revision"),
        sa.PrimaryKeyConstraint("system_name", name="pk_epm_system"),
    )
    _history()
    _rules()
    _groups()
    _singles()


def downgrade() -> None:
    """Drop every table, those that refer to others first."""
    for table in _TABLES:
        op.drop_table(table)


def _history() -> None:
    op.create_table(
        "rule_revision",
        _text("system_name", 8),
        _number("revision", key=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        _text("made_by", 255),
        _text("made_from", 255),
        _text("action", 255),
        _text("object_name", 255),
        sa.Column("reason", sa.Text(), nullable=True),
        _of_system("rule_revision"),
        sa.PrimaryKeyConstraint("system_name", "revision", name="pk_rule_revision"),
    )
    op.create_table(
        "rule_change",
        _text("system_name", 8),
        _number("change_number", key=True),
        _number("revision"),
        _text("part", 16),
        _text("part_name", 128),
        _number("seq"),
        sa.Column("before_json", sa.Text(), nullable=True),
        sa.Column("after_json", sa.Text(), nullable=True),
        _text("chain_hash", 64),
        _text("journaled", 1),
        _of_system("rule_change"),
        sa.ForeignKeyConstraint(
            ["system_name", "revision"],
            ["rule_revision.system_name", "rule_revision.revision"],
            name="fk_rule_change_rule_revision",
        ),
        sa.PrimaryKeyConstraint("system_name", "change_number", name="pk_rule_change"),
    )
    op.create_index(
        "ix_rule_change_system_name",
        "rule_change",
        ["system_name", "part", "part_name", "seq", "change_number"],
    )
    op.create_index(
        "ix_rule_change_journaled", "rule_change", ["journaled", "system_name", "change_number"]
    )


def _rules() -> None:
    key = ("system_name", "server_name", "seq", "first_revision")
    op.create_table(
        "socket_rule",
        _text("system_name", 8),
        _text("server_name", 10),
        _number("seq", key=True),
        *_versions(),
        sa.Column("rule_name", sa.String(50), nullable=True),
        _text("folded_name", 150),
        _text("authority", 1),
        _text("audit_flag", 1),
        _text("message_flag", 1),
        _text("capture_flag", 1),
        _text("active_flag", 1),
        _text("test_flag", 1),
        sa.CheckConstraint("seq BETWEEN 1 AND 99999", name=op.f("ck_socket_rule_sequence")),
        sa.CheckConstraint("first_revision < end_revision", name=op.f("ck_socket_rule_revisions")),
        _of_system("socket_rule"),
        sa.PrimaryKeyConstraint(*key, name="pk_socket_rule"),
        sa.UniqueConstraint(
            "system_name", "server_name", "end_revision", "seq", name="uq_socket_rule_system_name"
        ),
    )
    op.create_table(
        "rule_condition",
        _text("system_name", 8),
        _text("server_name", 10),
        _number("rule_seq", key=True),
        _number("first_revision", key=True),
        _number("seq", key=True),
        _text("connector", 3),
        _text("field_name", 8),
        _text("operator_name", 8),
        sa.Column("value_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_name", "server_name", "rule_seq", "first_revision"],
            [f"socket_rule.{column}" for column in key],
            name="fk_rule_condition_socket_rule",
        ),
        sa.PrimaryKeyConstraint(
            "system_name",
            "server_name",
            "rule_seq",
            "first_revision",
            "seq",
            name="pk_rule_condition",
        ),
    )


def _groups() -> None:
    key = ("system_name", "group_kind", "group_name", "first_revision")
    op.create_table(
        "rule_group",
        *_group_name(),
        *_versions(),
        sa.CheckConstraint("first_revision < end_revision", name=op.f("ck_rule_group_revisions")),
        _of_system("rule_group"),
        sa.PrimaryKeyConstraint(*key, name="pk_rule_group"),
        sa.UniqueConstraint(
            "system_name",
            "group_kind",
            "group_name",
            "end_revision",
            name="uq_rule_group_system_name",
        ),
    )
    op.create_table(
        "rule_group_line",
        *_group_name(),
        _number("first_revision", key=True),
        _number("line_number", key=True),
        _text("excluded", 1),
        _text("member", 255),
        sa.ForeignKeyConstraint(
            key, [f"rule_group.{column}" for column in key], name="fk_rule_group_line_rule_group"
        ),
        sa.PrimaryKeyConstraint(*key, "line_number", name="pk_rule_group_line"),
    )


def _group_name() -> tuple[sa.Column[Any], ...]:
    return _text("system_name", 8), _text("group_kind", 16), _text("group_name", 128)


def _singles() -> None:
    """Make the tables that hold one version at a time: of a server, or of the system."""
    op.create_table(
        "server_activation",
        _text("system_name", 8),
        _text("server_name", 10),
        *_versions(),
        _text("activated", 1),
        _of_system("server_activation"),
        sa.PrimaryKeyConstraint(
            "system_name", "server_name", "first_revision", name="pk_server_activation"
        ),
        sa.UniqueConstraint(
            "system_name", "server_name", "end_revision", name="uq_server_activation_system_name"
        ),
    )
    config = (
        _text("audit_flag", 1),
        _text("message_flag", 1),
        _text("capture_flag", 1),
        _text("message_queue", 255),
        _text("journal_name", 255),
        _text("fail_mode", 8),
    )
    tests = (sa.Column("tests_text", sa.Text(), nullable=False),)
    for table, columns in (("product_config", config), ("rule_tests", tests)):
        op.create_table(
            table,
            _text("system_name", 8),
            *_versions(),
            *columns,
            _of_system(table),
            sa.PrimaryKeyConstraint("system_name", "first_revision", name=f"pk_{table}"),
            sa.UniqueConstraint("system_name", "end_revision", name=f"uq_{table}_system_name"),
        )


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str, *, key: bool = False) -> sa.Column[Any]:
    if key:
        return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)
    return sa.Column(name, sa.Integer(), nullable=False)


def _versions() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return _number("first_revision", key=True), _number("end_revision")


def _of_system(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["system_name"], ["epm_system.system_name"], name=f"fk_{table}_epm_system"
    )
