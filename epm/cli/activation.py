"""``epm status``, ``activate`` and ``deactivate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from epm import edits
from epm.cli.app import current, rule_warnings
from epm.cli.changes import change, done
from epm.cli.journal_state import JournalState, journal_state
from epm.cli.output import answer, say, table, warn
from epm.cli.params import SERVER, force_option, json_option, reason_option
from epm.cli.settings import shown_url
from epm.model import RuleSet, Server

if TYPE_CHECKING:
    from db.snapshots import Snapshot


@click.command("status")
@json_option
def status(as_json: bool) -> None:
    """Show which servers are activated, and the state of store and journal.

    \b
    Example: epm status
    """
    app = current()
    snapshot = app.snapshot()
    journal = journal_state(app.journal_folder(snapshot.ruleset.config.journal))
    lines = rule_warnings(snapshot.ruleset)
    if as_json:
        answer(_as_json(snapshot, shown_url(app.settings.db), journal, lines))
        return
    _say_status(snapshot, shown_url(app.settings.db), journal)
    for line in lines:
        warn(line)


def _as_json(
    snapshot: Snapshot, store: str, journal: JournalState, lines: list[str]
) -> dict[str, object]:
    from db.gate import gate

    linked = gate()
    return {
        "system": snapshot.system,
        "revision": snapshot.revision,
        "store": store,
        "sqlite": {"version": linked.version, "journal_mode": linked.journal_mode},
        "journal": journal.to_json(),
        "servers": {
            str(server): {
                "exit_point": server.exit_point,
                "format": server.format_name,
                "activated": rules.activated,
                "rules": len(rules.rules),
                "active": sum(r.active for r in rules.rules),
            }
            for server, rules in snapshot.ruleset.servers.items()
        },
        "warnings": lines,
    }


def _say_status(snapshot: Snapshot, store: str, journal: JournalState) -> None:
    from db.gate import gate

    ruleset = snapshot.ruleset
    say(f"System {snapshot.system}, revision {snapshot.revision}, fail mode {ruleset.config.fail}")
    rows = (
        (
            server,
            server.exit_point,
            server.format_name,
            "yes" if rules.activated else "no",
            len(rules.rules),
            sum(r.active for r in rules.rules),
        )
        for server, rules in ruleset.servers.items()
    )
    table(("Server", "Exit point", "Format", "Activated", "Rules", "Active"), rows)
    say(f"Store    {store}")
    say(f"SQLite   {gate()}")
    say(f"Journal  {journal.line()}")


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
