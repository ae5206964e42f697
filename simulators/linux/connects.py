"""connect: judged, then performed here on a duplicate of the target's socket.

The destination is read once from the target's memory. That copy is what is judged and what is
connected to, so changing it meanwhile changes nothing.
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import os
import sys
from collections import Counter
from collections.abc import Callable

from simulators.linux import abi, kernel
from simulators.linux.blocks import connect_block, is_inet
from simulators.linux.calls import ConnectCall
from simulators.linux.established import Established
from simulators.linux.judge import ON_CONNECT, Judge
from simulators.linux.kernel import SocketCalls
from simulators.linux.notify import Listener
from simulators.linux.poller import HANGUP, READ, WRITE, Poller
from simulators.linux.replay import CallKey, Replay
from simulators.linux.target import TargetThread
from simulators.linux.workers import Connector

_GRACE_SECONDS = 1.0
_INET = frozenset(x.to_bytes(2, sys.byteorder) for x in (abi.AF_INET, abi.AF_INET6))
_NEVER_WAITS = frozenset({2, 3})  # SOCK_DGRAM, SOCK_RAW


class Connects:
    """Performs connects and keeps those that wait. Belongs to one thread."""

    def __init__(
        self,
        listener: Listener,
        poller: Poller,
        judge: Judge,
        established: Established,
        connector: Connector,
        calls: SocketCalls,
        connect_errno: int,
        counts: Counter[str],
        clock: Callable[[], float],
    ) -> None:
        self._listener = listener
        self._poller = poller
        self._judge = judge
        self._established = established
        self._connector = connector
        self._calls = calls
        self._reject = connect_errno
        self._counts = counts
        self._clock = clock
        self.pending: dict[int, ConnectCall] = {}
        self.replay = Replay()
        self._by_key: dict[CallKey, int] = {}
        self._numbers = itertools.count(1)
        poller.add(connector.descriptor, self._completed)

    def handle(
        self, notification: int, thread: TargetThread, number: int, duplicate: int, where: int,
        length: int,
    ) -> None:  # fmt: skip
        """Answer a connect, now or later. Takes over the duplicate.

        Args:
            notification: names the call to the kernel.
            thread: who made it.
            number: the descriptor in the target.
            duplicate: ours.
            where: address of the sockaddr in the target.
            length: its length as the target says.

        Raises:
            OSError: EFAULT, EINVAL, ENOTSOCK as the call itself would say; the duplicate is
                closed.
        """
        call = ConnectCall(thread, number, duplicate, b"", None, [notification])
        try:
            self._look_and_decide(call, notification, where, length)
        except BaseException:
            call.close()
            raise

    def _look_and_decide(
        self, call: ConnectCall, notification: int, where: int, length: int
    ) -> None:
        if not 0 <= length <= abi.MAX_SOCKADDR:
            raise kernel.fault(errno.EINVAL)
        thread, duplicate = call.thread, call.duplicate
        try:
            local = self._calls.local_end(duplicate)
        except OSError as error:
            local = b""
            if error.errno == errno.ENOTSOCK:
                thread.read(where, length)  # a bad address is told first, as natively
                raise
        if (
            local[:2] not in _INET
        ):  # AF_UNIX and others: path, credentials and so on are the target's
            call.close()
            self._counts["connect-passed"] += 1
            self._listener.let_kernel(notification)
            return
        kind = self._calls.number(duplicate, abi.SO_TYPE)
        call.raw = raw = thread.read(where, length)
        if not self._listener.is_valid(notification):
            call.close()  # only after the read is it certain whose memory it was
            return
        if (self._by_key or self.replay) and self._is_issued_again(call):
            return
        if kind == abi.SOCK_STREAM and is_inet(raw):
            call.job = job = thread.job(self._clock(), just_read=True)
            if not self._judge.allows(ON_CONNECT, connect_block(local, raw), job):
                self._answer(call, self._reject)
                return
        if kind in _NEVER_WAITS or fcntl.fcntl(duplicate, fcntl.F_GETFL) & os.O_NONBLOCK:
            self._without_waiting(call)
        else:
            self._with_waiting(call)

    def _is_issued_again(self, call: ConnectCall) -> bool:
        """Answer, or let wait, a call that the kernel issued again after a signal."""
        inode = os.fstat(call.duplicate).st_ino
        running = self._by_key.get(call.key)
        if running is not None and os.fstat(self.pending[running].duplicate).st_ino == inode:
            call.close()
            self.pending[running].waiting += call.waiting
            self.pending[running].abandoned = None
            return True
        code = self.replay.take((call.thread.tid, inode, call.raw), self._clock())
        if code is None:
            return False
        self._counts["connect-replayed"] += 1
        self._answer(call, code)
        return True

    # --- connects that do not wait

    def _without_waiting(self, call: ConnectCall) -> None:
        """Connect a non-blocking socket: the errno is handed on as it is."""
        code = kernel.connect(call.duplicate, call.raw)
        connection = call.connection
        if (
            code in (0, errno.EINPROGRESS)
            and connection is not None
            and not self._established.begun(connection, asked_again=not code)
        ):
            code = self._reject
        self._answer(call, code)

    # --- connects that may wait

    def _with_waiting(self, call: ConnectCall) -> None:
        number = next(self._numbers)
        code = self._connector.connect(number, call.duplicate, call.raw)
        if code is not None and code != errno.EALREADY:
            self._finish(call, code)
            return
        if not self._connector.keeps_timeouts:
            timeout = self._calls.timeout(call.duplicate, abi.SO_SNDTIMEO)
            call.deadline = None if timeout is None else self._clock() + timeout
        self.pending[number] = call
        self._poller.busy = True
        self._by_key[call.key] = number
        if code == errno.EALREADY:
            call.late = code
            self._wait_for_earlier(number, call)

    def _wait_for_earlier(self, number: int, call: ConnectCall) -> None:
        """Wait for a connect that an earlier call had begun."""
        events = READ | WRITE | HANGUP
        self._poller.add(call.duplicate, lambda _events: self._again(number), events)

    def _again(self, number: int) -> None:
        """Ask for the result of a connect that an earlier call had begun."""
        call = self.pending[number]
        self._poller.remove(call.duplicate)
        code = self._connector.connect(number, call.duplicate, call.raw)
        if code == errno.EALREADY:
            self._wait_for_earlier(number, call)
        elif code is not None:
            self._finish(self._drop(number), code)

    def _completed(self, _events: int) -> None:
        for number, code in self._connector.completed():
            if number in self.pending:
                self._finish(self._drop(number), code)

    def _drop(self, number: int) -> ConnectCall:
        call = self.pending.pop(number)
        self._by_key.pop(call.key, None)
        self._poller.remove(call.duplicate)
        return call

    def _finish(self, call: ConnectCall, code: int) -> None:
        """Record a connect that has its result, and answer it."""
        connection = call.connection
        if connection is None:
            pass
        elif code == errno.EINPROGRESS:  # SO_SNDTIMEO has ended the wait of a worker
            if not self._established.begun(connection, asked_again=False):
                code = self._reject
        elif not code and not self._established.record(*connection):
            code = self._reject
        self._answer(call, code)

    def _answer(self, call: ConnectCall, code: int) -> None:
        """Close the duplicate and answer; keep an answer that nobody takes."""
        call.close()
        taken = False
        for one in call.waiting:
            taken = self._listener.answer(one, code) or taken
        if not taken:
            self._counts["connect-not-taken"] += 1
            self._keep(call, code)

    def _keep(self, call: ConnectCall, code: int) -> None:
        """Keep an answer for when the kernel issues the call again."""
        inode = call.thread.inode(call.number)
        if inode is not None:
            self.replay.keep((call.thread.tid, inode, call.raw), code, self._clock())
            self._poller.busy = True

    # --- housekeeping

    def sweep(self) -> None:
        """Look after connects whose callers are gone or late."""
        now = self._clock()
        self.replay.sweep(now)
        for number, call in list(self.pending.items()):
            call.waiting = [x for x in call.waiting if self._listener.is_valid(x)]
            if call.waiting:
                call.abandoned = None
            elif call.abandoned is None:
                call.abandoned = now
            late = call.deadline is not None and now >= call.deadline
            given_up = call.abandoned is not None and now - call.abandoned > _GRACE_SECONDS
            if late or given_up:
                self._leave_connecting(number)

    def _leave_connecting(self, number: int) -> None:
        """Wait no more: as natively, the connection goes on without its caller."""
        call = self._drop(number)
        self._connector.cancel(number)
        code = call.late
        connection = call.connection
        if connection is not None and not self._established.begun(connection, asked_again=False):
            code = self._reject
        call.close()
        for one in call.waiting:
            self._listener.answer(one, code)

    def next_deadline(self) -> float | None:
        """Return when the next wait ends by itself, in monotonic time."""
        ends = [c.deadline for c in self.pending.values() if c.deadline is not None]
        return min(ends, default=None)

    def close(self) -> None:
        """Let go of everything."""
        for number in list(self.pending):
            self._drop(number).close()
        self._poller.remove(self._connector.descriptor)
        self._connector.close()
