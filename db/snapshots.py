"""What is read of a system in one transaction: a whole revision, an outline, a page's filter.

Every function takes an open connection, so that :mod:`db.store` decides what is one picture.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from db import history_queries, rows
from db.history import Actor
from db.tables import CURRENT, RevisionRow, RuleRow, SystemRow
from db.values import GROUP_PARTS, Delta, Key, Part, Value, differences, rule_key
from db.writes import folded
from epm.errors import EditConflictError, NotFoundError
from epm.model import DEFAULT_SEQUENCE, Config, Groups, Rule, RuleSet, Server


class Stamp(NamedTuple):
    """What tells one state of a system from another, even across a store put back from a copy."""

    revision: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One revision of a system, whole.

    Attributes:
        tests: the rule tests, as the text that was saved.
        changed_at, changed_by: when (aware, UTC) and by whom it was made.
    """

    system: str
    revision: int
    ruleset: RuleSet
    tests: str
    changed_at: datetime
    changed_by: Actor

    @property
    def stamp(self) -> Stamp:
        """What tells this state of the system from another."""
        return Stamp(self.revision, self.changed_at)


@dataclass(frozen=True, slots=True)
class Outline:
    """A system without its rules, for screens that must open at once.

    Attributes:
        counts: how many rules each server has, its default rule included.
    """

    system: str
    revision: int
    config: Config
    groups: Groups
    activated: Mapping[Server, bool]
    counts: Mapping[Server, int]


@dataclass(frozen=True, slots=True)
class Edit:
    """A targeted change: the object of ``key`` becomes ``after``; ``None`` deletes it."""

    key: Key
    after: Value | None


def put_rule(server: Server, rule: Rule) -> Edit:
    """Return the edit that adds a rule, or replaces the one of its sequence."""
    return Edit(rule_key(server, rule.seq), rule)


def delete_rule(server: Server, seq: int) -> Edit:
    """Return the edit that deletes a rule."""
    return Edit(rule_key(server, seq), None)


def edits_between(before: RuleSet, after: RuleSet) -> list[Edit]:
    """Return the edits that lead from one rule set, or part of one, to another."""
    return [Edit(delta.key, delta.after) for delta in differences(before, after, "", "")]


def activate(server: Server, activated: bool) -> Edit:
    """Return the edit that activates or deactivates a server."""
    return Edit(Key(Part.ACTIVATION, server.value), activated)


def current_revision(connection: Connection, system: str) -> int:
    """Return the number of a system's current revision.

    Raises:
        NotFoundError: there is no such system.
    """
    query = select(SystemRow.revision).where(SystemRow.system_name == system)
    number = connection.execute(query).scalar()
    if number is None:
        raise NotFoundError(f"there is no system {system}")
    return number


def read_stamp(connection: Connection, system: str) -> Stamp:
    """Return the stamp of a system's current revision.

    Raises:
        NotFoundError: there is no such system.
    """
    query = select(SystemRow.revision, RevisionRow.made_at).join_from(
        SystemRow,
        RevisionRow,
        (RevisionRow.system_name == SystemRow.system_name)
        & (RevisionRow.revision == SystemRow.revision),
    )
    row = connection.execute(query.where(SystemRow.system_name == system)).first()
    if row is None:
        raise NotFoundError(f"there is no system {system}")
    return Stamp(row[0], row[1].replace(tzinfo=UTC))


def read_snapshot(connection: Connection, system: str, number: int, at: int) -> Snapshot:
    """Return revision ``number``, read as ``at``: the same number, or ``CURRENT``."""
    made = history_queries.read_revisions(connection, system, 1, number + 1)[0]
    ruleset = rows.read_ruleset(connection, system, at)
    tests = rows.read_tests(connection, system, at)
    return Snapshot(system, number, ruleset, tests, made.at, made.who)


def read_part(
    connection: Connection, system: str, touched: Mapping[Server, Collection[int]]
) -> Snapshot:
    """Return the current revision with only the ``touched`` rules and the default ones.

    The rules left out are as sound as they were when they were saved; what edits only these
    sequences needs no others.
    """
    number = current_revision(connection, system)
    made = history_queries.read_revisions(connection, system, 1, number + 1)[0]
    filters = [
        [
            *current_rules(system, server),
            RuleRow.seq.in_(sorted({*touched.get(server, ()), DEFAULT_SEQUENCE})),
        ]
        for server in Server
    ]
    ruleset = rows.read_ruleset(connection, system, CURRENT, filters)
    return Snapshot(
        system, number, ruleset, rows.read_tests(connection, system, CURRENT), made.at, made.who
    )


def read_outline(connection: Connection, system: str) -> Outline:
    """Return what a system is now, without its rules."""
    return Outline(
        system,
        current_revision(connection, system),
        rows.read_config(connection, system, CURRENT),
        rows.read_groups(connection, system, CURRENT),
        rows.read_activation(connection, system, CURRENT),
        {s: count_rules(connection, current_rules(system, s)) for s in Server},
    )


def current_rules(
    system: str, server: Server, text: str | None = None
) -> list[ColumnElement[bool]]:
    """Return the filter for a server's rules now, perhaps only those described with ``text``."""
    where = [*rows.at_revision(RuleRow, system, CURRENT), RuleRow.server_name == server.value]
    if text:
        where.append(RuleRow.folded_name.contains(folded(text), autoescape=True))
    return where


def count_rules(connection: Connection, where: Sequence[ColumnElement[bool]]) -> int:
    """Return how many rules a filter selects."""
    return connection.execute(select(func.count()).select_from(RuleRow).where(*where)).scalar_one()


def edit_conflict(connection: Connection, system: str, seen: int) -> EditConflictError:
    """Return the error that says who changed the rules after revision ``seen`` was read."""
    number = current_revision(connection, system)
    made = history_queries.read_revisions(connection, system, 1, number + 1)[0]
    return EditConflictError(
        f"the rules of {system} were changed by {made.who.user} on {made.who.host} at "
        f"{made.at:%Y-%m-%d %H:%M:%S} UTC (revision {number}: {made.action} {made.object}) "
        f"after you read revision {seen}; read them again"
    )


def edit_deltas(connection: Connection, system: str, edits: Sequence[Edit]) -> list[Delta]:
    """Return edits as differences to what is there now; those that change nothing are left out.

    Raises:
        NotFoundError: what an edit deletes is not there.
    """
    found = []
    for edit in edits:
        before = _read_value(connection, system, edit.key)
        if edit.after is None and before is None:
            raise NotFoundError(f"there is no {edit.key}")
        if before != edit.after:
            found.append(Delta(edit.key, before, edit.after))
    return found


def _read_value(connection: Connection, system: str, key: Key) -> Value | None:
    if key.part is Part.RULE:
        where = [
            *rows.at_revision(RuleRow, system, CURRENT),
            RuleRow.server_name == key.name,
            RuleRow.seq == key.seq,
        ]
        return next((rule for _, rule in rows.read_rules(connection, where)), None)
    if key.part in GROUP_PARTS:
        lines = rows.read_group_lines(connection, system, CURRENT)
        return next((group for part, name, group in lines if (part, name) == key[:2]), None)
    if key.part is Part.ACTIVATION:
        activated = rows.read_activation(connection, system, CURRENT)
        return next((on for server, on in activated.items() if server.value == key.name), None)
    if key.part is Part.CONFIG:
        return rows.read_config(connection, system, CURRENT)
    return rows.read_tests(connection, system, CURRENT)
