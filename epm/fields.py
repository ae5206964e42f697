"""The table of fields: their type, the servers that have them, and their operators."""

from __future__ import annotations

from enum import StrEnum

from epm.model import Field, Operator, Server


class FieldType(StrEnum):
    """What a field holds, which says how it compares."""

    ADDRESS = "address"
    PORT = "port"
    NUMBER = "number"
    NAME = "name"
    TEXT = "text"
    NAMES = "set of names"
    TIME = "time of day"
    DAY = "day of week"


_L, _C, _A = Server.LISTEN, Server.CONNECT, Server.ACCEPT
_EVERY = frozenset(Server)

FIELD_TYPES: dict[Field, FieldType] = {
    Field.LCLADDR: FieldType.ADDRESS,
    Field.LCLPORT: FieldType.PORT,
    Field.BNDADDR: FieldType.ADDRESS,
    Field.BNDPORT: FieldType.PORT,
    Field.RMTADDR: FieldType.ADDRESS,
    Field.RMTPORT: FieldType.PORT,
    Field.BACKLOG: FieldType.NUMBER,
    Field.USER: FieldType.NAME,
    Field.JOB: FieldType.NAME,
    Field.GRPPRF: FieldType.NAMES,
    Field.PGM: FieldType.TEXT,
    Field.TIME: FieldType.TIME,
    Field.DAY: FieldType.DAY,
}

FIELD_SERVERS: dict[Field, frozenset[Server]] = {
    Field.LCLADDR: _EVERY,
    Field.LCLPORT: _EVERY,
    Field.BNDADDR: frozenset({_A}),
    Field.BNDPORT: frozenset({_A}),
    Field.RMTADDR: frozenset({_C, _A}),
    Field.RMTPORT: frozenset({_C, _A}),
    Field.BACKLOG: frozenset({_L}),
    Field.USER: _EVERY,
    Field.JOB: _EVERY,
    Field.GRPPRF: _EVERY,
    Field.PGM: _EVERY,
    Field.TIME: _EVERY,
    Field.DAY: _EVERY,
}

#: The attribute of :class:`epm.model.Call` that carries a field. TIME and DAY share ``at``.
CALL_ATTRIBUTES: dict[Field, str] = {
    Field.GRPPRF: "groups",
    Field.TIME: "at",
    Field.DAY: "at",
    **{f: f.value.lower() for f in Field if f not in (Field.GRPPRF, Field.TIME, Field.DAY)},
}

_EQUAL = (Operator.EQ, Operator.NE)
_ORDER = (Operator.LT, Operator.LE, Operator.GT, Operator.GE)
_RANGE = (Operator.RANGE, Operator.NRANGE)
_LIST = (Operator.LIST, Operator.NLIST)
_LIKE = (Operator.LIKE, Operator.NLIKE)
_GROUP = (Operator.GRP, Operator.NGRP)

OPERATORS: dict[FieldType, tuple[Operator, ...]] = {
    FieldType.ADDRESS: _EQUAL + _LIST + _GROUP,
    FieldType.PORT: _EQUAL + _ORDER + _RANGE + _LIST + _GROUP,
    FieldType.NUMBER: _EQUAL + _ORDER + _RANGE + _LIST,
    FieldType.NAME: _EQUAL + _LIST + _LIKE + _GROUP,
    FieldType.NAMES: _EQUAL + _LIST + _LIKE + _GROUP,
    FieldType.TEXT: _EQUAL + _LIST + _LIKE,
    FieldType.TIME: _RANGE + _ORDER,
    FieldType.DAY: _EQUAL + _LIST,
}

NEGATIVE = frozenset({Operator.NE, Operator.NRANGE, Operator.NLIST, Operator.NLIKE, Operator.NGRP})

MAX_PORT = 65535
MAX_BACKLOG = 2**31 - 1  # Binary(4), signed
MIN_BACKLOG = -(2**31)
DAY_NAMES = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
SECONDS_A_DAY = 86400


def fields_of(server: Server) -> tuple[Field, ...]:
    """Return the fields that ``server`` has, in the table's order."""
    return tuple(f for f in Field if server in FIELD_SERVERS[f])
