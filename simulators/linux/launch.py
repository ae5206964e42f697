"""Fork a process under the filter and hold it until the supervisor is ready.

INVARIANT: nothing here is called once a second thread exists: the child of a fork has only the
forking thread, and would wait for ever for a lock that another one held.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import signal
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from epm.errors import UnsupportedError
from simulators.linux import bpf, kernel, landlock
from simulators.linux.abi import (
    NR_SECCOMP,
    PR_SET_NO_NEW_PRIVS,
    SECCOMP_FILTER_FLAG_NEW_LISTENER,
    SECCOMP_SET_MODE_FILTER,
)

NOT_FOUND, NOT_EXECUTABLE = 127, 126
_GO = b"go"
_FAILURE = struct.Struct("=cI")
_NO_PRIVILEGES, _FILTER, _BELT, _EXEC = b"P", b"F", b"B", b"X"
_LISTENING = b"L"

_REASONS = {
    (_FILTER, errno.EBUSY): (
        "this process is supervised already: epm run cannot run inside epm run"
    ),
    (_FILTER, errno.EINVAL): (
        "seccomp user notification is refused (kernel before 5.14, or a sandbox such as gVisor)"
    ),
    (_FILTER, errno.ENOSYS): "the kernel has no seccomp, or a container forbids it",
    (_FILTER, errno.EPERM): "a container forbids seccomp filters",
    (_FILTER, errno.EACCES): "seccomp filters need no_new_privs, which was refused",
}
_STEPS = {
    _NO_PRIVILEGES: "no_new_privs",
    _FILTER: "the seccomp filter",
    _BELT: "the Landlock belt",
}


@dataclass(frozen=True, slots=True)
class Child:
    """A process that waits under the filter.

    Attributes:
        process: its process id.
        listener: descriptor that its notifications come from; the caller's to close.
        control: our end of the pair that holds it; the caller's to close.
    """

    process: int
    listener: int
    control: socket.socket

    def go(self) -> int:
        """Let it run; return 0, or the errno that its body failed with (exec: not found)."""
        self.release()
        return self.result()

    def release(self) -> None:
        """Let it run."""
        with contextlib.suppress(ConnectionError):
            self.control.send(_GO)

    def result(self) -> int:
        """Wait until its body succeeded or ended; return 0 or the errno it failed with."""
        try:
            message = self.control.recv(_FAILURE.size)
        except ConnectionError:
            return 0  # it was killed; its status says so
        return int(_FAILURE.unpack(message)[1]) if len(message) == _FAILURE.size else 0

    def kill(self) -> None:
        """End it before it ran."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.process, 0)


def fork(
    program: bytes, *, belt: bool, prepare: Callable[[], None], body: Callable[[], None]
) -> Child:
    """Fork a process that installs the filter, hands up its listener, and waits.

    Args:
        program: the filter, see :func:`simulators.linux.bpf.build`.
        belt: also forbid it TCP connects of its own by Landlock.
        prepare: runs first in the child, such as restoring its signals.
        body: runs in the child once :meth:`Child.go` was called; an OSError it raises is what
            ``go`` returns. The child ends when it returns.

    Raises:
        UnsupportedError: the kernel or container refuses; one clear reason.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = os.fork()
    if process == 0:
        ours.close()
        _child(theirs, program, belt, prepare, body)
    theirs.close()
    try:
        message, descriptors, _, _ = socket.recv_fds(ours, 16, 1)
    except OSError:
        message, descriptors = b"", []
    if message == _LISTENING and descriptors:
        os.set_inheritable(descriptors[0], False)
        return Child(process, descriptors[0], ours)
    ours.close()
    os.waitpid(process, 0)
    raise UnsupportedError(_reason(message))


def _reason(message: bytes) -> str:
    if len(message) != _FAILURE.size:
        return "the supervised process ended before it was ready"
    step, code = _FAILURE.unpack(message)
    general = f"{_STEPS.get(step, 'the start')} is refused: {os.strerror(code)}"
    return _REASONS.get((step, code), general)


def _child(
    control: socket.socket,
    program: bytes,
    belt: bool,
    prepare: Callable[[], None],
    body: Callable[[], None],
) -> None:
    """Become the supervised process; never return."""
    step = _NO_PRIVILEGES
    try:
        prepare()
        # Without it an unprivileged process may install no filter, and a setuid program
        # would gain its privileges under rules that its caller chose.
        kernel.prctl(PR_SET_NO_NEW_PRIVS, 1)
        if belt:
            step = _BELT
            landlock.forbid_tcp_connect()
        step = _FILTER
        listener = _install(program)
        socket.send_fds(control, [_LISTENING], [listener])
        os.close(listener)
        step = _EXEC
        if control.recv(len(_GO)) == _GO:
            body()
            os._exit(0)
    except OSError as error:
        code = error.errno or errno.EIO
        with contextlib.suppress(OSError):
            control.send(_FAILURE.pack(step, code))
        missing = code in (errno.ENOENT, errno.ENOTDIR)
        os._exit(NOT_FOUND if missing else NOT_EXECUTABLE)
    finally:
        os._exit(NOT_FOUND)  # whatever happened, the caller's code must not run twice


def _install(program: bytes) -> int:
    """Install the filter and return its listener. Raises OSError."""

    class Program(ctypes.Structure):
        """struct sock_fprog (linux/filter.h): number of instructions, where they are."""

        _fields_ = (("count", ctypes.c_ushort), ("code", ctypes.c_char_p))

    whole = Program(len(program) // bpf.INSTRUCTION_BYTES, program)
    return kernel.syscall(
        NR_SECCOMP[platform.machine()],
        SECCOMP_SET_MODE_FILTER,
        SECCOMP_FILTER_FLAG_NEW_LISTENER,
        ctypes.addressof(whole),
    )


def execute(command: Sequence[str]) -> Callable[[], None]:
    """Return a body that runs a command, found by PATH."""

    def body() -> None:
        os.execvp(command[0], list(command))  # noqa: S606  running it is the purpose

    return body
