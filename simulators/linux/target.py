"""Who makes a call: the identity of target threads, pinned so that no reused number misleads.

For each calling thread four descriptors are kept: a pidfd, its directory under /proc, its
process's command name, and its memory. None of them follows a number that was given to another
thread.
"""

from __future__ import annotations

import contextlib
import errno
import os

from epm.events import Job
from simulators.linux import abi, kernel
from simulators.linux.accounts import Accounts
from simulators.linux.identity import Features, Status, credentials, effective, parse_status

_RENEW_SECONDS = 1.0
_COMM_BYTES = 64
_DELETED = b" (deleted)"
_STATUS_BYTES = 65536


class TargetThread:
    """One thread that made a call.

    Attributes:
        tid: its number.
        pidfd: readable once it ended; -1 once it was let go of.
        process: number of its process.
        is_confirmed: whether its notification was still valid after it was pinned; only then
            is it certain that its number was not another thread's meanwhile.
    """

    __slots__ = (
        "_accounts", "_comm", "_features", "_generation", "_info", "_job", "_memory", "_name",
        "_proc", "_program", "_until", "is_confirmed", "pidfd", "process", "tid",
    )  # fmt: skip

    def __init__(self, tid: int, accounts: Accounts, features: Features) -> None:
        """Pin the thread.

        Raises:
            OSError: it ended, or it may not be looked at.
        """
        self.tid = tid
        self.is_confirmed = False
        self._accounts = accounts
        self._features = features
        self._job: Job | None = None
        self._info = self._name = self._program = b""
        self._generation = 0
        self._until = 0.0
        self._memory = -1
        with contextlib.ExitStack() as undo:
            self._proc = os.open(f"/proc/{tid}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            undo.callback(os.close, self._proc)
            self.process = self._status().tgid
            # The command name of a call is its process's: runtimes name their threads.
            self._comm = os.open(f"/proc/{self.process}/comm", os.O_RDONLY | os.O_CLOEXEC)
            undo.callback(os.close, self._comm)
            if features.thread_pidfd:
                self.pidfd = kernel.pidfd_open(tid, abi.PIDFD_THREAD)
            else:
                self.pidfd = kernel.pidfd_open(self.process, 0)
            undo.pop_all()

    def close(self) -> None:
        """Let go of the thread."""
        self._forget_space()
        for descriptor in (self._proc, self._comm, self.pidfd):
            os.close(descriptor)
        self._proc = self._comm = self.pidfd = -1  # a late use must not hit another's number

    def duplicate(self, number: int) -> int:
        """Return our duplicate of one of its descriptors, or -errno (ESRCH: it ended)."""
        if not self._features.thread_pidfd:
            try:
                self._status()
            except OSError:
                return -errno.ESRCH
        return kernel.pidfd_getfd(self.pidfd, number)

    def inode(self, number: int) -> int | None:
        """Return what tells one of its sockets from all others, ``None`` when it is gone."""
        duplicate = self.duplicate(number)
        if duplicate < 0:
            return None
        try:
            return os.fstat(duplicate).st_ino
        finally:
            os.close(duplicate)

    def read(self, address: int, length: int) -> bytes:
        """Return ``length`` bytes of its memory.

        Raises:
            OSError: EFAULT; ESRCH when it ended; EPERM.
        """
        if not length:
            return b""
        for _ in range(2):
            if self._memory < 0:
                self._open_space()
            try:
                data = os.pread(self._memory, length, address)
            except (OSError, OverflowError):  # EIO where nothing is mapped
                break
            if len(data) == length:
                return data
            if data:
                break
            self._forget_space()
        raise kernel.fault(errno.EFAULT)

    def _open_space(self) -> None:
        """Open its memory; what is known of it is older, and no longer counts."""
        self._until = 0.0
        self._memory = os.open("mem", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)

    def _forget_space(self) -> None:
        if self._memory >= 0:
            os.close(self._memory)
            self._memory = -1

    def job(self, now: float, *, just_read: bool) -> Job:
        """Return who the thread is at this moment.

        Command name, effective user and group are read anew each time, and so is the program
        unless its memory was just read: that descriptor belongs to the address space it had
        when the program was read, and yields nothing after an exec. (An address space shared
        with another process outlives the exec, as with a vfork; so both are renewed each
        second.) Supplementary groups are read anew when one of the others changed, and each
        second.

        Args:
            now: monotonic seconds.
            just_read: whether :meth:`read` succeeded since the thread made its call.

        Raises:
            OSError: it ended.
        """
        info = credentials(self.pidfd) if self._features.pidfd_info else self._status_key()
        name = os.pread(self._comm, _COMM_BYTES, 0)
        if (
            now < self._until
            and info == self._info
            and name == self._name
            and self._generation == self._accounts.generation
            and (just_read or self._program_now() == self._program)
            and self._job is not None
        ):
            return self._job
        # INVARIANT: the program is read after the memory was opened, so that memory which can
        # still be read means that the program is still the same.
        self._forget_space()
        self._open_space()
        self._info, self._name, self._program = info, name, self._program_now()
        self._generation = self._accounts.generation
        self._until = now + _RENEW_SECONDS
        self._job = self._make_job(self._status())
        return self._job

    def _program_now(self) -> bytes:
        try:
            return os.readlink(b"exe", dir_fd=self._proc)
        except OSError:
            return b""

    def _path(self) -> bytes:
        """Return the program's path without the kernel's remark that it was deleted.

        A file may be named like that too. So the remark is taken off only where the program
        has no name left at all; deleted under one of several names, it keeps the remark.
        """
        if self._program.endswith(_DELETED):
            with contextlib.suppress(OSError):
                if not os.stat(b"exe", dir_fd=self._proc).st_nlink:
                    return self._program.removesuffix(_DELETED)
        return self._program

    def _status_key(self) -> bytes:
        """Return credentials from the status text, where pidfds do not tell them."""
        return repr(self._status()).encode()

    def _make_job(self, status: Status) -> Job:
        names = self._accounts
        euid, egid = status.euid, status.egid
        if self._features.pidfd_info:
            euid, egid = effective(self._info)
        numbers = dict.fromkeys((egid, *status.groups))
        path = self._path().decode("utf-8", "replace")
        return Job(
            name=self._name.decode("utf-8", "replace").removesuffix("\n"),
            user=names.user(euid),
            number=self.process,
            program=path or None,
            groups=tuple(names.group(number) for number in numbers),
        )

    def _status(self) -> Status:
        descriptor = os.open("status", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)
        try:
            return parse_status(os.read(descriptor, _STATUS_BYTES))
        finally:
            os.close(descriptor)
