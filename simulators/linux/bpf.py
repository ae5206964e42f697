"""The seccomp filter: which calls of the target are handed over, refused, or left alone.

Pure: :func:`build` returns bytes. Classic BPF over ``struct seccomp_data`` (number at offset 0,
architecture at 4, argument *n* at 16 + 8n).
"""

from __future__ import annotations

import errno
import struct

from simulators.linux.abi import (
    IPPROTO_MPTCP,
    MACHINES,
    MSG_FASTOPEN,
    NR_IO_URING_SETUP,
    SOCKETCALLS,
    X32_BIT,
    X86_64,
    Abi,
)

_LOAD, _RETURN = 0x20, 0x06
_IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT = 0x15, 0x35, 0x45
_MAX_SKIP = 255
INSTRUCTION_BYTES = 8
"""sizeof(struct sock_filter)."""

Program = list[bytes]


def _op(code: int, operand: int, skip_true: int = 0, skip_false: int = 0) -> bytes:
    """Return one struct sock_filter: code, jump if true, jump if false, operand."""
    return struct.pack("=HBBI", code, skip_true, skip_false, operand)


_ALLOW = _op(_RETURN, 0x7FFF0000)
_NOTIFY = _op(_RETURN, 0x7FC00000)
_KILL_PROCESS = _op(_RETURN, 0x80000000)
_LOAD_NUMBER = _op(_LOAD, 0)
_LOAD_ARCHITECTURE = _op(_LOAD, 4)


def _load_argument(index: int) -> bytes:
    """Load the low 32 bits of an argument (both machines are little-endian)."""
    return _op(_LOAD, 16 + 8 * index)


def _refuse(code: int) -> bytes:
    return _op(_RETURN, 0x00050000 | code)


def _when(test: int, operand: int, then: Program) -> Program:
    """Run ``then`` if the test on the loaded value holds, else go on behind it."""
    if len(then) > _MAX_SKIP:
        raise ValueError("a classic BPF jump skips at most 255 instructions")
    return [_op(test, operand, 0, len(then)), *then]


def _body(abi: Abi, allow_io_uring: bool, refuse_mptcp: bool) -> Program:
    """Return what runs for the programs of one architecture."""
    program = [_LOAD_NUMBER]
    if abi is X86_64:  # x32 shares its audit value; its calls have a bit of their own
        program += _when(_IF_AT_LEAST, X32_BIT, [_refuse(errno.ENOSYS)])
    for number in abi.calls:
        program += _when(_IF_EQUAL, number, [_NOTIFY])
    if not allow_io_uring:  # its requests never pass a seccomp filter
        program += _when(_IF_EQUAL, NR_IO_URING_SETUP, [_refuse(errno.ENOSYS)])
    for number, index in abi.sends.items():  # a send that would connect without connect()
        fast_open = _when(_IF_ANY_BIT, MSG_FASTOPEN, [_refuse(errno.EOPNOTSUPP)])
        program += _when(_IF_EQUAL, number, [_load_argument(index), *fast_open, _ALLOW])
    if refuse_mptcp:  # Landlock does not cover MPTCP; programs fall back to TCP
        mptcp = _when(_IF_EQUAL, IPPROTO_MPTCP, [_refuse(errno.EPROTONOSUPPORT)])
        program += _when(_IF_EQUAL, abi.socket, [_load_argument(2), *mptcp, _ALLOW])
    if abi.socketcall is not None:
        tests = [x for call in SOCKETCALLS for x in _when(_IF_EQUAL, call, [_NOTIFY])]
        program += _when(_IF_EQUAL, abi.socketcall, [_load_argument(0), *tests, _ALLOW])
    return program


def build(machine: str, *, allow_io_uring: bool, refuse_mptcp: bool) -> bytes:
    """Return the filter for a machine: struct sock_filter, 8 bytes each.

    Args:
        machine: as ``platform.machine()`` says.
        allow_io_uring: leave io_uring alone (its socket calls are then not decided).
        refuse_mptcp: refuse MPTCP sockets, which the Landlock belt would not hold.

    Raises:
        KeyError: the machine is not one of :data:`simulators.linux.abi.MACHINES`.
    """
    program = [_LOAD_ARCHITECTURE]
    for abi in MACHINES[machine]:
        body = _body(abi, allow_io_uring, refuse_mptcp)
        program += _when(_IF_EQUAL, abi.audit, [*body, _ALLOW])
    # A program of an unknown architecture could make calls under other numbers.
    return b"".join([*program, _KILL_PROCESS])
