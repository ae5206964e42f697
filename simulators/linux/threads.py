"""The calling threads by number: pinned while they are few enough, and pinned anew after that."""

from __future__ import annotations

import errno
from collections import OrderedDict
from collections.abc import Callable

from simulators.linux import kernel
from simulators.linux.accounts import Accounts
from simulators.linux.identity import Features
from simulators.linux.target import TargetThread

_NO_DESCRIPTOR = 2**31 - 1
_MAX_THREADS = 16384


class Threads:
    """The calling threads by number; who has not called for longest goes when they are many.

    A call that waits does not keep its thread here: it may be let go of meanwhile, and all its
    descriptors are -1 from then on. Whoever serves the call then asks for :meth:`anew`.
    """

    def __init__(
        self,
        accounts: Accounts,
        features: Features,
        limit: int,
        watch: Callable[[TargetThread], None],
        unwatch: Callable[[TargetThread], None],
    ) -> None:
        """Begin with none.

        Args:
            accounts: names of users and groups.
            features: what the kernel offers.
            limit: most threads to pin; each takes four descriptors.
            watch: called with each new thread, to learn of its end.
            unwatch: called before a thread is let go of.
        """
        self._accounts = accounts
        self._features = features
        self._limit = max(8, min(limit, _MAX_THREADS))
        self._watch, self._unwatch = watch, unwatch
        self._threads: OrderedDict[int, TargetThread] = OrderedDict()

    def get(self, tid: int) -> TargetThread:
        """Return the thread, pinned.

        Raises:
            OSError: it ended, or it may not be looked at.
        """
        thread = self._threads.get(tid)
        if thread is not None:
            self._threads.move_to_end(tid)
        else:
            while len(self._threads) >= self._limit:
                self.forget(next(iter(self._threads)))
            thread = TargetThread(tid, self._accounts, self._features)
            self._threads[tid] = thread
            self._watch(thread)
        return thread

    def anew(self, tid: int, is_valid: Callable[[], bool]) -> TargetThread:
        """Return the thread of a call that waited, pinned again.

        Args:
            tid: its number.
            is_valid: whether its call still waits. INVARIANT: asked after the thread was
                pinned; only then is it certain that its number is not another's by now.

        Raises:
            OSError: it ended, or it may not be looked at.
        """
        thread = self.current(tid)
        if not is_valid():
            self.forget(tid)
            raise kernel.fault(errno.ESRCH)
        thread.is_confirmed = True
        return thread

    def forget(self, tid: int) -> None:
        """Let go of a thread, if it is known."""
        thread = self._threads.pop(tid, None)
        if thread is not None:
            self._unwatch(thread)
            thread.close()

    def duplicate(self, tid: int, number: int) -> tuple[TargetThread, int]:
        """Return the thread and our duplicate of its descriptor.

        Raises:
            OSError: EBADF as the call itself would say; ESRCH; EPERM when it may not be
                looked at (not dumpable, or ptrace is restricted).
        """
        thread = self._threads.get(tid)
        if thread is not None and self._features.thread_pidfd:
            duplicate = kernel.pidfd_getfd(thread.pidfd, number)
            if duplicate >= 0:
                self._threads.move_to_end(tid)
                return thread, duplicate
        thread = self.current(tid)
        duplicate = thread.duplicate(number)
        if duplicate < 0:
            raise kernel.fault(-duplicate)
        return thread, duplicate

    def current(self, tid: int) -> TargetThread:
        """Return the thread that has the number now: one that ended is let go of.

        Raises:
            OSError: it ended, or it may not be looked at.
        """
        thread = self.get(tid)
        if thread.duplicate(_NO_DESCRIPTOR) == -errno.ESRCH:
            self.forget(tid)
            thread = self.get(tid)
        return thread

    def close(self) -> None:
        """Let go of all."""
        for tid in list(self._threads):
            self.forget(tid)
