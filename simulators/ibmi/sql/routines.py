"""CALL: the procedures of the system, and programs that take no or character parameters.

Procedures: QSYS2.QCMDEXC, QSYS2.IFS_WRITE and IFS_WRITE_UTF8, QSYS2.SEND_DATA_QUEUE (and its UTF8
and BINARY forms), QSYS2.TCPIP_INFO, whose rows are its result set. Sources: IBM
documentation of the services.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from simulators.ibmi.ifs import normal
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.queues import queue_of, send
from simulators.ibmi.sql.cursor import Outcome, Rows
from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.naming import Catalogue
from simulators.ibmi.sql.procedures import Runner, call_procedure, find_procedure
from simulators.ibmi.sql.services import Service, whole
from simulators.ibmi.sql.services_system import TCPIP_INFO
from simulators.ibmi.sql.session import Session
from simulators.ibmi.sql.tables import qualified_name
from simulators.ibmi.sql.tokens import Kind, Token, matching, split
from simulators.ibmi.sql.types import declared
from simulators.ibmi.streams import write_stream

_Procedure = Callable[[JobState, Mapping[str, Any]], None]


def _qcmdexc(job: JobState, given: Mapping[str, Any]) -> None:
    text = str(given["COMMAND"])
    length = whole(given, "COMMAND_LENGTH")
    outcome = job.run(text if length is None else text[: max(length, 0)])
    if not outcome.ok:
        last = outcome.messages[-1]
        raise _Told(last.id, last.text)


class _Told(EscapeError):
    """An escape message whose text is known already."""

    def __init__(self, message_id: str, text: str) -> None:
        super().__init__("CPF9898", text)
        self.id = message_id


def _ifs_write(job: JobState, given: Mapping[str, Any]) -> None:
    """Write one line: append as the default, with the end of line that is asked for."""
    path = normal(str(given["PATH_NAME"]).strip())
    mode = str(given.get("OVERWRITE") or "APPEND").strip().upper()
    end = str(given.get("END_OF_LINE") or "CRLF").strip().upper()
    ends = {"CRLF": "\r\n", "CR": "\r", "LF": "\n", "LFCR": "\n\r", "NONE": ""}
    if mode not in ("APPEND", "REPLACE", "NONE") or end not in ends:
        raise EscapeError("CPD0084", f"{mode} {end}", "OVERWRITE")
    line = given.get("LINE")
    new = ("" if line is None else str(line) + ends[end]).encode()
    if mode == "NONE" and path in job.system.files.files:
        raise EscapeError("CPFA0A0", path)
    ccsid = whole(given, "FILE_CCSID") or 1208
    write_stream(job, path, new, appends=mode == "APPEND", ccsid=ccsid)


def _send(codec: str) -> _Procedure:
    """Return SEND_DATA_QUEUE for characters of one code page; bytes are sent as they are."""

    def run(job: JobState, given: Mapping[str, Any]) -> None:
        library = str(given.get("DATA_QUEUE_LIBRARY") or "*LIBL").strip().upper()
        name = str(given["DATA_QUEUE"]).strip().upper()
        data, key = (
            v if isinstance(v, bytes) else str(v).encode(codec, "replace")
            for v in (given["MESSAGE_DATA"], given.get("KEY_DATA") or b"")
        )
        _, queue = queue_of(job, library, name)
        send(job, library, name, data, key.ljust(queue.key_length, b"\x40"))

    return run


def _service(parameters: Sequence[str], required: Sequence[str]) -> Service:
    return Service((), lambda job, given: (), tuple(parameters), tuple(required))


_WRITE = ("PATH_NAME", "LINE", "FILE_CCSID", "OVERWRITE", "END_OF_LINE")
_SEND = ("MESSAGE_DATA", "DATA_QUEUE", "DATA_QUEUE_LIBRARY", "KEY_DATA")
PROCEDURES: Mapping[str, tuple[Service, _Procedure]] = {
    "QCMDEXC": (_service(("COMMAND", "COMMAND_LENGTH"), ("COMMAND",)), _qcmdexc),
    "IFS_WRITE": (_service(_WRITE, _WRITE[:1]), _ifs_write),
    "IFS_WRITE_UTF8": (_service(_WRITE, _WRITE[:1]), _ifs_write),
    "SEND_DATA_QUEUE": (_service(_SEND, _SEND[:2]), _send("cp037")),
    "SEND_DATA_QUEUE_UTF8": (_service(_SEND, _SEND[:2]), _send("utf-8")),
    "SEND_DATA_QUEUE_BINARY": (_service(_SEND, _SEND[:2]), _send("cp037")),
    "TCPIP_INFO": (TCPIP_INFO, lambda job, given: None),
}


def call(
    session: Session, tokens: list[Token], values: Sequence[str | None], run: Runner
) -> Outcome:
    """Run CALL; ``run`` runs the statements of an SQL procedure.

    Raises:
        SqlFailedError: -440 no such procedure, -443 it failed.
    """
    schema, name, at = qualified_name(tokens, 1)
    arguments = tokens[at + 1 : matching(tokens, at)] if at < len(tokens) else []
    given = iter(values)
    bound = [_bound(t, given) for t in arguments]
    own = find_procedure(session, schema, name)
    if own is not None:
        return call_procedure(session, own, list(_arguments(arguments, values)), run)
    found = PROCEDURES.get(name)
    if found is None or schema not in (None, "QSYS2", "QSYS"):
        raise failed(-440, "42884", name, schema or "*LIBL")
    service, action = found
    named = Catalogue(session).arguments(service, name, bound)
    try:
        with session.waiting():
            action(session.job, named)
    except EscapeError as error:
        raise failed(-443, "38501", name, f"{error.id}: {error}") from error
    if not service.columns:
        return Outcome(rowcount=0)
    names, types = zip(*service.columns, strict=True)
    rows = [list(row) for row in service.rows(session.job, named)]
    return Outcome(Rows(names, [declared(word) for word in types], rows), rowcount=0)


def _arguments(
    tokens: list[Token], values: Sequence[str | None]
) -> Iterator[tuple[Token, str | None]]:
    """Return each argument with its value: of a marker, or of a constant."""
    given = iter(values)
    for part in split(tokens):
        if len(part) == 1 and part[0].kind is Kind.MARKER:
            yield part[0], next(given, None)
        else:
            text = "".join(token.text for token in part)
            yield part[-1], None if part[-1].word == "NULL" else text


def _bound(token: Token, given: Any) -> Token:
    if token.kind is not Kind.MARKER:
        return token
    value = next(given, None)
    return Token(Kind.NAME, "NULL") if value is None else Token(Kind.STRING, value)
