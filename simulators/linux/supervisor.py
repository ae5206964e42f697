"""The loop: one notification after the other, from one thread.

Rules of this package:

* What was read of a target counts only if its call is still waiting afterwards (ID_VALID):
  until then its numbers may have become another's.
* Our duplicate of a socket is gone when the target gets its answer. What the target closes is
  then closed: the port is free, and SO_LINGER does its work.
* After a signal the target may make the same call once more. It gets what it had been given.
* Whatever goes wrong rejects; without a supervisor the calls fail with ENOSYS.
"""

from __future__ import annotations

import errno
import os
import platform
import resource
import struct
import time
from collections import Counter
from collections.abc import Callable

from epm.ports import SocketSink
from simulators.linux import abi
from simulators.linux.abi import Operation
from simulators.linux.accepts import Accepts
from simulators.linux.accounts import Accounts
from simulators.linux.alarm import Alarm
from simulators.linux.calls import AcceptCall
from simulators.linux.connects import Connects
from simulators.linux.established import Established
from simulators.linux.identity import Features, detect
from simulators.linux.judge import Judge, Warnings
from simulators.linux.kernel import SocketCalls
from simulators.linux.listens import Listens
from simulators.linux.notify import Listener
from simulators.linux.options import ExitRunner, RunOptions
from simulators.linux.poller import READ, Poller
from simulators.linux.target import TargetThread
from simulators.linux.threads import Threads
from simulators.linux.workers import Connector, make_connector

_IDLE_SECONDS = 2.0
_BUSY_SECONDS = 0.2
_PAUSE_SECONDS = 0.01
_DESCRIPTORS_PER_THREAD = 4
_NOT_TOLD = frozenset({0, errno.EPERM, errno.EACCES, errno.ESRCH, errno.ENOENT})
"""Failures of looking at the target, not of its call: they reject."""


def signed(value: int) -> int:
    """Return the low 32 bits of a register as a C int."""
    return (value & 0xFFFFFFFF ^ 0x80000000) - 0x80000000


