"""The parts of a rule set that are kept in versions, their differences, and their JSON.

Pure: no database here. A rule set is a mapping from :class:`Key` to a value; a revision is the
list of :class:`Delta` that leads to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from epm.model import AddressGroup, Condition, Config, Groups, Rule, RuleSet, Server


class Part(StrEnum):
    """What kind of object a key names."""

    SYSTEM = "system"
    CONFIG = "config"
    ACTIVATION = "activation"
    ADDRESS_GROUP = "address group"
    NAME_GROUP = "name group"
    PORT_GROUP = "port group"
    RULE = "rule"
    TESTS = "tests"


GROUP_PARTS = (Part.ADDRESS_GROUP, Part.NAME_GROUP, Part.PORT_GROUP)
Value = Rule | AddressGroup | tuple[str, ...] | Config | bool | str


class Key(NamedTuple):
    """The name of one object of a rule set.

    Attributes:
        name: the server of a rule or an activation, the name of a group; else empty.
        seq: the sequence of a rule; else 0.
    """

    part: Part
    name: str = ""
    seq: int = 0

    def __str__(self) -> str:
        words = [self.part.value, self.name, str(self.seq) if self.seq else ""]
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Delta:
    """One object before and after a revision; ``None`` is an object that is not there."""

    key: Key
    before: Value | None
    after: Value | None


def rule_key(server: Server, seq: int) -> Key:
    """Return the key of a socket rule."""
    return Key(Part.RULE, server.value, seq)


def shipped_deltas() -> list[Delta]:
    """Return what makes up a system as it is shipped, from nothing."""
    shipped = RuleSet()
    deltas = [Delta(Key(Part.CONFIG), None, shipped.config), Delta(Key(Part.TESTS), None, "")]
    for server, rules in shipped.servers.items():
        deltas.append(Delta(Key(Part.ACTIVATION, server.value), None, rules.activated))
        deltas += [Delta(rule_key(server, rule.seq), None, rule) for rule in rules.rules]
    return deltas


def frozen(ruleset: RuleSet) -> RuleSet:
    """Return a rule set whose mappings nobody else holds: whoever made them may change theirs."""
    groups = ruleset.groups
    return RuleSet(
        ruleset.config,
        Groups(
            MappingProxyType(dict(groups.addresses)),
            MappingProxyType(dict(groups.names)),
            MappingProxyType(dict(groups.ports)),
        ),
        MappingProxyType(dict(ruleset.servers)),
    )


def differences(old: RuleSet, new: RuleSet, old_tests: str, new_tests: str) -> list[Delta]:
    """Return what leads from one rule set to another, in key order within each part.

    Objects that both share are skipped by identity first, so that one changed rule among
    100,000 costs milliseconds.
    """
    deltas = list(_scalar_deltas(old, new, old_tests, new_tests))
    for part in GROUP_PARTS:
        deltas += _mapping_deltas(part, groups_of(old.groups, part), groups_of(new.groups, part))
    for server in Server:
        before = {rule.seq: rule for rule in old.servers[server].rules}
        after = {rule.seq: rule for rule in new.servers[server].rules}
        for seq in sorted(before.keys() | after.keys()):
            was, now = before.get(seq), after.get(seq)
            if was is not now and was != now:
                deltas.append(Delta(rule_key(server, seq), was, now))
    return deltas


def _scalar_deltas(old: RuleSet, new: RuleSet, old_tests: str, new_tests: str) -> Iterator[Delta]:
    if old.config != new.config:
        yield Delta(Key(Part.CONFIG), old.config, new.config)
    if old_tests != new_tests:
        yield Delta(Key(Part.TESTS), old_tests, new_tests)
    for server in Server:
        was, now = old.servers[server].activated, new.servers[server].activated
        if was != now:
            yield Delta(Key(Part.ACTIVATION, server.value), was, now)


def _mapping_deltas(
    part: Part, old: Mapping[str, Value], new: Mapping[str, Value]
) -> Iterator[Delta]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield Delta(Key(part, name), old.get(name), new.get(name))


def groups_of(groups: Groups, part: Part) -> Mapping[str, Value]:
    """Return the groups of one kind, by name."""
    if part is Part.ADDRESS_GROUP:
        return MappingProxyType(dict(groups.addresses))
    return MappingProxyType(dict(groups.names if part is Part.NAME_GROUP else groups.ports))


def canonical(data: object) -> str:
    """Return JSON that is the same for the same data: sorted, compact, ASCII only.

    ASCII only also means that no database ever refuses a character of it.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def to_json(value: Value | None) -> str | None:
    """Return the canonical JSON of a value, with the rule file's own names."""
    return None if value is None else canonical(_plain(value))


def _plain(value: Value) -> Any:
    match value:
        case Rule():
            return _rule(value)
        case AddressGroup():
            return {"include": list(value.include), "exclude": list(value.exclude)}
        case Config():
            return {
                "audit": _yes(value.audit),
                "message": _yes(value.message),
                "capture": _yes(value.capture),
                "message_queue": value.message_queue,
                "journal": value.journal,
                "fail": value.fail.value,
            }
        case tuple():
            return list(value)
        case _:
            return value


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "seq": rule.seq,
        "name": rule.name,
        "authority": rule.authority.value,
        "audit": rule.audit.value,
        "message": rule.message.value,
        "capture": rule.capture.value,
        "active": _yes(rule.active),
        "test": _yes(rule.test),
        "conditions": [_condition(c) for c in rule.conditions],
    }


def _condition(condition: Condition) -> dict[str, Any]:
    return {
        "seq": condition.seq,
        "connector": condition.connector.value,
        "field": condition.field.value,
        "op": condition.op.value,
        "value": condition.value,
    }


def _yes(flag: bool) -> str:
    return "Y" if flag else "N"
