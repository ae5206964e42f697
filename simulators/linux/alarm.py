"""Ends a system call that waits although it should not: a signal interrupts it (EINTR).

An accept on a blocking socket waits when its connection went to somebody else since we looked,
and O_NONBLOCK cannot be set because the target shares it. So a timer of the kernel runs during
the call. Its signal goes to the one thread, and has a handler that does nothing.

Source: timer_create(2), sigevent(3type); the layouts are those of 64-bit kernels.
"""

from __future__ import annotations

import contextlib
import ctypes
import platform
import signal
import struct
import threading

from simulators.linux import kernel
from simulators.linux.abi import NR_TIMER_CREATE

SIGNAL = signal.SIGRTMIN
_SECONDS = 0.02
_MONOTONIC = 1
_THREAD_ID = 4
_EVENT = struct.Struct("=QiiI44x")
"""struct sigevent: value, signal, how to notify, thread."""
_TIMES = struct.Struct("=4q")
"""struct itimerspec: seconds and nanoseconds of the interval, then of the first time."""


def prepare() -> None:
    """Let the signal interrupt and do nothing else; called in the main thread.

    It is never undone: one that comes late would end the process.
    """
    signal.signal(SIGNAL, _nothing)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {SIGNAL})


def interrupt(thread: threading.Thread) -> None:
    """End the call that a thread waits in. INVARIANT: after :func:`prepare`."""
    with contextlib.suppress(ProcessLookupError):
        if thread.ident is not None and thread.is_alive():
            signal.pthread_kill(thread.ident, SIGNAL)


def _nothing(_number: int, _frame: object) -> None:
    """Handle the signal: that it came has interrupted the call already."""


class Alarm:
    """A timer for calls of the thread that makes it, the main thread."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        """Make the timer, not running.

        Raises:
            OSError: the kernel has no timer to give.
        """
        prepare()
        create, self._nr_set, self._nr_delete = NR_TIMER_CREATE[platform.machine()]
        number = ctypes.c_int()
        event = _EVENT.pack(0, SIGNAL, _THREAD_ID, threading.get_native_id())
        kernel.syscall(create, _MONOTONIC, event, ctypes.addressof(number))
        self._number = number.value
        seconds_ns = round(seconds * 1e9)
        # Again and again: the first one may come before the call has begun.
        self._on = _TIMES.pack(0, seconds_ns, 0, seconds_ns)
        self._off = bytes(_TIMES.size)
        self._set = kernel.function(
            "syscall", ctypes.c_long, ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p
        )

    def arm(self) -> None:
        """Interrupt what this thread waits in, from a fiftieth of a second on."""
        self._set(self._nr_set, self._number, 0, self._on, None)

    def disarm(self) -> None:
        """Interrupt no more."""
        self._set(self._nr_set, self._number, 0, self._off, None)

    def close(self) -> None:
        """Give the timer back."""
        kernel.syscall(self._nr_delete, self._number)
