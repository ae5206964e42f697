"""An SSH connection to an IBM i: known hosts only, keys or a password, bounded in time."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import Any

from epm.errors import RemoteError, UnsupportedError
from exitprograms.ibmi.connection import Connection


def open_ssh(connection: Connection, password: Callable[[], str]) -> Any:
    """Return a connected ``paramiko.SSHClient``; keys are tried first, then the password.

    Raises:
        UnsupportedError: paramiko is not installed.
        RemoteError: not reachable, not a known host, or the user was refused.
    """
    try:
        import paramiko
    except ImportError:
        raise UnsupportedError("paramiko is not installed: pip install 'epm-ibmi[ibmi]'") from None

    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    given = {
        "hostname": connection.host,
        "port": connection.port,
        "username": connection.user,
        "timeout": connection.seconds,
        "banner_timeout": connection.seconds,
        "auth_timeout": connection.seconds,
    }
    try:
        try:
            client.connect(**given)
        except paramiko.AuthenticationException:
            client.connect(**given, password=password(), look_for_keys=False, allow_agent=False)
        except paramiko.SSHException as error:
            if "No authentication methods" not in str(error):
                raise
            client.connect(**given, password=password(), look_for_keys=False, allow_agent=False)
    except paramiko.AuthenticationException:
        client.close()
        raise RemoteError(f"{connection.where}: sign-on refused for {connection.user}") from None
    except paramiko.BadHostKeyException:
        client.close()
        raise RemoteError(f"{connection.where}: its host key is not the known one") from None
    except (paramiko.SSHException, OSError) as error:
        client.close()
        text = str(error) or type(error).__name__
        raise RemoteError(f"{connection.where}: {text}") from None
    # A request is a few small packets that would wait for each other's acknowledgement.
    transport = client.get_transport()
    if transport is not None:
        with contextlib.suppress(OSError, AttributeError):
            transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client
