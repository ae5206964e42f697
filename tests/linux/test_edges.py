"""The odd ways to make a call give what they give natively."""

import json

import pytest

pytestmark = pytest.mark.real

CASES = [
    "bad_descriptors",
    "connect_addresses",
    "connect_v6_lengths",
    "bad_memory",
    "accept_buffers",
    "accept_flags",
    "accept_states",
    "accept_lowest_descriptor",
    "receive_timeout",
    "send_timeout",
    "connect_twice",
    "disconnect",
    "udp",
    "listen",
    "nonblocking_refused",
    "reset_before_accept",
    "table_full",
    "shutdown_wakes_accept",
    "close_by_another_thread",
    "linger_reset",
    "listen_again_at_once",
]


def results(text):
    return dict(json.loads(line) for line in text.splitlines())


@pytest.fixture(scope="module")
def both(tmp_path_factory, supervise_in):
    folder = tmp_path_factory.mktemp("edges")
    run = supervise_in(folder)
    outcome = run.python("edges.py")
    return results(run.natively("edges.py")), results(outcome.out), outcome


def test_no_case_is_forgotten(both):
    native, supervised, _ = both
    assert list(native) == CASES
    assert list(supervised) == CASES


@pytest.mark.parametrize("case", CASES)
def test_as_natively(both, case):
    native, supervised, _ = both
    assert supervised[case] == native[case]


def test_the_supervisor_had_nothing_to_complain_about(both):
    assert both[2].warnings == []
    assert both[2].counts.get("survived", 0) == 0


@pytest.mark.parametrize("config", [
    {"features": {"thread_pidfd": False, "pidfd_info": False}},
    {"features": {"thread_pidfd": True, "pidfd_info": False}},
    {"workers": True},
    {"options": {"landlock": False}},
], ids=["pidfd of processes", "credentials from /proc", "worker threads", "no belt"])  # fmt: skip
def test_older_kernels_ways_give_the_same(both, supervise, config):
    outcome = supervise.python("edges.py", **config)
    assert results(outcome.out) == both[0]
    assert outcome.warnings == []
