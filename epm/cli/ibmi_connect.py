"""Which IBM i systems there are, and a way to one: settings, passwords, transports."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from epm.cli.app import App
from epm.cli.output import warn
from epm.errors import RemoteError, SettingsError, UnsupportedError
from epm.model import LOCAL_SYSTEM

if TYPE_CHECKING:
    from exitprograms.ibmi.client import Client
    from exitprograms.ibmi.connection import Connection

#: Passwords in the desktop's keyring are under this service, by ``SYSTEM/USER``.
KEYRING_SERVICE = "epm-ibmi"


def connections(app: App) -> dict[str, Connection]:
    """Return every system that the settings name, in their order.

    Raises:
        SettingsError: a table is malformed.
    """
    return {name: connection_of(app, name) for name in app.settings.ibmi}


def connection_of(app: App, name: str) -> Connection:
    """Return the connection of a system by name.

    Raises:
        SettingsError: there is none of that name, or its table is malformed.
    """
    from exitprograms.ibmi.connection import read_connection

    table = app.settings.ibmi.get(name.upper())
    if table is None:
        known = " ".join(app.settings.ibmi) or "none; docs/ibmi.md shows how one is named"
        raise SettingsError(f"no IBM i system {name.upper()}: known are {known}")
    return read_connection(name, table.values, table.source)


def chosen(app: App, name: str | None) -> Connection:
    """Return the system that a command is about: the one named, ``--system``'s, or the only one.

    Raises:
        SettingsError: none, or more than one, could be meant.
    """
    if name is None and app.system != LOCAL_SYSTEM:
        name = app.system
    if name is None and len(app.settings.ibmi) == 1:
        name = next(iter(app.settings.ibmi))
    if name is None:
        known = " ".join(app.settings.ibmi) or "none"
        raise SettingsError(f"say which IBM i system is meant; known are: {known}")
    return connection_of(app, name)


def password_variable(system: str) -> str:
    """Return the environment variable of a system's password."""
    return f"EPM_IBMI_{re.sub('[^A-Z0-9]', '_', system.upper())}_PASSWORD"


def password_of(connection: Connection) -> Callable[[], str]:
    """Return a function that gives a system's password when it is needed, and not before."""

    def ask() -> str:
        variable = password_variable(connection.system)
        found = os.environ.get(variable) or _from_keyring(connection)
        if not found:
            raise SettingsError(
                f"no password for {connection.user or 'the user'} on {connection.system}: set "
                f"{variable}, or keep it with: keyring set {KEYRING_SERVICE} "
                f"{connection.system}/{connection.user}"
            )
        return found

    return ask


def _from_keyring(connection: Connection) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(KEYRING_SERVICE, f"{connection.system}/{connection.user}")
    except (KeyringError, RuntimeError):  # a machine without a keyring has no password in it
        return None


def database_of(connection: Connection, password: Callable[[], str]) -> Any:
    """Return an ODBC connection of a system."""
    from db.ibmi.odbc import open_database

    return open_database(
        connection.dsn, user=connection.user, password=password, seconds=connection.seconds
    )


@contextmanager
def client_of(connection: Connection) -> Iterator[Client]:
    """Open a client of a system, and close it.

    Raises:
        RemoteError: it cannot be reached.
        UnsupportedError: a part is not installed.
    """
    from exitprograms.ibmi.client import Client
    from exitprograms.ibmi.transports import open_carrier

    for line in connection.warnings():
        warn(line)
    try:
        carrier = open_carrier(connection, password_of(connection), database_of)
        with contextlib.closing(carrier):
            yield Client(carrier, connection.where, connection.user)
    except (RemoteError, UnsupportedError) as error:
        # A system is known by its name; its address stands in the settings.
        raise _named(connection, error) from error


def _named(
    connection: Connection, error: RemoteError | UnsupportedError
) -> RemoteError | UnsupportedError:
    text = str(error)
    text = text if text.startswith(f"{connection.system}: ") else f"{connection.system}: {text}"
    return UnsupportedError(text) if isinstance(error, UnsupportedError) else RemoteError(text)
