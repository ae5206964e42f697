"""``epm ibmi fetch``: what an IBM i recorded, each entry exactly once in the journal here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from epm.cli.app import App, current
from epm.cli.exits import ExitCode
from epm.cli.ibmi_connect import chosen, client_of, database_of, password_of
from epm.cli.ibmi_holding import alone
from epm.cli.ibmi_import import Feed, Taken, over_xmlservice, take
from epm.cli.ibmi_positions import Positions, load_positions
from epm.cli.ibmi_queues import drain_captures, take_messages, zone_of
from epm.cli.output import answer, talk, warn
from epm.cli.params import json_option
from epm.errors import RemoteError, SettingsError

if TYPE_CHECKING:
    from db.activity import Activity
    from db.ibmi.query import Query
    from db.ibmi.sources import Source
    from exitprograms.ibmi.client import Client
    from exitprograms.ibmi.connection import Connection
    from exitprograms.ibmi.objects import Names

SOURCES = ("display-journal", "audit-journal-sk", "outfile", "type5")
#: Entries of one query over XMLSERVICE, whose answer is one document.
_BATCH = 1_000
_EXIT_TYPES = ("NA", "NR")


@click.command("fetch")
@click.argument("name", metavar="[SYSTEM]", required=False)
@click.option(
    "--source", "kind", type=click.Choice(SOURCES), default=SOURCES[0], show_default=True,
    help="Where the SK entries are asked for.",
)  # fmt: skip
@click.option(
    "--file", metavar="LIB/FILE", help="Of outfile (QAUDITSK) or type5 (DSPJRN OUTFILFMT(*TYPE5))."
)
@json_option
def fetch(name: str | None, kind: str, file: str | None, as_json: bool) -> int:
    """Fetch what is new: SK entries, our U entries, captured calls and messages.

    Each entry is put into the journal of the system exactly once, however often this runs and
    wherever it was interrupted. What can no longer be fetched is said and noted in the journal.

    \b
    Examples:
      epm ibmi fetch PROD1
      epm ibmi fetch PROD1 --source outfile --file QTEMP/QAUDITSK
    """
    app = current()
    connection = chosen(app, name)
    origin = _origin(kind, file)
    with (
        client_of(connection) as client,
        _query_of(connection, client) as query,
        alone(app, connection),  # two would drain one queue, and each lose what the other took
    ):
        fetched = _fetch(app, connection, client, query, (kind, file, origin))
    if as_json:
        answer(fetched.to_json(connection.system))
    else:
        fetched.tell(connection.system)
    bad = any(t.damaged or t.different for t in fetched.journals)
    return ExitCode.INVALID if bad else ExitCode.OK


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What came of fetching from a system."""

    journals: tuple[Taken, ...]
    captures: int
    messages: int

    def to_json(self, system: str) -> dict[str, object]:
        """Return it as a JSON object."""
        return {
            "system": system,
            "journals": [t.to_json() for t in self.journals],
            "captures": self.captures,
            "messages": self.messages,
        }

    def tell(self, system: str) -> None:
        """Say it."""
        for taken in self.journals:
            talk(
                f"{system}: {taken.what}: {taken.imported} entries, {taken.present} were there, "
                f"{taken.damaged} damaged"
            )
            if taken.different:
                warn(
                    f"{system}: {taken.different} entries of {taken.what} say something else than "
                    "those of the same numbers that are here; they were not imported"
                )
        talk(f"{system}: {self.captures} captured calls, {self.messages} messages")


def _origin(kind: str, file: str | None) -> Source:
    from db.ibmi.outfile import Outfile
    from db.ibmi.sources import AuditJournalSk, DisplayJournal
    from epm.soundness import is_object_name

    if kind in ("outfile", "type5"):
        library, slash, member = (file or "").upper().partition("/")
        if not slash or not is_object_name(library) or not is_object_name(member):
            raise SettingsError(f"--source {kind} needs --file LIB/FILE")
        return Outfile(library, member)
    if file is not None:
        raise SettingsError(f"--file goes with outfile and type5, not with {kind}")
    return AuditJournalSk() if kind == "audit-journal-sk" else DisplayJournal()


@contextmanager
def _query_of(connection: Connection, client: Client) -> Iterator[Query]:
    """Open the way that queries go: ODBC itself where it is the transport, else XMLSERVICE."""
    from exitprograms.ibmi.connection import Transport

    if connection.transport is not Transport.ODBC:
        yield over_xmlservice(client)
        return
    database = database_of(connection, password_of(connection))
    try:
        yield database.query
    finally:
        database.close()


