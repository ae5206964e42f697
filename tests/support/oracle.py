"""A third evaluator, written from the contract alone, that shares no code with the core.

It reads conditions as text each time, knows addresses only through :mod:`ipaddress`, matches
wildcards by recursion and tries rules one by one. It is slow, trusts its input (only the
generators of :mod:`tests.support.strategies` feed it), and is what the two evaluators of the
core are held to: they share the parsing of conditions, this does not.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from epm.model import Call, Condition, Groups, Rule, RuleSet, Server

Resolved = Mapping[str, frozenset[int]]
_V6 = 2**32
_FIELDS = {
    "QSOLISTEN": "LCLADDR LCLPORT BACKLOG",
    "QSOCONNECT": "LCLADDR LCLPORT RMTADDR RMTPORT",
    "QSOACCEPT": "LCLADDR LCLPORT BNDADDR BNDPORT RMTADDR RMTPORT",
}
_EVERYWHERE = "USER JOB GRPPRF PGM TIME DAY"
_POSITIVE = {"NE": "EQ", "NRANGE": "RANGE", "NLIST": "LIST", "NLIKE": "LIKE", "NGRP": "GRP"}
_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_ORDER: dict[str, Callable[[int, int], bool]] = {
    "LT": lambda a, b: a < b,
    "LE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GE": lambda a, b: a >= b,
}


def server_has(server: Server, field: str) -> bool:
    """Whether the contract's table gives the server this field."""
    return field in f"{_FIELDS[server]} {_EVERYWHERE}".split()


def decide(
    ruleset: RuleSet,
    call: Call,
    mode: str,
    resolved: Resolved,
    invalid: Callable[[Server, Condition], bool],
) -> dict[str, Any]:
    """Return what the contract says of a call: verdict, reason, rule and flags."""
    server = ruleset.servers[call.server]
    if mode == "live" and not server.activated:
        return _answer("allow", "not-activated", None, False, False, False)
    default = max(server.rules, key=lambda r: r.seq)
    for rule in sorted(server.rules, key=lambda r: r.seq):
        if rule is default:
            break
        enforced = rule.active if mode == "live" else rule.test
        if not enforced or not rule.conditions:
            continue
        if any(invalid(call.server, c) for c in rule.conditions):
            continue
        if _holds(rule, call, ruleset.groups, resolved):
            return _decided(rule, default, ruleset, "rule")
    return _decided(default, default, ruleset, "default")


def _answer(*parts: object) -> dict[str, Any]:
    keys = ("verdict", "reason", "rule", "audit", "message", "capture")
    return dict(zip(keys, parts, strict=True))


def _decided(rule: Rule, default: Rule, ruleset: RuleSet, reason: str) -> dict[str, Any]:
    authority = rule.authority if rule.authority != "*" else default.authority
    flags = []
    for name in ("audit", "message", "capture"):
        flag = getattr(rule, name)
        if flag == "*":
            flag = getattr(default, name)
        if flag == "*":
            flag = "Y" if getattr(ruleset.config, name) else "N"
        flags.append(flag == "Y")
    return _answer("allow" if authority == "Y" else "reject", reason, rule.seq, *flags)


def _holds(rule: Rule, call: Call, groups: Groups, resolved: Resolved) -> bool:
    """OR of ANDs: keep the alternative being built, and whether an earlier one was true."""
    earlier = False
    current: bool | None = None
    for condition in sorted(rule.conditions, key=lambda c: c.seq):
        result = condition_holds(condition, call, groups, resolved)
        if current is None:
            current = result
        elif condition.connector == "OR":
            earlier, current = earlier or current, result
        else:
            current = current and result
    return earlier or bool(current)


def condition_holds(condition: Condition, call: Call, groups: Groups, resolved: Resolved) -> bool:
    """Whether one sound condition is true for the call."""
    field, op = str(condition.field), str(condition.op)
    value = _value(field, call)
    if value is None:
        return False
    positive = _POSITIVE.get(op, op)
    text = condition.value.strip()
    try:
        found = _positive(field, positive, text, value, groups, resolved)
    except LookupError:  # a host name that was never resolved
        return False
    return found if positive == op else not found


def _value(field: str, call: Call) -> Any:
    if field in ("TIME", "DAY"):
        return call.at
    return getattr(call, {"GRPPRF": "groups"}.get(field, field.lower()))


