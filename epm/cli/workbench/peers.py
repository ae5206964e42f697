"""Who is at the other end of a loopback connection, as the Linux kernel tells it."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterable
from pathlib import Path

Endpoint = tuple[str, int]
_TABLES = {4: Path("/proc/net/tcp"), 6: Path("/proc/net/tcp6")}


def peer_uid(client: Endpoint, server: Endpoint) -> int | None:
    """Return the user id of the process that opened a connection to this machine's ``server``.

    ``None`` where the system does not tell: elsewhere than on Linux, or without ``/proc``. A
    client cannot take its line out of the table while it is connected.
    """
    table = _TABLES[ipaddress.ip_address(client[0]).version]
    try:
        with table.open(encoding="ascii") as lines:
            return uid_in(lines, client, server)
    except OSError:
        return None


def uid_in(lines: Iterable[str], client: Endpoint, server: Endpoint) -> int | None:
    """Return the user id in the line of ``/proc/net/tcp`` that goes from client to server.

    Linux documentation: proc(5), /proc/net/tcp; the second and third word are the local and the
    remote end, the eighth is the user id.
    """
    wanted = [_kernel_form(client), _kernel_form(server)]
    for line in lines:
        words = line.split()
        if words[1:3] == wanted:
            return int(words[7])
    return None


def _kernel_form(endpoint: Endpoint) -> str:
    """Return ``ADDRESS:PORT`` in hexadecimal; addresses are 32-bit words in the host's order."""
    packed = ipaddress.ip_address(endpoint[0]).packed
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    ordered = (w[::-1] if sys.byteorder == "little" else w for w in words)
    return f"{b''.join(ordered).hex().upper()}:{endpoint[1]:04X}"