def _fetch(
    app: App,
    connection: Connection,
    client: Client,
    query: Query,
    wanted: tuple[str, str | None, Source],
) -> _Fetched:
    from db.activity import Activity
    from db.ibmi.query import NotAuthorizedError
    from exitprograms.ibmi.objects import Names

    config = app.store().part(connection.system, {}).ruleset.config
    names = Names(connection.lib, config.journal, config.message_queue)
    journal = app.journal(connection.system)
    journal.start()
    positions = load_positions(journal.directory.parent)
    activity = Activity(app.store(), connection.system)
    feeds = _feeds(client, query, names, wanted)
    try:
        taken = tuple(take(journal, feed, positions, talk) for feed in feeds)
    except NotAuthorizedError as error:
        raise RemoteError(f"{error}{_lacking(client)}") from error
    captures, messages = _take_queues(client, names, activity, positions)
    _save(app, positions, journal)
    return _Fetched(taken, captures, messages)


def _lacking(client: Client) -> str:
    """Return what the user lacks who may not see a journal; nothing where that is not it."""
    from exitprograms.ibmi.asking import person

    who = person(client)
    if "*ALLOBJ" in who.special:
        return ""
    return (
        f": user {who.name} lacks special authority *ALLOBJ; without it *USE to QSYS/QAUDJRN and "
        "its receivers and *OBJEXIST to QSYS/QAUDJRN are needed"
    )


def _take_queues(
    client: Client, names: Names, activity: Activity, positions: Positions
) -> tuple[int, int]:
    """Return how many captured calls and messages came from the queues that are there."""
    from exitprograms.ibmi.asking import objects
    from exitprograms.ibmi.objects import CAPTURES

    there = objects(client, names.lib)
    if not there:
        return 0, 0
    zone = zone_of(client)
    has_queue = (CAPTURES, "*DTAQ") in there
    captures = drain_captures(client, names, activity, zone) if has_queue else 0
    return captures, take_messages(client, names, activity, positions, zone)


def _save(app: App, positions: Positions, journal: object) -> None:
    """Keep the positions once all they stand for is on disk: closing flushes.

    INVARIANT: a position on disk never stands for an entry that is not.
    """
    from journal.writer import Journal

    assert isinstance(journal, Journal)
    journal.close()
    positions.save()


def _feeds(
    client: Client, query: Query, names: Names, wanted: tuple[str, str | None, Source]
) -> list[Feed]:
    """Return what is to be fetched: the audit journal, and that of our exit programs if there."""
    from db.ibmi.sources import DisplayJournal
    from exitprograms.ibmi.asking import journals

    kind, file, origin = wanted
    system = machine_name(client)
    key = f"QSYS/QAUDJRN {kind}" if file is None else f"{file.upper()} {kind}"
    feeds = [Feed(key, system, system, origin, query, _BATCH)]
    for name in journals(client, names):
        path = names.path(name)
        own = DisplayJournal(names.lib, name, "U", _EXIT_TYPES)
        feeds.append(Feed(path, f"{system}/{path}", system, own, query, _BATCH))
    return feeds


def machine_name(client: Client) -> str:
    """Return the name that the machine has: that of the records it writes.

    Raises:
        RemoteError: it does not say.
    """
    rows = client.query("SELECT HOST_NAME FROM SYSIBMADM.ENV_SYS_INFO")
    text = (rows[0].get("HOST_NAME") or "").strip() if rows else ""
    if not text:
        raise RemoteError(f"{client.where}: SYSIBMADM.ENV_SYS_INFO does not say its name")
    return text.partition(".")[0].upper()[:8]


def refuse_unfetched(app: App, connection: Connection, client: Client, names: Names) -> None:
    """Refuse to delete a journal that holds entries which were never fetched.

    Raises:
        RemoteError: there are some; names the journal.
    """
    from db.ibmi.fetch import fetch as entries_of
    from db.ibmi.sources import DisplayJournal
    from db.ibmi.values import FetchedEntry
    from exitprograms.ibmi.asking import journals

    places = load_positions(app.journal_folder(names.journal, connection.system).parent).places
    for name in journals(client, names):
        path = names.path(name)
        origin = DisplayJournal(names.lib, name, "U", _EXIT_TYPES)
        left = entries_of(over_xmlservice(client), origin, places.get(path), batch=_BATCH)
        if any(isinstance(entry, FetchedEntry) for entry in left):
            raise RemoteError(
                f"{client.where}: {path} holds entries that were not fetched: "
                "epm ibmi fetch comes first, or --force gives them up"
            )
