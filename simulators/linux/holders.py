"""Who has a socket open: looked up in /proc, for the rare case that its number has changed."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Set
from pathlib import Path

PROC = Path("/proc")


def place(process: int, number: int) -> Path:
    """Return where a process's descriptor is to be seen."""
    return PROC / str(process) / "fd" / str(number)


def is_in(where: Path, inode: int) -> bool:
    """Whether the descriptor there is this socket."""
    try:
        status = where.stat()
    except OSError:
        return False
    return status.st_ino == inode and stat.S_ISSOCK(status.st_mode)


def find(inodes: Set[int]) -> dict[int, Path]:
    """Return where another process than this one has these sockets open, for those that are.

    Sockets on their way in a message of an AF_UNIX socket are open nowhere meanwhile.
    """
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[int, Path] = {}
    for where in _descriptors():
        with contextlib.suppress(OSError):  # closed meanwhile
            inode = wanted.get(str(where.readlink()))
            if inode is not None:
                found[inode] = where
                if len(found) == len(wanted):
                    break
    return found


def _descriptors() -> Iterator[Path]:
    """Yield the descriptors of all processes that we may look at, but for our own."""
    for process in PROC.iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            with contextlib.suppress(OSError):  # it ended, or is not ours to look at
                yield from list((process / "fd").iterdir())
