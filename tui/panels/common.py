"""What several panels say in the same way: servers, flags, rules that are never enforced."""

from __future__ import annotations

from datetime import datetime

from epm.errors import RuleError
from epm.model import Groups, Rule, Server
from epm.soundness import check_conditions

SERVER_WORDS = {Server.ACCEPT: "Accept", Server.CONNECT: "Connect", Server.LISTEN: "Listen"}


def yes_no(value: bool) -> str:
    """Return Y or N."""
    return "Y" if value else "N"


def description(rule: Rule) -> str:
    """Return a rule's description; the default rule has one even without a name."""
    return rule.name or ("Default rule" if rule.is_default else "")


def why_never_enforced(server: Server, rule: Rule, groups: Groups) -> str:
    """Return why a rule is never enforced, whatever its flags; empty when it can be."""
    if rule.is_default:
        return ""
    if not rule.conditions:
        return "it has no conditions"
    try:
        check_conditions(server, rule, groups)
    except RuleError as error:
        return str(error)
    return ""


def conditions_line(rule: Rule) -> str:
    """Return the conditions of a rule as one line; the first connector is ignored."""
    return " ".join(
        f"{c.connector} {c.field} {c.op} {c.value}" if place else f"{c.field} {c.op} {c.value}"
        for place, c in enumerate(rule.conditions)
    )


def moment(at: datetime) -> str:
    """Return a time to the second, as lists show it."""
    return f"{at:%Y-%m-%d %H:%M:%S}"
