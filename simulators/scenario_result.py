"""What the steps of a scenario come to, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from epm.calls import call_to_mapping, decision_to_mapping
from epm.events import Job, SocketEvent
from simulators.scenario_programs import Asked
from simulators.scenario_steps import Expect, format_endpoint


class Outcome(StrEnum):
    """What a step came to."""

    DONE = "done"
    ALLOWED = "allowed"
    REJECTED = "rejected"
    WAITING = "waiting"
    FAILED = "failed"


class Errno(StrEnum):
    """Errors of socket calls, by IBM's name."""

    EPERM = "EPERM"
    EADDRINUSE = "EADDRINUSE"
    ECONNREFUSED = "ECONNREFUSED"

    @property
    def message(self) -> str:
        """Identifier of its message, ``CPE`` and the errno value."""
        return f"CPE{self.number}"

    @property
    def number(self) -> int:
        """IBM i's errno value."""
        return _ERRNO[self][0]

    @property
    def text(self) -> str:
        """IBM i's text for it, as strerror() gives it."""
        return _ERRNO[self][1]


_ERRNO = {
    Errno.EPERM: (3027, "Operation not permitted."),
    Errno.EADDRINUSE: (3420, "Address already in use."),
    Errno.ECONNREFUSED: (3425, "A remote host refused an attempted connect operation."),
}

#: What happened in a step: an exit program asked, an SK entry written, or a remark.
Talk = Asked | SocketEvent | str


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step came to.

    Attributes:
        number: 1 for the first step of the script.
        does: the step in words; ``job`` is who does it.
        talk: what happened, in order.
        function: the socket function that ``error`` is of, such as ``listen``.
        met: whether the expectation was met; ``None`` where there was none.
    """

    number: int
    at: datetime
    does: str
    job: Job | None
    outcome: Outcome
    talk: tuple[Talk, ...] = ()
    function: str | None = None
    error: Errno | None = None
    expect: Expect | None = None
    met: bool | None = None

    def to_json(self) -> dict[str, object]:
        """Return the step as plain values, for JSON."""
        error, job = self.error, self.job
        return {
            "step": self.number,
            "at": self.at.isoformat(),
            "does": self.does,
            "job": None if job is None else f"{job.number:06}/{job.user}/{job.name}",
            "outcome": str(self.outcome),
            "error": None
            if error is None
            else {
                "function": self.function,
                "name": str(error),
                "errno": error.number,
                "text": error.text,
            },
            "talk": [_talk_json(talk) for talk in self.talk],
            "expect": None if self.expect is None else str(self.expect),
            "met": self.met,
        }


def _talk_json(talk: Talk) -> dict[str, object]:
    if isinstance(talk, Asked):
        event = talk.event
        return {
            "program": talk.program,
            "number": talk.number,
            "format": talk.call.server.format_name,
            "call": call_to_mapping(talk.call),
            "indicator": talk.indicator,
            "answer": str(talk.answer),
            "why": talk.why,
            "decision": None if event is None else decision_to_mapping(event.decision),
            "entry": None
            if event is None or not event.decision.is_logged
            else ("NA" if event.decision.allowed else "NR"),
            "enforced": event is None or event.enforced,
            "error": None if event is None else event.error,
        }
    if isinstance(talk, SocketEvent):
        return {
            "entry": "SK",
            "type": str(talk.type),
            "local": format_endpoint(talk.local),
            "remote": None if talk.remote is None else format_endpoint(talk.remote),
            "descriptor": talk.descriptor,
        }
    return {"note": talk}
