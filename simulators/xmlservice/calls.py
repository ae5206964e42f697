"""One request on its way through the service, and the reports of those that reach no job."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from epm.errors import EpmError, FormatError
from simulators.xmlservice.control import Control
from simulators.xmlservice.document import Element, Part, parse
from simulators.xmlservice.failures import HINT_LENGTH, Code, Failures, Record
from simulators.xmlservice.host import SignOnError
from simulators.xmlservice.reports import Route, batch_document, report
from simulators.xmlservice.script import find_all
from simulators.xmlservice.sessions import Session
from simulators.xmlservice.transcode import to_bytes

_OWNERS = frozenset(("start", "use", "stop"))
_SUBMIT = frozenset(("sbmjob",))
_KEYWORD = re.compile(r"\b(JOBD|JOB)\(([^()]{1,60})\)", re.IGNORECASE)


Document = Sequence[Part] | Record


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way.

    Attributes:
        header: the declaration that the answer repeats.
        room: bytes that the answer may have.
    """

    user: str
    route: Route
    control: Control
    document: str
    header: str
    room: int

    def parse(self) -> Document:
        """Return the document's parts, or why it cannot be run."""
        try:
            parts = parse(self.document)
        except FormatError as error:
            return Record(Code.PARSE_FAILED, str(error)[:HINT_LENGTH])
        if not any(isinstance(part, Element) for part in parts):
            return Record(Code.SCAN_FAILED, "xml run")
        return parts


def trouble(header: str, route: Route, error: Exception) -> str:
    """Return a report of something that no element of the document accounts for."""
    if isinstance(error, SignOnError):
        return refusal(header, route, Code.IPC_NO_START, str(error))
    # The text of an error that is not ours may hold anything; its kind is enough.
    hint = str(error) if isinstance(error, EpmError) else type(error).__name__
    return refusal(header, route, Code.SCAN_FAILED, hint)


def refusal(header: str, route: Route, code: Code, hint: str) -> str:
    """Return a report of a request that reached no job."""
    failures = Failures()
    failures.add_code(code, hint)
    failures.add_code(Code.CLIENT_CALL_FAILED)
    return report(header, failures, None, route)


def description(control: Control, document: Document) -> str | None:
    """Return ``LIB/JOBD/JOB`` of ``*sbmjob`` or of a ``<sbmjob>`` command."""
    if not control.submit:
        return None
    for element in _found(document, _SUBMIT):
        words = {match[1].upper(): match[2].strip() for match in _KEYWORD.finditer(element.text)}
        if words:
            return f"{words.get('JOBD', 'QSYS/QSRVJOB')}/{words.get('JOB', 'XTOOLKIT')}"
    return control.description


def owner_keys(document: Document) -> dict[str, str]:
    """Return the keys of ``<start>``, ``<use>`` and ``<stop>``."""
    return {element.name: element.text.strip() for element in _found(document, _OWNERS)}


def _found(document: Document, names: frozenset[str]) -> list[Element]:
    return [] if isinstance(document, Record) else find_all(document, names)


def not_owner(session: Session, given: dict[str, str]) -> str:
    """Return why a request may not use a reserved session; empty when it may."""
    if not session.owner or session.owner in given.values():
        return ""
    return "reserved by another key"


def batch_result(call: Call, session: Session) -> str:
    """``*get``: the result of a slot, or of any that is done."""
    wanted = call.control.get or next(
        (slot for slot, result in session.results.items() if result is not None), 0
    )
    result = session.results.get(wanted)
    if result is None:
        return batch_document(call.header, "done", wanted)
    if len(to_bytes(result)) > call.room:
        return batch_document(call.header, "small", wanted)
    del session.results[wanted]
    return result
