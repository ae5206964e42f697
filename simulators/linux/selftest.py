"""Try on a child of our own whether supervision works here, and say why if it does not."""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from epm.errors import UnsupportedError
from epm.events import Job, SocketEvent
from simulators.linux import bpf, landlock, launch
from simulators.linux.abi import MACHINES
from simulators.linux.accounts import Accounts
from simulators.linux.identity import detect
from simulators.linux.launch import Child
from simulators.linux.options import RunOptions
from simulators.linux.ring import Ring
from simulators.linux.supervisor import Supervisor

_SECONDS = 5.0
_NO_LOOK = (
    "the supervisor may not look at the processes it starts: ptrace is restricted"
    " (kernel.yama.ptrace_scope), or a container lacks it (docker: --cap-add SYS_PTRACE)"
)


@dataclass(frozen=True, slots=True)
class Support:
    """What works on this machine, for ``epm doctor``.

    Attributes:
        reason: why supervision cannot work, ``None`` where it does.
        kernel: its release.
        machine: such as ``x86_64``.
        landlock_abi: 0 where there is none.
        belt: whether the target can be put under the Landlock belt.
        thread_pidfd: whether threads have pidfds (Linux 6.9).
        pidfd_info: whether a pidfd tells credentials (Linux 6.13).
        io_uring: whether blocking connects go without worker threads.
    """

    reason: str | None
    kernel: str
    machine: str
    landlock_abi: int
    belt: bool
    thread_pidfd: bool
    pidfd_info: bool
    io_uring: bool


def report() -> Support:
    """Return what works on this machine; like :func:`selftest`, before any thread."""
    try:
        selftest()
        reason = None
    except UnsupportedError as error:
        reason = str(error)
    features, abi = detect(), landlock.abi_version()
    return Support(
        reason=reason,
        kernel=platform.release(),
        machine=platform.machine(),
        landlock_abi=abi,
        belt=abi >= landlock.MINIMUM_ABI,
        thread_pidfd=features.thread_pidfd,
        pidfd_info=features.pidfd_info,
        io_uring=_has_io_uring(),
    )


def _has_io_uring() -> bool:
    try:
        Ring().close()
    except OSError:
        return False
    return True


class _NoJournal:
    def socket_event(self, event: SocketEvent) -> None:
        """Record nothing: the self-test is nobody's call."""


def _allow(_format: str, _block: bytes, _job: Job, _at: datetime) -> str:
    return "0"


def selftest() -> None:
    """Supervise a child that listens, connects and accepts on loopback.

    What worked once in this process is not tried again.

    Raises:
        UnsupportedError: it cannot work here; the text gives the one reason.
    """
    _proved(os.getpid(), platform.machine())


@lru_cache(maxsize=1)
def _proved(_process: int, machine: str) -> None:
    """Try it. INVARIANT: every thread that it starts has ended when it returns."""
    if machine not in MACHINES:
        raise UnsupportedError(f"live supervision is not built for {machine}")
    belt = landlock.abi_version() >= landlock.MINIMUM_ABI
    program = bpf.build(machine, allow_io_uring=False, refuse_mptcp=belt)
    with _forked(program, belt) as child:
        warnings: list[str] = []
        supervisor = Supervisor(
            child.listener,
            RunOptions(),
            _allow,
            _NoJournal(),
            Accounts(filled=False),
            warnings.append,
        )
        try:
            _run(child, supervisor, warnings)
        finally:
            supervisor.close()


@contextlib.contextmanager
def _forked(program: bytes, belt: bool) -> Iterator[Child]:
    child = launch.fork(program, belt=belt, prepare=lambda: None, body=_probe)
    try:
        yield child
    finally:
        os.close(child.listener)
        child.control.close()
        child.kill()


def _probe() -> None:
    """Make each call once: what the child does. Raises OSError."""
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        client.connect(server.getsockname())
        server.accept()[0].close()


def _run(child: Child, supervisor: Supervisor, warnings: list[str]) -> None:
    """Supervise the probe to its end. Raises UnsupportedError."""
    child.release()
    deadline = time.monotonic() + _SECONDS
    done = False

    def ended(_events: int) -> None:
        nonlocal done
        done = True

    supervisor.poller.add(child.control.fileno(), ended)
    while not done and time.monotonic() < deadline:
        supervisor.run_once()
    if not done:
        raise UnsupportedError("the self-test of supervision got no answer within 5 seconds")
    code = child.result()
    if not code:
        return
    if supervisor.counts["failed-EPERM"] or supervisor.counts["failed-EACCES"]:
        raise UnsupportedError(_NO_LOOK)
    text = warnings[0] if warnings else os.strerror(code)
    raise UnsupportedError(f"the self-test of supervision failed: {text}")
