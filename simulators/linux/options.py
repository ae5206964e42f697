"""What the caller of the supervisor chooses and gets: plain values."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from epm.events import Job

ExitRunner = Callable[[str, bytes, Job, datetime], str]
"""(format name, block, job, local time without zone) -> return indicator of the exit program.

``0`` allows; ``9`` allows and is not asked again for the process; anything else, and any
exception, rejects.
"""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a program is supervised.

    Attributes:
        connect_errno: what a rejected connect fails with.
        listen_errno: what a rejected listen fails with.
        accept_errno: what a rejected accept fails with. Servers take ECONNABORTED for a peer
            that gave up and carry on; others make some of them stop.
        allow_io_uring: leave io_uring alone; what it accepts is then not decided.
        log_only: ask the exit program and journal, but never block.
        landlock: put the target under the Landlock belt where the kernel has it.
    """

    connect_errno: int = errno.EACCES
    listen_errno: int = errno.EPERM
    accept_errno: int = errno.ECONNABORTED
    allow_io_uring: bool = False
    log_only: bool = False
    landlock: bool = True


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a supervised run ended.

    Attributes:
        status: the program's own; 128 plus the signal that ended it, 127 not found, 126 not
            executable.
        counts: what happened how often: ``connect-allowed``, ``accept-rejected``,
            ``listen-allowed`` and so on, and what was out of the ordinary.
    """

    status: int
    counts: Mapping[str, int]
