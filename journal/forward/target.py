"""Where messages go, and how they are cut apart on the way. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from epm.errors import SettingsError

#: Ports that have a standard (RFC 5426, RFC 5425); plain TCP has none.
_PORTS = {"udp": 514, "tls": 6514}
_SCHEMES = ("udp", "tcp", "tls")
#: What fits a datagram of UDP over IPv4; a longer message is cut.
MAX_DATAGRAM = 65_000


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver.

    Attributes:
        scheme: udp, tcp or tls.
        host: a name or an address, without brackets.
    """

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """Return it as it is given on the command line."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse_target(text: str) -> Target:
    """Return the target of ``udp|tcp|tls://HOST:PORT``.

    Raises:
        SettingsError: it has not that form.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise SettingsError(f"target {text!r}: the port is not a number from 0 to 65535") from None
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise SettingsError(f"target {text!r} is not udp, tcp or tls://HOST:PORT")
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise SettingsError(f"target {text!r} holds more than HOST:PORT")
    if port is None:
        port = _PORTS.get(parts.scheme)
    if not port:
        raise SettingsError(f"target {text!r} names no port")
    return Target(parts.scheme, parts.hostname, port)


def octet_counted(message: bytes) -> bytes:
    """Return a message behind its length in octets (RFC 6587, section 3.4.1; RFC 5425)."""
    return b"%d %s" % (len(message), message)


def line_framed(message: bytes) -> bytes:
    """Return a message before an LF (RFC 6587, section 3.4.2); it must hold none itself."""
    return message + b"\n"


def datagram(message: bytes) -> bytes:
    """Return a message as one datagram (RFC 5426), cut between characters where it is too long."""
    if len(message) <= MAX_DATAGRAM:
        return message
    return message[:MAX_DATAGRAM].decode("utf-8", "ignore").encode()
