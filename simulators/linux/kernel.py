"""System calls that Python's library lacks, through ctypes, prepared once.

Every function object below has fixed argument types: that halves the price of a call. The ones
that fill a buffer live in classes that own it; such an object belongs to one thread.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import struct
from collections.abc import Callable
from typing import Any

from simulators.linux import abi

_libc = ctypes.CDLL(None, use_errno=True)
_quick = ctypes.PyDLL(None, use_errno=True)  # keeps the interpreter's lock
_int, _long, _size, _pointer = ctypes.c_int, ctypes.c_long, ctypes.c_size_t, ctypes.c_void_p

_RETURNS_LONG = frozenset({"syscall", "process_vm_writev"})

get_errno = ctypes.get_errno


def function(
    name: str, *types: type[ctypes._SimpleCData[Any]], may_wait: bool = False
) -> Callable[..., int]:
    """Return a libc function with fixed argument types; its result is a C int or long.

    Args:
        name: of the function.
        types: of its arguments.
        may_wait: let other threads run during the call. A call of a microsecond is better
            made without that: the lock may come back late.
    """
    prepared = (_libc if may_wait else _quick)[name]
    prepared.argtypes = types
    prepared.restype = _long if name in _RETURNS_LONG else _int
    return prepared


_pidfd_open = function("syscall", _long, _int, ctypes.c_uint)
_pidfd_getfd = function("syscall", _long, _int, _int, ctypes.c_uint)
_connect = function("connect", _int, ctypes.c_char_p, ctypes.c_uint, may_wait=True)
_accept4 = function("accept4", _int, _pointer, _pointer, _int)
_listen = function("listen", _int, _int)
_getsockname = function("getsockname", _int, _pointer, _pointer)
_getpeername = function("getpeername", _int, _pointer, _pointer)
_getsockopt = function("getsockopt", _int, _int, _int, _pointer, _pointer)
_writev = function("process_vm_writev", _int, _pointer, _size, _pointer, _size, _size)
_prctl = function("prctl", _int, *(4 * (ctypes.c_ulong,)))


def buffer(size: int) -> tuple[memoryview, int]:
    """Return memory that stays where it is, and its address."""
    memory = (ctypes.c_char * size)()
    return memoryview(memory).cast("B"), ctypes.addressof(memory)


def fault(code: int | None = None) -> OSError:
    """Return the OSError for ``code``, or for the last call that failed."""
    number = get_errno() if code is None else code
    return OSError(number, os.strerror(number))


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """Make any system call; slow, for what happens once.

    Raises:
        OSError: it failed.
    """
    full_width = (x if x is None or isinstance(x, bytes) else _long(x) for x in arguments)
    result = int(_libc.syscall(_long(number), *full_width))
    if result == -1:
        raise fault()
    return result


def prctl(option: int, value: int) -> None:
    """Set one property of the process.

    Raises:
        OSError: it failed.
    """
    if _prctl(option, value, 0, 0, 0) < 0:
        raise fault()


def pidfd_open(tid: int, flags: int) -> int:
    """Return a descriptor for a process, or with PIDFD_THREAD for a thread.

    Raises:
        OSError: ESRCH, or EINVAL where the kernel does not know the flag.
    """
    pidfd = _pidfd_open(abi.NR_PIDFD_OPEN, tid, flags)
    if pidfd < 0:
        raise fault()
    return pidfd


def pidfd_getfd(pidfd: int, number: int) -> int:
    """Return our duplicate of a target's descriptor, or -errno."""
    duplicate = _pidfd_getfd(abi.NR_PIDFD_GETFD, pidfd, number, 0)
    return duplicate if duplicate >= 0 else -get_errno()


def connect(descriptor: int, raw: bytes) -> int:
    """Connect to a sockaddr; return 0 or the errno."""
    return get_errno() if _connect(descriptor, raw, len(raw)) < 0 else 0


def disconnect(descriptor: int) -> None:
    """Take back a connection that must not be used: connect to AF_UNSPEC."""
    _connect(descriptor, bytes(16), 16)


def listen(descriptor: int, backlog: int) -> int:
    """Listen; return 0 or the errno."""
    return get_errno() if _listen(descriptor, backlog) < 0 else 0