def _positive(
    field: str, op: str, text: str, value: Any, groups: Groups, resolved: Resolved
) -> bool:
    if field.endswith("ADDR"):
        return _address(op, text, value, groups, resolved)
    if field.endswith("PORT") or field == "BACKLOG":
        return _number(op, text, value, groups)
    if field in ("USER", "JOB"):
        return _name(op, text.upper(), value.upper(), groups)
    if field == "GRPPRF":
        return any(_name(op, text.upper(), member.upper(), groups) for member in value)
    if field == "PGM":
        return _name(op, text, value, groups)
    if field == "TIME":
        return _time(op, text, value)
    return _DAYS[value.weekday()] in [x.strip().upper() for x in text.split(",")]


# --------------------------------------------------------------------------------- addresses


@lru_cache(maxsize=4096)
def _ip(text: str) -> tuple[int, int]:
    """Return (family, number), an IPv4-mapped address as IPv4 and without its zone."""
    address = ipaddress.ip_address(text.split("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address.version, int(address)


def _family(axis_number: int) -> tuple[int, int]:
    return (6, axis_number - _V6) if axis_number >= _V6 else (4, axis_number)


def _ends(text: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first and the last address of an address, CIDR or range."""
    if "/" in text:
        base, prefix = text.split("/")
        family, number = _ip(base)
        free = (128 if ":" in base else 32) - int(prefix)
        return (family, number >> free << free), (family, number | ((1 << free) - 1))
    low, dash, high = text.partition("-")
    return (_ip(low), _ip(high)) if dash else (_ip(text), _ip(text))


def _within(text: str, value: tuple[int, int]) -> bool:
    low, high = _ends(text)
    return low[0] == value[0] and low[1] <= value[1] <= high[1]


def _address(op: str, text: str, axis_number: int, groups: Groups, resolved: Resolved) -> bool:
    value = _family(axis_number)
    if op == "GRP":
        return _in_group(text, value, groups)
    items = [x.strip() for x in text.split(",")] if op == "LIST" else [text]
    return any([_in_item(item, axis_number, value, resolved) for item in items])  # noqa: C419


def _in_item(item: str, axis_number: int, value: tuple[int, int], resolved: Resolved) -> bool:
    if ":" not in item and item[-1].isalpha():
        return axis_number in resolved[item.lower()]
    return _within(item, value)


def _in_group(name: str, value: tuple[int, int], groups: Groups) -> bool:
    group = groups.addresses[name]
    best: tuple[int, bool] | None = None
    for lines, included in ((group.include, True), (group.exclude, False)):
        for line in lines:
            if _within(line, value):
                low, high = _ends(line)
                size = high[1] - low[1] + 1
                if best is None or size < best[0] or (size == best[0] and not included):
                    best = (size, included)
    return best is not None and best[1]


# ------------------------------------------------------------------- numbers, names and times


def _number(op: str, text: str, value: int, groups: Groups) -> bool:
    if op in _ORDER:
        return _ORDER[op](value, int(text))
    items = groups.ports[text] if op == "GRP" else text.split(",")
    for item in items:
        low, dash, high = item.partition("-")
        if int(low) <= value <= int(high if dash else low):
            return True
    return False


def _name(op: str, text: str, value: str, groups: Groups) -> bool:
    if op == "LIKE":
        return _like(text, value)
    if op == "LIST":
        return value in [x.strip() for x in text.split(",")]
    if op == "GRP":
        lines = next(v for k, v in groups.names.items() if k.upper() == text)
        return any(_generic(line.upper(), value) for line in lines)
    return value == text


def _generic(line: str, value: str) -> bool:
    return value[: len(line) - 1] == line[:-1] if line.endswith("*") else value == line


def _like(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_like(pattern[1:], text[n:]) for n in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and _like(pattern[1:], text[1:])


def like(pattern: str, text: str) -> bool:
    """Whether the text matches a pattern of ``*`` and ``?``, by plain recursion."""
    return _like(pattern, text)


def _time(op: str, text: str, at: datetime) -> bool:
    now = at.strftime("%H:%M:%S")
    if op == "RANGE":
        start, end = (f"{x}:00" for x in text.split("-"))
        if start < end:
            return start <= now < end
        return now >= start or now < end  # equal ends: the whole day
    second = at.hour * 3600 + at.minute * 60 + at.second
    hours, minutes = text.split(":")
    return _ORDER[op](second, int(hours) * 3600 + int(minutes) * 60)