class Supervisor:
    """Answers the notifications of one process tree. Belongs to one thread.

    Attributes:
        counts: what happened how often.
        poller: for whoever else has a descriptor to wait for.
        ended: whether no process under the filter is left.
    """

    def __init__(
        self,
        listener: int,
        options: RunOptions,
        exit_program: ExitRunner,
        sockets: SocketSink,
        accounts: Accounts,
        warn: Callable[[str], None],
        *,
        features: Features | None = None,
        connector: Connector | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.poller = poller = Poller()
        self.ended = False
        self._clock = clock
        self._warn = Warnings(warn, clock)
        self._listener = Listener(listener)
        self._operations = abi.operations(platform.machine())
        self._rejecting = {
            Operation.CONNECT: options.connect_errno,
            Operation.LISTEN: options.listen_errno,
            Operation.ACCEPT: options.accept_errno,
            Operation.ACCEPT4: options.accept_errno,
        }
        judge = Judge(options, exit_program, sockets, self._warn, self.counts)
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // (2 * _DESCRIPTORS_PER_THREAD)
        self._threads = Threads(accounts, features or detect(), limit, self._watch, self._unwatch)
        calls, self._alarm = SocketCalls(), Alarm()
        self._established = Established(poller, judge, calls)
        self._accepts = Accepts(
            self._listener, poller, judge, self._threads, calls, self._alarm,
            options.accept_errno, self._fail, self.counts, clock,
        )  # fmt: skip
        self._connects = Connects(
            self._listener, poller, judge, self._established, connector or make_connector(),
            calls, options.connect_errno, self.counts, clock,
        )  # fmt: skip
        self._listens = Listens(self._listener, poller, judge, calls, options.listen_errno, clock)
        self._next_sweep = 0.0
        poller.add(listener, self._notified)

    # --- the loop

    def run_once(self) -> None:
        """Wait for something to happen and deal with it."""
        try:
            if self.poller.busy:
                self.poller.run_once(self._patience())
                self._sweep_when_due()
            else:
                self.poller.run_once(_IDLE_SECONDS)
        except Exception as error:  # noqa: BLE001  survive: without us calls fail with ENOSYS
            self._warn(f"{type(error).__name__}: {error}")
            self.counts["survived"] += 1
            time.sleep(_PAUSE_SECONDS)  # what fails again and again must not take the processor

    def _sweep_when_due(self) -> None:
        now = self._clock()
        if now >= self._next_sweep or self._patience() <= 0:
            self._sweep()
            self._next_sweep = now + _BUSY_SECONDS
            self.poller.busy = self._is_busy()

    def _is_busy(self) -> bool:
        """Whether there is something that a sweep looks after."""
        accepts, connects = self._accepts, self._connects
        return bool(
            accepts.waiting
            or accepts.has_kept
            or connects.pending
            or connects.replay
            or self._listens.replay
            or self._established.followed
        )

    def _patience(self) -> float:
        """Return the seconds until something needs looking after."""
        ends = (self._accepts.next_deadline(), self._connects.next_deadline())
        soonest = min((end for end in ends if end is not None), default=None)
        if soonest is None:
            return _BUSY_SECONDS
        return min(_BUSY_SECONDS, max(0.0, soonest - self._clock()))

    def _sweep(self) -> None:
        self._accepts.sweep()
        self._connects.sweep()
        self._listens.sweep()
        self._established.sweep()

    # --- notifications

    def _notified(self, events: int) -> None:
        if not events & READ:  # hang-up: the last filtered process ended
            self.ended = True
            self.poller.remove(self._listener.descriptor)
            return
        notification = self._listener.receive()
        if notification is None:
            return
        nid, tid, _, call, arch, _, first, second, third, fourth, _, _ = notification
        operation = self._operations.get((arch, call))
        if operation is None:  # the filter sends no other: it is not the one we know
            self._warn(f"system call {call} of architecture {arch:#x} refused: not expected here")
            self._listener.answer(nid, errno.EPERM)
            return
        try:
            if operation is Operation.SOCKETCALL:
                operation, words = self._socketcall(nid, tid, first, second)
                first, second, third, fourth = words
            number = signed(first)
            thread, duplicate = self._threads.duplicate(tid, number)
            if not thread.is_confirmed and not self._is_confirmed(nid, thread):
                os.close(duplicate)
            elif operation is Operation.CONNECT:
                self._connects.handle(nid, thread, number, duplicate, second, signed(third))
            elif operation is Operation.LISTEN:
                self._listens.handle(nid, thread, number, duplicate, signed(second))
            else:
                flags = signed(fourth) if operation is Operation.ACCEPT4 else 0
                accept = AcceptCall(nid, thread, number, second, third, flags)
                self._accepts.handle(accept, duplicate)
        except Exception as error:  # noqa: BLE001  fail closed: without us calls get ENOSYS
            self._fail(nid, operation, error)

    def _is_confirmed(self, nid: int, thread: TargetThread) -> bool:
        """Whether a thread that was pinned just now is the one that made the call."""
        thread.is_confirmed = self._listener.is_valid(nid)
        if not thread.is_confirmed:
            self._threads.forget(thread.tid)
        return thread.is_confirmed

    def _socketcall(
        self, nid: int, tid: int, call: int, where: int
    ) -> tuple[Operation, tuple[int, int, int, int]]:
        """Return what an i386 socketcall asks for; its arguments lie in memory."""
        operation, count = abi.SOCKETCALLS[call & 0xFFFFFFFF]
        raw = self._threads.current(tid).read(where & 0xFFFFFFFF, 4 * count)
        if not self._listener.is_valid(nid):
            raise OSError(errno.ESRCH, "the calling thread ended")
        words = struct.unpack("=4I", raw.ljust(16, b"\0"))
        return operation, words

    def _fail(self, nid: int, operation: Operation, error: Exception) -> None:
        """Answer what the call itself would say (EBADF, ENOTSOCK, EFAULT); else reject."""
        code = (error.errno or 0) if isinstance(error, OSError) else 0
        self.counts[f"failed-{errno.errorcode.get(code, type(error).__name__)}"] += 1
        if code in _NOT_TOLD:
            if self._listener.is_valid(nid):  # else it ended, which is nothing to warn of
                self._warn(f"{operation.value} refused: {type(error).__name__}: {error}")
            code = self._rejecting.get(operation, errno.EACCES)
        self._listener.answer(nid, code)

    # --- ends of threads

    def _watch(self, thread: TargetThread) -> None:
        self.poller.add(thread.pidfd, lambda _events: self._thread_ended(thread.tid))

    def _unwatch(self, thread: TargetThread) -> None:
        self.poller.remove(thread.pidfd)

    def _thread_ended(self, tid: int) -> None:
        self._threads.forget(tid)
        if self._accepts.waiting:  # a port is to be free at once, not at the next sweep
            self._accepts.sweep()

    def close(self) -> None:
        """Let go of everything but the listener: calls made later fail once that is closed."""
        self._accepts.close()
        self._connects.close()
        self._established.close()
        self._threads.close()
        self._alarm.close()
        self.poller.close()
