"""The filter, run by an interpreter of classic BPF: which call gets which answer."""

import errno
import struct

import pytest

from simulators.linux import bpf
from simulators.linux.abi import AARCH64, I386, X86_64

ALLOW, NOTIFY, KILL = "allow", "notify", "kill"
ANSWERS = {0x7FFF: ALLOW, 0x7FC0: NOTIFY, 0x8000: KILL}
FASTOPEN = 0x20000000


def answer(program, arch, number, *arguments):
    """Run a filter over one call; return its answer, for a refusal the errno's name."""
    words = [0] * 6
    words[: len(arguments)] = arguments
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, arch, 0, *words)
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    at, value = 0, 0
    while True:
        code, if_true, if_false, operand = steps[at]
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif code == 0x06:
            high, low = operand >> 16, operand & 0xFFFF
            return errno.errorcode[low] if high == 5 else ANSWERS[high]
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: value & operand}[code]
            at += if_true if holds else if_false


@pytest.fixture
def filtered():
    def build(machine="x86_64", allow_io_uring=False, refuse_mptcp=True):
        return bpf.build(machine, allow_io_uring=allow_io_uring, refuse_mptcp=refuse_mptcp)

    return build


@pytest.mark.parametrize(("arch", "numbers"), [
    (X86_64.audit, [42, 43, 50, 288]), (I386.audit, [362, 363, 364]),
])  # fmt: skip
def test_connect_accept_and_listen_are_handed_over(filtered, arch, numbers):
    assert {answer(filtered(), arch, n) for n in numbers} == {NOTIFY}


def test_on_arm_too(filtered):
    program = filtered("aarch64")
    assert {answer(program, AARCH64.audit, n) for n in (201, 202, 203, 242)} == {NOTIFY}
    assert answer(program, X86_64.audit, 42) == KILL


@pytest.mark.parametrize("call", [3, 4, 5, 18])
def test_socketcall_is_handed_over_by_what_it_asks(filtered, call):
    assert answer(filtered(), I386.audit, 102, call) == NOTIFY


@pytest.mark.parametrize("call", [1, 2, 6, 9, 11, 16])
def test_other_socketcalls_are_left_alone(filtered, call):
    assert answer(filtered(), I386.audit, 102, call) == ALLOW


def test_all_else_is_left_alone(filtered):
    handled = {42, 43, 50, 288, 425, 44, 46, 307, 41}
    answers = {answer(filtered(), X86_64.audit, n, 1, 1, 6) for n in set(range(470)) - handled}
    assert answers == {ALLOW}


@pytest.mark.parametrize(("arch", "number", "index"), [
    (X86_64.audit, 44, 3), (X86_64.audit, 46, 2), (X86_64.audit, 307, 3),
    (I386.audit, 369, 3), (I386.audit, 370, 2), (I386.audit, 345, 3),
])  # fmt: skip
def test_fast_open_is_refused_and_plain_sends_pass(filtered, arch, number, index):
    flags = [0, 0, 0, 0]
    assert answer(filtered(), arch, number, *flags) == ALLOW
    flags[index] = FASTOPEN | 0x4000
    assert answer(filtered(), arch, number, *flags) in ("EOPNOTSUPP", "ENOTSUP")


def test_io_uring_is_refused_unless_it_is_to_be_left_alone(filtered):
    for arch in (X86_64.audit, I386.audit):
        assert answer(filtered(), arch, 425) == "ENOSYS"
        assert answer(filtered(allow_io_uring=True), arch, 425) == ALLOW


def test_mptcp_is_refused_with_the_belt_only(filtered):
    for arch, number in ((X86_64.audit, 41), (I386.audit, 359)):
        assert answer(filtered(), arch, number, 2, 1, 262) == "EPROTONOSUPPORT"
        assert answer(filtered(refuse_mptcp=False), arch, number, 2, 1, 262) == ALLOW
        assert answer(filtered(), arch, number, 2, 1, 6) == ALLOW


def test_x32_calls_do_not_exist(filtered):
    assert answer(filtered(), X86_64.audit, 0x40000000 | 42) == "ENOSYS"
    assert answer(filtered(), X86_64.audit, 0x40000000) == "ENOSYS"


def test_an_unknown_architecture_ends_the_process(filtered):
    assert answer(filtered(), 0x12345678, 0) == KILL


def test_every_filter_is_short_enough_for_the_kernel(filtered):
    for machine in ("x86_64", "aarch64"):
        assert len(filtered(machine)) // 8 < 200


def test_an_unknown_machine_has_none(filtered):
    with pytest.raises(KeyError):
        filtered("vax")
