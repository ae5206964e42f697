"""Reading: from version rows to the values of :mod:`epm.model`.

Every function takes an open connection; the caller's transaction makes several of them one
consistent picture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from db.tables import (
    CURRENT,
    ActivationRow,
    ConditionRow,
    ConfigRow,
    GroupLineRow,
    GroupRow,
    RuleRow,
    TestsRow,
)
from db.values import Part
from epm.errors import StoreError
from epm.model import (
    AddressGroup,
    Condition,
    Config,
    Connector,
    FailMode,
    Field,
    Flag,
    Groups,
    Operator,
    Rule,
    RuleSet,
    Server,
    ServerRules,
)

_Versioned = type[RuleRow | GroupRow | ActivationRow | ConfigRow | TestsRow]
Filter = Sequence[ColumnElement[bool]]

_RULE_COLUMNS = (
    RuleRow.server_name,
    RuleRow.seq,
    RuleRow.rule_name,
    RuleRow.authority,
    RuleRow.audit_flag,
    RuleRow.message_flag,
    RuleRow.capture_flag,
    RuleRow.active_flag,
    RuleRow.test_flag,
)
_CONDITION_COLUMNS = (
    ConditionRow.server_name,
    ConditionRow.rule_seq,
    ConditionRow.seq,
    ConditionRow.connector,
    ConditionRow.field_name,
    ConditionRow.operator_name,
    ConditionRow.value_text,
)
_FLAGS = {flag.value: flag for flag in Flag}
_CONNECTORS = {connector.value: connector for connector in Connector}
_FIELDS = {field.value: field for field in Field}
_OPERATORS = {operator.value: operator for operator in Operator}
_BOOLEANS = {"Y": True, "N": False}


def at_revision(table: _Versioned, system: str, revision: int) -> Filter:
    """Return the filter for the versions that hold at ``revision`` (or at ``CURRENT``)."""
    if revision == CURRENT:
        return (table.system_name == system, table.end_revision == CURRENT)
    return (
        table.system_name == system,
        table.first_revision <= revision,
        table.end_revision > revision,
    )


def read_rules(
    connection: Connection, where: Filter, *, descending: bool = False, limit: int | None = None
) -> list[tuple[Server, Rule]]:
    """Return the rules that a filter on :class:`RuleRow` selects, ascending by sequence.

    Args:
        connection: in a transaction.
        where: must select at most one version of a rule.
        descending: take the last ``limit`` rules instead of the first.
        limit: at most so many.

    Raises:
        StoreError: a row holds what no epm writes.
    """
    order = RuleRow.seq.desc() if descending else RuleRow.seq
    query = select(*_RULE_COLUMNS).where(*where).order_by(RuleRow.server_name, order)
    rows = connection.execute(query if limit is None else query.limit(limit)).all()
    if descending:
        rows = rows[::-1]
    if not rows:
        return []
    sequences = None if limit is None else (rows[0].seq, rows[-1].seq)
    conditions = _read_conditions(connection, where, sequences)
    try:
        return [_rule(row, conditions) for row in rows]
    except (KeyError, ValueError) as error:
        raise StoreError(f"the store holds a rule that is not one: {error}") from None


def _rule(row: Any, conditions: dict[tuple[str, int], list[Condition]]) -> tuple[Server, Rule]:
    server, seq, name, authority, audit, message, capture, active, test = row
    return Server(server), Rule(
        seq,
        name,
        _FLAGS[authority],
        _FLAGS[audit],
        _FLAGS[message],
        _FLAGS[capture],
        _BOOLEANS[active],
        _BOOLEANS[test],
        tuple(conditions.get((server, seq), ())),
    )


def _read_conditions(
    connection: Connection, where: Filter, sequences: tuple[int, int] | None
) -> dict[tuple[str, int], list[Condition]]:
    query = (
        select(*_CONDITION_COLUMNS)
        .join_from(
            RuleRow,
            ConditionRow,
            (ConditionRow.system_name == RuleRow.system_name)
            & (ConditionRow.server_name == RuleRow.server_name)
            & (ConditionRow.rule_seq == RuleRow.seq)
            & (ConditionRow.first_revision == RuleRow.first_revision),
        )
        .where(*where)
        .order_by(ConditionRow.server_name, ConditionRow.rule_seq, ConditionRow.seq)
    )
    if sequences:
        query = query.where(RuleRow.seq.between(*sequences))
    found: dict[tuple[str, int], list[Condition]] = defaultdict(list)
    try:
        for server, rule, seq, connector, field, operator, value in connection.execute(query):
            found[server, rule].append(
                Condition(seq, _CONNECTORS[connector], _FIELDS[field], _OPERATORS[operator], value)
            )
    except KeyError as error:
        raise StoreError(f"the store holds a condition that is not one: {error}") from None
    return found


def read_group_lines(
    connection: Connection, system: str, revision: int
) -> Iterator[tuple[Part, str, AddressGroup | tuple[str, ...]]]:
    """Yield every group: its kind, its name, and what it holds."""
    query = (
        select(GroupRow.group_kind, GroupRow.group_name, GroupLineRow.excluded, GroupLineRow.member)
        .join_from(
            GroupRow,
            GroupLineRow,
            (GroupLineRow.system_name == GroupRow.system_name)
            & (GroupLineRow.group_kind == GroupRow.group_kind)
            & (GroupLineRow.group_name == GroupRow.group_name)
            & (GroupLineRow.first_revision == GroupRow.first_revision),
            isouter=True,  # a group without lines is a group
        )
        .where(*at_revision(GroupRow, system, revision))
        .order_by(GroupRow.group_kind, GroupRow.group_name, GroupLineRow.line_number)
    )
    lines: dict[tuple[str, str], list[tuple[bool, str]]] = defaultdict(list)
    for kind, name, excluded, member in connection.execute(query):
        held = lines[kind, name]
        if member is not None:
            held.append((_BOOLEANS[excluded], member))
    for (kind, name), held in lines.items():
        yield Part(kind), name, _group(Part(kind), held)


def _group(part: Part, lines: list[tuple[bool, str]]) -> AddressGroup | tuple[str, ...]:
    included = tuple(member for excluded, member in lines if not excluded)
    if part is Part.ADDRESS_GROUP:
        return AddressGroup(included, tuple(member for excluded, member in lines if excluded))
    return included


def read_groups(connection: Connection, system: str, revision: int) -> Groups:
    """Return the groups of a system, in the order of their names."""
    addresses: dict[str, AddressGroup] = {}
    names: dict[str, tuple[str, ...]] = {}
    ports: dict[str, tuple[str, ...]] = {}
    for part, name, group in sorted(
        read_group_lines(connection, system, revision), key=lambda line: line[:2]
    ):
        if isinstance(group, AddressGroup):
            addresses[name] = group
        else:
            (names if part is Part.NAME_GROUP else ports)[name] = group
    return Groups(MappingProxyType(addresses), MappingProxyType(names), MappingProxyType(ports))


def read_config(connection: Connection, system: str, revision: int) -> Config:
    """Return the product configuration."""
    query = select(
        ConfigRow.audit_flag,
        ConfigRow.message_flag,
        ConfigRow.capture_flag,
        ConfigRow.message_queue,
        ConfigRow.journal_name,
        ConfigRow.fail_mode,
    ).where(*at_revision(ConfigRow, system, revision))
    audit, message, capture, queue, journal, fail = connection.execute(query).one()
    return Config(
        _BOOLEANS[audit],
        _BOOLEANS[message],
        _BOOLEANS[capture],
        queue,
        journal,
        FailMode(fail),
    )


def read_activation(connection: Connection, system: str, revision: int) -> dict[Server, bool]:
    """Return which servers are activated."""
    query = select(ActivationRow.server_name, ActivationRow.activated).where(
        *at_revision(ActivationRow, system, revision)
    )
    return {Server(server): _BOOLEANS[flag] for server, flag in connection.execute(query)}


def read_tests(connection: Connection, system: str, revision: int) -> str:
    """Return the text of the rule tests."""
    query = select(TestsRow.tests_text).where(*at_revision(TestsRow, system, revision))
    return connection.execute(query).scalar_one()


def read_ruleset(
    connection: Connection, system: str, revision: int, only: Sequence[Filter] | None = None
) -> RuleSet:
    """Return the rule set of a system at a revision (or at ``CURRENT``).

    Args:
        connection: in a transaction.
        system: whose.
        revision: as of when.
        only: filters for the rules to read instead of all of them; no two select the same.
    """
    activated = read_activation(connection, system, revision)
    filters = [at_revision(RuleRow, system, revision)] if only is None else only
    rules = _by_server(found for where in filters for found in read_rules(connection, where))
    servers = {server: ServerRules(activated[server], tuple(rules[server])) for server in Server}
    return RuleSet(
        read_config(connection, system, revision),
        read_groups(connection, system, revision),
        MappingProxyType(servers),
    )


def _by_server(rules: Iterable[tuple[Server, Rule]]) -> dict[Server, list[Rule]]:
    found: dict[Server, list[Rule]] = {server: [] for server in Server}
    for server, rule in rules:
        found[server].append(rule)
    return found
