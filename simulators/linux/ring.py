"""A small io_uring that only connects: without blocking, and without touching the socket.

A connect() on the duplicate of a *blocking* socket would block the supervisor, and O_NONBLOCK
cannot be set because the target shares that flag. An io_uring request passes "do not wait" with
the request instead: on loopback it is complete when the submitting call returns, elsewhere its
completion makes the ring readable. So no thread is handed anything.

Source: linux/io_uring.h (structures, offsets), io_uring(7).
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import struct

from simulators.linux import kernel
from simulators.linux.abi import MAX_SOCKADDR, NR_IO_URING_ENTER, NR_IO_URING_SETUP

_ENTRIES = 64
_OP_CONNECT, _OP_ASYNC_CANCEL = 16, 14
_FEATURE_SINGLE_MMAP, _FEATURE_SUBMIT_STABLE = 1, 4
_OFFSET_RINGS, _OFFSET_ENTRIES = 0, 0x10000000
_ENTRY = struct.Struct("=BBHiQQIIQ24x")
"""struct io_uring_sqe: opcode, flags, ioprio, fd, offset, address, length, op flags, user data."""
_COMPLETION = struct.Struct("=QiI")
_WORD = struct.Struct("=I")
_CANCEL_MARK = 1 << 63
_WORD_MASK = 0xFFFFFFFF


class Ring:
    """Connects in flight, by a number of the caller's. Belongs to one thread."""

    keeps_timeouts = False

    def __init__(self) -> None:
        """Set the ring up.

        Raises:
            OSError: the kernel, its settings or a container do not offer io_uring.
        """
        parameters = ctypes.create_string_buffer(120)
        self.descriptor = kernel.syscall(NR_IO_URING_SETUP, _ENTRIES, ctypes.addressof(parameters))
        try:
            self._map(parameters.raw)
        except (OSError, ValueError):
            os.close(self.descriptor)
            raise
        self._address, self._at_address = kernel.buffer(MAX_SOCKADDR)
        self._enter = kernel.function(
            "syscall", ctypes.c_long, *(4 * (ctypes.c_uint,)), ctypes.c_void_p, ctypes.c_size_t
        )

    def _map(self, parameters: bytes) -> None:
        entries, completions, _, _, _, features = struct.unpack_from("=6I", parameters)
        if not features & _FEATURE_SINGLE_MMAP or not features & _FEATURE_SUBMIT_STABLE:
            raise OSError(errno.ENOSYS, "io_uring is too old")
        _, self._sq_tail, _, _, _, _, array = struct.unpack_from("=7I", parameters, 40)
        cq = struct.unpack_from("=6I", parameters, 80)
        self._cq_head, self._cq_tail, _, _, _, self._cq_entries = cq
        size = max(array + 4 * entries, self._cq_entries + _COMPLETION.size * completions)
        self._rings = mmap.mmap(self.descriptor, size, offset=_OFFSET_RINGS)
        self._request = mmap.mmap(self.descriptor, _ENTRY.size * entries, offset=_OFFSET_ENTRIES)
        self._cq_mask = completions - 1
        # A request is taken when it is submitted, and they are submitted one by one: so one
        # entry serves all, and both ends that are ours need not be read back.
        self._rings[array : array + 4 * entries] = bytes(4 * entries)
        self._submitted = self._word(self._sq_tail)
        self._seen = self._word(self._cq_head)

    def connect(self, number: int, descriptor: int, raw: bytes) -> int | None:
        """Begin to connect; return 0 or the errno if that is already known, else ``None``.

        Completions of others that came in meanwhile stay for :meth:`completed`.

        Args:
            number: names the connect when it completes later; below 2**63.
            descriptor: the socket; it may be closed at once.
            raw: the sockaddr.
        """
        self._address[: len(raw)] = raw
        self._submit(_OP_CONNECT, descriptor, len(raw), self._at_address, number)
        head = self._seen
        if self._word(self._cq_tail) != head + 1 & _WORD_MASK:
            return None
        found, result, _ = self._completion(head)
        if found != number:
            return None
        self._see(head + 1)
        return -result

    def cancel(self, number: int) -> None:
        """Stop waiting for a connect; the socket itself goes on, as after a signal."""
        self._submit(_OP_ASYNC_CANCEL, -1, 0, number, number | _CANCEL_MARK)

    def completed(self) -> list[tuple[int, int]]:
        """Return (number, 0 or errno) of what completed; cancelled ones among them."""
        done = []
        tail = self._word(self._cq_tail)
        while self._seen != tail:
            number, result, _ = self._completion(self._seen)
            if not number & _CANCEL_MARK:
                done.append((number, -result))
            self._see(self._seen + 1)
        return done

    def close(self) -> None:
        """Give everything back to the kernel."""
        self._rings.close()
        self._request.close()
        os.close(self.descriptor)

    def _submit(self, code: int, descriptor: int, offset: int, address: int, number: int) -> None:
        _ENTRY.pack_into(self._request, 0, code, 0, 0, descriptor, offset, address, 0, 0, number)
        self._submitted = self._submitted + 1 & _WORD_MASK
        _WORD.pack_into(self._rings, self._sq_tail, self._submitted)
        while self._enter(NR_IO_URING_ENTER, self.descriptor, 1, 0, 0, None, 0) < 0:
            error = kernel.get_errno()
            if error != errno.EINTR:
                raise kernel.fault(error)

    def _see(self, head: int) -> None:
        self._seen = head & _WORD_MASK
        _WORD.pack_into(self._rings, self._cq_head, self._seen)

    def _word(self, offset: int) -> int:
        return int(_WORD.unpack_from(self._rings, offset)[0])

    def _completion(self, position: int) -> tuple[int, int, int]:
        at = self._cq_entries + _COMPLETION.size * (position & self._cq_mask)
        number, result, flags = _COMPLETION.unpack_from(self._rings, at)
        return number, result, flags
