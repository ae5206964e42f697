"""What makes a rule set sound. Each check raises one line that says what is wrong."""

from __future__ import annotations

from epm.condition_parser import group_lines, name_members, parse_test, port_span
from epm.errors import ConditionError, RuleError
from epm.model import (
    DEFAULT_SEQUENCE,
    MAX_NAME,
    MAX_SEQUENCE,
    AddressGroup,
    Config,
    Flag,
    Groups,
    Rule,
    RuleSet,
    Server,
)
from epm.text import refuse_controls

GROUP_KINDS = ("addresses", "names", "ports")


def check_name(name: str | None) -> None:
    """Raise RuleError when a rule's name is too long or holds a control character."""
    if name is None:
        return
    refuse_controls(name, "name")
    if not name.strip():
        raise RuleError("name is blank")
    if len(name) > MAX_NAME:
        raise RuleError(f"name has {len(name)} characters, at most {MAX_NAME} are allowed")


def check_rule(rule: Rule) -> None:
    """Raise RuleError when a rule breaks the contract, its conditions' values apart."""
    if not 1 <= rule.seq <= MAX_SEQUENCE:
        raise RuleError(f"sequence {rule.seq} is not from 1 to {MAX_SEQUENCE}")
    check_name(rule.name)
    if rule.is_default:
        _check_default(rule)
    seen: set[int] = set()
    for condition in rule.conditions:
        if not 1 <= condition.seq <= MAX_SEQUENCE:
            raise RuleError(f"condition sequence {condition.seq} is not from 1 to {MAX_SEQUENCE}")
        if condition.seq in seen:
            raise RuleError(f"condition sequence {condition.seq} is there twice")
        seen.add(condition.seq)


def _check_default(rule: Rule) -> None:
    if rule.conditions:
        raise RuleError("the default rule has no conditions")
    if not (rule.active and rule.test):
        raise RuleError("Active and Test of the default rule are fixed at Y")
    if rule.authority is Flag.INHERIT:
        raise RuleError("Authority of the default rule is Y or N")


def check_conditions(server: Server, rule: Rule, groups: Groups) -> None:
    """Raise ConditionError for the first condition of ``rule`` that is invalid."""
    for condition in rule.conditions:
        try:
            parse_test(condition, server, groups)
        except ConditionError as error:
            raise ConditionError(f"condition {condition.seq}: {error}") from None


def check_group_name(name: str) -> None:
    """Raise RuleError when a group's name could not be written in a condition."""
    refuse_controls(name, "group name")
    if not name or name != name.strip() or len(name) > MAX_NAME:
        raise RuleError(f"group name {name!r} must have 1 to {MAX_NAME} characters, no blank ends")


def check_group(kind: str, name: str, group: AddressGroup | tuple[str, ...]) -> None:
    """Raise RuleError when a group's name or one of its lines is malformed."""
    check_group_name(name)
    lines = (*group.include, *group.exclude) if isinstance(group, AddressGroup) else group
    try:
        for line in lines:
            refuse_controls(line, "line")
        if isinstance(group, AddressGroup):
            group_lines(group)
        elif kind == "names":
            name_members(group)
        else:
            for line in group:
                port_span(line)
    except RuleError as error:
        raise RuleError(f"{kind} group {name!r}: {error}") from None


def check_groups(groups: Groups) -> None:
    """Raise RuleError for the first group that is malformed."""
    for kind in GROUP_KINDS:
        for name, group in getattr(groups, kind).items():
            check_group(kind, name, group)


def check_config(config: Config) -> None:
    """Raise RuleError when a queue or journal name is not an IBM i object name."""
    for what, name in (("message_queue", config.message_queue), ("journal", config.journal)):
        if not is_object_name(name):
            raise RuleError(f"{what} {name!r} is not an object name of 1 to 10 characters")


def is_object_name(name: str, longest: int = 10) -> bool:
    """Whether ``name`` is one of IBM i: a letter or ``# @ $``, then also digits, ``_`` ``.``."""
    letters = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ#@$")
    rest = letters | frozenset("0123456789_.")
    return 0 < len(name) <= longest and name[0] in letters and rest.issuperset(name)


def check_ruleset(ruleset: RuleSet) -> None:
    """Raise RuleError for the first thing in a rule set that is not sound."""
    check_config(ruleset.config)
    check_groups(ruleset.groups)
    for server, rules in ruleset.servers.items():
        seen: set[int] = set()
        for rule in rules.rules:
            try:
                if rule.seq in seen:
                    raise RuleError("the sequence is there twice")
                check_rule(rule)
                check_conditions(server, rule, ruleset.groups)
            except RuleError as error:
                raise RuleError(f"{server} rule {rule.seq}: {error}") from None
            seen.add(rule.seq)
        if DEFAULT_SEQUENCE not in seen:
            raise RuleError(f"{server} has no default rule {DEFAULT_SEQUENCE}")
