"""The options that say what a rule shall be: its name, flags and conditions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from epm.cli.params import FLAG, YES_NO, parse_condition
from epm.model import Flag, Rule


def flag_options(command: Any) -> Any:
    """Add the options that set a rule's name and flags."""
    options = [
        click.option("--name", metavar="TEXT", help="Description, up to 50 characters."),
        click.option("--authority", type=FLAG, help="Y allow, N reject, * as the default rule."),
        click.option("--audit", type=FLAG, help="Y log all, N rejections only, * inherit."),
        click.option("--message", type=FLAG, help="Send a message when the rule decides."),
        click.option("--capture", type=FLAG, help="Record the call as a captured transaction."),
        click.option("--active", type=YES_NO, help="Evaluated by the live exit program."),
        click.option("--test", type=YES_NO, help="Evaluated by the rule test facility."),
        click.option(
            "--condition",
            "conditions",
            multiple=True,
            metavar="TEXT",
            help='"[SEQ:] [AND|OR] FIELD OPERATOR VALUE", once for each condition.',
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def flagged(rule: Rule, given: dict[str, Any]) -> Rule:
    """Return the rule with the given options applied; what is ``None`` stays.

    Raises:
        click.BadParameter: a condition has not the form of one.
    """
    values: dict[str, Any] = {
        k: given[k]
        for k in ("name", "authority", "audit", "message", "capture")
        if given[k] is not None
    }
    if values.get("name") == "":
        values["name"] = None
    values |= {k: given[k] is Flag.YES for k in ("active", "test") if given[k] is not None}
    if given["conditions"]:
        parsed = (parse_condition(text, n) for n, text in enumerate(given["conditions"], 1))
        values["conditions"] = tuple(parsed)
    return replace(rule, **values)
