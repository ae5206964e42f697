"""The belt: Landlock forbids the target every TCP connect of its own.

The supervisor is outside the domain and performs the allowed ones, so nothing that rules allow
is lost. What slips past a notification (a descriptor swapped behind an AF_UNIX connect, or
io_uring where it is allowed) gets EACCES. It covers neither MPTCP nor MSG_FASTOPEN, which the
filter refuses, and neither listen nor accept. Source: linux/landlock.h; network from ABI 4.
"""

from __future__ import annotations

import os
import struct

from simulators.linux import kernel
from simulators.linux.abi import NR_LANDLOCK_CREATE_RULESET, NR_LANDLOCK_RESTRICT_SELF

MINIMUM_ABI = 4
_CREATE_RULESET_VERSION = 1
_ACCESS_NET_CONNECT_TCP = 2
_RULESET = struct.Struct("=QQ")  # handled file accesses, handled network accesses


def abi_version() -> int:
    """Return the kernel's Landlock ABI, 0 where there is none."""
    try:
        return kernel.syscall(NR_LANDLOCK_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    except OSError:
        return 0


def forbid_tcp_connect() -> None:
    """Put the calling thread, and all that it starts, under the belt.

    INVARIANT: no_new_privs is set, or the caller may administer the system.

    Raises:
        OSError: the kernel refuses.
    """
    attributes = _RULESET.pack(0, _ACCESS_NET_CONNECT_TCP)
    ruleset = kernel.syscall(NR_LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        kernel.syscall(NR_LANDLOCK_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
