"""Connects in threads, where io_uring is not to be had: slower, with the same interface."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import Protocol

from simulators.linux import alarm, kernel
from simulators.linux.ring import Ring

_MAX_THREADS = 512
_INTERRUPT_SECONDS = 0.01
_END_SECONDS = 2.0


class Connector(Protocol):
    """Performs connects that may have to wait, without making the supervisor wait.

    Attributes:
        descriptor: readable when :meth:`completed` has something to say.
        keeps_timeouts: whether SO_SNDTIMEO is honoured by it.
    """

    descriptor: int
    keeps_timeouts: bool

    def connect(self, number: int, descriptor: int, raw: bytes) -> int | None:
        """Begin; return 0 or the errno if it is already known, else ``None``."""
        ...

    def cancel(self, number: int) -> None:
        """Take no more interest in a connect."""
        ...

    def completed(self) -> list[tuple[int, int]]:
        """Return (number, 0 or errno) of what completed since."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class Workers:
    """A pool that grows with the number of connects that wait at the same time.

    A cancelled connect keeps its thread, and the socket, until the kernel gives up on it or
    the pool is closed. Made and closed in the main thread.
    """

    keeps_timeouts = True

    def __init__(self) -> None:
        self.descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._lock = threading.Condition()
        self._jobs: deque[tuple[int, int, bytes] | None] = deque()
        self._done: deque[tuple[int, int]] = deque()
        self._idle = 0
        self._threads: list[threading.Thread] = []
        alarm.prepare()

    def connect(self, number: int, descriptor: int, raw: bytes) -> int | None:
        """Hand a connect to a thread; its result comes later."""
        job = (number, os.dup(descriptor), raw)
        with self._lock:
            self._jobs.append(job)
            if self._idle >= len(self._jobs) or len(self._threads) >= _MAX_THREADS:
                self._lock.notify()
                return None
        thread = threading.Thread(target=self._work, name="epm-connect", daemon=True)
        self._threads.append(thread)
        thread.start()
        return None

    def cancel(self, number: int) -> None:
        """Do nothing: a thread in connect() cannot be called back."""

    def completed(self) -> list[tuple[int, int]]:
        """Return (number, 0 or errno) of what completed since."""
        try:
            os.eventfd_read(self.descriptor)
        except BlockingIOError:
            return []
        return [self._done.popleft() for _ in range(len(self._done))]

    def close(self) -> None:
        """End all threads: after this a fork is safe again."""
        with self._lock:
            self._jobs.extend([None] * len(self._threads))
            self._lock.notify_all()
        end = time.monotonic() + _END_SECONDS
        for thread in self._threads:
            while thread.is_alive() and time.monotonic() < end:
                alarm.interrupt(thread)  # it may wait in connect()
                thread.join(_INTERRUPT_SECONDS)
        if not any(thread.is_alive() for thread in self._threads):
            os.close(self.descriptor)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            number, descriptor, raw = job
            code = kernel.connect(descriptor, raw)
            os.close(descriptor)
            self._done.append((number, code))
            os.eventfd_write(self.descriptor, 1)

    def _next(self) -> tuple[int, int, bytes] | None:
        """Wait for a connect to perform; ``None`` to end."""
        with self._lock:
            self._idle += 1
            while not self._jobs:
                self._lock.wait()
            self._idle -= 1
            return self._jobs.popleft()


def make_connector() -> Connector:
    """Return the best that this kernel offers."""
    try:
        return Ring()
    except OSError:
        return Workers()
