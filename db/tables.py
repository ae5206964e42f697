"""The tables of the rule store, as typed declarative models.

Rules of the file:

* **Versions, never updates.** What makes up a rule set (rules, groups, configuration,
  activation, tests) is kept in versions. A version holds from ``first_revision`` on and ends
  before ``end_revision``; the current one ends at :data:`CURRENT`. The only column ever updated
  in them is ``end_revision``, once, from ``CURRENT`` to the revision that replaced the version.
  So every revision ever saved can be read again: ``first_revision <= n < end_revision``.
* **One subset of SQL.** PostgreSQL, SQLite and Db2 for i must all take it: no JSON type, no
  partial index, no unique key with a nullable column, no identity that must be read back,
  bounded strings (``Text`` for JSON and free text), time stamps without zone (UTC), and names
  that no database reserves.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from epm.model import DEFAULT_SEQUENCE, MAX_NAME

#: ``end_revision`` of a version that nothing has replaced yet.
CURRENT = 2**31 - 1

_SystemKey = Annotated[
    str, mapped_column(String(8), ForeignKey("epm_system.system_name"), primary_key=True)
]
_ServerKey = Annotated[str, mapped_column(String(10), primary_key=True)]
_FirstKey = Annotated[int, mapped_column(Integer, primary_key=True, autoincrement=False)]
_Number = Annotated[int, mapped_column(Integer)]
_NumberKey = Annotated[int, mapped_column(Integer, primary_key=True, autoincrement=False)]
_Flag = Annotated[str, mapped_column(String(1))]
_Label = Annotated[str, mapped_column(String(255))]
_LongText = Annotated[str, mapped_column(Text)]
_Stamp = Annotated[datetime, mapped_column(DateTime)]


class Base(DeclarativeBase):
    """Constraint names follow one convention, so that a migration can name what it alters."""

    metadata = MetaData(
        naming_convention={
            # Short enough for every database: PostgreSQL cuts names at 63 bytes.
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class SystemRow(Base):
    """A system and the number of its current revision, the version that writers compare."""

    __tablename__ = "epm_system"
    system_name: Mapped[str] = mapped_column(String(8), primary_key=True)
    revision: Mapped[_Number]


class RevisionRow(Base):
    """Who made a revision, when (UTC), from where, doing what to what, and why."""

    __tablename__ = "rule_revision"
    system_name: Mapped[_SystemKey]
    revision: Mapped[_NumberKey]
    made_at: Mapped[_Stamp]
    made_by: Mapped[_Label]
    made_from: Mapped[_Label]
    action: Mapped[_Label]
    object_name: Mapped[_Label]
    reason: Mapped[_LongText | None]


class ChangeRow(Base):
    """One object that a revision changed: append-only, numbered and hash-chained per system."""

    __tablename__ = "rule_change"
    __table_args__ = (
        ForeignKeyConstraint(
            ["system_name", "revision"], ["rule_revision.system_name", "rule_revision.revision"]
        ),
        Index(None, "system_name", "part", "part_name", "seq", "change_number"),
        Index(None, "journaled", "system_name", "change_number"),
    )
    system_name: Mapped[_SystemKey]
    change_number: Mapped[_NumberKey]
    revision: Mapped[_Number]
    part: Mapped[str] = mapped_column(String(16))
    part_name: Mapped[str] = mapped_column(String(128))
    seq: Mapped[_Number]
    before_json: Mapped[_LongText | None]
    after_json: Mapped[_LongText | None]
    chain_hash: Mapped[str] = mapped_column(String(64))
    journaled: Mapped[_Flag]


class RuleRow(Base):
    """One version of a socket rule. ``folded_name`` is what a subset by description searches."""

    __tablename__ = "socket_rule"
    __table_args__ = (
        # The end before the sequence: current rules of a server lie side by side in key order.
        UniqueConstraint("system_name", "server_name", "end_revision", "seq"),
        CheckConstraint(f"seq BETWEEN 1 AND {DEFAULT_SEQUENCE}", name="sequence"),
        CheckConstraint("first_revision < end_revision", name="revisions"),
    )
    system_name: Mapped[_SystemKey]
    server_name: Mapped[_ServerKey]
    seq: Mapped[_NumberKey]
    first_revision: Mapped[_FirstKey]
    end_revision: Mapped[_Number]
    rule_name: Mapped[str | None] = mapped_column(String(MAX_NAME))
    folded_name: Mapped[str] = mapped_column(String(3 * MAX_NAME))
    authority: Mapped[_Flag]
    audit_flag: Mapped[_Flag]
    message_flag: Mapped[_Flag]
    capture_flag: Mapped[_Flag]
    active_flag: Mapped[_Flag]
    test_flag: Mapped[_Flag]


class ConditionRow(Base):
    """A condition; it belongs to one version of a rule and lives as long."""

    __tablename__ = "rule_condition"
    __table_args__ = (
        ForeignKeyConstraint(
            ["system_name", "server_name", "rule_seq", "first_revision"],
            [
                "socket_rule.system_name",
                "socket_rule.server_name",
                "socket_rule.seq",
                "socket_rule.first_revision",
            ],
        ),
    )
    system_name: Mapped[str] = mapped_column(String(8), primary_key=True)
    server_name: Mapped[_ServerKey]
    rule_seq: Mapped[_NumberKey]
    first_revision: Mapped[_FirstKey]
    seq: Mapped[_NumberKey]
    connector: Mapped[str] = mapped_column(String(3))
    field_name: Mapped[str] = mapped_column(String(8))
    operator_name: Mapped[str] = mapped_column(String(8))
    value_text: Mapped[_LongText]


class GroupRow(Base):
    """One version of an address, name or port group."""

    __tablename__ = "rule_group"
    __table_args__ = (
        UniqueConstraint("system_name", "group_kind", "group_name", "end_revision"),
        CheckConstraint("first_revision < end_revision", name="revisions"),
    )
    system_name: Mapped[_SystemKey]
    group_kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(128), primary_key=True)
    first_revision: Mapped[_FirstKey]
    end_revision: Mapped[_Number]


class GroupLineRow(Base):
    """A line of one version of a group, in its written order."""

    __tablename__ = "rule_group_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["system_name", "group_kind", "group_name", "first_revision"],
            [
                "rule_group.system_name",
                "rule_group.group_kind",
                "rule_group.group_name",
                "rule_group.first_revision",
            ],
        ),
    )
    system_name: Mapped[str] = mapped_column(String(8), primary_key=True)
    group_kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(128), primary_key=True)
    first_revision: Mapped[_FirstKey]
    line_number: Mapped[_NumberKey]
    excluded: Mapped[_Flag]
    member: Mapped[_Label]


class ActivationRow(Base):
    """Whether a server was activated."""

    __tablename__ = "server_activation"
    __table_args__ = (UniqueConstraint("system_name", "server_name", "end_revision"),)
    system_name: Mapped[_SystemKey]
    server_name: Mapped[_ServerKey]
    first_revision: Mapped[_FirstKey]
    end_revision: Mapped[_Number]
    activated: Mapped[_Flag]


class ConfigRow(Base):
    """One version of the product configuration."""

    __tablename__ = "product_config"
    __table_args__ = (UniqueConstraint("system_name", "end_revision"),)
    system_name: Mapped[_SystemKey]
    first_revision: Mapped[_FirstKey]
    end_revision: Mapped[_Number]
    audit_flag: Mapped[_Flag]
    message_flag: Mapped[_Flag]
    capture_flag: Mapped[_Flag]
    message_queue: Mapped[_Label]
    journal_name: Mapped[_Label]
    fail_mode: Mapped[str] = mapped_column(String(8))


class TestsRow(Base):
    """One version of the rule tests, the text of a rule file's ``tests:``."""

    __tablename__ = "rule_tests"
    __test__ = False  # its name begins as a test class does
    __table_args__ = (UniqueConstraint("system_name", "end_revision"),)
    system_name: Mapped[_SystemKey]
    first_revision: Mapped[_FirstKey]
    end_revision: Mapped[_Number]
    tests_text: Mapped[_LongText]
