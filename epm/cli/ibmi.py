"""``epm ibmi``: attach the exit programs to a real IBM i, deploy rules, see what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

from epm.cli.app import current
from epm.cli.changes import guard_going_live
from epm.cli.exits import ExitCode
from epm.cli.ibmi_connect import chosen, client_of, connections
from epm.cli.ibmi_fetch import fetch
from epm.cli.ibmi_holding import changing
from epm.cli.ibmi_show import Shown, print_one, print_table, status_of
from epm.cli.ibmi_wanted import desired
from epm.cli.output import answer, say, table, talk, warn
from epm.cli.params import SERVER, force_option, json_option
from epm.errors import SettingsError
from epm.model import Server

if TYPE_CHECKING:
    from exitprograms.ibmi.client import Client, Remote
    from exitprograms.ibmi.connection import Connection
    from exitprograms.ibmi.steps import Step

dry_option = click.option(
    "--dry-run", is_flag=True, help="Print every CL command and SQL statement; change nothing."
)
_NAME = click.argument("name", metavar="[SYSTEM]", required=False)
_SERVERS = click.option(
    "--server", "servers", type=SERVER, multiple=True, help="Only this exit point; repeatable."
)


@click.group("ibmi")
def ibmi() -> None:
    """Attach to a real IBM i: exit programs, rules, audit entries.

    Systems are tables [ibmi.NAME] of the configuration file; passwords come from the
    environment (EPM_IBMI_NAME_PASSWORD) or the keyring.

    \b
    Examples:
      epm ibmi status
      epm ibmi attach PROD1 --dry-run
      epm ibmi fetch PROD1
    """


@ibmi.command("systems")
@json_option
def systems(as_json: bool) -> None:
    """List the systems that the settings name; nothing is connected to.

    \b
    Example: epm ibmi systems
    """
    found = connections(current())
    if as_json:
        answer([_system_json(c) for c in found.values()])
        return
    rows = ((c.system, c.transport, c.where, c.user or "-", c.lib) for c in found.values())
    table(("System", "Transport", "Address", "User", "Library"), rows)


def _system_json(connection: Connection) -> dict[str, object]:
    return {
        "system": connection.system,
        "transport": str(connection.transport),
        "address": connection.where,
        "user": connection.user or None,
        "library": connection.lib,
    }


# ------------------------------------------------------------------------------------ status


@ibmi.command("status")
@_NAME
@json_option
def status(name: str | None, as_json: bool) -> int:
    """Show what is attached and deployed, against the store: one system, or all side by side.

    The exit code is 1 where a system differs from the store, 3 where one cannot be asked.

    \b
    Examples:
      epm ibmi status
      epm ibmi status PROD1 --json
    """
    app = current()
    wanted = connections(app).values() if name is None else [chosen(app, name)]
    if not wanted:
        raise SettingsError("the settings name no IBM i system; docs/ibmi.md shows how")
    shown = [status_of(app, c, alone=name is not None) for c in wanted]
    if as_json:
        answer([s.to_json() for s in shown] if name is None else shown[0].to_json())
    elif name is None:
        print_table(shown)
    else:
        print_one(shown[0])
    return _status_code(shown)


def _status_code(shown: Iterable[Shown]) -> ExitCode:
    every = list(shown)
    if any(s.status is not None and s.status.drift for s in every):
        return ExitCode.NO
    return ExitCode.UNAVAILABLE if any(s.status is None for s in every) else ExitCode.OK


# ------------------------------------------------------------------- attach, deploy, detach


@ibmi.command("attach")
@_NAME
@_SERVERS
@click.option(
    "--replace", is_flag=True, help="Take the place of another product's exit program, and keep it."
)
@dry_option
@force_option
def attach(
    name: str | None, servers: tuple[Server, ...], replace: bool, dry_run: bool, force: bool
) -> None:
    """Compile and attach the exit programs, after deploying the rules they decide by.

    Every step is checked on the system; a failure undoes those before it. A second run does
    nothing. Without --server, the exit points of the activated servers.

    \b
    Examples:
      epm ibmi attach PROD1 --dry-run
      epm ibmi attach PROD1 --server QSOACCEPT
    """
    from exitprograms.ibmi import attaching

    app = current()
    connection = chosen(app, name)
    want = desired(app, connection, tell=True)
    points = servers or tuple(s for s in Server if s in want.wanted.activated)
    if not points:
        raise SettingsError(
            f"no server of {connection.system} is activated, so nothing would be decided: "
            f"epm --system {connection.system} activate, or name one with --server"
        )
    guard_going_live(want.snapshot, force=force)
    with client_of(connection) as client:
        attaching.look(client, want.names)  # who may not attach is told so before anything is made
        with changing(app, connection, client, "attach", dry_run=dry_run) as folder:
            before = attaching.look(client, want.names)
            if replace:
                attaching.refuse_kept_twice(client, before, want.names, points)
            else:
                attaching.refuse_foreign(before, want.names, points, client.where)
            sources = want.wanted.sources
            steps = attaching.plan(before, want.names, points, sources, want.image, folder)
            _run(client, steps, dry_run, f"{connection.system}: {' '.join(points)} attached")


@ibmi.command("deploy")
@_NAME
@dry_option
@force_option
def deploy(name: str | None, dry_run: bool, force: bool) -> None:
    """Deploy the store's rules: host names resolved, versions switched at once.

    The version before stays in its slot; a deployment that was left unfinished is finished.

    \b
    Example: epm ibmi deploy PROD1
    """
    from exitprograms.ibmi.deploying import deploy_step, require_deployer

    app = current()
    connection = chosen(app, name)
    want = desired(app, connection, tell=True)
    guard_going_live(want.snapshot, force=force)
    with client_of(connection) as client:
        require_deployer(client, want.names)
        step = deploy_step(connection.lib, want.image)
        done = f"{connection.system}: revision {want.snapshot.revision} deployed"
        with changing(app, connection, client, "deploy", dry_run=dry_run):
            _run(client, (step,), dry_run, done)


@ibmi.command("detach")
@_NAME
@_SERVERS
@click.option("--purge", is_flag=True, help="Delete the library with its journal too.")
@dry_option
@click.option("--force", is_flag=True, help="Purge entries that were never fetched.")
def detach(
    name: str | None, servers: tuple[Server, ...], purge: bool, dry_run: bool, force: bool
) -> None:
    """Remove our exit programs; those of others that they replaced are restored.

    \b
    Examples:
      epm ibmi detach PROD1
      epm ibmi detach PROD1 --purge
    """
    from epm.cli.ibmi_fetch import refuse_unfetched
    from exitprograms.ibmi import detaching

    app = current()
    connection = chosen(app, name)
    if purge and servers:
        raise SettingsError("--purge is about the whole library: it goes without --server")
    names = desired(app, connection).names
    with client_of(connection) as client:
        points = servers or tuple(Server)
        detaching.plan(client, names, points)  # who may not is told so before anything is made
        with changing(app, connection, client, "detach", dry_run=dry_run):
            if purge and not force:
                refuse_unfetched(app, connection, client, names)
            steps = detaching.plan(client, names, points)
            _run(client, steps, dry_run, f"{connection.system}: detached")
            if purge:
                steps = detaching.purge(client, names)
                _run(client, steps, dry_run, f"{connection.system}: {names.lib} deleted")


def _run(client: Client, steps: Iterable[Step], dry_run: bool, done: str) -> None:
    """Run steps, or say what they would run."""
    from exitprograms.ibmi.client import DryRun
    from exitprograms.ibmi.steps import run_steps

    remote: Remote = DryRun(client, say) if dry_run else client
    tell: Callable[[str], None] = _silent if dry_run else talk
    run = run_steps(remote, tuple(steps), tell)
    for line in run.leftovers:
        warn(f"left over: {line}")
    if not run.done:
        talk(f"{done} already: nothing to do")
    elif not dry_run:
        talk(done)


def _silent(_: str) -> None:
    """A dry run prints what would run, and nothing else."""


ibmi.add_command(fetch)
COMMANDS = (ibmi,)
