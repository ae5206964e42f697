"""The socket calls of a scenario, as IBM i does them around their exit points.

Source: IBM documentation of the accept, connect and listen exit programs: when they are called,
and what a rejection does to each call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from epm.errors import CallError
from epm.events import Endpoint, Job, SocketEvent, SocketEventType
from epm.model import Call, Server
from epm.ports import SocketSink
from exitprograms.indicator import Answer
from exitprograms.program import ExitProgram
from simulators.scenario_programs import Programs
from simulators.scenario_result import Errno, Outcome, Talk
from simulators.scenario_steps import AcceptStep, Arrive, ConnectStep, ListenStep, format_endpoint
from simulators.scenario_system import Socket, System, unspecified


@dataclass(slots=True)
class OpenStep:
    """A step that is being done; becomes a result."""

    at: datetime
    does: str = ""
    job: Job | None = None
    outcome: Outcome = Outcome.DONE
    talk: list[Talk] = field(default_factory=list)
    function: str | None = None
    error: Errno | None = None

    def fails(self, function: str, error: Errno, outcome: Outcome = Outcome.FAILED) -> None:
        """End it with an error of a socket function."""
        self.function, self.error, self.outcome = function, error, outcome


class Calls:
    """listen(), connect() and accept() on the system in memory, each told to an open step."""

    def __init__(
        self, program: ExitProgram, programs: Programs, system: System, sockets: SocketSink
    ) -> None:
        """Take who is asked, the system, and who records SK entries."""
        self._program = program
        self._programs = programs
        self._system = system
        self._sockets = sockets

    def listen(self, step: ListenStep, now: OpenStep) -> None:
        """Bind a new socket and listen; EPERM after a rejection."""
        now.job = job = self._system.job(step.job)
        now.does = f"bind() and listen() on {format_endpoint(step.local)}, backlog {step.backlog}"
        made = self._bind(job, step.label, step.local, now)
        if made is None:
            return
        call = Call(
            Server.LISTEN,
            lcladdr=made.local.address,
            lclport=made.local.port,
            backlog=step.backlog,
        )
        if not self._allowed(call, job, now):
            self._system.close(made.label)
            now.fails("listen", Errno.EPERM, Outcome.REJECTED)
            return
        made.is_listening, made.backlog = True, step.backlog
        made.accept_eperm = step.accept_eperm
        now.outcome = Outcome.ALLOWED

    def _bind(self, job: Job, label: str | None, local: Endpoint, now: OpenStep) -> Socket | None:
        """Make and bind a socket; a port in use leaves a P entry and no socket."""
        made = self._system.open(job, label, unspecified(local))
        if self._system.is_in_use(local):
            event = SocketEvent(SocketEventType.PORT_UNAVAILABLE, job, local, None, made.descriptor)
            self._recorded(event, now)
            self._system.close(made.label)
            now.fails("bind", Errno.EADDRINUSE)
            return None
        made.local = self._system.bound(local)
        return made

    def connect(self, step: ConnectStep, now: OpenStep) -> None:
        """Connect a new socket, bound where asked for; EPERM after a rejection."""
        now.job = job = self._system.job(step.job)
        now.does = f"connect() to {format_endpoint(step.destination)}"
        if step.local is None:
            made = self._system.open(job, step.label, unspecified(step.destination))
        else:
            now.does += f" from {format_endpoint(step.local)}"
            bound = self._bind(job, step.label, step.local, now)
            if bound is None:
                return
            made = bound
        call = Call(
            Server.CONNECT,
            lcladdr=made.local.address,
            lclport=made.local.port,
            rmtaddr=step.destination.address,
            rmtport=step.destination.port,
        )
        if not self._allowed(call, job, now):
            self._system.close(made.label)
            now.fails("connect", Errno.EPERM, Outcome.REJECTED)
            return
        self._establish(step, made, now)

    def _establish(self, step: ConnectStep, made: Socket, now: OpenStep) -> None:
        """Let an allowed connect() reach its destination, or be refused there."""
        listener = self._system.listener_at(step.destination)
        refused = listener.is_full if listener else self._system.owns(step.destination.address)
        if step.refused or refused:
            self._system.close(made.label)
            now.fails("connect", Errno.ECONNREFUSED)
            return
        if step.local is None:
            source = Endpoint(self._system.source_of(step.destination), 0)
            made.local = self._system.bound(source)
        event = SocketEvent(
            SocketEventType.CONNECT, made.job, made.local, step.destination, made.descriptor
        )
        if not self._recorded(event, now):
            self._system.close(made.label)
            now.fails("connect", Errno.EPERM, Outcome.REJECTED)
            return
        now.outcome = Outcome.ALLOWED
        if listener:
            woken = self._queue(listener, made.local, step.destination, now)
            if woken is not None and woken.error is not None:
                now.talk.append(f"accept() of {listener.job.name} fails with {woken.error}")

    def arrive(self, step: Arrive, now: OpenStep) -> None:
        """Let a connection from elsewhere arrive at a listener, or be refused."""
        remote, to = format_endpoint(step.remote), format_endpoint(step.to)
        now.does = f"a connection arrives from {remote} at {to}"
        listener = self._system.listener_at(step.to)
        if listener is None or listener.is_full:
            why = "nobody listens there" if listener is None else "the listener's queue is full"
            now.talk.append(f"{why}: the peer is refused")
            now.outcome = Outcome.FAILED
            return
        woken = self._queue(listener, step.remote, step.to, now)
        if woken is not None:
            now.outcome, now.function, now.error = woken.outcome, woken.function, woken.error

    def _queue(
        self, listener: Socket, remote: Endpoint, local: Endpoint, now: OpenStep
    ) -> OpenStep | None:
        """Queue a connection; a job that is inside accept() goes on, which is returned."""
        listener.queue.append((remote, local))
        if not listener.is_waiting:
            now.talk.append(f"it waits in the queue of {listener.label}")
            return None
        now.talk.append(f"accept() of {listener.job.name} on {listener.label} goes on")
        woken = OpenStep(now.at)
        self._take(listener, woken)
        now.talk.extend(woken.talk)
        return woken

    def accept(self, step: AcceptStep, now: OpenStep) -> None:
        """Accept the first connection that is allowed; wait, or fail with EPERM."""
        listener = self._system.listener(step.label)
        now.job = listener.job
        now.does = f"accept() on {step.label}"
        if listener.is_waiting:
            raise CallError(f"accept() on {step.label} waits already")
        listener.next_label = step.connection
        self._take(listener, now)

    def _take(self, listener: Socket, now: OpenStep) -> None:
        """Go on with accept(): the first allowed connection of the queue, or wait."""
        listener.is_waiting = False
        while listener.queue:
            remote, incoming = listener.queue.popleft()
            if self._admitted(listener, remote, incoming, now):
                now.outcome = Outcome.ALLOWED
                return
            if listener.accept_eperm:
                now.talk.append(f"{format_endpoint(remote)} is dropped")
                now.fails("accept", Errno.EPERM, Outcome.REJECTED)
                return
            now.talk.append(f"{format_endpoint(remote)} is dropped silently")
        listener.is_waiting = True
        now.talk.append("accept() waits for the next connection")
        now.outcome = Outcome.WAITING

    def _admitted(
        self, listener: Socket, remote: Endpoint, incoming: Endpoint, now: OpenStep
    ) -> bool:
        call = Call(
            Server.ACCEPT,
            incoming.address,
            incoming.port,
            listener.local.address,
            listener.local.port,
            remote.address,
            remote.port,
        )
        if not self._allowed(call, listener.job, now):
            return False
        made = self._system.open(listener.job, listener.next_label, incoming)
        event = SocketEvent(SocketEventType.ACCEPT, made.job, incoming, remote, made.descriptor)
        if self._recorded(event, now):
            return True
        self._system.close(made.label)
        return False

    def _allowed(self, call: Call, job: Job, now: OpenStep) -> bool:
        """Ask the exit programs; whether none of them rejected."""
        asked = list(self._programs.ask(call, job, now.at))
        now.talk.extend(asked or [f"no exit program is registered at {call.server.exit_point}"])
        return all(a.answer is not Answer.REJECTED for a in asked)

    def _recorded(self, event: SocketEvent, now: OpenStep) -> bool:
        """Write an SK entry before the call returns; whether the call may go on."""
        try:
            self._sockets.socket_event(event)
        except Exception as error:  # noqa: BLE001 - whatever a sink raises, the fail mode decides
            now.talk.append(f"the SK {event.type} entry could not be recorded")
            return self._program.goes_on_unrecorded(error, f"an SK {event.type} entry")
        now.talk.append(event)
        return True
