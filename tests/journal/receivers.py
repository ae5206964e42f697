"""Log receivers for tests: one of our own that breaks on purpose, and certificates for TLS."""

from __future__ import annotations

import socket
import subprocess
import threading


class Receiver:
    """A TCP receiver of octet-counted messages.

    Attributes:
        messages: what arrived whole, in order, over all connections.
        drop_after: close a connection, unread data and all, after so many messages of it.
    """

    def __init__(self, port=0, drop_after=None):
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.messages = []
        self.drop_after = drop_after
        self.connections = 0
        self._open = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection):
        with connection, connection.makefile("rb") as stream:
            for count, message in enumerate(read_messages(stream), 1):
                self.messages.append(message)
                if self.drop_after is not None and count >= self.drop_after:
                    self.drop_after = None
                    return

    def close(self):
        self._listener.close()
        for connection in self._open:
            connection.close()


def read_messages(stream):
    """Yield octet-counted messages until the stream ends or breaks."""
    try:
        while True:
            digits = b""
            while (octet := stream.read(1)) != b" ":
                if not octet:
                    return
                digits += octet
            yield stream.read(int(digits)).decode()
    except (OSError, ValueError):
        return


def certificates(folder, days=2):
    """Make an authority and a certificate for ``localhost``; return their paths."""
    ca, key, cert = folder / "ca.pem", folder / "key.pem", folder / "cert.pem"
    commands = [
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "ca.key", "-out", ca,
         "-days", "2", "-subj", "/CN=test authority"],
        ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", folder / "csr.pem",
         "-subj", "/CN=localhost"],
        ["x509", "-req", "-in", folder / "csr.pem", "-CA", ca, "-CAkey", folder / "ca.key",
         "-CAcreateserial", "-out", cert, "-days", days, "-extfile", folder / "names"],
    ]  # fmt: skip
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for command in commands:
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True, timeout=30)
    return ca, cert, key
