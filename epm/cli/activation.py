"""``epm status``, ``activate``, ``deactivate`` and ``confirm``."""

from __future__ import annotations

import click

from epm import edits
from epm.cli.app import current, rule_warnings
from epm.cli.changes import change, done
from epm.cli.journal_state import journal_state
from epm.cli.output import answer, say, table, warn
from epm.cli.params import SERVER, force_option, json_option, reason_option
from epm.cli.settings import shown_url
from epm.model import RuleSet, Server


@click.command("status")
@json_option
def status(as_json: bool) -> None:
    """Show which servers are activated, and the state of store and journal.

    \b
    Example: epm status
    """
    from db.gate import gate as sqlite_gate

    app = current()
    snapshot = app.snapshot()
    ruleset = snapshot.ruleset
    journal = journal_state(app.journal_folder(ruleset.config.journal))
    lines = rule_warnings(ruleset)
    gate = sqlite_gate()
    if as_json:
        answer(
            {
                "system": app.system,
                "revision": snapshot.revision,
                "store": shown_url(app.settings.db),
                "sqlite": {"version": gate.version, "journal_mode": gate.journal_mode},
                "journal": journal.to_json(),
                "servers": {
                    str(s): {
                        "exit_point": s.exit_point,
                        "format": s.format_name,
                        "activated": ruleset.servers[s].activated,
                        "rules": len(ruleset.servers[s].rules),
                        "active": sum(r.active for r in ruleset.servers[s].rules),
                    }
                    for s in Server
                },
                "warnings": lines,
            }
        )
        return
    say(f"System {app.system}, revision {snapshot.revision}, fail mode {ruleset.config.fail}")
    table(
        ("Server", "Exit point", "Format", "Activated", "Rules", "Active"),
        (
            (
                s,
                s.exit_point,
                s.format_name,
                "yes" if ruleset.servers[s].activated else "no",
                len(ruleset.servers[s].rules),
                sum(r.active for r in ruleset.servers[s].rules),
            )
            for s in Server
        ),
    )
    say(f"Store    {shown_url(app.settings.db)}")
    say(f"SQLite   {gate}")
    say(f"Journal  {journal.line()}")
    for line in lines:
        warn(line)


def _set(servers: tuple[Server, ...], on: bool, reason: str | None, force: bool) -> None:
    def edit(ruleset: RuleSet) -> RuleSet:
        for server in servers:
            ruleset = edits.with_activation(ruleset, server, on)
        return ruleset

    word = "activate" if on else "deactivate"
    names = " ".join(servers)
    revision = change(
        current(), edit, action=word, subject=names, reason=reason, force=force, touched={}
    )
    done(f"{names} {word}d", revision)


@click.command("activate")
@click.argument("servers", type=SERVER, nargs=-1, required=True)
@reason_option
@force_option
def activate(servers: tuple[Server, ...], reason: str | None, force: bool) -> None:
    """Activate servers: their rules decide from now on.

    \b
    Example: epm activate QSOACCEPT QSOCONNECT
    """
    _set(servers, True, reason, force)


@click.command("deactivate")
@click.argument("servers", type=SERVER, nargs=-1, required=True)
@reason_option
def deactivate(servers: tuple[Server, ...], reason: str | None) -> None:
    """Deactivate servers: their calls are allowed without evaluation.

    \b
    Example: epm deactivate QSOLISTEN
    """
    _set(servers, False, reason, force=True)


COMMANDS = (status, activate, deactivate)
