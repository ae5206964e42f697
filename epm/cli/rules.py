"""``epm rules``: the sequenced socket rules of the store."""

from __future__ import annotations

from typing import Any

import click

from epm import edits
from epm.cli.app import current, rule_warnings
from epm.cli.changes import change, done
from epm.cli.output import answer, say, table, warn
from epm.cli.params import (
    SEQUENCE,
    SERVER,
    force_option,
    json_option,
    parse_condition,
    reason_option,
)
from epm.cli.rule_options import flag_options, flagged
from epm.cli.views import (
    RULE_HEADS,
    conditions_text,
    rule_row,
    rule_to_json,
    yes_no,
)
from epm.model import Flag, Rule, RuleSet, Server


@click.group("rules")
def rules() -> None:
    """Work with socket rules.

    \b
    Example:
      epm rules add QSOACCEPT 10 --authority Y --name "Admin subnet to SSH" \\
          --condition "RMTADDR EQ 10.0.0.0/8" --condition "LCLPORT EQ 22"
    """


@rules.command("list")
@click.argument("server", type=SERVER, required=False)
@json_option
def list_rules(server: Server | None, as_json: bool) -> None:
    """List the rules in evaluation order.

    \b
    Example: epm rules list QSOACCEPT
    """
    ruleset = current().snapshot().ruleset
    chosen = [
        (s, rule) for s in ([server] if server else Server) for rule in ruleset.servers[s].rules
    ]
    if as_json:
        answer([rule_to_json(s, r) for s, r in chosen])
        return
    table(RULE_HEADS, (rule_row(s, r) for s, r in chosen))
    for line in rule_warnings(ruleset):
        warn(line)


@rules.command("show")
@click.argument("server", type=SERVER)
@click.argument("seq", type=SEQUENCE)
@json_option
def show_rule(server: Server, seq: int, as_json: bool) -> None:
    """Show one rule with its conditions.

    \b
    Example: epm rules show QSOACCEPT 10
    """
    ruleset = current().snapshot().ruleset
    rule = edits.find_rule(ruleset, server, seq)
    if as_json:
        answer(rule_to_json(server, rule))
        return
    say(f"{server} rule {rule.seq}: {rule.name or '(no name)'}")
    say(
        f"  Authority {rule.authority}  Audit {rule.audit}  Message {rule.message}  "
        f"Capture {rule.capture}  Active {yes_no(rule.active)}  Test {yes_no(rule.test)}"
    )
    for line in conditions_text(rule):
        say(line)


@rules.command("add")
@click.argument("server", type=SERVER)
@click.argument("seq", type=SEQUENCE)
@flag_options
@reason_option
@force_option
def add_rule(server: Server, seq: int, reason: str | None, force: bool, **given: Any) -> None:
    """Add a rule; it is inactive and marked for test unless said otherwise.

    \b
    Example: epm rules add QSOCONNECT 20 --authority N --condition "RMTPORT EQ 25"
    """
    if given["authority"] is None:
        raise click.UsageError("--authority is needed: Y, N or *")
    rule = flagged(Rule(seq, None, Flag.NO), given)
    revision = change(
        current(),
        lambda ruleset: edits.add_rule(ruleset, server, rule),
        action="add",
        subject=f"{server} rule {seq}",
        reason=reason,
        force=force,
        touched={server: (seq,)},
    )
    done(f"{server} rule {seq} added", revision)


