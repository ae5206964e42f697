"""``epm simulate xmlservice``: the endpoint that itoolkit drives, over a simulated IBM i."""

from __future__ import annotations

import os
import secrets
import sys
import threading
from typing import TYPE_CHECKING

import click

from epm.cli.clock import local_now
from epm.cli.output import say, talk, warn
from epm.errors import SettingsError
from epm.events import SocketEvent

if TYPE_CHECKING:
    from simulators.ibmi.system import System

PASSWORD_VARIABLE = "EPM_SIMULATOR_PASSWORD"  # noqa: S105 - the name of a variable
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def sk_data(event: SocketEvent) -> bytes:
    """Return the entry-specific data of an SK entry, CCSID 37, as the journal lays it out."""
    from journal.entry import SocketEntry
    from journal.layouts.esd import encode_esd
    from journal.payload import encode_payload
    from journal.payload_decode import decode_payload

    # The journal's own reading of an event: what it would have written down.
    at = "2000-01-01T00:00:00.000000"
    entry = decode_payload(encode_payload(event, at, ""), 1, "").entry
    assert isinstance(entry, SocketEntry)
    return encode_esd(entry.data)


@click.command("xmlservice")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 is any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--user", default="EPMADM", show_default=True, help="An administrator to sign on.")
@click.option("--name", default="EPMSIM", show_default=True, help="The system's name.")
@click.option("--foreign", is_flag=True, help="With another product's exit program at accept.")
def xmlservice(port: int, host: str, user: str, name: str, foreign: bool) -> None:
    """Serve XMLSERVICE over HTTP, over a simulated IBM i, until interrupted.

    The real itoolkit works with it: commands, programs, SQL, shell. The C exit programs that
    are compiled there run, where a C compiler is at hand. The password of the user comes from
    EPM_SIMULATOR_PASSWORD; without it one is made and said once on standard error. Standard
    output gives the address.

    \b
    Example: epm simulate xmlservice --port 8470
    """
    from simulators.xmlservice.server import serve

    given = os.environ.get(PASSWORD_VARIABLE)
    password = given or secrets.token_urlsafe(12)
    if host not in _LOOPBACK:
        warn(f"{host} is not this machine alone, and there is no TLS: use it in a test network")
    server = serve(_system(user, password, name, foreign), host, port)
    try:
        if not given:
            talk(f"epm: password of {user.upper()}: {password}")
        say(server.url)
        sys.stdout.flush()
        threading.Event().wait()
    finally:
        server.close()


def _system(user: str, password: str, name: str, foreign: bool) -> System:
    from epm.soundness import is_object_name
    from simulators.ibmi.sample import ADMINISTRATOR, User, sample_system
    from simulators.ile_compiler import IleCompiler

    for text, longest in ((user, 10), (name, 8)):
        if not is_object_name(text.upper(), longest=longest):
            raise SettingsError(f"{text!r} is not a name of 1 to {longest} characters")
    return sample_system(
        local_now,
        [User(user.upper(), password, ADMINISTRATOR)],
        name=name.upper(),
        sk_encoder=sk_data,
        compiler=IleCompiler(),
        foreign_exit_programs={"QIBM_QSO_ACCEPT": _allows} if foreign else None,
    )


def _allows(_: object, parameters: object) -> bytes:
    """Another product's exit program: it allows everything (indicator '0', CCSID 37)."""
    assert isinstance(parameters, list)
    parameters[1][:1] = b"\xf0"
    return b""
