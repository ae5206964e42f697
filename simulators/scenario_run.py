"""Socket scenarios: scripted lifecycles of listen, accept and connect through exit programs.

The script's steps happen on a small system in memory (:mod:`simulators.scenario_system`); each
call that has an exit point is laid out as its block, the registered exit programs are asked, and
the call ends as on IBM i: connect() and listen() fail with EPERM after a rejection; accept()
drops the peer and waits for the next, or fails with EPERM where SO_ACCEPTEPERM is set. A
successful accept or connect leaves an SK entry, a port in use a P entry, before it returns.

Deterministic: the clock is passed in, and read once a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from epm.addresses import format_address
from epm.errors import CallError, EpmError
from epm.events import Job
from epm.ports import SocketSink
from exitprograms.indicator import Answer
from exitprograms.program import ExitProgram
from simulators.scenario_calls import Calls, OpenStep
from simulators.scenario_parse import parse_step
from simulators.scenario_programs import Asked, Programs
from simulators.scenario_result import Errno, Outcome, StepResult
from simulators.scenario_steps import (
    AcceptStep,
    AddProgram,
    Arrive,
    CloseStep,
    ConnectStep,
    EndJob,
    Expect,
    ListenStep,
    OwnAddress,
    RemoveProgram,
    Say,
    StartJob,
    Step,
)
from simulators.scenario_system import System
from simulators.scenario_text import format_step

__all__ = ["Errno", "Outcome", "StepResult", "format_step", "run_scenario"]


def run_scenario(
    script: Sequence[Mapping[str, Any]],
    program: ExitProgram,
    sockets: SocketSink,
    clock: Callable[[], datetime],
) -> Iterator[StepResult]:
    """Yield the result of each step as it is done.

    Args:
        script: the steps, in the form of :mod:`simulators.scenario_parse`.
        program: decides; registered at all three exit points as ``EPM/EPMSOCKET``, number 10.
        sockets: records the SK entries.
        clock: the system's local time, read once a step.

    Raises:
        CallError: a step is malformed or makes no sense where it stands; the whole script is
            read before its first step is done.
    """
    steps: list[Step] = []
    for number, data in enumerate(script, start=1):
        try:
            steps.append(parse_step(data))
        except CallError as error:
            raise CallError(f"step {number}: {error}") from None
    run = _Run(program, sockets)
    for number, step in enumerate(steps, start=1):
        try:
            yield run.step(number, step, clock())
        except EpmError as error:
            raise CallError(f"step {number}: {error}") from None


class _Run:
    """One run of a script."""

    def __init__(self, program: ExitProgram, sockets: SocketSink) -> None:
        self._programs = Programs(program)
        self._system = System()
        self._calls = Calls(program, self._programs, self._system, sockets)

    def step(self, number: int, step: Step, at: datetime) -> StepResult:
        """Do one step."""
        now = OpenStep(at)
        self._do(step, now)
        expect: Expect | None = getattr(step, "expect", None)
        return StepResult(
            number,
            at,
            now.does,
            now.job,
            now.outcome,
            tuple(now.talk),
            now.function,
            now.error,
            expect,
            None if expect is None else _is_met(expect, now),
        )

    def _do(self, step: Step, now: OpenStep) -> None:
        match step:
            case Say():
                now.does = f"-- {step.text}"
            case OwnAddress():
                now.does = f"the system has address {format_address(step.address)}"
                self._system.add_address(step.address)
            case StartJob():
                self._start(step, now)
            case EndJob():
                now.does = "ends, and its sockets with it"
                now.job = self._system.end(step.name)
                self._programs.ended(now.job.number)
            case AddProgram():
                name = self._programs.add(step.exit_point, step.number, step.program, step.answers)
                now.does = f"ADDEXITPGM {step.exit_point} number {step.number} program {name}"
            case RemoveProgram():
                self._programs.remove(step.exit_point, step.number)
                now.does = f"RMVEXITPGM {step.exit_point} number {step.number}"
            case ListenStep():
                self._calls.listen(step, now)
            case Arrive():
                self._calls.arrive(step, now)
            case AcceptStep():
                self._calls.accept(step, now)
            case ConnectStep():
                self._calls.connect(step, now)
            case CloseStep():
                now.does = f"close() of {step.label}"
                now.job = self._system.close(step.label).job

    def _start(self, step: StartJob, now: OpenStep) -> None:
        number = self._system.free_job_number() if step.number is None else step.number
        now.job = Job(step.name, step.user, number, step.program, step.groups)
        now.does = f"starts as {number:06}/{step.user}/{step.name}"
        self._system.start(now.job)


def _is_met(expect: Expect, now: OpenStep) -> bool:
    """Whether a step came to what was expected; a silently dropped peer is a rejection."""
    match expect:
        case Expect.ALLOW:
            return now.outcome is Outcome.ALLOWED
        case Expect.REJECT:
            dropped = any(isinstance(t, Asked) and t.answer is Answer.REJECTED for t in now.talk)
            return now.outcome is Outcome.REJECTED or (now.outcome is Outcome.WAITING and dropped)
        case Expect.WAIT:
            return now.outcome is Outcome.WAITING
        case Expect.FAIL:
            return now.outcome is Outcome.FAILED
