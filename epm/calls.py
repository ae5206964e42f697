"""Calls and decisions as plain values: JSON objects, CSV rows, options of the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from epm.addresses import format_address, parse_address
from epm.errors import CallError, ConditionError
from epm.fields import CALL_ATTRIBUTES, FIELD_SERVERS, MAX_BACKLOG, MAX_PORT, MIN_BACKLOG
from epm.model import Call, Decision, Server
from epm.text import parse_number

#: The names a call's fields have in JSON and CSV, in the contract's order.
CALL_KEYS = (
    "server",
    "rmtaddr",
    "rmtport",
    "lcladdr",
    "lclport",
    "bndaddr",
    "bndport",
    "backlog",
    "user",
    "groups",
    "job",
    "pgm",
    "at",
)

#: Turns a time with an offset into the system's local time, without one.
Localize = Callable[[datetime], datetime]

_AT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII
)
_SERVERS: dict[str, frozenset[Server]] = {
    name: frozenset().union(*(FIELD_SERVERS[f] for f, a in CALL_ATTRIBUTES.items() if a == name))
    for name in CALL_ATTRIBUTES.values()
}


def parse_server(value: object) -> Server:
    """Return the server of that name.

    Raises:
        CallError: there is none.
    """
    if isinstance(value, str) and value in Server.__members__.values():
        return Server(value)
    raise CallError(f"server {value!r} is not one of {' '.join(Server)}")


def call_from_mapping(
    data: Mapping[str, object], *, now: datetime, localize: Localize, strict: bool = False
) -> Call:
    """Return the call that a JSON object or a CSV row describes.

    Args:
        data: the contract's names; ``None`` is a missing field, other names are ignored.
        now: what a missing ``at`` becomes, local time without zone.
        localize: converts an ``at`` with an offset.
        strict: refuse a field that the server lacks or nobody knows (rules, command line);
            otherwise such a field is ignored (recorded calls).

    Raises:
        CallError: the server is unknown, or a field is malformed.
    """
    server = parse_server(data.get("server"))
    values: dict[str, object] = {}
    for key, value in data.items():
        if key == "server" or value is None:
            continue
        if key not in _SERVERS or server not in _SERVERS[key]:
            if strict:
                raise CallError(f"{server} has no field {key!r}")
            continue
        values[key] = _parse_field(key, value, localize)
    values.setdefault("at", now)
    return Call(server, **values)  # type: ignore[arg-type]


def _parse_field(key: str, value: object, localize: Localize) -> object:
    try:
        if key == "at":
            return parse_at(value, localize)
        if key.endswith("addr"):
            return parse_address(_text(key, value))
        if key == "backlog":
            return _number(key, value, MIN_BACKLOG, MAX_BACKLOG)
        if key.endswith("port"):
            return _number(key, value, 0, MAX_PORT)
        if key == "groups":
            return _groups(value)
    except ConditionError as error:
        raise CallError(f"{key}: {error}") from None
    return _text(key, value)


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise CallError(f"{key} must be text, not {value!r}")
    return value


def _number(key: str, value: object, low: int, high: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        if low <= value <= high:
            return value
        raise CallError(f"{key} {value} is not a number from {low} to {high}")
    if isinstance(value, str):
        if value.startswith("-") and low < 0:
            return -parse_number(value[1:], 1, -low, "value")
        return parse_number(value, low, high, "value")
    raise CallError(f"{key} must be a number, not {value!r}")


def _groups(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)) and all(isinstance(x, str) for x in value):
        return tuple(value)
    raise CallError(f"groups must be a list of names, not {value!r}")


def parse_at(value: object, localize: Localize) -> datetime:
    """Return the local time that an ISO 8601 date and time names, without zone.

    Raises:
        CallError: malformed, or outside the calendar.
    """
    if isinstance(value, str) and _AT.fullmatch(value):
        try:
            at = datetime.fromisoformat(value.replace(",", "."))
            return at if at.tzinfo is None else localize(at)
        except (ValueError, OverflowError, OSError):
            pass
    raise CallError(f"at {value!r} is not a time such as 2026-11-21T10:00:00")


def call_to_mapping(call: Call) -> dict[str, object]:
    """Return a call as the contract's JSON object; fields that are missing are left out."""
    out: dict[str, object] = {"server": str(call.server)}
    for key in CALL_KEYS[1:]:
        value = getattr(call, key)
        if value is None:
            continue
        if key.endswith("addr"):
            value = format_address(value)
        elif key == "groups":
            value = list(value)
        elif key == "at":
            value = value.isoformat()
        out[key] = value
    return out


def decision_to_mapping(decision: Decision) -> dict[str, object]:
    """Return a decision as the contract's JSON object, with the trace where there is one."""
    rule = decision.rule
    out: dict[str, object] = {
        "server": str(decision.server),
        "verdict": str(decision.verdict),
        "reason": str(decision.reason),
        "rule": None if rule is None else {"seq": rule.seq, "name": rule.name},
        "audit": decision.audit,
        "message": decision.message,
        "capture": decision.capture,
    }
    if decision.trace is not None:
        out["trace"] = [
            {
                "seq": step.seq,
                "outcome": str(step.outcome),
                "why": None if step.why is None else str(step.why),
                "conditions": [{"seq": c.seq, "result": c.result} for c in step.conditions],
            }
            for step in decision.trace
        ]
    return out
