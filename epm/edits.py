"""Every change to a rule set, as pure functions.

A change takes a rule set and returns a new one, or raises one line that says what is wrong.
The command line, the rule file and the screens all change rules through these.

INVARIANT: a rule set that comes out of here is sound when the one that went in was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from epm.errors import NotFoundError, RuleError
from epm.fields import FIELD_TYPES, FieldType
from epm.model import (
    DEFAULT_SEQUENCE,
    AddressGroup,
    Condition,
    Config,
    Groups,
    Operator,
    Rule,
    RuleSet,
    Server,
    ServerRules,
)
from epm.soundness import (
    GROUP_KINDS,
    check_conditions,
    check_config,
    check_group,
    check_rule,
)

_GROUP_OPERATORS = (Operator.GRP, Operator.NGRP)
_KIND_OF_TYPE = {
    FieldType.ADDRESS: "addresses",
    FieldType.PORT: "ports",
    FieldType.NAME: "names",
    FieldType.NAMES: "names",
}


# ------------------------------------------------------------------------------- rules


def find_rule(ruleset: RuleSet, server: Server, seq: int) -> Rule:
    """Return one rule.

    Raises:
        NotFoundError: there is none of that sequence.
    """
    for rule in ruleset.servers[server].rules:
        if rule.seq == seq:
            return rule
    raise NotFoundError(f"{server} has no rule {seq}")


def _with_rules(ruleset: RuleSet, server: Server, rules: Iterable[Rule]) -> RuleSet:
    ordered = tuple(sorted(rules, key=lambda r: r.seq))
    return with_server(ruleset, server, replace(ruleset.servers[server], rules=ordered))


def with_server(ruleset: RuleSet, server: Server, rules: ServerRules) -> RuleSet:
    """Return the rule set with one server's rules replaced."""
    return replace(ruleset, servers=MappingProxyType({**ruleset.servers, server: rules}))


def _checked(ruleset: RuleSet, server: Server, rule: Rule) -> Rule:
    try:
        check_rule(rule)
        check_conditions(server, rule, ruleset.groups)
    except RuleError as error:
        raise RuleError(f"{server} rule {rule.seq}: {error}") from None
    return replace(rule, conditions=tuple(sorted(rule.conditions, key=lambda c: c.seq)))


def add_rule(ruleset: RuleSet, server: Server, rule: Rule) -> RuleSet:
    """Return the rule set with a new rule.

    Raises:
        RuleError: the rule is not sound, or its sequence exists.
    """
    if any(r.seq == rule.seq for r in ruleset.servers[server].rules):
        raise RuleError(f"{server} has a rule {rule.seq} already")
    rule = _checked(ruleset, server, rule)
    return _with_rules(ruleset, server, (*ruleset.servers[server].rules, rule))


def change_rule(ruleset: RuleSet, server: Server, rule: Rule) -> RuleSet:
    """Return the rule set with the rule of the same sequence replaced by ``rule``."""
    find_rule(ruleset, server, rule.seq)
    rule = _checked(ruleset, server, rule)
    return _with_rules(
        ruleset, server, (rule if r.seq == rule.seq else r for r in ruleset.servers[server].rules)
    )


def copy_rule(
    ruleset: RuleSet, server: Server, seq: int, to_seq: int, to_server: Server | None = None
) -> RuleSet:
    """Return the rule set with a copy of a rule, inactive, at another sequence or server."""
    rule = find_rule(ruleset, server, seq)
    return add_rule(ruleset, to_server or server, replace(rule, seq=to_seq, active=False))


def move_rule(ruleset: RuleSet, server: Server, seq: int, to_seq: int) -> RuleSet:
    """Return the rule set with a rule at another sequence.

    Raises:
        RuleError: it is the default rule, or the sequence is taken.
    """
    rule = find_rule(ruleset, server, seq)
    if rule.is_default:
        raise RuleError(f"{server}: the default rule {DEFAULT_SEQUENCE} cannot be moved")
    return add_rule(
        delete_rule(ruleset, server, seq) if to_seq != seq else ruleset,
        server,
        replace(rule, seq=to_seq),
    )


def delete_rule(ruleset: RuleSet, server: Server, seq: int) -> RuleSet:
    """Return the rule set without a rule.

    Raises:
        NotFoundError: there is none of that sequence.
        RuleError: it is the default rule.
    """
    if find_rule(ruleset, server, seq).is_default:
        raise RuleError(f"{server}: the default rule {DEFAULT_SEQUENCE} cannot be deleted")
    return _with_rules(ruleset, server, (r for r in ruleset.servers[server].rules if r.seq != seq))


def renumber(ruleset: RuleSet, server: Server, start: int = 10, step: int = 10) -> RuleSet:
    """Return the rule set with one server's rules at ``start`` and every ``step`` on.

    Raises:
        RuleError: the last would not fit below the default rule.
    """
    rules = ruleset.servers[server].rules
    if start < 1 or step < 1:
        raise RuleError("start and step are at least 1")
    last = start + step * (len(rules) - 2)
    if last >= DEFAULT_SEQUENCE:
        raise RuleError(f"{server}: the last rule would be {last}, past {DEFAULT_SEQUENCE - 1}")
    numbered = (replace(r, seq=start + step * i) for i, r in enumerate(rules[:-1]))
    return _with_rules(ruleset, server, (*numbered, rules[-1]))


