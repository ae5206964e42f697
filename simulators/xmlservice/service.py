"""XMLSERVICE over a simulated system: documents in, documents out.

:meth:`Service.answer` is the one entry that every transport shares: the HTTP endpoint, the
``xmlservice-cli`` of an SSH session, and the stored procedures.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import overload

from epm.errors import UnsupportedError
from simulators.xmlservice.calls import (
    Call,
    Document,
    batch_result,
    description,
    not_owner,
    owner_keys,
    refusal,
    trouble,
)
from simulators.xmlservice.context import Context
from simulators.xmlservice.control import Control, Timeout, parse_control
from simulators.xmlservice.failures import Code, Failures, Record
from simulators.xmlservice.host import Host, Job
from simulators.xmlservice.render import Output
from simulators.xmlservice.reports import (
    Route,
    batch_document,
    header_of,
    license_document,
    report,
    session_document,
)
from simulators.xmlservice.script import run_document
from simulators.xmlservice.sessions import Session, SessionLimitError, Sessions
from simulators.xmlservice.sqlstate import SqlState
from simulators.xmlservice.storedproc import DEFAULT_XMLOUT, to_records
from simulators.xmlservice.transcode import convert_in, convert_out, to_bytes, to_text

#: Characters of a request.
MAX_DOCUMENT = 16_000_000
#: What clients send where they have no key.
_NO_KEY = ("", "*na")


class Service:
    """The service over one host.

    Args:
        clock: monotonic seconds, for jobs that end when idle.
    """

    def __init__(self, host: Host, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._sessions = Sessions(host, clock)

    @property
    def host(self) -> Host:
        """The system behind the service."""
        return self._host

    @overload
    def answer(
        self, user: str, ipc: str, ctl: str, xmlin: str, xmlout: int = DEFAULT_XMLOUT
    ) -> str: ...
    @overload
    def answer(
        self, user: str, ipc: str, ctl: str, xmlin: bytes, xmlout: int = DEFAULT_XMLOUT
    ) -> bytes: ...
    def answer(
        self, user: str, ipc: str, ctl: str, xmlin: str | bytes, xmlout: int = DEFAULT_XMLOUT
    ) -> str | bytes:
        """Run a document for a user who has signed on; return the answer in the request's kind.

        Failures are documents too; nothing is raised.

        Args:
            user: user profile that the job runs under.
            ipc: key of a private job; ignored with ``*here``.
            ctl: control words.
            xmlin: the document, as text or bytes.
            xmlout: bytes that the answer may have; the rest is cut off.
        """
        self._sessions.sweep()
        control = parse_control(ctl)
        text = to_text(xmlin) if isinstance(xmlin, bytes) else xmlin
        answer = self._converted(user, ipc.strip(), control, text, xmlout)
        if isinstance(xmlin, bytes):
            return to_bytes(answer)[:xmlout]
        return answer.encode(errors="replace")[:xmlout].decode(errors="ignore")

    def close(self) -> None:
        """End every private job."""
        self._sessions.close()

    def _converted(self, user: str, ipc: str, control: Control, text: str, room: int) -> str:
        """Convert, answer, convert."""
        route = Route(ipc, control.here)
        try:
            document = convert_in(text[:MAX_DOCUMENT], control)
            if control.no_call:
                return convert_out(document, control)
            answer = self._guarded(user, route, control, document, room)
            if control.hack:
                answer = "".join(to_records(answer, hack=True))
            return convert_out(answer, control)
        except UnsupportedError as error:
            return refusal(header_of(text), route, Code.CONVERSION_FAILED, str(error))

    def _guarded(self, user: str, route: Route, control: Control, document: str, room: int) -> str:
        """Answer; whatever goes wrong inside becomes a report, as the real service answers."""
        header = header_of(document)
        try:
            return self._answer(Call(user, route, control, document, header, room))
        except SessionLimitError:
            return refusal(header, route, Code.IPC_NO_START, "no more jobs")
        except Exception as error:  # noqa: BLE001  whatever fails is an answer, never a traceback
            return trouble(header, route, error)

    def _answer(self, call: Call) -> str:
        control = call.control
        if control.just_transport:
            return ""
        if control.immediate:
            self._end_now(call)
            return ""
        if control.license:
            return license_document(call.header)
        if control.session:
            return session_document(call.header, call.route)
        if control.here:
            return self._stateless(call)
        if call.route.ipc.lower() in _NO_KEY:
            return refusal(call.header, call.route, Code.IPC_MISSING, "")
        return self._stateful(call)

    def _end_now(self, call: Call) -> None:
        """``*immed``: end the private job; work in it ends it when it is done."""
        session = None if call.control.here else self._sessions.find(call.route.ipc)
        if session is None or session.user != call.user:
            return
        if session.turn.acquire(blocking=False):
            try:
                self._sessions.end(session)
            finally:
                session.turn.release()
        else:
            self._sessions.forget(session)

    def _stateless(self, call: Call) -> str:
        if call.control.batch or call.control.get is not None:
            return batch_document(call.header, "full", 0)
        document = call.parse()
        job = self._host.start_job(call.user)
        sql = SqlState()
        try:
            return self._run(call, document, job, sql)
        finally:
            sql.free_all()
            job.end()

    def _stateful(self, call: Call) -> str:
        document = call.parse()
        control = call.control
        while True:
            if control.no_start and self._sessions.find(call.route.ipc) is None:
                return refusal(call.header, call.route, Code.IPC_NO_MEMORY, call.route.ipc)
            session = self._sessions.open(
                call.user, call.route.ipc, control, description(control, document)
            )
            if session.user != call.user:
                return refusal(call.header, call.route, Code.IPC_NO_MEMORY, "not authorized")
            if not self._sessions.take_turn(session, control.wait):
                return self._timed_out(call, session, control.wait)
            if not session.ended:
                return self._in_turn(call, document, session)
            session.turn.release()

    def _timed_out(self, call: Call, session: Session, timeout: Timeout) -> str:
        code = Code.IPC_BUSY
        if timeout.action == "kill":
            code = Code.IPC_KILLED
            self._sessions.forget(session)
        return refusal(call.header, call.route, code, "")

    def _in_turn(self, call: Call, document: Document, session: Session) -> str:
        """Answer with the turn held; whatever runs ends the turn when it is done."""
        try:
            given = owner_keys(document)
            refused = not_owner(session, given)
            if refused:
                self._sessions.give_turn(session)
                return refusal(call.header, call.route, Code.IPC_OWNED, refused)
            if call.control.get is not None:
                answer = batch_result(call, session)
                self._sessions.give_turn(session)
                return answer
        except BaseException:
            session.turn.release()
            raise
        session.idle = call.control.idle
        if call.control.batch:
            return self._batch(call, document, session)
        if call.control.call.seconds:
            return self._with_time_out(call, document, session, given)
        answers: list[str] = []
        self._work(call, document, session, given, answers.append)
        return answers[0]

    def _work(
        self,
        call: Call,
        document: Document,
        session: Session,
        given: Mapping[str, str],
        keep: Callable[[str], None],
    ) -> None:
        """Run a document in a session, hand over its answer and end the turn."""
        try:
            if "start" in given:
                session.owner = given["start"]
            keep(self._run(call, document, session.job, session.sql))
            if "stop" in given:
                session.owner = ""
        except Exception as error:  # noqa: BLE001  as in _guarded: this may be a thread's top
            keep(trouble(call.header, call.route, error))
        finally:
            if self._sessions.find(session.ipc) is not session:
                self._sessions.end(session)
            self._sessions.give_turn(session)

    def _batch(self, call: Call, document: Document, session: Session) -> str:
        slot = session.free_slot()
        if not slot:
            self._sessions.give_turn(session)
            return batch_document(call.header, "full", 0)
        session.results[slot] = None

        def keep(answer: str) -> None:
            session.results[slot] = answer

        _start("batch", lambda: self._work(call, document, session, {}, keep))
        return batch_document(call.header, "set", slot)

    def _with_time_out(
        self, call: Call, document: Document, session: Session, given: Mapping[str, str]
    ) -> str:
        """Run with ``*call(n)``: the client leaves after n seconds, the work goes on."""
        answers: list[str] = []
        worker = _start("call", lambda: self._work(call, document, session, given, answers.append))
        worker.join(call.control.call.seconds)
        return answers[0] if answers else self._timed_out(call, session, call.control.call)

    def _run(self, call: Call, document: Document, job: Job, sql: SqlState) -> str:
        control = call.control
        out = Output(call.room, cdata=control.cdata, escape=control.escape)
        failures = Failures()
        context = Context(job, out, failures, call.route, sql, self._sign_on, control.test)
        if isinstance(document, Record):
            failures.add(document)
        elif run_document(context, document):
            return out.text()
        # A script that stopped leaves no statement behind, whatever it was that failed.
        sql.free_all()
        return report(call.header, failures, job, call.route, partial=out.text())

    def _sign_on(self, user: str, password: str) -> Job:
        self._host.sign_on(user, password)
        return self._host.start_job(user)


def _start(name: str, work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name=f"xmlservice-{name}", daemon=True)
    thread.start()
    return thread
