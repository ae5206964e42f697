"""The exit programs of a scenario: which exist, where they are registered, asked in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from epm.events import ExitEvent, Job
from epm.model import Call, Server
from exitprograms.formats import FORMATS, block_of
from exitprograms.indicator import Answer, ExitPointCaller, Run, understood
from exitprograms.program import ExitProgram
from exitprograms.registry import Registry, add_exit_program, remove_exit_program

#: Under which name the program that decides by the rules is registered at all three points.
OUR_PROGRAM = "EPM/EPMSOCKET"
OUR_NUMBER = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One exit program, and what became of asking it about a call.

    Attributes:
        program: qualified name, with the number it is registered under.
        indicator: what it returned; ``None`` where it was not called, or raised.
        event: what the program that decides by the rules has recorded of it.
        why: why it was not called; ``None`` where it was.
    """

    program: str
    number: int
    call: Call
    indicator: str | None
    answer: Answer
    event: ExitEvent | None = None
    why: str | None = None


class _Existing:
    """One program that exists: the caller that honours its '9', and what it returned last."""

    def __init__(self, run: Run) -> None:
        self.indicator: str | None = None
        self.caller = ExitPointCaller(self._noted)
        self._run = run

    def _noted(self, format_name: str, block: bytes, job: Job, at: datetime) -> str:
        self.indicator = None
        self.indicator = self._run(format_name, block, job, at)
        return self.indicator


class Programs:
    """The registration table and the programs behind it."""

    def __init__(self, program: ExitProgram) -> None:
        """Register ``program`` at the three socket exit points."""
        self.registry = Registry()
        self._ours = program
        self._event: ExitEvent | None = None
        self._existing = {OUR_PROGRAM: _Existing(self._run_ours)}
        for server in Server:
            self.registry = add_exit_program(
                self.registry, server.exit_point, server.format_name, OUR_NUMBER, OUR_PROGRAM
            )

    def add(self, exit_point: str, number: int, program: str, answers: str | None) -> str:
        """Do ADDEXITPGM; with ``answers`` the program exists and always returns that.

        Returns:
            The program's qualified name.

        Raises:
            EpmError: what ADDEXITPGM refuses.
        """
        server = _server_of(exit_point)
        format_name = server.format_name if server else exit_point
        self.registry = add_exit_program(self.registry, exit_point, format_name, number, program)
        point = self.registry.point(exit_point, format_name)
        name = next(p.qualified for p in point.programs if p.number == number)
        if answers is not None:
            self._existing[name] = _Existing(lambda *_: answers)
        return name

    def remove(self, exit_point: str, number: int) -> None:
        """Do RMVEXITPGM.

        Raises:
            EpmError: what RMVEXITPGM refuses.
        """
        server = _server_of(exit_point)
        format_name = server.format_name if server else exit_point
        self.registry = remove_exit_program(self.registry, exit_point, format_name, number)

    def ended(self, number: int) -> None:
        """Forget the '9' answers that a process was given (assumption A10)."""
        for program in self._existing.values():
            program.caller.ended(number)

    def ask(self, call: Call, job: Job, at: datetime) -> Iterator[Asked]:
        """Yield the outcome of each registered program, lowest number first, to a rejection.

        That all of them are called, and that one rejection decides, is assumption A11.

        Args:
            call: the call without who and when: the exit data has neither.
            job: the job that makes it.
            at: the local time.
        """
        block, format_name = block_of(call), call.server.format_name
        whole = FORMATS[format_name].call_of(block, job, at)
        for entry in self.registry.programs_of(call.server):
            asked = Asked(entry.qualified, entry.number, whole, None, Answer.REJECTED)
            program = self._existing.get(entry.qualified)
            if program is None:
                # Assumption A8: what IBM i does is not known; here it fails closed.
                yield replace(asked, why="it does not exist")
                return
            if program.caller.is_pinned(format_name, job):
                why = "it answered '9' for this process before"
                yield replace(asked, answer=Answer.ALLOWED_FOR_PROCESS, why=why)
                continue
            self._event = None
            program.caller.allows(format_name, block, job, at)
            answer = understood(program.indicator) if program.indicator else Answer.REJECTED
            yield replace(asked, indicator=program.indicator, answer=answer, event=self._event)
            if answer is Answer.REJECTED:
                return

    def _run_ours(self, format_name: str, block: bytes, job: Job, at: datetime) -> str:
        indicator, self._event = self._ours.consult(format_name, block, job, at)
        return indicator


def _server_of(exit_point: str) -> Server | None:
    return next((s for s in Server if s.exit_point == exit_point.upper()), None)
