"""``epm captures`` and ``epm messages``."""

from __future__ import annotations

import click

from epm.cli.app import current
from epm.cli.output import answer, table, talk
from epm.cli.params import json_option
from epm.cli.views import captured_to_json, message_to_json, stamp


@click.group("captures")
def captures() -> None:
    """Work with captured transactions.

    \b
    Example: epm captures list
    """


@captures.command("list")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
def list_captures(limit: int, as_json: bool) -> None:
    """List captured transactions, newest first; equal calls are one, counted.

    \b
    Example: epm captures list --json
    """
    from db.activity import Activity
    from db.activity_values import ends_of

    app = current()
    found = Activity(app.store(), app.system).captures(limit)
    if as_json:
        answer([captured_to_json(c) for c in found])
        return
    table(
        ("Count", "First (UTC)", "Last (UTC)", "Server", "Call", "Job", "User"),
        (
            (c.count, stamp(c.first_seen), stamp(c.last_seen), c.call.server, ends_of(c.call),
             c.call.job, c.call.user)
            for c in found
        ),
    )  # fmt: skip


@captures.command("clear")
def clear_captures() -> None:
    """Forget the captured transactions.

    \b
    Example: epm captures clear
    """
    from db.activity import Activity

    app = current()
    talk(f"{Activity(app.store(), app.system).clear_captures()} captured transactions cleared")


@click.group("messages")
def messages() -> None:
    """Work with the message queue.

    \b
    Example: epm messages list
    """


@messages.command("list")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
def list_messages(limit: int, as_json: bool) -> None:
    """List the messages, newest first.

    \b
    Example: epm messages list --limit 20
    """
    from db.activity import Activity

    app = current()
    found = Activity(app.store(), app.system).messages(limit)
    if as_json:
        answer([message_to_json(m) for m in found])
        return
    table(("When (UTC)", "Severity", "Message"), ((stamp(m.at), m.severity, m.text) for m in found))


@messages.command("clear")
def clear_messages() -> None:
    """Remove the messages.

    \b
    Example: epm messages clear
    """
    from db.activity import Activity

    app = current()
    talk(f"{Activity(app.store(), app.system).clear_messages()} messages cleared")


COMMANDS = (captures, messages)
