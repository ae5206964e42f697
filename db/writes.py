"""Writing: from the differences of two revisions to version rows, and what rows may not hold.

INVARIANT: a row of a version is inserted once and ended once; nothing else is ever updated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, update

from db.tables import (
    CURRENT,
    ActivationRow,
    Base,
    ConditionRow,
    ConfigRow,
    GroupLineRow,
    GroupRow,
    RuleRow,
    TestsRow,
)
from db.values import Delta, Key, Part, Value
from epm.model import AddressGroup, Condition, Config, Rule

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Shape:
    """How the versions of one part are kept.

    Attributes:
        keys: key columns beside system and revision, with the attribute of the key they hold.
        columns: what the version row holds beside its key.
        details: table and rows that belong to the version, if any.
    """

    table: type[Base]
    keys: dict[str, str]
    columns: Callable[[Any], Row]
    details: Callable[[Any], tuple[type[Base], list[Row]]] | None = None


def write_deltas(
    connection: Connection, system: str, revision: int, deltas: Sequence[Delta]
) -> None:
    """End the versions that ``revision`` replaces and insert the ones that it begins."""
    by_part: dict[Part, list[Delta]] = defaultdict(list)
    for delta in deltas:
        by_part[delta.key.part].append(delta)
    for part, part_deltas in by_part.items():
        shape = _SHAPES[part]
        _end(connection, shape, system, revision, part_deltas)
        _insert(connection, shape, system, revision, part_deltas)


def _end(
    connection: Connection, shape: _Shape, system: str, revision: int, deltas: list[Delta]
) -> None:
    ended = [_key_values(shape, d.key) for d in deltas if d.before is not None]
    if not ended:
        return
    table = _table(shape.table)
    statement = update(table).where(
        table.c.system_name == system,
        table.c.end_revision == CURRENT,
        *(table.c[column] == bindparam(f"key_{column}") for column in shape.keys),
    )
    statement = statement.values(end_revision=revision)
    rows = [{f"key_{column}": value for column, value in row.items()} for row in ended]
    if shape.keys:
        connection.execute(statement, rows)
    else:
        connection.execute(statement)


def _insert(
    connection: Connection, shape: _Shape, system: str, revision: int, deltas: list[Delta]
) -> None:
    versions: list[Row] = []
    details: dict[type[Base], list[Row]] = defaultdict(list)
    for delta in deltas:
        if delta.after is None:
            continue
        key = {
            "system_name": system,
            "first_revision": revision,
            **_key_values(shape, delta.key),
        }
        versions.append({**key, "end_revision": CURRENT, **shape.columns(delta.after)})
        if shape.details:
            table, rows = shape.details(delta.after)
            if shape.table is RuleRow:
                key["rule_seq"] = key.pop("seq")
            details[table] += [{**key, **row} for row in rows]
    if versions:
        connection.execute(insert(_table(shape.table)), versions)
    for table, rows in details.items():
        if rows:
            connection.execute(insert(_table(table)), rows)


def _table(row: type[Base]) -> Table:
    table = row.__table__
    assert isinstance(table, Table)
    return table


def _key_values(shape: _Shape, key: Key) -> Row:
    return {
        column: str(v) if isinstance(v := getattr(key, attribute), str) else v
        for column, attribute in shape.keys.items()
    }


def _rule(rule: Rule) -> Row:
    return {
        "rule_name": rule.name,
        "folded_name": folded(rule.name or ""),
        "authority": rule.authority.value,
        "audit_flag": rule.audit.value,
        "message_flag": rule.message.value,
        "capture_flag": rule.capture.value,
        "active_flag": _yes(rule.active),
        "test_flag": _yes(rule.test),
    }


def folded(text: str) -> str:
    """Return a text as the subset by description compares it, alike on every database."""
    return text.casefold()


def _conditions(rule: Rule) -> tuple[type[Base], list[Row]]:
    return ConditionRow, [_condition(c) for c in rule.conditions]


def _condition(condition: Condition) -> Row:
    return {
        "seq": condition.seq,
        "connector": condition.connector.value,
        "field_name": condition.field.value,
        "operator_name": condition.op.value,
        "value_text": condition.value,
    }


def _group_lines(group: AddressGroup | tuple[str, ...]) -> tuple[type[Base], list[Row]]:
    if isinstance(group, AddressGroup):
        lines = [(False, m) for m in group.include] + [(True, m) for m in group.exclude]
    else:
        lines = [(False, member) for member in group]
    return GroupLineRow, [
        {"line_number": number, "excluded": _yes(excluded), "member": member}
        for number, (excluded, member) in enumerate(lines, 1)
    ]


def _config(config: Config) -> Row:
    return {
        "audit_flag": _yes(config.audit),
        "message_flag": _yes(config.message),
        "capture_flag": _yes(config.capture),
        "message_queue": config.message_queue,
        "journal_name": config.journal,
        "fail_mode": config.fail.value,
    }


def _nothing(_value: Value) -> Row:
    return {}


def _yes(flag: bool) -> str:
    return "Y" if flag else "N"


_GROUP = _Shape(GroupRow, {"group_kind": "part", "group_name": "name"}, _nothing, _group_lines)
_SHAPES: dict[Part, _Shape] = {
    Part.RULE: _Shape(RuleRow, {"server_name": "name", "seq": "seq"}, _rule, _conditions),
    Part.ADDRESS_GROUP: _GROUP,
    Part.NAME_GROUP: _GROUP,
    Part.PORT_GROUP: _GROUP,
    Part.CONFIG: _Shape(ConfigRow, {}, _config),
    Part.ACTIVATION: _Shape(
        ActivationRow, {"server_name": "name"}, lambda on: {"activated": _yes(on)}
    ),
    Part.TESTS: _Shape(TestsRow, {}, lambda text: {"tests_text": text}),
}
