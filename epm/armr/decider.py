"""ARMR socket rules as the decider of an exit program: calls in, decisions out.

A call of QSOCONNECT is up to two attempts: the client bind, where the socket was bound, and the
connect. A call of QSOLISTEN is the server bind, one of QSOACCEPT the accept of a peer. The
vendor's own agent sees the bind itself; here it is decided when its purpose is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from epm.armr.attempts import NO_CONTEXT, Attempt, RequestContext
from epm.armr.engine import SocketDecision, SocketEngine
from epm.armr.model import Operation
from epm.errors import CallError
from epm.evaluate import not_activated
from epm.model import (
    Call,
    Decision,
    FailMode,
    Reason,
    RuleName,
    Server,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class ArmrDecision(Decision):
    """A decision with what it was made of.

    Attributes:
        steps: the decisions of its attempts, in order; the last is the one that settled it.
    """

    steps: tuple[SocketDecision, ...] = ()


def _no_context() -> RequestContext:
    return NO_CONTEXT


def _no_stack() -> str | None:
    return None


class ArmrDecider:
    """Decides calls by one policy; fulfils :class:`epm.ports.Decider`. Immutable."""

    revision: int | None = None
    fail = FailMode.CLOSED

    def __init__(
        self,
        engine: SocketEngine,
        context: Callable[[], RequestContext] = _no_context,
        stack: Callable[[], str | None] = _no_stack,
    ) -> None:
        """Take the compiled policy.

        Args:
            engine: decides attempts.
            context: in the course of which request the call is made; asked once a call.
            stack: where in the program it is made; asked only for a rule that logs it.
        """
        self.engine = engine
        self._context = context
        self._stack = stack

    def decide(self, call: Call) -> Decision:
        """Decide one call. One that no rule matches is permitted and leaves no trace.

        Raises:
            CallError: the call lacks an address or port.
        """
        context = self._context()
        steps: list[SocketDecision] = []
        for attempt in attempts_of(call, context):
            step = self.engine.decide(attempt)
            if step.candidate is not None:
                steps.append(self._with_stack(step))
            if step.blocked:
                break
        return _decision(call.server, tuple(steps))

    def _with_stack(self, step: SocketDecision) -> SocketDecision:
        assert step.candidate is not None
        if not step.candidate.rule.reaction.stacktrace:
            return step
        attempt = step.attempt
        traced = Attempt(
            attempt.operation, attempt.address, attempt.port, attempt.context, self._stack()
        )
        return SocketDecision(traced, step.candidate)


def attempts_of(call: Call, context: RequestContext) -> Iterator[Attempt]:
    """Yield what a call attempts, in the order in which it happens.

    Raises:
        CallError: the call lacks an address or port.
    """
    local = _end(call, call.lcladdr, call.lclport)
    if call.server is Server.LISTEN:
        yield Attempt(Operation.BIND_SERVER, *local, context)
        return
    remote = _end(call, call.rmtaddr, call.rmtport)
    if call.server is Server.ACCEPT:
        yield Attempt(Operation.ACCEPT, *remote, context)
        return
    if local[1]:  # a socket that was never bound has no port before it is connected
        yield Attempt(Operation.BIND_CLIENT, *local, context)
    yield Attempt(Operation.CONNECT, *remote, context)


def _end(call: Call, address: int | None, port: int | None) -> tuple[int, int]:
    if address is None or port is None:
        raise CallError(f"the call of {call.server} lacks an address or a port")
    return address, port


def _decision(server: Server, steps: tuple[SocketDecision, ...]) -> Decision:
    if not steps:
        return not_activated(server)
    last = steps[-1]
    candidate = last.candidate
    assert candidate is not None
    return ArmrDecision(
        server,
        Verdict.REJECT if last.blocked else Verdict.ALLOW,
        Reason.RULE,
        RuleName(candidate.place + 1, candidate.rule.name),
        audit=any(s.candidate is not None and s.candidate.rule.reaction.is_logged for s in steps),
        message=False,
        capture=False,
        steps=steps,
    )
