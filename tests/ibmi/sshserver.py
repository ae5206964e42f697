"""An SSH server on loopback whose one command is XMLSERVICE's, over a simulated system."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from pathlib import Path

import paramiko

from simulators.xmlservice.service import Service

COMMAND = b"/QOpenSys/pkgs/bin/xmlservice-cli"


class _Session(paramiko.ServerInterface):
    def __init__(self, server: SshServer) -> None:
        self._server = server
        self.user = ""

    def check_auth_password(self, username: str, password: str) -> int:
        if (username, password) != (self._server.user, self._server.password):
            return paramiko.AUTH_FAILED
        self.user = username
        return paramiko.AUTH_SUCCESSFUL

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        if command != COMMAND:
            return False
        threading.Thread(target=self._server.run, args=(channel,), daemon=True).start()
        return True


class SshServer:
    """Answers documents; the answer comes in pieces with pauses, as over a slow line."""

    def __init__(self, service: Service, user: str, password: str, home: Path) -> None:
        self.service, self.user, self.password = service, user, password
        self._key = paramiko.RSAKey.generate(2048)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._transports: list[paramiko.Transport] = []
        folder = home / ".ssh"
        folder.mkdir(mode=0o700, exist_ok=True)
        line = f"[127.0.0.1]:{self.port} {self._key.get_name()} {self._key.get_base64()}\n"
        (folder / "known_hosts").write_text(line)
        self.broken: bytes | None = None
        self.silent = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport = paramiko.Transport(connection)
            transport.add_server_key(self._key)
            self._transports.append(transport)
            try:
                transport.start_server(server=_Session(self))
            except (paramiko.SSHException, EOFError, OSError):
                transport.close()

    def run(self, channel: paramiko.Channel) -> None:
        with contextlib.suppress(OSError):  # the client may have left already
            self._answer(channel)

    def _answer(self, channel: paramiko.Channel) -> None:
        document = b""
        while piece := channel.recv(65536):
            document += piece
        if self.silent:
            return
        if self.broken is not None:
            channel.sendall_stderr(self.broken)
            channel.send_exit_status(127)
            channel.close()
            return
        answer = self.service.answer(self.user.upper(), "*na", "*here *cdata", document, 15_000_000)
        half = len(answer) // 2
        channel.sendall(answer[:half])
        time.sleep(0.01)
        channel.sendall(answer[half:])
        channel.send_exit_status(0)
        channel.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for transport in self._transports:
            transport.close()
        self._thread.join(5)
