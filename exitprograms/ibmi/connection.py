"""How to reach an IBM i: one value for every transport."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from epm.errors import SettingsError
from epm.soundness import is_object_name

DEFAULT_SECONDS = 30.0
MAX_SECONDS = 3600.0
#: What a request's form carries unchanged, and a terminal shows as it is.
_PLAIN = re.compile(r"[!-$'-~]+")
_URL = re.compile(r"[!-~]+")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Transport(StrEnum):
    """What carries the requests."""

    HTTP = "http"
    ODBC = "odbc"
    SSH = "ssh"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Connection:
    """A system and the way to it.

    Attributes:
        system: the name that rules, groups and configuration have it under.
        url: for http: address of the XMLSERVICE program.
        dsn: for odbc: a data source name, or a whole connection string.
        host: for ssh: a name or an address.
        port: for ssh.
        user: the user profile; empty for odbc and direct where the source says who.
        database: the relational database, ``*LOCAL`` unless it is another one.
        lib: the library where the exit programs and their objects are kept.
        seconds: the longest a request may take.
    """

    system: str
    transport: Transport
    url: str = ""
    dsn: str = field(default="", repr=False)  # a connection string may hold a password
    host: str = ""
    port: int = 22
    user: str = ""
    database: str = "*LOCAL"
    lib: str = "EPM"
    seconds: float = DEFAULT_SECONDS

    @property
    def where(self) -> str:
        """The address as messages show it; it holds no secret."""
        if self.transport is Transport.HTTP:
            parts = urlsplit(self.url)
            return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"
        if self.transport is Transport.SSH:
            return f"ssh://{self.host}:{self.port}"
        if self.transport is Transport.ODBC:
            # A connection string may hold a password; its name is enough to find it.
            return "odbc connection string" if "=" in self.dsn else f"odbc source {self.dsn}"
        return "this system"

    def warnings(self) -> tuple[str, ...]:
        """Return what should be said before a password is sent this way."""
        if self.transport is Transport.HTTP and urlsplit(self.url).scheme == "http":
            host = urlsplit(self.url).hostname
            if host not in LOOPBACK:
                return (f"{self.where}: without HTTPS the password crosses the network readable",)
        return ()


_KEYS = {
    "transport", "url", "dsn", "host", "port", "user", "database", "library", "seconds",
}  # fmt: skip
_NEEDED = {
    Transport.HTTP: ("url", "user"),
    Transport.ODBC: ("dsn",),
    Transport.SSH: ("host", "user"),
}


def read_connection(system: str, values: Mapping[str, object], where: str) -> Connection:
    """Return the connection that a table of a configuration file describes.

    Args:
        system: name of the table.
        values: its keys.
        where: the file, for messages.

    Raises:
        SettingsError: a key is unknown or missing, or a value not usable.
    """
    place = f"{where}: [ibmi.{system}]"
    name = system.upper()
    if not is_object_name(name, longest=8):
        raise SettingsError(f"{place}: a system has a name of 1 to 8 characters")
    for key in values:
        if key not in _KEYS:
            hint = "; passwords come from the environment or the keyring" if "pass" in key else ""
            raise SettingsError(
                f"{place}: unknown key {key!r}{hint}; known: {' '.join(sorted(_KEYS))}"
            )
    try:
        transport = Transport(str(values.get("transport", "http")))
    except ValueError:
        raise SettingsError(f"{place}: transport is one of {' '.join(Transport)}") from None
    for key in _NEEDED.get(transport, ()):
        if not values.get(key):
            raise SettingsError(f"{place}: transport {transport} needs {key}")
    texts = {key: _text(place, key, values) for key in _KEYS & values.keys() - {"transport"}}
    made = Connection(
        system=name,
        transport=transport,
        url=texts.get("url", ""),
        dsn=texts.get("dsn", ""),
        host=texts.get("host", ""),
        port=_port(place, texts.get("port", "22")),
        user=texts.get("user", "").upper() if transport is not Transport.SSH else texts["user"],
        database=texts.get("database", "*LOCAL"),
        lib=texts.get("library", "EPM").upper(),
        seconds=_number(place, "seconds", texts.get("seconds", str(DEFAULT_SECONDS)), MAX_SECONDS),
    )
    _check(place, made)
    return made


def _text(place: str, key: str, values: Mapping[str, object]) -> str:
    value = values[key]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise SettingsError(f"{place}: {key} must be a text or a number")
    return str(value)


def _number(place: str, key: str, text: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number <= most:
        raise SettingsError(f"{place}: {key} {text!r} is not a number above 0, at most {most:g}")
    return number


def _port(place: str, text: str) -> int:
    number = _number(place, "port", text, 65535)
    if not number.is_integer():
        raise SettingsError(f"{place}: port {text!r} is not a whole number")
    return int(number)


def _check(place: str, made: Connection) -> None:
    if not is_object_name(made.lib):
        raise SettingsError(f"{place}: library {made.lib!r} is not an object name")
    for key, text in (("user", made.user), ("host", made.host), ("database", made.database)):
        if text and not _PLAIN.fullmatch(text):
            raise SettingsError(f"{place}: {key} holds a blank, & or % or another odd character")
    if made.transport is Transport.HTTP:
        _check_url(place, made.url)


def _check_url(place: str, url: str) -> None:
    """Refuse an address that cannot be, or that holds what belongs elsewhere; never show it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise SettingsError(f"{place}: url is not an address: {error}") from None
    if parts.scheme not in ("http", "https") or not host or not _URL.fullmatch(url):
        raise SettingsError(f"{place}: url is not http:// or https://HOST/...")
    if parts.password or parts.username:
        raise SettingsError(f"{place}: url holds a user or password; use user, and the keyring")
    if parts.query or parts.fragment:
        raise SettingsError(f"{place}: url holds a query: what is asked goes in the request's form")
