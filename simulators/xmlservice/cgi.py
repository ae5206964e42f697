"""The CGI program in front of the service: form fields in, a document out, always status 200."""

from __future__ import annotations

from epm.errors import FormatError
from simulators.xmlservice.failures import Code, Failures, Record
from simulators.xmlservice.form import Form, scan
from simulators.xmlservice.host import SignOnError
from simulators.xmlservice.reports import DEFAULT_HEADER, Route, header_of, report
from simulators.xmlservice.service import Service
from simulators.xmlservice.transcode import to_bytes, to_text

_HINT = 60
#: What a request says that cannot be read.
_NOTHING = scan(b"")


def respond(service: Service, body: bytes) -> bytes:
    """Return the answer to a POST body or a query string."""
    try:
        form = scan(body)
    except FormatError as error:
        return _refused(_NOTHING, DEFAULT_HEADER, (Record(Code.CGI_INTERNAL, str(error)),))
    if form.xmlin is None:
        return _refused(form, DEFAULT_HEADER, (Record(Code.CGI_INVALID, "No XML specified"),))
    header = header_of(to_text(form.xmlin))
    if form.uid.upper() == "*NONE":
        return _refused(form, header, (Record(Code.CGI_INVALID, "*NONE"),))
    try:
        service.host.sign_on(form.uid, form.pwd)
    except SignOnError as error:
        return _refused(form, header, _sign_on_records(form, error))
    return service.answer(form.uid.upper(), form.ipc, form.ctl, form.xmlin, form.xmlout)


def _refused(form: Form, header: str, records: tuple[Record, ...]) -> bytes:
    failures = Failures()
    for record in records:
        failures.add(record)
    return to_bytes(report(header, failures, None, Route(form.ipc, True)))[: form.xmlout]


def _sign_on_records(form: Form, error: SignOnError) -> tuple[Record, ...]:
    """Return the records of a connection that failed: no statement, so nothing was bound."""
    size = len(form.xmlin or b"")
    hints = [f"rc -1isz {size}osz {form.xmlout}hsz 0"]
    hints += [f"{number}) id 0mk 0i0 0ct 0dt 0cs 0ds 0un 0" for number in range(1, 5)]
    hints.append(f"db {form.db2}uid {form.uid}ipc {form.ipc}")
    hints.append(f"{error.sqlstate}:{error.sqlcode}:{error}")
    return tuple(Record(Code.CGI_INTERNAL, hint[:_HINT]) for hint in hints)
