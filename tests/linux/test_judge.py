"""What the exit program and the journal say becomes the answer; whatever fails rejects."""

from collections import Counter
from datetime import datetime

import pytest

from epm.errors import JournalError
from epm.events import Endpoint, Job, SocketEventType
from simulators.linux.judge import ON_CONNECT, ON_LISTEN, Judge, Warnings
from simulators.linux.options import RunOptions

JOB = Job("JOB", "USER", 1)
AT = datetime(2026, 11, 21, 10, 0)


class Sink:
    def __init__(self, error=None):
        self.error = error
        self.events = []

    def socket_event(self, event):
        if self.error is not None:
            raise self.error
        self.events.append(event)


@pytest.fixture
def judging():
    def make(indicator, *, log_only=False, sink=None):
        asked, told, counts = [], [], Counter()

        def exit_program(name, block, job, at):
            asked.append((name, block, job, at))
            if isinstance(indicator, Exception):
                raise indicator
            return indicator

        options = RunOptions(log_only=log_only)
        judge = Judge(options, exit_program, sink or Sink(), told.append, counts, lambda: AT)
        judge.asked, judge.told, judge.counts = asked, told, counts
        return judge

    return make


def test_the_exit_program_gets_format_block_job_and_time(judging):
    judge = judging("0")
    assert judge.allows(ON_CONNECT, b"block", JOB)
    assert judge.asked == [("CONN0100", b"block", JOB, AT)]
    assert judge.counts == {"connect-allowed": 1}


@pytest.mark.parametrize("indicator", ["1", "2", "", "00", None, 0, True])
def test_anything_but_0_and_9_rejects(judging, indicator):
    judge = judging(indicator)
    assert not judge.allows(ON_LISTEN, b"", JOB)
    assert judge.counts == {"listen-rejected": 1}


def test_9_exempts_the_process_from_that_exit_point_only(judging):
    judge = judging("9")
    assert judge.allows(ON_CONNECT, b"", JOB)
    assert judge.allows(ON_CONNECT, b"", JOB)
    assert len(judge.asked) == 1
    assert judge.allows(ON_LISTEN, b"", JOB)
    assert len(judge.asked) == 2
    assert judge.allows(ON_CONNECT, b"", Job("JOB", "USER", 2))
    assert len(judge.asked) == 3


def test_a_later_process_with_an_exempt_ones_number_is_asked_again(judging, monkeypatch):
    beginnings = iter(["100", "100", "200", "200", "200"])
    monkeypatch.setattr("simulators.linux.judge._beginning_of", lambda _: next(beginnings))
    judge = judging("9")
    for _ in range(4):  # pinned, exempt, asked anew and pinned, exempt
        assert judge.allows(ON_CONNECT, b"", JOB)
    assert len(judge.asked) == 2


def test_a_process_that_ended_at_once_exempts_nobody(judging):
    ended = Job("JOB", "USER", 2**22 + 1)  # above any number that Linux gives
    judge = judging("9")
    assert judge.allows(ON_CONNECT, b"", ended)
    assert judge.allows(ON_CONNECT, b"", ended)
    assert len(judge.asked) == 2


def test_an_exception_rejects_and_is_told(judging):
    judge = judging(ValueError("no\x1b[31m such thing"))
    assert not judge.allows(ON_CONNECT, b"", JOB)
    assert len(judge.told) == 1


def test_log_only_never_blocks_but_still_asks_and_counts_what_it_would_have_rejected(judging):
    for indicator in ("1", ValueError("broken")):
        judge = judging(indicator, log_only=True, sink=Sink(JournalError("full")))
        assert judge.allows(ON_CONNECT, b"", JOB)
        assert judge.counts == {"connect-would-be-rejected": 1}
        assert judge.recorded(SocketEventType.CONNECT, JOB, Endpoint(1, 2), None, 3)


def test_an_event_is_recorded_as_it_is(judging):
    sink = Sink()
    judge = judging("0", sink=sink)
    assert judge.recorded(SocketEventType.ACCEPT, JOB, Endpoint(1, 2), Endpoint(3, 4), 5)
    (event,) = sink.events
    assert (event.type, event.local, event.remote, event.descriptor, event.job) == (
        SocketEventType.ACCEPT, Endpoint(1, 2), Endpoint(3, 4), 5, JOB,
    )  # fmt: skip


@pytest.mark.parametrize("error", [JournalError("disk full"), RuntimeError("bug")])
def test_what_cannot_be_recorded_may_not_happen(judging, error):
    judge = judging("0", sink=Sink(error))
    assert not judge.recorded(SocketEventType.ACCEPT, JOB, Endpoint(1, 2), None, 5)
    assert judge.counts["not-journaled"] == 1


def test_the_same_warning_is_said_once_in_half_a_minute_on_one_line():
    now, said = [0.0], []
    warn = Warnings(said.append, lambda: now[0])
    warn("a\nb")
    warn("a\nb")
    warn("other")
    now[0] = 31.0
    warn("a\nb")
    assert said == ["a\\u000ab", "other", "a\\u000ab"]


def test_a_warning_that_cannot_be_told_changes_nothing(judging):
    def broken(_text):
        raise BrokenPipeError

    Warnings(broken, lambda: 0.0)("text")


def test_warnings_take_bounded_memory():
    said = []
    warn = Warnings(said.append, lambda: 0.0)
    for number in range(10_000):
        warn(str(number))
    assert len(warn._said) <= 256
