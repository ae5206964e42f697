"""A TCP port of this machine for a program that is told which one to listen on."""

from __future__ import annotations

import random
import socket

#: Below those that Linux gives to connects and to ``bind`` with port 0: the many connections of
#: the tests that run at the same time never take one between its choice and its use.
_PORTS = range(10_240, 32_768)


def free_port() -> int:
    """Return a port that nobody listens on and that nothing else here is given by chance."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