def with_condition(rule: Rule, condition: Condition) -> Rule:
    """Return the rule with a condition added, or the one of its sequence replaced."""
    others = (c for c in rule.conditions if c.seq != condition.seq)
    return replace(rule, conditions=tuple(sorted((*others, condition), key=lambda c: c.seq)))


def without_condition(rule: Rule, seq: int) -> Rule:
    """Return the rule without a condition.

    Raises:
        NotFoundError: it has none of that sequence.
    """
    if all(c.seq != seq for c in rule.conditions):
        raise NotFoundError(f"rule {rule.seq} has no condition {seq}")
    return replace(rule, conditions=tuple(c for c in rule.conditions if c.seq != seq))


# ------------------------------------------------------------- groups, configuration, activation


def put_group(
    ruleset: RuleSet, kind: str, name: str, group: AddressGroup | tuple[str, ...]
) -> RuleSet:
    """Return the rule set with a group added or replaced."""
    check_group(kind, name, group)
    return _with_groups(ruleset, kind, {**getattr(ruleset.groups, kind), name: group})


def delete_group(ruleset: RuleSet, kind: str, name: str) -> RuleSet:
    """Return the rule set without a group.

    Raises:
        NotFoundError: there is none of that name.
        RuleError: a condition names it.
    """
    if name not in getattr(ruleset.groups, kind):
        raise NotFoundError(f"there is no {kind} group {name!r}")
    users = group_users(ruleset, kind, name)
    if users:
        raise RuleError(f"{kind} group {name!r} is in use by {', '.join(users[:5])}")
    kept = {n: g for n, g in getattr(ruleset.groups, kind).items() if n != name}
    return _with_groups(ruleset, kind, kept)


def _with_groups(ruleset: RuleSet, kind: str, groups: Mapping[str, object]) -> RuleSet:
    fields: dict[str, Any] = {k: getattr(ruleset.groups, k) for k in GROUP_KINDS}
    fields[kind] = MappingProxyType(dict(groups))
    return replace(ruleset, groups=Groups(**fields))


def group_users(ruleset: RuleSet, kind: str, name: str) -> tuple[str, ...]:
    """Return where a group is named, such as ``QSOACCEPT rule 10``."""
    return tuple(
        f"{server} rule {rule.seq}"
        for server, rules in ruleset.servers.items()
        for rule in rules.rules
        if any(
            c.op in _GROUP_OPERATORS
            and c.value.strip() == name
            and _KIND_OF_TYPE.get(FIELD_TYPES[c.field]) == kind
            for c in rule.conditions
        )
    )


def with_config(ruleset: RuleSet, config: Config) -> RuleSet:
    """Return the rule set with another configuration, checked."""
    check_config(config)
    return replace(ruleset, config=config)


def with_activation(ruleset: RuleSet, server: Server, activated: bool) -> RuleSet:
    """Return the rule set with a server activated or deactivated."""
    return with_server(ruleset, server, replace(ruleset.servers[server], activated=activated))


# ------------------------------------------------------------------------------ import


def merge(ruleset: RuleSet, added: RuleSet) -> RuleSet:
    """Return ``ruleset`` with the rules and groups of ``added``, as import without replace.

    The default rule and the configuration of ``added`` are taken where ``ruleset`` still has
    the shipped ones; a server that ``added`` activates is activated.

    Raises:
        RuleError: a sequence or a group's name exists, or the default rule or configuration
            was changed before and differs.
    """
    if added.config not in (Config(), ruleset.config):
        if ruleset.config != Config():
            raise RuleError("the product configuration differs from the file's")
        ruleset = with_config(ruleset, added.config)
    for kind in GROUP_KINDS:
        for name, group in getattr(added.groups, kind).items():
            if name in getattr(ruleset.groups, kind):
                raise RuleError(f"{kind} group {name!r} exists already")
            ruleset = put_group(ruleset, kind, name, group)
    for server, rules in added.servers.items():
        ruleset = _merge_server(ruleset, server, rules)
    return ruleset


def _merge_server(ruleset: RuleSet, server: Server, added: ServerRules) -> RuleSet:
    own = ruleset.servers[server]
    shipped = ServerRules().default
    default = own.default
    if added.default not in (shipped, default):
        if default != shipped:
            raise RuleError(
                f"{server}: the default rule {DEFAULT_SEQUENCE} differs from the file's"
            )
        default = added.default
    taken = {r.seq for r in own.rules}
    for rule in added.rules[:-1]:
        if rule.seq in taken:
            raise RuleError(f"{server} has a rule {rule.seq} already")
    checked = (_checked(ruleset, server, r) for r in added.rules[:-1])
    ruleset = _with_rules(ruleset, server, (*own.rules[:-1], *checked, default))
    return with_activation(ruleset, server, own.activated or added.activated)
