"""Kernel interface of Linux as numbers and structures: no calls are made here.

Sources: the kernel's user API headers (seccomp.h, pidfd.h, audit.h, socket.h, the system call
tables). ioctl numbers are those of the generic encoding, which the three machines share.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

# --- seccomp (linux/seccomp.h)
SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_NEW_LISTENER = 8
SECCOMP_IOCTL_NOTIF_RECV = 0xC0502100
SECCOMP_IOCTL_NOTIF_SEND = 0xC0182101
SECCOMP_IOCTL_NOTIF_ID_VALID = 0x40082102
SECCOMP_IOCTL_NOTIF_ADDFD = 0x40182103
SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x40082104
SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1
SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1
SECCOMP_ADDFD_FLAG_SEND = 2

NOTIFICATION = struct.Struct("=QIIiIQ6Q")
"""struct seccomp_notif: id, thread id, flags, call number, architecture, ip, six arguments."""
RESPONSE = struct.Struct("=QqiI")
"""struct seccomp_notif_resp: id, value, negative errno, flags."""
ADD_DESCRIPTOR = struct.Struct("=QIIII")
"""struct seccomp_notif_addfd: id, flags, our descriptor, theirs, descriptor flags."""

# --- pidfd (linux/pidfd.h)
PIDFD_THREAD = os.O_EXCL
"""pidfd_open flag, Linux 6.9: refer to the thread, not to its process."""
PIDFD_GET_INFO = 0xC040FF0B
"""ioctl, Linux 6.13, with the first version of struct pidfd_info (64 bytes)."""
PIDFD_INFO = struct.Struct("=QQ12I")
"""mask, cgroup, pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid, spare."""
PIDFD_INFO_PID_CREDS = 3

# --- prctl (linux/prctl.h)
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

# --- calls that have one number on every machine (asm-generic/unistd.h)
NR_IO_URING_SETUP = 425
NR_IO_URING_ENTER = 426
NR_PIDFD_OPEN = 434
NR_PIDFD_GETFD = 438
NR_LANDLOCK_CREATE_RULESET = 444
NR_LANDLOCK_RESTRICT_SELF = 446

# --- sockets (linux/socket.h, linux/in.h, linux/tcp.h)
AF_UNSPEC = 0
AF_INET = 2
AF_INET6 = 10
SOCK_STREAM = 1
SOCK_SEQPACKET = 5
SOCK_NONBLOCK = os.O_NONBLOCK
SOCK_CLOEXEC = os.O_CLOEXEC
SOL_SOCKET = 1
SO_TYPE = 3
SO_RCVTIMEO = 20
SO_SNDTIMEO = 21
SO_ACCEPTCONN = 30
SO_DOMAIN = 39
IPPROTO_TCP = 6
IPPROTO_MPTCP = 262
TCP_INFO = 11
TCP_ESTABLISHED = 1
TCP_COMING = frozenset({2, 3})
"""States (first byte of struct tcp_info) of a connection that may come: SYN_SENT, SYN_RECV."""
TCP_NONE = frozenset({7, 10, 12})
"""States that are no connection: CLOSE, LISTEN, NEW_SYN_RECV."""
MSG_FASTOPEN = 0x20000000
MAX_SOCKADDR = 128
"""sizeof(struct sockaddr_storage): longer addresses are EINVAL."""

X32_BIT = 0x40000000


class Operation(Enum):
    """A socket call that is handed to the supervisor."""

    CONNECT = "connect"
    ACCEPT = "accept"
    ACCEPT4 = "accept4"
    LISTEN = "listen"
    SOCKETCALL = "socketcall"


@dataclass(frozen=True, slots=True)
class Abi:
    """What one architecture calls the calls that the filter looks at.

    Attributes:
        audit: AUDIT_ARCH value that the kernel reports.
        calls: number -> operation, for the calls that are handed over.
        socket: number of socket().
        sends: number of sendto, sendmsg, sendmmsg -> index of the argument with MSG flags.
        socketcall: number of the multiplexer whose first argument names the call, or ``None``.
    """

    audit: int
    calls: Mapping[int, Operation]
    socket: int
    sends: Mapping[int, int]
    socketcall: int | None = None


def _with_flags(sendto: int, sendmsg: int, sendmmsg: int) -> Mapping[int, int]:
    """Return call number -> index of the argument with the MSG flags (sendto(2), sendmsg(2))."""
    return {sendto: 3, sendmsg: 2, sendmmsg: 3}


X86_64 = Abi(
    audit=0xC000003E,
    calls={
        42: Operation.CONNECT,
        43: Operation.ACCEPT,
        288: Operation.ACCEPT4,
        50: Operation.LISTEN,
    },
    socket=41,
    sends=_with_flags(44, 46, 307),
)
I386 = Abi(
    audit=0x40000003,
    calls={362: Operation.CONNECT, 364: Operation.ACCEPT4, 363: Operation.LISTEN},
    socket=359,
    sends=_with_flags(369, 370, 345),
    socketcall=102,
)
AARCH64 = Abi(
    audit=0xC00000B7,
    calls={
        203: Operation.CONNECT,
        202: Operation.ACCEPT,
        242: Operation.ACCEPT4,
        201: Operation.LISTEN,
    },
    socket=198,
    sends=_with_flags(206, 211, 269),
)
"""From the kernel's table; this machine was never tried."""

MACHINES: Mapping[str, tuple[Abi, ...]] = {"x86_64": (X86_64, I386), "aarch64": (AARCH64,)}
"""Machine name -> the architectures whose programs it runs."""
NR_SECCOMP: Mapping[str, int] = {"x86_64": 317, "aarch64": 277}
NR_TIMER_CREATE: Mapping[str, tuple[int, int, int]] = {
    "x86_64": (222, 223, 226),
    "aarch64": (107, 110, 111),
}
"""Machine name -> numbers of timer_create, timer_settime, timer_delete."""

SOCKETCALLS: Mapping[int, tuple[Operation, int]] = {
    3: (Operation.CONNECT, 3),
    4: (Operation.LISTEN, 2),
    5: (Operation.ACCEPT, 3),
    18: (Operation.ACCEPT4, 4),
}
"""i386 socketcall (linux/net.h): call -> operation and number of 32-bit arguments in memory."""


def operations(machine: str) -> dict[tuple[int, int], Operation]:
    """Return (architecture, call number) -> operation for a machine; empty if unknown."""
    table: dict[tuple[int, int], Operation] = {}
    for abi in MACHINES.get(machine, ()):
        table.update({(abi.audit, number): call for number, call in abi.calls.items()})
        if abi.socketcall is not None:
            table[abi.audit, abi.socketcall] = Operation.SOCKETCALL
    return table
