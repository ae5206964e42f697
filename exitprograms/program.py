"""The exit program: a block in, one character out, and the answer recorded before it is given.

What may go wrong, and what is answered then:

=====================================  =========================  ==============================
fault                                  answer                     recorded
=====================================  =========================  ==============================
unknown format                         reject                     told through ``warn``
malformed block                        reject                     event with offset and reason
error in the rules or the decider      by the fail mode           event with the error
the sink cannot record                 by the fail mode; a rule's told through ``warn``
                                       rejection stays one
=====================================  =========================  ==============================

With ``log_only`` nothing is ever blocked: the answer is '0', and events of rejections say that
they were not enforced.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from epm.errors import FormatError, one_line
from epm.evaluate import failed
from epm.events import ExitEvent, Job
from epm.model import Call, Decision, FailMode, Reason, Verdict
from epm.ports import Decider, DecisionSink
from exitprograms.formats import FORMATS, BlockFormat
from exitprograms.indicator import ALLOW, REJECT
from exitprograms.sinks import Warn, error_text, log_warning


class ExitProgram:
    """Answers for all three exit points. Immutable, so that threads share it.

    INVARIANT: :meth:`run` raises for no input, and no path allows in silence: an allowed call
    was decided so, or recorded as an error that the fail mode lets pass, or told to ``warn``.
    """

    def __init__(
        self,
        rules: Callable[[], Decider],
        sink: DecisionSink,
        *,
        log_only: bool = False,
        fail: FailMode | Callable[[], FailMode] = FailMode.CLOSED,
        warn: Warn = log_warning,
    ) -> None:
        """Make an exit program.

        Args:
            rules: gives the decider in force; asked once a call, so that no call ever mixes
                two versions of the rules.
            sink: records each answer of an activated server before it is given.
            log_only: decide and record, never block.
            fail: what an error inside the decision path answers; a callable, where the
                configuration may change while this runs.
            warn: told one line about each fault that leaves no event.
        """
        self._rules = rules
        self._sink = sink
        self._fail = fail
        self._warn = warn
        self.log_only = log_only

    def run(self, format_name: str, block: bytes, job: Job, at: datetime) -> str:
        """Answer one call.

        Args:
            format_name: ``ACPT0100``, ``CONN0100`` or ``LSTN0100``.
            block: as the format lays it out.
            job: the job that made the call, in which the exit program runs.
            at: the system's local time; one with an offset is converted.

        Returns:
            The return indicator, ``"0"`` or ``"1"``.
        """
        return self.consult(format_name, block, job, at)[0]

    def consult(
        self, format_name: str, block: bytes, job: Job, at: datetime
    ) -> tuple[str, ExitEvent | None]:
        """Answer one call as :meth:`run` does, and give the event that was recorded of it.

        The event is ``None`` where there is none: the server is not activated, or the format
        is not known.
        """
        try:
            form = FORMATS.get(format_name)
            if form is None:
                self._tell(f"exit point format {format_name!r} is not known: rejected")
                return (ALLOW if self.log_only else REJECT), None
            return self._answer(form, block, job, at)
        except Exception as error:  # noqa: BLE001 - the fail-closed boundary: nothing passes it
            self._tell(f"exit program for {format_name!r} failed: {error_text(error)}")
            return (ALLOW if self.log_only else REJECT), None

    def goes_on_unrecorded(self, error: Exception, what: str) -> bool:
        """Whether a call goes on although its entry could not be written; tells so anyhow.

        Adapters ask this when an SK entry fails, so that one fail mode rules everywhere.
        """
        goes_on = self.log_only or self._fail_mode() is FailMode.OPEN
        outcome = "the call goes on" if goes_on else "the call is rejected"
        self._tell(f"{what} could not be recorded, {outcome}: {error_text(error)}")
        return goes_on

    def _answer(
        self, form: BlockFormat, block: bytes, job: Job, at: datetime
    ) -> tuple[str, ExitEvent | None]:
        if at.tzinfo is not None:
            at = at.astimezone().replace(tzinfo=None)
        revision: int | None = None
        problem: str | None = None
        try:
            call = form.call_of(block, job, at)
        except FormatError as error:
            call = Call(
                form.server, user=job.user, groups=job.groups, job=job.name, pgm=job.program, at=at
            )
            decision, problem = failed(form.server, FailMode.CLOSED), f"{form.name} {error}"
        else:
            try:
                rules = self._rules()
                revision = rules.revision
                decision = rules.decide(call)
            except Exception as error:  # noqa: BLE001 - the fail-closed boundary of the contract
                decision = failed(form.server, self._fail_mode())
                problem = error_text(error)
        if decision.reason is Reason.NOT_ACTIVATED:
            return ALLOW, None
        return self._record(call, decision, job, revision, problem)

    def _record(
        self,
        call: Call,
        decision: Decision,
        job: Job,
        revision: int | None,
        problem: str | None,
    ) -> tuple[str, ExitEvent]:
        allowed = decision.verdict is Verdict.ALLOW
        event = ExitEvent(call, decision, job, revision, allowed or not self.log_only, problem)
        try:
            # INVARIANT: recorded before it is answered, so that a killed process loses nothing.
            self._sink.decided(event)
        except Exception as error:  # noqa: BLE001 - whatever a sink raises, the fail mode decides
            allowed = self.goes_on_unrecorded(error, f"a decision of {call.server}") and allowed
        return (ALLOW if allowed or self.log_only else REJECT), event

    def _fail_mode(self) -> FailMode:
        if isinstance(self._fail, FailMode):
            return self._fail
        try:
            return self._fail()
        except Exception:  # noqa: BLE001 - the fail-closed boundary: a mode nobody knows is closed
            return FailMode.CLOSED

    def _tell(self, text: str) -> None:
        with suppress(Exception):  # a broken hook must not change an answer
            self._warn(one_line(text))
