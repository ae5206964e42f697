"""accept and accept4: performed here, judged by who connected, then handed to the target.

Never left to the kernel, whatever the socket's family: a descriptor swapped behind the
supervisor's back would otherwise slip by. A caller that must wait is queued: one duplicate of
its listening socket sits in epoll as long as somebody waits, because a duplicate that is held
keeps the port in use.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections import Counter, deque
from collections.abc import Callable

from epm.events import SocketEventType
from simulators.linux import abi
from simulators.linux.alarm import Alarm
from simulators.linux.blocks import accept_block, endpoint, is_inet, known_endpoint
from simulators.linux.calls import AcceptCall
from simulators.linux.judge import ON_ACCEPT, Judge
from simulators.linux.kept import Accepted, Kept, Told
from simulators.linux.kernel import SocketCalls
from simulators.linux.notify import TARGET_GONE, Listener
from simulators.linux.peer_address import PeerAddress
from simulators.linux.poller import Poller
from simulators.linux.threads import Threads

_FLAGS = abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC
_NOBODY = -1


class Accepts:
    """Performs accepts and keeps those who wait. Belongs to one thread."""

    def __init__(
        self,
        listener: Listener,
        poller: Poller,
        judge: Judge,
        threads: Threads,
        calls: SocketCalls,
        alarm: Alarm,
        accept_errno: int,
        fail: Callable[[int, abi.Operation, Exception], None],
        counts: Counter[str],
        clock: Callable[[], float],
    ) -> None:
        self._listener = listener
        self._poller = poller
        self._judge = judge
        self._threads = threads
        self._reject = accept_errno
        self._fail = fail
        self._counts = counts
        self._clock = clock
        self._calls = calls
        self._alarm = alarm
        self._address = PeerAddress()
        self.waiting: dict[int, tuple[int, deque[AcceptCall]]] = {}
        self._kept = Kept()

    def handle(self, call: AcceptCall, duplicate: int) -> None:
        """Answer an accept, now or later. Takes over the duplicate of the listening socket.

        Raises:
            OSError: ENOTSOCK and the like; the duplicate is closed.
        """
        if call.flags & ~_FLAGS:
            os.close(duplicate)
            raise OSError(errno.EINVAL, "accept4 flags")
        if self._kept and self._take_kept(call, duplicate):
            return
        if self._calls.readable(duplicate):
            self._accept(call, duplicate, close=True)
            return
        try:
            code = self._why_not_wait(duplicate)
        except OSError:
            os.close(duplicate)
            raise
        if code:
            os.close(duplicate)
            self._listener.answer(call.notification, code)
        else:
            self._wait(call, duplicate)

    def _why_not_wait(self, duplicate: int) -> int:
        """Return what accept fails with at once where no connection waits, 0 to wait."""
        if not self._calls.number(duplicate, abi.SO_ACCEPTCONN):
            kind = self._calls.number(duplicate, abi.SO_TYPE)
            stream = kind in (abi.SOCK_STREAM, abi.SOCK_SEQPACKET)
            return errno.EINVAL if stream else errno.EOPNOTSUPP
        flags = fcntl.fcntl(duplicate, fcntl.F_GETFL)
        return errno.EAGAIN if flags & os.O_NONBLOCK else 0

    # --- waiting

    def _wait(self, call: AcceptCall, duplicate: int) -> None:
        timeout = self._calls.timeout(duplicate, abi.SO_RCVTIMEO)
        if timeout is not None and call.deadline is None:
            call = call._replace(deadline=self._clock() + timeout)
        inode = os.fstat(duplicate).st_ino
        if inode in self.waiting:  # one duplicate per listening socket is enough
            os.close(duplicate)
            self.waiting[inode][1].append(call)
            return
        self.waiting[inode] = (duplicate, deque([call]))
        self._poller.busy = True
        self._poller.add(duplicate, lambda _events: self._wake(inode))

    def _wake(self, inode: int) -> None:
        """Serve who waits at a listening socket that has become readable."""
        duplicate, queue = self.waiting[inode]
        while queue:
            call = queue.popleft()
            if not self._listener.is_valid(call.notification):
                continue
            if not self._calls.readable(duplicate):
                queue.appendleft(call)
                return
            last = not queue
            try:
                call = self._with_thread(call)
                if last:
                    self._release(inode, close=False)
                self._accept(call, duplicate, close=last)
            except Exception as error:  # noqa: BLE001  fail closed, and serve the others
                self._fail(call.notification, abi.Operation.ACCEPT4, error)
            if inode not in self.waiting or self.waiting[inode][1] is not queue:
                return  # that was the last one
        self._release(inode, close=True)

    def _with_thread(self, call: AcceptCall) -> AcceptCall:
        """Return a call that waited with its thread, let go of meanwhile or not.

        Raises:
            OSError: the thread ended.
        """
        if call.thread.pidfd >= 0:
            return call
        notification = call.notification
        thread = self._threads.anew(call.thread.tid, lambda: self._listener.is_valid(notification))
        return call._replace(thread=thread)

    def _release(self, inode: int, *, close: bool) -> None:
        duplicate, _ = self.waiting.pop(inode)
        self._poller.remove(duplicate)
        if close:
            os.close(duplicate)

    # --- accepting

    def _accept(self, call: AcceptCall, duplicate: int, *, close: bool) -> None:
        """Take a connection from the listening socket's queue and give it to the caller."""
        calls = self._calls
        may_wait = not fcntl.fcntl(duplicate, fcntl.F_GETFL) & os.O_NONBLOCK
        if may_wait:  # whoever is not supervised may take the connection before we do
            self._alarm.arm()
        new, remote = calls.accept(duplicate, call.flags & abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC)
        if may_wait:
            self._alarm.disarm()
        if new == -errno.EINTR:
            self._wait(call, duplicate if close else os.dup(duplicate))
            return
        if new < 0:
            if close:
                os.close(duplicate)
            self._listener.answer(call.notification, -new)
            return
        try:
            connection = Accepted(new, calls.local_end(duplicate), calls.local_end(new), remote)
        except BaseException:
            os.close(new)
            raise
        finally:
            if close:
                os.close(duplicate)
        self._give(call, connection)

    def _give(self, call: AcceptCall, connection: Accepted) -> None:
        """Judge a connection for this caller, and hand it over or close it."""
        try:
            code, told = self._judged(call, connection)
        except BaseException:
            os.close(connection.descriptor)
            raise
        if code == _NOBODY:
            self._keep(call, connection)
            return
        if code:
            os.close(connection.descriptor)
            self._listener.answer(call.notification, code)
            return
        flags = call.flags & abi.SOCK_CLOEXEC
        code = self._listener.install(call.notification, connection.descriptor, flags)
        if not code:
            os.close(connection.descriptor)
            return
        self._keep(call, connection._replace(told=told))
        if code not in TARGET_GONE:
            self._listener.answer(call.notification, code)

    def _judged(self, call: AcceptCall, connection: Accepted) -> tuple[int, Told | None]:
        """Return what accept fails with, 0 to hand over; and whom its SK entry names.

        The entry is written last, so that it is there for who does get the connection.
        """
        room, job = self._address.room(call), None
        _, bound, incoming, remote, before = connection
        if is_inet(remote):
            job = call.thread.job(self._clock(), just_read=bool(call.address))
            if not self._judge.allows(ON_ACCEPT, accept_block(bound, incoming, remote), job):
                return self._reject, None
        if not self._listener.is_valid(call.notification):
            return _NOBODY, None
        self._address.write(call, remote, room)
        if job is None:
            return 0, None
        told = (call.thread.tid, job)
        if before != told:  # the same when a signal interrupted it: it has its entry
            ends = known_endpoint(incoming), endpoint(remote)
            if not self._judge.recorded(SocketEventType.ACCEPT, job, *ends, call.number):
                return self._reject, None
        return 0, told

    # --- connections that nobody took

    def _keep(self, call: AcceptCall, connection: Accepted) -> None:
        """Keep a connection for the next accept on its listening socket, else close it."""
        inode = self._listening_inode(call, connection.bound)
        kept = inode is not None and self._kept.keep(inode, connection, self._clock())
        self._counts["accept-kept" if kept else "accept-lost"] += 1
        if kept:
            self._poller.busy = True
        else:
            os.close(connection.descriptor)

    def _listening_inode(self, call: AcceptCall, bound: bytes) -> int | None:
        """Return the listening socket of a call, ``None`` when it is not there any more."""
        duplicate = call.thread.duplicate(call.number)
        if duplicate < 0:
            return None  # its process ended
        try:
            is_it = (
                self._calls.number(duplicate, abi.SO_ACCEPTCONN)
                and self._calls.local_end(duplicate) == bound
            )
            return os.fstat(duplicate).st_ino if is_it else None
        except OSError:
            return None  # the number was given to something else
        finally:
            os.close(duplicate)

    def _take_kept(self, call: AcceptCall, duplicate: int) -> bool:
        """Give a kept connection of this listening socket to the caller, if there is one."""
        connection = self._kept.take(os.fstat(duplicate).st_ino)
        if connection is None:
            return False
        os.close(duplicate)
        flags = os.O_RDWR | call.flags & os.O_NONBLOCK
        fcntl.fcntl(connection.descriptor, fcntl.F_SETFL, flags)
        self._give(call, connection)
        return True

    # --- housekeeping

    def sweep(self) -> None:
        """Drop callers who are gone or late, and connections that were kept too long."""
        now = self._clock()
        for inode, (_, queue) in list(self.waiting.items()):
            for call in list(queue):
                late = call.deadline is not None and now >= call.deadline
                if late or not self._listener.is_valid(call.notification):
                    queue.remove(call)
                    if not queue:  # before the answer, as ever
                        self._release(inode, close=True)
                    self._listener.answer(call.notification, errno.EAGAIN)
        self._kept.sweep(now)

    @property
    def has_kept(self) -> bool:
        """Whether connections are kept that nobody took."""
        return bool(self._kept)

    def next_deadline(self) -> float | None:
        """Return when the next wait ends by itself, in monotonic time."""
        ends = [c.deadline for _, q in self.waiting.values() for c in q if c.deadline is not None]
        return min(ends, default=None)

    def close(self) -> None:
        """Let go of everything."""
        for inode in list(self.waiting):
            self._release(inode, close=True)
        self._kept.close()
