"""One command of a kind at a time for a system: here by a file lock, there by a data area."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from epm.cli.app import App
from epm.cli.clock import utc_now
from epm.cli.output import say, warn
from epm.errors import RemoteError, SettingsError

if TYPE_CHECKING:
    from exitprograms.ibmi.client import Client
    from exitprograms.ibmi.connection import Connection

_NAME = "ibmi.lock"
_MARK = re.compile(r"[0-9a-f]{16}")
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


@contextmanager
def alone(app: App, connection: Connection) -> Iterator[str]:
    """Refuse another command of this user about the system; yield this place's own mark.

    The lock goes with the process, however it ends; the mark stays in the file.

    Raises:
        RemoteError: another command is at work.
        SettingsError: the file cannot be made.
    """
    path = app.journal_folder(_NAME, connection.system)
    try:
        for part in reversed(path.parents):
            if not part.exists():
                part.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, _FLAGS, 0o600)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RemoteError(
                f"{connection.system}: another epm ibmi command is at work on it; nothing was done"
            ) from None
        yield _mark(descriptor)
    finally:
        os.close(descriptor)


def _mark(descriptor: int) -> str:
    text = os.pread(descriptor, 64, 0).decode("ascii", "replace")
    if _MARK.fullmatch(text):
        return text
    made = secrets.token_hex(8)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, made.encode(), 0)
    os.fsync(descriptor)
    return made


@contextmanager
def changing(
    app: App, connection: Connection, client: Client, word: str, *, dry_run: bool
) -> Iterator[str]:
    """Be the only one who changes a system, from here or from anywhere; a dry run says it only.

    Yields:
        The IFS folder for the command's temporary files, not made yet. Should the command be
        killed, the next one from here removes it.

    Raises:
        RemoteError: somebody else is changing it.
    """
    from exitprograms.ibmi.client import DryRun
    from exitprograms.ibmi.folders import folder_of
    from exitprograms.ibmi.holding import Hold, held

    folder = folder_of(connection.lib, secrets.token_hex(6))
    said = f"{word} from {socket.gethostname()[:40]} since {utc_now():%Y-%m-%dT%H:%M:%SZ}"
    left: list[str] = []
    if dry_run:
        with held(DryRun(client, say), Hold("-", folder, said)):
            yield folder
        return
    try:
        with alone(app, connection) as mark, held(client, Hold(mark, folder, said)) as left:
            yield folder
    finally:
        for line in left:
            warn(f"left over: {line}")
