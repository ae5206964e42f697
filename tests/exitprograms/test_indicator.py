"""The return indicator and the caller's side of an exit point."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epm.events import Job
from exitprograms.indicator import Answer, ExitPointCaller, understood

AT = datetime(2026, 11, 21)
JOB, OTHER = Job("A", "U", 1), Job("A", "U", 2)


class Program:
    def __init__(self, answer):
        self.answer = answer
        self.asked = 0

    def __call__(self, format_name, block, job, at):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def asked(program, jobs, format_name="CONN0100"):
    caller = ExitPointCaller(program)
    return [caller.allows(format_name, b"", job, AT) for job in jobs]


@pytest.mark.parametrize(
    ("indicator", "answer"),
    [
        ("0", Answer.ALLOWED),
        ("1", Answer.REJECTED),
        ("9", Answer.ALLOWED_FOR_PROCESS),
    ],
)
def test_0_allows_1_rejects_9_allows_for_the_process(indicator, answer):
    assert understood(indicator) is answer


@given(st.text().filter(lambda t: t not in ("0", "1", "9")))
def test_anything_else_rejects(indicator):
    assert understood(indicator) is Answer.REJECTED


def test_0_and_1_are_asked_each_time():
    program = Program("0")
    assert asked(program, [JOB, JOB]) == [True, True]
    assert program.asked == 2
    assert asked(Program("1"), [JOB]) == [False]


def test_after_9_the_process_is_not_asked_again_and_others_are():
    program = Program("9")
    assert asked(program, [JOB, JOB, JOB, OTHER]) == [True] * 4
    assert program.asked == 2


def test_9_holds_for_its_own_exit_point_only():
    program = Program("9")
    caller = ExitPointCaller(program)
    caller.allows("CONN0100", b"", JOB, AT)
    program.answer = "1"
    assert caller.allows("LSTN0100", b"", JOB, AT) is False
    assert caller.allows("CONN0100", b"", JOB, AT) is True


def test_a_process_that_ended_is_asked_again():
    program = Program("9")
    caller = ExitPointCaller(program)
    caller.allows("CONN0100", b"", JOB, AT)
    assert caller.is_pinned("CONN0100", JOB)
    caller.ended(JOB.number)
    program.answer = "1"
    assert caller.allows("CONN0100", b"", JOB, AT) is False


def test_an_exception_of_the_program_rejects():
    assert asked(Program(RuntimeError("unhandled")), [JOB]) == [False]


def test_what_is_remembered_is_bounded_and_the_rest_is_asked_each_time(monkeypatch):
    monkeypatch.setattr(ExitPointCaller, "MAX_PINNED", 1)
    program = Program("9")
    assert asked(program, [JOB, OTHER, OTHER, JOB]) == [True] * 4
    assert program.asked == 3
