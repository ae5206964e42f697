"""The parts of an answer that tell of failure: versions, error records, job information, job log.

Source of element names and their order: published XMLSERVICE answers and documentation.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from simulators.xmlservice.failures import Code, Failures, Record, message_of
from simulators.xmlservice.host import Job, Message
from simulators.xmlservice.wellformed import DECLARATION, attribute, in_cdata, plain, printable

VERSION = "XML Toolkit 2.0.2-dev"
#: What the service answers with where the request has no declaration.
DEFAULT_HEADER = "<?xml version='1.0' encoding='ISO-8859-1'?>"
_STYLESHEETS = re.compile(r"(?:\s*<\?xml-stylesheet\s[^?<>]*\?>)+")
#: Characters of a job log in a warning and in a full report.
WARNING_LOG = 3072
REPORT_LOG = 16_000
#: Characters of the partial output that a full report shows.
OUTPUT_TAIL = 4000
#: Message ids that a scan of the job log finds, and how many it keeps.
_SCANNED = ("CPF", "MCH", "RN", "*NO", "CEE", "GUI", "SQL")
MAX_SCANNED = 64
#: Characters that a message takes at the least in a printed job log.
_SHORTEST_MESSAGE = 100
_INFO = (
    "curuser",
    "ccsid",
    "dftccsid",
    "paseccsid",
    "langid",
    "cntryid",
    "sbsname",
    "sbslib",
    "curlib",
    "syslibl",
    "usrlibl",
)


@dataclass(frozen=True, slots=True)
class Route:
    """How a call reached its job: the ipc key as given, and whether it is used."""

    ipc: str
    stateless: bool

    @property
    def key(self) -> str:
        """Eight hexadecimal digits; FFFFFFFF for none."""
        if self.stateless or not self.ipc:
            return "FFFFFFFF"
        return format(zlib.crc32(self.ipc.encode()), "08X")


def header_of(document: str) -> str:
    """Return the declaration and stylesheets that an answer repeats, or the service's own."""
    head = document[:2048]
    declaration = DECLARATION.search(head)
    if declaration is None:
        return DEFAULT_HEADER
    sheets = _STYLESHEETS.match(head, declaration.end())
    return declaration.group() + (printable(sheets.group()) if sheets else "")


def warning(failures: Failures, job: Job | None, route: Route, *, joblog: bool) -> str:
    """Return what stands behind the ``<error>`` of an element that failed."""
    return _details(failures, job, route, joblog=joblog, full=False, tail="")


def report(
    header: str, failures: Failures, job: Job | None, route: Route, *, partial: str = ""
) -> str:
    """Return the document that replaces an answer; the end of the ``partial`` one is shown."""
    busy = any(record.code == Code.IPC_BUSY for record in failures.records)
    body = _details(failures, job, route, joblog=not busy, full=True, tail=partial[-OUTPUT_TAIL:])
    return f"{header}\n<report>\n{body}</report>"


def fast_diagnostics(job: Job | None, route: Route) -> str:
    """Return version and job information alone."""
    return f"<version>{VERSION}</version>\n{_jobinfo(job, route, False)}"


def _details(
    failures: Failures, job: Job | None, route: Route, *, joblog: bool, full: bool, tail: str
) -> str:
    parts = [f"<version>{VERSION}</version>\n"]
    parts += [_record(record) for record in failures.shown()]
    if tail:
        shown = tail.replace("<![CDATA[", " ").replace("]]>", " ")
        parts.append(f"<xmloutput>{in_cdata(shown)}</xmloutput>\n")
    has_cpf = any(record.cpf for record in failures.records)
    parts.append(_jobinfo(job, route, has_cpf))
    if joblog:
        parts.append(_joblog(job, REPORT_LOG if full else WARNING_LOG))
    return "".join(parts)


