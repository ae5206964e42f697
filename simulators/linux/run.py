"""Run a program with its socket calls decided: the entry that the command line uses."""

from __future__ import annotations

import contextlib
import gc
import os
import platform
import resource
import signal
from collections.abc import Callable, Sequence

from epm.errors import SettingsError, one_line
from epm.ports import SocketSink
from simulators.linux import bpf, kernel, landlock, launch, signals
from simulators.linux.abi import PR_SET_CHILD_SUBREAPER
from simulators.linux.accounts import Accounts
from simulators.linux.launch import Child
from simulators.linux.options import ExitRunner, RunOptions, RunResult
from simulators.linux.selftest import selftest
from simulators.linux.signals import Signals
from simulators.linux.supervisor import Supervisor
from simulators.linux.warner import Warner

__all__ = ["ExitRunner", "RunOptions", "RunResult", "run", "selftest"]


def run(
    command: Sequence[str],
    options: RunOptions,
    exit_program: ExitRunner,
    sockets: SocketSink,
    warn: Callable[[str], None],
    started: Callable[[], None],
) -> RunResult:
    """Run a program and decide its TCP listens, accepts and connects until all of it ended.

    The program's own status is the result; what it left running (daemons) is supervised until
    the last of it ended. Called in the main thread of a process without other threads and
    without other children.

    Args:
        command: program and arguments; the program is looked for in PATH.
        options: how to supervise.
        exit_program: decides each call.
        sockets: records what the operating system would audit.
        warn: takes one line about something that went wrong; called in a thread of its own,
            so that it may wait or raise.
        started: called once, after the fork and before the program runs: the time to start
            threads. When it raises, the program is not run.

    Raises:
        UnsupportedError: it cannot work here; one clear reason.
        SettingsError: the command is empty or cannot be passed on.
    """
    if not command or any("\0" in word for word in command):
        raise SettingsError("the command to run is empty or holds a null character")
    selftest()
    accounts = Accounts()
    caught = Signals()
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(caught.close)
        child = _fork(command, options, caught, cleanup)
        warner = Warner(warn)
        supervisor = Supervisor(child.listener, options, exit_program, sockets, accounts, warner)
        cleanup.callback(supervisor.close)
        try:
            started()
        except BaseException:
            child.kill()
            raise
        warner.start()
        cleanup.callback(warner.close)
        accounts.start()
        cleanup.callback(accounts.stop)
        session = _Session(child, supervisor, caught)
        gc.freeze()  # what is loaded by now stays: no collection needs to look at it again
        cleanup.callback(gc.unfreeze)
        code = child.go()
        if code:
            warner(one_line(f"{command[0]}: {os.strerror(code)}"))
        return session.run()


def _fork(
    command: Sequence[str], options: RunOptions, caught: Signals, cleanup: contextlib.ExitStack
) -> Child:
    """Fork the program. INVARIANT: before any thread is started."""
    belt = options.landlock and landlock.abi_version() >= landlock.MINIMUM_ABI
    program = bpf.build(
        platform.machine(), allow_io_uring=options.allow_io_uring, refuse_mptcp=belt
    )
    # Daemons stay our descendants: Yama then lets us look at them, and we reap them.
    kernel.prctl(PR_SET_CHILD_SUBREAPER, 1)
    cleanup.callback(kernel.prctl, PR_SET_CHILD_SUBREAPER, 0)
    child = launch.fork(program, belt=belt, prepare=caught.restore, body=launch.execute(command))
    cleanup.callback(os.close, child.listener)
    cleanup.callback(child.control.close)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Ours only, so after the fork: each calling thread costs descriptors.
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    cleanup.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
    return child


class _Session:
    """The run from the program's start to the end of the last process under the filter."""

    def __init__(self, child: Child, supervisor: Supervisor, caught: Signals) -> None:
        self._process = child.process
        self._supervisor = supervisor
        self._caught = caught
        self._status: int | None = None
        supervisor.poller.add(caught.descriptor, self._signalled)

    def run(self) -> RunResult:
        """Supervise until all has ended."""
        while self._status is None or not self._supervisor.ended:
            self._supervisor.run_once()
        return RunResult(self._status, dict(self._supervisor.counts))

    def _signalled(self, _events: int) -> None:
        for number in self._caught.read():
            if number == signal.SIGCHLD:
                self._reap()
            elif self._status is None:
                signals.send(number, [self._process])
            else:  # the program itself ended: what it left running is meant
                signals.send(number, signals.children())

    def _reap(self) -> None:
        """Collect children that ended, adopted ones too, and the program's status."""
        with contextlib.suppress(ChildProcessError):
            while True:
                process, status = os.waitpid(-1, os.WNOHANG)
                if not process:
                    return
                if process == self._process:
                    code = os.waitstatus_to_exitcode(status)
                    self._status = code if code >= 0 else 128 - code
