"""What the kernel says of a thread: its credentials and groups, read in one of two ways."""

from __future__ import annotations

import errno
import fcntl
import os
from dataclasses import dataclass

from simulators.linux import abi, kernel


@dataclass(frozen=True, slots=True)
class Features:
    """What this kernel offers for identity; tests switch them off to try the other way.

    Attributes:
        thread_pidfd: pidfds of threads (Linux 6.9).
        pidfd_info: credentials by ioctl (Linux 6.13).
    """

    thread_pidfd: bool = True
    pidfd_info: bool = True


def detect() -> Features:
    """Return what the running kernel offers."""
    try:
        pidfd = kernel.pidfd_open(os.getpid(), abi.PIDFD_THREAD)
    except OSError:
        return Features(thread_pidfd=False, pidfd_info=False)
    try:
        credentials(pidfd)
    except OSError:
        return Features(pidfd_info=False)
    finally:
        os.close(pidfd)
    return Features()


_INFO_REQUEST = abi.PIDFD_INFO_PID_CREDS.to_bytes(8, "little") + bytes(abi.PIDFD_INFO.size - 8)


def credentials(pidfd: int) -> bytes:
    """Return what PIDFD_GET_INFO says, raw: it is compared far more often than looked at."""
    return fcntl.ioctl(pidfd, abi.PIDFD_GET_INFO, _INFO_REQUEST)


def effective(info: bytes) -> tuple[int, int]:
    """Return effective uid and gid of what PIDFD_GET_INFO said."""
    mask, _, _, _, _, _, _, euid, egid, *_ = abi.PIDFD_INFO.unpack(info)
    if mask & abi.PIDFD_INFO_PID_CREDS != abi.PIDFD_INFO_PID_CREDS:
        raise OSError(errno.ENODATA, "pidfd without credentials")
    return euid, egid


@dataclass(frozen=True, slots=True)
class Status:
    """What /proc/TID/status says of a thread."""

    tgid: int
    euid: int
    egid: int
    groups: tuple[int, ...]


def parse_status(text: bytes) -> Status:
    """Return the identity in a /proc status text.

    Raises:
        OSError: ESRCH, when a line is missing (the thread ended while it was read).
    """
    lines = dict(line.partition(b":\t")[::2] for line in text.split(b"\n"))
    try:
        return Status(
            tgid=int(lines[b"Tgid"]),
            euid=int(lines[b"Uid"].split()[1]),
            egid=int(lines[b"Gid"].split()[1]),
            groups=tuple(int(word) for word in lines[b"Groups"].split()),
        )
    except (KeyError, IndexError, ValueError):
        raise kernel.fault(errno.ESRCH) from None