@rules.command("change")
@click.argument("server", type=SERVER)
@click.argument("seq", type=SEQUENCE)
@flag_options
@click.option("--add-condition", "added", multiple=True, metavar="TEXT", help="One more.")
@click.option(
    "--delete-condition", "deleted", multiple=True, type=SEQUENCE, help="Delete, by sequence."
)
@reason_option
@force_option
def change_rule(
    server: Server,
    seq: int,
    added: tuple[str, ...],
    deleted: tuple[int, ...],
    reason: str | None,
    force: bool,
    **given: Any,
) -> None:
    """Change a rule; what is not named stays. --condition replaces all its conditions.

    \b
    Example: epm rules change QSOACCEPT 10 --active Y
    """

    def edit(ruleset: RuleSet) -> RuleSet:
        rule = flagged(edits.find_rule(ruleset, server, seq), given)
        for number in deleted:
            rule = edits.without_condition(rule, number)
        for text in added:
            position = max([c.seq // 10 for c in rule.conditions], default=0) + 1
            rule = edits.with_condition(rule, parse_condition(text, position))
        return edits.change_rule(ruleset, server, rule)

    revision = change(
        current(),
        edit,
        action="change",
        subject=f"{server} rule {seq}",
        reason=reason,
        force=force,
        touched={server: (seq,)},
    )
    done(f"{server} rule {seq} changed", revision)


@rules.command("copy")
@click.argument("server", type=SERVER)
@click.argument("seq", type=SEQUENCE)
@click.argument("to_seq", type=SEQUENCE)
@click.option("--to-server", type=SERVER, help="Another server; it must have the fields.")
@reason_option
def copy_rule(
    server: Server, seq: int, to_seq: int, to_server: Server | None, reason: str | None
) -> None:
    """Copy a rule to another sequence; the copy is inactive.

    \b
    Example: epm rules copy QSOACCEPT 10 15
    """
    target = to_server or server
    revision = change(
        current(),
        lambda ruleset: edits.copy_rule(ruleset, server, seq, to_seq, to_server),
        action="copy",
        subject=f"{target} rule {to_seq}",
        reason=reason,
        touched=_touched((server, seq), (target, to_seq)),
    )
    done(f"{server} rule {seq} copied to {target} rule {to_seq}, inactive", revision)


def _touched(*places: tuple[Server, int]) -> dict[Server, list[int]]:
    touched: dict[Server, list[int]] = {}
    for server, seq in places:
        touched.setdefault(server, []).append(seq)
    return touched


@rules.command("move")
@click.argument("server", type=SERVER)
@click.argument("seq", type=SEQUENCE)
@click.argument("to_seq", type=SEQUENCE)
@reason_option
@force_option
def move_rule(server: Server, seq: int, to_seq: int, reason: str | None, force: bool) -> None:
    """Move a rule to another sequence.

    \b
    Example: epm rules move QSOACCEPT 10 200
    """
    revision = change(
        current(),
        lambda ruleset: edits.move_rule(ruleset, server, seq, to_seq),
        action="move",
        subject=f"{server} rule {seq} to {to_seq}",
        reason=reason,
        force=force,
        touched={server: (seq, to_seq)},
    )
    done(f"{server} rule {seq} moved to {to_seq}", revision)


@rules.command("delete")
@click.argument("server", type=SERVER)
@click.argument("seqs", type=SEQUENCE, nargs=-1, required=True)
@reason_option
@force_option
def delete_rules(server: Server, seqs: tuple[int, ...], reason: str | None, force: bool) -> None:
    """Delete rules.

    \b
    Example: epm rules delete QSOACCEPT 10 20
    """

    def edit(ruleset: RuleSet) -> RuleSet:
        for seq in seqs:
            ruleset = edits.delete_rule(ruleset, server, seq)
        return ruleset

    names = ", ".join(map(str, seqs))
    revision = change(
        current(),
        edit,
        action="delete",
        subject=f"{server} rule {names}",
        reason=reason,
        force=force,
        touched={server: seqs},
    )
    done(f"{server} rule {names} deleted", revision)


@rules.command("renumber")
@click.argument("server", type=SERVER)
@click.option("--start", type=SEQUENCE, default=10, show_default=True)
@click.option("--step", type=SEQUENCE, default=10, show_default=True)
@reason_option
def renumber(server: Server, start: int, step: int, reason: str | None) -> None:
    """Give the rules of a server new sequences in the same order.

    \b
    Example: epm rules renumber QSOACCEPT --start 100 --step 10
    """
    revision = change(
        current(),
        lambda ruleset: edits.renumber(ruleset, server, start, step),
        action="renumber",
        subject=str(server),
        reason=reason,
    )
    done(f"{server} renumbered", revision)