def _record(record: Record) -> str:
    lines = ["<error>"]
    if record.cpf:
        lines.append(f"<cpf>{plain(record.cpf)}</cpf>")
    if record.status:
        lines.append(f"<status>{record.status}</status>")
    if record.sqlcode:
        lines.append(f"<sqlcode>{record.sqlcode}</sqlcode>")
        lines.append(f"<sqlstate>{plain(record.sqlstate)}</sqlstate>")
    lines.append(f"<errnoxml>{int(record.code)}</errnoxml>")
    lines.append(f"<xmlerrmsg>{in_cdata(message_of(record.code))}</xmlerrmsg>")
    lines.append(f"<xmlhint>{in_cdata(record.hint.strip() or 'failure')}</xmlhint>")
    lines.append("</error>\n")
    return "\n".join(lines)


def _jobinfo(job: Job | None, route: Route, has_cpf: bool) -> str:
    attributes = job.attributes() if job else {}
    pairs = [
        ("jobipc", route.ipc),
        ("jobipcskey", route.key),
        ("jobname", job.name if job else ""),
        ("jobuser", job.user if job else ""),
        ("jobnbr", job.number if job else ""),
        ("jobsts", attributes.get("jobsts", "*ACTIVE") if job else ""),
        *((name, attributes.get(name, "")) for name in _INFO),
        (
            "jobcpffind",
            "see error list, not log scan" if has_cpf else "see log scan, not error list",
        ),
    ]
    lines = "".join(
        f"<{name}>{plain(value)}</{name}>\n" if value or name != "jobipc" else "<jobipc/>\n"
        for name, value in pairs
    )
    return f"<jobinfo>\n{lines}</jobinfo>\n"


def _joblog(job: Job | None, most: int) -> str:
    if job is None:
        return ""
    messages = job.log()
    latest = (message for message in reversed(messages) if message.id.startswith(_SCANNED))
    found = list(islice(latest, MAX_SCANNED))[::-1]
    text = _log_text(messages[-(most // _SHORTEST_MESSAGE + 1) :])[-most:]
    return (
        f"{_scan(found)}<joblog job='{attribute(job.name)}' user='{attribute(job.user)}'"
        f" nbr='{attribute(job.number)}'>\n{in_cdata(text)}\n</joblog>\n"
    )


def _scan(found: Sequence[Message]) -> str:
    if not found:
        return ""
    # XMLSERVICE shows every record with the time of the last one.
    time = in_cdata(_log_time(found[-1].time))
    records = "".join(
        f"<joblogrec>\n<jobcpf>{plain(message.id)}</jobcpf>\n<jobtime>{time}</jobtime>\n"
        f"<jobtext>{in_cdata(message.text[:128])}</jobtext>\n</joblogrec>\n"
        for message in found
    )
    return f"<joblogscan>\n{records}</joblogscan>\n"


def _log_time(time: str) -> str:
    """Return a time as a printed job log shows it: ``09/05/12  10:49:58.812952``."""
    day, _, clock = time.partition(" ")
    year, _, rest = day.partition("-")
    return f"{rest.replace('-', '/')}/{year[-2:]}  {clock}" if rest else time


def _log_text(messages: Sequence[Message]) -> str:
    lines = []
    for message in messages:
        lines.append(f"{message.id or '*NONE':<10} {'':<29}{_log_time(message.time)}")
        lines.append(f"{'':<37}Message . . . . :   {message.text}")
    return "\n".join(lines)


def session_document(header: str, route: Route) -> str:
    """Return the answer of ``*session``."""
    if not route.ipc:
        return f"{header}\n<session key='{route.key}'/>\n"
    return f"{header}\n<session key='{route.key}'>{plain(route.ipc)}</session>\n"


def batch_document(header: str, status: str, slot: int) -> str:
    """Return the answer of ``*batch`` and, where there is no result, of ``*get``."""
    return f"{header}\n<report>\n<batch>\n<id status='{status}'>{slot}</id>\n</batch>\n</report>\n"


def license_document(header: str) -> str:
    """Return the answer of ``*license``, in the element names of the real one."""
    return (
        f"{header}\n<license>\n<version>{VERSION}</version>\n<bsd>\n"
        "* This is a simulator of XMLSERVICE that is part of epm (MIT licence).\n"
        "* It holds no code of the XML Toolkit for IBM i (Copyright (c) IBM Corporation),\n"
        "* which IBM publishes under the three-clause BSD licence.\n</bsd>\n</license>\n"
    )
