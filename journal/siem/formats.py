"""An entry as one line of each format. Pure; who writes the line is passed in.

Values of foreign origin never stand last in a CEF line (a reader loses blanks there), and no
control character or line break reaches a line: that is held by the encoders in the core.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from types import MappingProxyType

from epm.cef import CefHeader, cef_date, cef_line
from epm.leef import LeefHeader, leef_line, leef_time
from epm.logtext import one_line
from epm.syslog5424 import Origin, header, message, priority, sd_element
from journal.siem.event import SiemEvent, siem_event
from journal.view import EntryView

VENDOR = "EPM"
PRODUCT = "epm"
#: Log audit (RFC 5424, table 1).
FACILITY = 13
#: Structured data needs an enterprise number; 32473 is the one for examples (RFC 5612), which
#: epm uses because it has none of its own.
SD_ID = "epm@32473"

Formatter = Callable[[EntryView, Origin, str], str]
"""Makes a line of an entry; who writes it, and the program's version."""


def cef(view: EntryView, origin: Origin, version: str) -> str:
    """Return an entry as a CEF line, without syslog header."""
    event = siem_event(view)
    head = CefHeader(VENDOR, PRODUCT, version, event.class_id, event.name, str(event.severity))
    return cef_line(head, _cef_pairs(event, origin))


def _cef_pairs(event: SiemEvent, origin: Origin) -> list[tuple[str, str | int]]:
    view, ends = event.view, event.ends
    # A foreign record's time is its system's own, of which nobody says the zone (A22).
    rt = cef_date(view.time.replace(tzinfo=UTC))
    pairs: list[tuple[str, str | int | None]] = [
        ("rt", rt if view.in_utc else rt.rpartition(" ")[0]),
        ("dvchost", view.system or origin.host),
        ("cat", f"{view.code} {view.entry_type}"),
        ("act", event.action),
        ("reason", view.reason),
        ("src", ends.source),
        ("spt", ends.source_port),
        ("dst", ends.destination),
        ("dpt", ends.destination_port),
        ("proto", "TCP" if view.server else None),
        ("suser", view.user),
        ("sproc", view.program),
        ("cs1Label", "job" if view.job else None),
        ("cs1", view.job),
        ("cs2Label", "server" if view.server else None),
        ("cs2", view.server),
        ("cs3Label", "rule" if view.rule_name else None),
        ("cs3", view.rule_name),
        ("cn1Label", None if view.rule is None else "sequence"),
        ("cn1", view.rule),
        ("cn2Label", None if view.job_number is None else "jobNumber"),
        ("cn2", view.job_number),
        ("cs4Label", "neverReachedExit" if view.unreached else None),
        ("cs4", view.unreached),
        ("msg", event.message),
        ("externalId", view.sequence),
    ]
    return [(key, value) for key, value in pairs if value is not None]


def leef(view: EntryView, origin: Origin, version: str) -> str:
    """Return an entry as a LEEF 2.0 line, without syslog header."""
    event = siem_event(view)
    ends = event.ends
    pairs: list[tuple[str, str | int | None]] = [
        *_leef_time(view),
        ("sev", max(1, event.severity)),  # LEEF counts from 1
        ("cat", event.action or event.class_id),
        ("src", ends.source),
        ("srcPort", ends.source_port),
        ("dst", ends.destination),
        ("dstPort", ends.destination_port),
        ("proto", "TCP" if view.server else None),
        ("usrName", None if view.user is None else view.user[:255]),
        ("policy", view.rule_name),
        ("rule", view.rule),
        ("server", view.server),
        ("job", view.job),
        ("jobNumber", view.job_number),
        ("program", view.program),
        ("system", view.system or origin.host),
        ("neverReachedExit", view.unreached),
        ("msg", event.message),
        ("journalSequence", view.sequence),
    ]
    head = LeefHeader(VENDOR, PRODUCT, version, event.class_id)
    return leef_line(head, [(key, value) for key, value in pairs if value is not None])


def _leef_time(view: EntryView) -> list[tuple[str, str | int]]:
    if view.in_utc:
        return [("devTime", leef_time(view.time.replace(tzinfo=UTC)))]
    shown = cef_date(view.time.replace(tzinfo=UTC)).rpartition(" ")[0]
    return [("devTime", shown), ("devTimeFormat", "MMM dd yyyy HH:mm:ss.SSS")]


def syslog(view: EntryView, origin: Origin, version: str) -> str:
    """Return an entry as an RFC 5424 message: fields as structured data, a sentence as text."""
    event = siem_event(view)
    params = [("sequence", str(view.sequence)), ("version", version)]
    for name in (
        "system", "server", "verdict", "enforced", "reason", "rule", "rule_name", "revision",
        "user", "job", "job_number", "program", "local_address", "local_port", "bound_address",
        "bound_port", "remote_address", "remote_port", "backlog", "unreached",
    ):  # fmt: skip
        value = getattr(view, name)
        if value is not None and value != "":
            params.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
    text = one_line(event.message)  # it holds names from outside; a line must stay one line
    return message(
        _priority(event),
        view.time.replace(tzinfo=UTC) if view.in_utc else None,
        origin,
        text,
        message_id=event.class_id,
        data=sd_element(SD_ID, params),
    )


def under_syslog(formatter: Formatter) -> Formatter:
    """Return a formatter whose lines stand behind an RFC 5424 header."""

    def formatted(view: EntryView, origin: Origin, version: str) -> str:
        event = siem_event(view)
        at = view.time.replace(tzinfo=UTC) if view.in_utc else None
        head = header(_priority(event), at, origin, event.class_id)
        return f"{head} - {formatter(view, origin, version)}"

    return formatted


def _priority(event: SiemEvent) -> int:
    # Severity 9-10 alert, 7-8 critical, 4-6 warning, 2-3 notice, 0-1 informational.
    for floor, severity in ((9, 1), (7, 2), (4, 4), (2, 5)):
        if event.severity >= floor:
            return priority(FACILITY, severity)
    return priority(FACILITY, 6)


#: A line of a file.
FORMATTERS: Mapping[str, Formatter] = MappingProxyType({"cef": cef, "leef": leef, "syslog": syslog})
#: A message that is sent: always with an RFC 5424 header.
SENT: Mapping[str, Formatter] = MappingProxyType(
    {"cef": under_syslog(cef), "leef": under_syslog(leef), "syslog": syslog}
)
