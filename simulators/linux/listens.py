"""listen: judged by where the socket is bound, then performed here."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from epm.events import SocketEventType
from simulators.linux import abi, kernel
from simulators.linux.blocks import endpoint, is_inet, listen_block
from simulators.linux.judge import ON_LISTEN, Judge
from simulators.linux.kernel import SocketCalls
from simulators.linux.notify import Listener
from simulators.linux.poller import Poller
from simulators.linux.replay import Replay
from simulators.linux.target import TargetThread

_UNAVAILABLE = frozenset({errno.EADDRINUSE, errno.EACCES})


class Listens:
    """Performs listens. Belongs to one thread."""

    def __init__(
        self,
        listener: Listener,
        poller: Poller,
        judge: Judge,
        calls: SocketCalls,
        listen_errno: int,
        clock: Callable[[], float],
    ) -> None:
        self._listener = listener
        self._poller = poller
        self._judge = judge
        self._calls = calls
        self._reject = listen_errno
        self._clock = clock
        self.replay = Replay()

    def handle(
        self, notification: int, thread: TargetThread, number: int, duplicate: int, backlog: int
    ) -> None:
        """Answer a listen. Takes over the duplicate.

        Raises:
            OSError: ENOTSOCK; the duplicate is closed.
        """
        words = backlog.to_bytes(4, "big", signed=True)
        key = (thread.tid, os.fstat(duplicate).st_ino, words)
        try:
            code = self.replay.take(key, self._clock()) if self.replay else None
            if code is None:
                code = self._listen(thread, number, duplicate, backlog)
        finally:
            os.close(duplicate)
        if code < 0:
            self._listener.let_kernel(notification)
        elif not self._listener.answer(notification, code):
            self.replay.keep(key, code, self._clock())
            self._poller.busy = True

    def _listen(self, thread: TargetThread, number: int, duplicate: int, backlog: int) -> int:
        """Return 0 or the errno; -1 for what the kernel performs itself."""
        try:
            local = self._calls.local_end(duplicate)
        except OSError as error:
            if error.errno == errno.ENOTSOCK:
                raise
            return -1
        if not is_inet(local):
            return -1  # AF_UNIX: listen() leaves its caller's credentials for SO_PEERCRED
        if self._calls.number(duplicate, abi.SO_TYPE) != abi.SOCK_STREAM:
            return kernel.listen(duplicate, backlog)
        job = thread.job(self._clock(), just_read=False)
        if not self._judge.allows(ON_LISTEN, listen_block(backlog, local), job):
            return self._reject
        code = kernel.listen(duplicate, backlog)
        if code in _UNAVAILABLE:
            kind = SocketEventType.PORT_UNAVAILABLE
            self._judge.recorded(kind, job, endpoint(local), None, number)
        return code

    def sweep(self) -> None:
        """Forget old answers."""
        self.replay.sweep(self._clock())
