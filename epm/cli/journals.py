"""``epm journal``: what the journal holds, and the proof that it is whole."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from epm.cli.app import App, current
from epm.cli.output import answer, dumps, say, warn
from epm.cli.params import SERVER, journal_option, json_option
from epm.errors import JournalError

if TYPE_CHECKING:
    from journal.query import Query
    from journal.reader import JournalReader
    from journal.view import EntryView

FORMATS = ("type5", "type4", "esd", "outfile-csv", "jsonl")
FOLLOW_SECONDS = 0.2


@click.group("journal")
def journal() -> None:
    """Work with the journal.

    \b
    Examples:
      epm journal list --verdict reject
      epm journal report --format html -o report.html
      epm journal verify
    """


_END = click.option("--to", "end", metavar="T", help="Before this time; a date means its end.")


def filter_options(command: Any, *, end: Callable[[Any], Any] = _END) -> Any:
    """Add the options that say which entries are wanted.

    Args:
        command: the command's function.
        end: the option for the end of the time span, where it means more than that.
    """
    options = [
        click.option("--from", "start", metavar="T", help="From this time on, UTC."),
        end,
        click.option("--server", type=SERVER, help="QSOACCEPT, QSOCONNECT or QSOLISTEN."),
        click.option("--user", metavar="U", help="User, or generic name such as QPG*."),
        click.option("--type", "kind", metavar="T", help="SK type A…X, or SK, NA, NR, NC, NG."),
        click.option("--verdict", type=click.Choice(["allow", "reject"])),
        click.option("--address", metavar="CIDR", help="Any address of the entry is in it."),
        click.option("--port", type=click.IntRange(0, 65535), help="Any port of the entry is it."),
        journal_option,
    ]
    for option in reversed(options):
        command = option(command)
    return command


def query_of(given: dict[str, Any]) -> Query:
    """Return the query that the filter options describe."""
    from journal.query import parse_query

    server = given["server"]
    return parse_query(
        start=given["start"],
        end=given["end"],
        server=None if server is None else str(server),
        user=given["user"],
        type=given["kind"],
        verdict=given["verdict"],
        address=given["address"],
        port=given["port"],
    )


def folder_of(app: App, name: str | None) -> Path:
    """Return the folder of the named journal, or of the one that the configuration names.

    Raises:
        JournalError: no entry was ever written to it.
    """
    if name is None:
        name = app.snapshot().ruleset.config.journal
    folder = app.journal_folder(name.upper())
    if not folder.exists():
        raise JournalError(f"journal {folder} has not begun: no entry was ever written")
    return folder


def reader_of(app: App, name: str | None) -> JournalReader:
    """Return a reader of that journal."""
    from journal.reader import JournalReader

    return JournalReader(folder_of(app, name))


def tell_damage(damage: object) -> None:
    """Warn of a damaged place that was left out."""
    warn(str(damage))


def _to_json(view: EntryView) -> dict[str, object]:
    values: dict[str, object] = {f.name: getattr(view, f.name) for f in fields(view)}
    values["time"] = view.time.isoformat() + "Z"
    return values


# -------------------------------------------------------------------------------- looking


@journal.command("list")
@filter_options
@click.option("--limit", type=click.IntRange(1), help="Only the newest N entries.")
@click.option("--follow", is_flag=True, help="Go on with new entries as they come.")
@json_option
def list_entries(limit: int | None, follow: bool, as_json: bool, **given: Any) -> None:
    """List journal entries in order.

    \b
    Examples:
      epm journal list --verdict reject --limit 20
      epm journal list --follow --type SK
    """
    query = query_of(given)
    reader = reader_of(current(), given["name"])
    last = reader.last()
    views = _views(reader, query, limit)
    if follow:
        _follow(reader, query, views, 0 if last is None else last.sequence, as_json)
    elif as_json:
        _print_array(views)
    else:
        say(_LINE.format(*_HEADS).rstrip())
        for view in views:
            say(_line(view))


def _views(reader: JournalReader, query: Query, limit: int | None) -> Iterator[EntryView]:
    from journal.query import select, select_backward

    if limit is None:
        return (view for _, view in select(reader, query, on_damage=tell_damage))
    newest = islice(select_backward(reader, query, on_damage=tell_damage), limit)
    return reversed([view for _, view in newest])


def _print_array(views: Iterable[EntryView]) -> None:
    """Print one JSON array, an entry a line, without holding it."""
    separator = "["
    for view in views:
        click.echo(f"{separator}{dumps(_to_json(view))}", nl=False)
        separator = ",\n"
    click.echo("[]" if separator == "[" else "]")


def _follow(
    reader: JournalReader, query: Query, views: Iterable[EntryView], last: int, as_json: bool
) -> None:
    """Print what there is, then go on from entry ``last``; each entry is looked at once."""
    from journal.query import select

    while True:
        for view in views:
            say(dumps(_to_json(view)) if as_json else _line(view))
        sys.stdout.flush()
        time.sleep(FOLLOW_SECONDS)
        newest = reader.last()
        start, last = last + 1, last if newest is None else newest.sequence
        found = select(reader, query, start=start, stop=last, on_damage=tell_damage)
        views = (view for _, view in found) if last >= start else ()


_HEADS = ("Sequence", "Time (UTC)", "Type", "Server", "Verdict", "Rule", "Local", "Remote",
          "User", "Job", "Detail")  # fmt: skip


_LINE = "{:>8}  {:<19}  {:<5}  {:<10}  {:<7}  {:<13}  {:<21}  {:<21}  {:<10}  {:<15}  {}"


def _line(view: EntryView) -> str:
    return _LINE.format(*("" if cell is None else str(cell) for cell in _row(view))).rstrip()


def _row(view: EntryView) -> tuple[object, ...]:
    kind = f"{view.entry_type} {view.type}" if view.type else view.entry_type
    verdict = view.verdict
    if view.enforced is False and verdict == "reject":
        verdict = "logged"  # a rejection that was not enforced
    return (
        view.sequence,
        view.time.strftime("%Y-%m-%d %H:%M:%S"),
        kind,
        view.server,
        verdict,
        view.rule if view.rule is not None else view.reason,
        _end(view.local_address, view.local_port),
        _end(view.remote_address, view.remote_port),
        view.user,
        view.job,
        view.unreached or view.detail,
    )


def _end(address: str | None, port: int | None) -> str:
    if address is None:
        return "" if port is None else f":{port}"
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@journal.command("show")
@click.argument("sequence", type=click.IntRange(1))
@journal_option
@click.option("--ccsid", type=int, default=37, show_default=True)
@json_option
def show_entry(sequence: int, name: str | None, ccsid: int, as_json: bool) -> None:
    """Show one entry: its header, its fields, its entry-specific data.

    \b
    Example: epm journal show 12
    """
    from journal.display import entry_lines
    from journal.view import view_of

    stored = reader_of(current(), name).entry(sequence).decode()
    if as_json:
        answer(_to_json(view_of(stored)))
        return
    for line in entry_lines(stored, ccsid):
        say(line)
