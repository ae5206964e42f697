"""Rule sets and calls that meet each other: every field, operator and form, close to boundaries.

What rules ask about and what calls carry is drawn from the same small pools, so that conditions
hold about as often as not, whatever they are.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from types import MappingProxyType

from epm.addresses import parse_address
from epm.fields import FIELD_TYPES, FieldType, fields_of
from epm.model import (
    AddressGroup,
    Call,
    Config,
    Field,
    Groups,
    Rule,
    RuleSet,
    Server,
    ServerRules,
)
from tests.support.builders import default_rule, rule

Chance = random.Random

ADDRESSES = (
    "0.0.0.0", "255.255.255.255", "10.0.0.0", "10.9.0.0", "10.9.255.255", "10.10.0.0",
    "192.168.1.10", "127.0.0.1", "::", "::1", "2001:db8::", "2001:db8::ffff", "fe80::1",
    "2001:db8:0:1::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)  # fmt: skip
ASKED_ADDRESSES = (
    *ADDRESSES, "10.0.0.0/8", "10.9.0.7/16", "0.0.0.0/0", "::/0", "2001:db8::/32", "fe80::/10",
    "2001:db8::1/127", "10.0.0.0-10.9.0.0", "2001:db8::-2001:db8::ffff", "::ffff:10.9.0.0/112",
    "::ffff:10.0.0.0", "fe80::1%ETHLINE", "0.0.0.0/32",
)  # fmt: skip
PORTS = (0, 1, 21, 22, 23, 80, 443, 1023, 1024, 8470, 8476, 65534, 65535)
#: Of EBCDIC those that lie elsewhere in other code pages too: # @ $ and the national letters.
NAMES = (
    "A", "AB", "QTCP", "QPGMR", "Q#1", "Q@A", "Q$", "ÄÖÜ", "äöü", "STRAßE", "É", "é", "[X]", "^",
    "|", "!", "_A.", "a b", "qtcp", "QTCP1", "ÿ",
)  # fmt: skip
PATTERNS = ("*", "?", "Q*", "*P", "Q?CP", "*T*", "Q#*", "?", "Ä*", "*ß*", "q*", "[?]", "*?", "??*")
PROGRAMS = ("/usr/sbin/sshd", "/USR/SBIN/SSHD", "MYLIB/SERVER", "MYLIB/server", "/b#n/x")
TIMES = ("00:00", "00:01", "02:30", "06:00", "09:00", "12:00", "22:00", "23:59")
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
GROUPS = Groups(
    MappingProxyType({
        "TEN": AddressGroup(("10.0.0.0/8",), ("10.9.0.0/16",)),
        "MIXED": AddressGroup(
            ("10.0.0.0/8", "10.9.0.0-10.9.0.255", "2001:db8::/32"),
            ("10.9.0.0/16", "2001:db8::/64", "10.9.0.0"),
        ),
        "TIE": AddressGroup(("192.168.1.0/24", "::1"), ("192.168.1.0/24",)),
        "NOBODY": AddressGroup((), ()),
    }),
    MappingProxyType({"TEAM": ("QPG*", "Q#1", "A"), "ALL": ("A*", "Q*"), "NONE": ()}),
    MappingProxyType({"WELL": ("1-1023",), "HOST": ("8470-8476", "22"), "NO": ()}),
)  # fmt: skip


def _some(pool: tuple[str, ...], chance: Chance) -> str:
    return ",".join(chance.sample(pool, chance.randint(1, 4)))


def _address(chance: Chance) -> str:
    op = chance.choice(("EQ", "NE", "LIST", "NLIST", "GRP", "NGRP"))
    if op.endswith("GRP"):
        return f"{op} {chance.choice(list(GROUPS.addresses))}"
    return f"{op} " + (
        _some(ASKED_ADDRESSES, chance) if "LIST" in op else chance.choice(ASKED_ADDRESSES)
    )


def _number(chance: Chance, pool: tuple[int, ...], groups: tuple[str, ...]) -> str:
    op = chance.choice(("EQ", "NE", "LT", "LE", "GT", "GE", "RANGE", "NRANGE", "LIST", "NLIST",
                        *(("GRP", "NGRP") if groups else ())))  # fmt: skip
    low, high = sorted(chance.sample(pool, 2))
    if op.endswith("GRP"):
        return f"{op} {chance.choice(groups)}"
    if "RANGE" in op:
        return f"{op} {low}-{high}"
    return f"{op} {low},{low}-{high},{chance.choice(pool)}" if "LIST" in op else f"{op} {high}"


def _port(chance: Chance) -> str:
    return _number(chance, PORTS, tuple(GROUPS.ports))


def _backlog(chance: Chance) -> str:
    return _number(chance, (0, 1, 5, 128, 2**31 - 1), ())


def _name(chance: Chance, pool: tuple[str, ...] = NAMES) -> str:
    op = chance.choice(("EQ", "NE", "LIST", "NLIST", "LIKE", "NLIKE", "GRP", "NGRP"))
    if op.endswith("GRP"):
        return f"{op} {chance.choice(list(GROUPS.names))}"
    if op.endswith("LIKE"):
        return f"{op} {chance.choice(PATTERNS)}"
    return f"{op} " + (_some(pool, chance) if "LIST" in op else chance.choice(pool))


def _text(chance: Chance) -> str:
    op = chance.choice(("EQ", "NE", "LIST", "NLIST", "LIKE", "NLIKE"))
    if op.endswith("LIKE"):
        return f"{op} {chance.choice(('*', 'MYLIB/*', '/usr/*d', '*/s*', '?YLIB/*r', '/b#n/?'))}"
    return f"{op} " + (_some(PROGRAMS, chance) if "LIST" in op else chance.choice(PROGRAMS))


def _time(chance: Chance) -> str:
    op = chance.choice(("RANGE", "NRANGE", "LT", "LE", "GT", "GE"))
    end = f"-{chance.choice(TIMES)}" if "RANGE" in op else ""
    return f"{op} {chance.choice(TIMES)}{end}"


def _day(chance: Chance) -> str:
    op = chance.choice(("EQ", "NE", "LIST", "NLIST"))
    return f"{op} " + (_some(DAYS, chance) if "LIST" in op else chance.choice(DAYS))


_ASKS: dict[FieldType, Callable[[Chance], str]] = {
    FieldType.ADDRESS: _address,
    FieldType.PORT: _port,
    FieldType.NUMBER: _backlog,
    FieldType.NAME: _name,
    FieldType.NAMES: _name,
    FieldType.TEXT: _text,
    FieldType.TIME: _time,
    FieldType.DAY: _day,
}


def _rule(seq: int, fields: tuple[Field, ...], chance: Chance) -> Rule:
    conditions = []
    for number in range(chance.choice((1, 1, 2, 2, 3, 5))):
        field = chance.choice(fields)
        connector = "" if number == 0 else chance.choice(("AND ", "AND ", "OR "))
        conditions.append(f"{connector}{field} {_ASKS[FIELD_TYPES[field]](chance)}")
    flags = {key: chance.choice("YN*") for key in ("audit", "message", "capture")}
    active, test = chance.random() < 0.9, chance.random() < 0.8
    return rule(seq, *conditions, authority=chance.choice("YN*"), active=active, test=test, **flags)


def mixed_rules(size: int, chance: Chance) -> RuleSet:
    """Return a rule set of ``size`` rules on each server, groups that overlap among them."""
    servers = {}
    for server in Server:
        fields = fields_of(server)
        numbers = sorted(chance.sample(range(1, 99999), size))
        rules = [_rule(seq, fields, chance) for seq in numbers]
        last = default_rule(
            chance.choice("YN"),
            **{k: chance.choice("YN*") for k in ("audit", "message", "capture")},
        )
        servers[server] = ServerRules(chance.random() < 0.95, (*rules, last))
    flags = {key: chance.random() < 0.5 for key in ("audit", "message", "capture")}
    return RuleSet(Config(**flags), GROUPS, MappingProxyType(servers))


def _near(address: str, chance: Chance) -> int:
    number = parse_address(address) + chance.choice((-1, 0, 0, 1))
    return max(0, min(number, parse_address(ADDRESSES[-1])))


def _end(chance: Chance) -> tuple[int, int]:
    port = max(0, min(65535, chance.choice(PORTS) + chance.choice((-1, 0, 0, 1))))
    return _near(chance.choice(ADDRESSES), chance), port


def mixed_call(chance: Chance) -> Call:
    """Return a call of any server that a block can carry; what a job may lack may be missing."""
    server = chance.choice(list(Server))
    local, bound, remote = _end(chance), (None, None), (None, None)
    if server is Server.ACCEPT:
        bound, remote = _end(chance), _end(chance)
    elif server is Server.CONNECT:
        remote = _end(chance)
    backlog = None
    if server is Server.LISTEN:
        backlog = chance.choice((0, 1, 5, 127, 128, 2**31 - 1, -1, -(2**31)))
    begin = datetime(2026, 3, 29) if chance.random() < 0.5 else datetime(2026, 10, 25)
    hour, minute = chance.choice(TIMES).split(":")
    at = begin + timedelta(
        days=chance.randrange(-3, 4), hours=int(hour), minutes=int(minute),
        seconds=chance.choice((-1, 0, 0, 59)), microseconds=chance.choice((0, 999_999)),
    )  # fmt: skip
    groups = (
        None if chance.random() < 0.1 else tuple(chance.sample(NAMES, chance.choice((0, 1, 3))))
    )
    return Call(
        server, *local, *bound, *remote, backlog, chance.choice(NAMES), groups,
        chance.choice(NAMES), None if chance.random() < 0.2 else chance.choice(PROGRAMS), at,
    )  # fmt: skip
