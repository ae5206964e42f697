"""``epm journal report --to``: entries sent to a log receiver, live or once."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from epm import __version__
from epm.cli.app import App
from epm.cli.exits import ExitCode
from epm.cli.journals import filter_options, folder_of, query_of, reader_of
from epm.cli.output import talk
from epm.errors import UnsupportedError

if TYPE_CHECKING:
    from journal.forward.connection import Connection
    from journal.forward.forwarder import Order
    from journal.forward.target import Target


#: ``--to`` says when the entries end, or, as a URL, where they are sent; it may say both.
_TO = click.option(
    "--to",
    "ends",
    multiple=True,
    metavar="T|URL",
    help="Before this time; a date means its end. Or send to udp, tcp or tls://HOST:PORT.",
)


def report_options(command: Any) -> Any:
    """Add the options that say which entries are wanted, and where they are sent."""
    return filter_options(_sending_options(command), end=_TO)


def take_target(given: dict[str, Any]) -> str | None:
    """Return where to send, if anywhere, and leave the end of the time span in ``given``."""
    found: dict[bool, str] = {}
    for value in given.pop("ends"):
        if ("://" in value) in found:
            raise click.UsageError(f"--to {value}: it is given twice")
        found["://" in value] = value
    given["end"] = found.get(False)
    return found.get(True)


def _sending_options(command: Any) -> Any:
    options = [
        click.option("--follow", is_flag=True, help="Go on with new entries; needs --to URL."),
        click.option(
            "--framing",
            type=click.Choice(["octets", "lf"]),
            default="octets",
            show_default=True,
            help="How messages are told apart over tcp; tls always counts octets.",
        ),
        click.option("--ca", metavar="FILE", help="Authorities to trust for tls, PEM."),
        click.option("--cert", metavar="FILE", help="Certificate to show over tls, PEM."),
        click.option("--key", metavar="FILE", help="Its private key, PEM."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def send(app: App, form: str, to: str | None, given: dict[str, Any]) -> int:
    """Send entries until all have arrived, or with ``--follow`` until told to stop.

    Raises:
        SettingsError: the target is malformed, or a TLS file cannot be used.
        JournalError: the journal or the cursor cannot be used.
        UnsupportedError: without ``--follow``, the receiver cannot be reached.
    """
    from journal.forward.connection import ReceiverLostError
    from journal.forward.cursor import Cursor
    from journal.forward.forwarder import Forwarder
    from journal.forward.target import parse_target
    from journal.query import Query

    if to is None:
        raise click.UsageError("--follow needs --to URL; epm journal list --follow shows entries")
    target = parse_target(to)
    folder = folder_of(app, given["name"])
    stop = _Stop()
    order = _order(target, form, given, stop.event.is_set)
    wanted = "" if order.query == Query() else order.query.describe()
    cursor = Cursor(folder.with_name(f"{folder.name}.forward"), str(target), wanted)
    if order.follow:
        stop.at_signals()
    with cursor.held():
        forwarder = Forwarder(
            reader_of(app, given["name"]),
            cursor,
            order,
            sleep=stop.event.wait,
            talk=lambda line: talk(f"epm: {line}"),
            stopped=stop.event.is_set,
        )
        try:
            count = forwarder.run()
        except ReceiverLostError as error:
            raise UnsupportedError(f"{error}; what has not arrived is sent the next time") from None
    talk(f"{count} entries sent to {target}")
    return ExitCode.INTERRUPTED if stop.by == signal.SIGINT else ExitCode.OK


def _order(target: Target, form: str, given: dict[str, Any], stopped: Callable[[], bool]) -> Order:
    from epm.syslog5424 import Origin
    from journal.forward.connection import connect
    from journal.forward.forwarder import Order
    from journal.forward.target import line_framed, octet_counted
    from journal.forward.tls import TlsFiles
    from journal.siem.formats import SENT

    files = TlsFiles(*(_file(given[name]) for name in ("ca", "cert", "key")))
    if target.scheme == "tls":
        files.context()  # refused now rather than at each connection
    lines = given["framing"] == "lf" and target.scheme == "tcp"
    frame = line_framed if lines else octet_counted

    def open_connection() -> Connection:
        return connect(target, frame, files, stopped)

    return Order(
        query=query_of(given),
        formatter=SENT[form],
        origin=Origin(socket.gethostname(), "epm", str(os.getpid())),
        version=__version__,
        connect=open_connection,
        follow=given["follow"],
    )


def _file(name: str | None) -> str | None:
    if name is not None and not Path(name).is_file():
        raise click.UsageError(f"{name}: no such file")
    return name


class _Stop:
    """Set by SIGINT and SIGTERM, so that what has arrived is kept before the command ends.

    Attributes:
        by: the signal; ``None`` while none came.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self.by: int | None = None

    def at_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._set)

    def _set(self, number: int, _: object) -> None:
        self.by = number
        self.event.set()
