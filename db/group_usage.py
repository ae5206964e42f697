"""Which rules name which groups, asked of the database: no rule set need be loaded for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlalchemy.orm import aliased

from db import rows
from db.opening import OpenStore
from db.structure import MAX_GROUP_NAME
from db.tables import CURRENT, ConditionRow, RuleRow
from db.values import Part
from epm.fields import FIELD_TYPES, FieldType
from epm.model import Operator, Rule, Server

#: The field types whose conditions may name a group of a kind.
_TYPES: Mapping[Part, tuple[FieldType, ...]] = {
    Part.ADDRESS_GROUP: (FieldType.ADDRESS,),
    Part.NAME_GROUP: (FieldType.NAME, FieldType.NAMES),
    Part.PORT_GROUP: (FieldType.PORT,),
}
_FIELDS = {
    part: [str(field) for field, kind in FIELD_TYPES.items() if kind in types]
    for part, types in _TYPES.items()
}
_NAMES_A_GROUP = (Operator.GRP.value, Operator.NGRP.value)
# Apart from the table itself, because rows.read_rules joins that one to the same rules.
_USE = aliased(ConditionRow)


def group_usage(store: OpenStore, system: str) -> dict[tuple[Part, str], int]:
    """Return how many rules name each group that is named; a rule counts once for a group."""
    kind = case(*((_USE.field_name.in_(fields), part.value) for part, fields in _FIELDS.items()))
    uses = (
        select(kind.label("kind"), _name().label("name"), _USE.server_name, _USE.rule_seq)
        .select_from(RuleRow)
        .join(_USE, _of_the_rule())
        .where(
            *rows.at_revision(RuleRow, system, CURRENT),
            _USE.operator_name.in_(_NAMES_A_GROUP),
            kind.is_not(None),
        )
        .distinct()
        .subquery()
    )
    query = select(uses.c.kind, uses.c.name, func.count()).group_by(uses.c.kind, uses.c.name)
    with store.reading() as connection:
        return {(Part(row[0]), row[1]): row[2] for row in connection.execute(query)}


def group_users(
    store: OpenStore, system: str, part: Part, name: str, server: Server, start: int, count: int,
    *, backward: bool = False,
) -> list[Rule]:  # fmt: skip
    """Return at most ``count`` rules of a server that name a group, ascending by sequence.

    Args:
        store: an open store.
        system: whose rules.
        part: the group's kind.
        name: the group.
        server: of which server.
        start: the first sequence, or the last one when ``backward``; included.
        count: at most so many.
        backward: the rules that end at ``start`` instead of those that begin there.
    """
    naming = select(_USE.rule_seq).where(
        _of_the_rule(),
        _USE.operator_name.in_(_NAMES_A_GROUP),
        _USE.field_name.in_(_FIELDS[part]),
        _name() == name,
    )
    where = [
        *rows.at_revision(RuleRow, system, CURRENT),
        RuleRow.server_name == server.value,
        RuleRow.seq <= start if backward else RuleRow.seq >= start,
        naming.correlate(RuleRow).exists(),
    ]
    with store.reading() as connection:
        found = rows.read_rules(connection, where, descending=backward, limit=count)
    return [rule for _, rule in found]


def _of_the_rule() -> ColumnElement[bool]:
    return (
        (_USE.system_name == RuleRow.system_name)
        & (_USE.server_name == RuleRow.server_name)
        & (_USE.rule_seq == RuleRow.seq)
        & (_USE.first_revision == RuleRow.first_revision)
    )


def _name() -> ColumnElement[Any]:
    """Return the group that a condition names; as a string, for Db2 compares no long text."""
    width = MAX_GROUP_NAME + 1  # one more, so that a longer value is not taken for a name
    begin = func.substr(func.trim(_USE.value_text), 1, width)
    return cast(func.trim(begin), String(width))  # Db2's SUBSTR pads to the width
