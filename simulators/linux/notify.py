"""The seccomp listener: receive a notification, answer it, install a descriptor."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import struct

from simulators.linux import abi

_ID = struct.Struct("=Q")
_RECEIVE, _SEND = abi.SECCOMP_IOCTL_NOTIF_RECV, abi.SECCOMP_IOCTL_NOTIF_SEND
_ID_VALID, _ADDFD = abi.SECCOMP_IOCTL_NOTIF_ID_VALID, abi.SECCOMP_IOCTL_NOTIF_ADDFD

TARGET_GONE = frozenset({errno.ENOENT, errno.EINPROGRESS, errno.ESRCH})
"""What the kernel says when nobody waits for the answer: interrupted, or dead."""

Notification = tuple[int, int, int, int, int, int, int, int, int, int, int, int]
"""id, thread id, flags, call number, architecture, instruction pointer, six arguments."""


class Listener:
    """The supervisor's end of the filter. Belongs to one thread."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._buffer = bytearray(abi.NOTIFICATION.size)
        self._zeros = bytes(abi.NOTIFICATION.size)
        with contextlib.suppress(OSError):  # Linux 6.6: wake the waiting side on this CPU
            fcntl.ioctl(
                descriptor,
                abi.SECCOMP_IOCTL_NOTIF_SET_FLAGS,
                abi.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP,
            )

    def receive(self) -> Notification | None:
        """Return the next notification; ``None`` if its thread is gone meanwhile."""
        buffer = self._buffer
        buffer[:] = self._zeros  # the kernel refuses a buffer that is not zeroed
        try:
            fcntl.ioctl(self.descriptor, _RECEIVE, buffer)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINTR):
                return None
            raise
        return abi.NOTIFICATION.unpack(buffer)

    def is_valid(self, notification: int) -> bool:
        """Whether the thread still waits for the answer."""
        try:
            fcntl.ioctl(self.descriptor, _ID_VALID, _ID.pack(notification))
        except OSError:
            return False
        return True

    def answer(self, notification: int, error: int = 0, flags: int = 0) -> bool:
        """Let the call return 0, or fail with an errno; return whether somebody took it."""
        try:
            message = abi.RESPONSE.pack(notification, 0, -error, flags)
            fcntl.ioctl(self.descriptor, _SEND, message)
        except OSError:
            return False
        return True

    def let_kernel(self, notification: int) -> bool:
        """Let the kernel perform the call. INVARIANT: never for a socket that is judged."""
        return self.answer(notification, flags=abi.SECCOMP_USER_NOTIF_FLAG_CONTINUE)

    def install(self, notification: int, descriptor: int, flags: int) -> int:
        """Install our descriptor in the target and answer with its number, in one step.

        Args:
            notification: the accept that waits.
            descriptor: ours; it stays open here.
            flags: O_CLOEXEC or 0, for the target's.

        Returns:
            0, or the errno: one of TARGET_GONE, or EMFILE when its table is full (then the
            call still waits for an answer).
        """
        message = abi.ADD_DESCRIPTOR.pack(
            notification, abi.SECCOMP_ADDFD_FLAG_SEND, descriptor, 0, flags
        )
        try:
            fcntl.ioctl(self.descriptor, _ADDFD, message)
        except OSError as error:
            return error.errno or errno.EIO
        return 0