class SocketCalls:
    """Calls on our duplicates that fill a buffer. Belongs to one thread."""

    def __init__(self) -> None:
        self._address, self._at_address = buffer(abi.MAX_SOCKADDR)
        self._value, self._at_value = buffer(16)
        self._integer = ctypes.c_int()
        self._at_integer = ctypes.addressof(self._integer)
        self._poll = select.poll()
        self._length = ctypes.c_uint()
        self._at_length = ctypes.addressof(self._length)

    def accept(self, descriptor: int, flags: int) -> tuple[int, bytes]:
        """Return the new descriptor and the peer's sockaddr; or -errno and nothing."""
        length = self._length
        length.value = abi.MAX_SOCKADDR
        new = _accept4(descriptor, self._at_address, self._at_length, flags)
        if new < 0:
            return -get_errno(), b""
        return new, self._address[: length.value].tobytes()

    def local_end(self, descriptor: int) -> bytes:
        """Return the sockaddr a socket is bound to.

        Raises:
            OSError: it is no socket.
        """
        length = self._length
        length.value = abi.MAX_SOCKADDR
        if _getsockname(descriptor, self._at_address, self._at_length) < 0:
            raise fault()
        return self._address[: length.value].tobytes()

    def is_connected(self, descriptor: int) -> bool:
        """Whether a socket has a peer."""
        self._length.value = abi.MAX_SOCKADDR
        return _getpeername(descriptor, self._at_address, self._at_length) == 0

    def option(self, descriptor: int, level: int, name: int, size: int = 4) -> bytes:
        """Return a socket option as it lies in memory, at most 16 bytes.

        Raises:
            OSError: ENOTSOCK, or the socket does not have it.
        """
        self._length.value = size
        if _getsockopt(descriptor, level, name, self._at_value, self._at_length) < 0:
            raise fault()
        return self._value[: self._length.value].tobytes()

    def number(self, descriptor: int, name: int) -> int:
        """Return an integer option at SOL_SOCKET.

        Raises:
            OSError: ENOTSOCK, or the socket does not have it.
        """
        self._length.value = 4
        if _getsockopt(descriptor, 1, name, self._at_integer, self._at_length) < 0:
            raise fault()
        return self._integer.value

    def timeout(self, descriptor: int, name: int) -> float | None:
        """Return SO_RCVTIMEO or SO_SNDTIMEO in seconds, ``None`` for no limit."""
        seconds, micros = struct.unpack("@ll", self.option(descriptor, 1, name, 16))
        return seconds + micros / 1e6 if seconds or micros else None

    def readable(self, descriptor: int) -> bool:
        """Whether a read, or an accept, would not wait; also true for an error."""
        poll = self._poll
        poll.register(descriptor, select.POLLIN)
        ready = poll.poll(0)
        poll.unregister(descriptor)
        return bool(ready)


class Memory:
    """Writes to the memory of target threads. Belongs to one thread.

    INVARIANT of every use: the notification was valid just before, for a thread's number may
    be reused once it ended.
    """

    _VECTORS = struct.Struct("@NNNNNN")

    def __init__(self) -> None:
        self._buffer, self._at_buffer = buffer(2 * abi.MAX_SOCKADDR)
        self._vectors, self._at_vectors = buffer(self._VECTORS.size)
        self._at_remote = self._at_vectors + struct.calcsize("@NN")

    def write(self, tid: int, address: int, data: bytes, then: int, more: bytes) -> None:
        """Write ``data``, then ``more`` at the address ``then``; page protection holds.

        Raises:
            OSError: EFAULT; ESRCH when the thread ended; EPERM.
        """
        room, rest = len(data), len(more)
        self._buffer[: room + rest] = data + more
        # A vector of length 0 is not looked at, as accept() does not look at it either.
        self._VECTORS.pack_into(
            self._vectors, 0, self._at_buffer, room + rest, address, room, then, rest
        )
        done = _writev(tid, self._at_vectors, 1, self._at_remote, 2, 0)
        if done != room + rest:
            raise fault(get_errno() if done < 0 else errno.EFAULT)
