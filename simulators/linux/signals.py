"""Signals for the supervised program: those that we get are passed on, once.

Signals are read from a descriptor, so they never interrupt anything and it is known who sent
them: what the terminal sends (Ctrl-C) reaches the program itself and is not passed on.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
from collections.abc import Iterable
from pathlib import Path

from simulators.linux import kernel

FORWARDED = frozenset(
    {
        signal.SIGHUP,
        signal.SIGINT,
        signal.SIGQUIT,
        signal.SIGTERM,
        signal.SIGUSR1,
        signal.SIGUSR2,
    }
)
_WATCHED = FORWARDED | {signal.SIGCHLD}
_FROM_KERNEL = 0x80
_SIGINFO = struct.Struct("=Iii116x")  # struct signalfd_siginfo: signal, errno, code
_SIGSET_BYTES = 8
_signalfd = kernel.function("signalfd", ctypes.c_int, ctypes.c_char_p, ctypes.c_int)


class Signals:
    """Blocks the signals of the calling thread and reads them from a descriptor.

    Attributes:
        descriptor: readable when a signal is there.
    """

    def __init__(self) -> None:
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        mask = sum(1 << number - 1 for number in _WATCHED)
        # libc's sigset_t is larger than the kernel's; the rest is zero.
        self.descriptor = _signalfd(-1, mask.to_bytes(128, "little"), os.O_CLOEXEC | os.O_NONBLOCK)
        if self.descriptor < 0:
            error = kernel.fault()
            self.restore()
            raise error

    def restore(self) -> None:
        """Let the calling thread take signals as before; also the child's, before its exec."""
        signal.pthread_sigmask(signal.SIG_SETMASK, self._before)

    def close(self) -> None:
        """Close the descriptor and restore the thread's signals."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.restore()

    def read(self) -> list[int]:
        """Return the signals that somebody sent us on purpose; SIGCHLD is among them."""
        numbers: list[int] = []
        while True:
            try:
                data = os.read(self.descriptor, _SIGINFO.size)
            except BlockingIOError:
                return numbers
            number, _, code = _SIGINFO.unpack(data)
            if number == signal.SIGCHLD or code != _FROM_KERNEL:
                numbers.append(number)


def children() -> list[int]:
    """Return the process ids of our children, adopted ones included."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found


def send(number: int, processes: Iterable[int]) -> None:
    """Send a signal to processes of ours; one that ended meanwhile is left alone."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)
