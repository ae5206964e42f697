"""The events of a policy as LEEF 2.0: the same events as in CEF, for a SIEM that wants those.

``LEEF:2.0|EPM|epm|version|event|^|devTime sev cat src dst ... policy rule msg ...``. The event is
the security feature, or what befell the policy. LEEF has names of its own for time, severity,
ends and action (IBM LEEF 2.0 guide); the other keys are those of the CEF event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from epm.armr.events import LineForm, Pair, syslog_line
from epm.armr.model import Operation, Severity
from epm.cef import CefHeader
from epm.leef import LeefHeader, leef_line, leef_time
from epm.syslog5424 import Origin

VENDOR = "EPM"
PRODUCT = "epm"
#: LEEF counts severity from 1 to 10; a word of the language stands for the most that it covers.
_NUMBERS = {
    Severity.UNKNOWN: 1,
    Severity.LOW: 3,
    Severity.MEDIUM: 5,
    Severity.HIGH: 8,
    Severity.VERY_HIGH: 10,
}
#: Where line breaks, pipes and carets are part of what a reader has to see.
_WHOLE = frozenset({"payload", "stacktrace"})
_SOURCE = ("src", "srcPort")
_DESTINATION = ("dst", "dstPort")


def leef_form(version: str) -> LineForm:
    """Return the form of LEEF lines, behind the same syslog header as CEF lines.

    Args:
        version: of the program that writes them.
    """

    def written(
        header: CefHeader,
        extension: Iterable[Pair],
        severity: Severity,
        origin: Origin,
        at: datetime,
    ) -> str:
        pairs = dict(extension)
        event = str(pairs.pop("securityFeature", header.name))
        leef = LeefHeader(VENDOR, PRODUCT, version, event)
        attributes = _attributes(header, event, pairs, severity, origin, at)
        return syslog_line(leef_line(leef, attributes, _WHOLE), severity, origin, at)

    return written


def _attributes(
    header: CefHeader,
    event: str,
    pairs: dict[str, str | int],
    severity: Severity,
    origin: Origin,
    at: datetime,
) -> Iterator[Pair]:
    yield "devTime", leef_time(at)
    yield "sev", _NUMBERS[severity]
    yield "cat", pairs.pop("act", header.name)
    for side, names in _ends(event):
        for key, name in zip((f"{side}IpAddress", f"{side}Port"), names, strict=True):
            if key in pairs:
                yield name, pairs.pop(key)
    yield "policy", header.product
    yield "rule", header.event_class
    yield "level", header.version
    yield "system", origin.host
    yield "procid", origin.process
    yield from pairs.items()


def _ends(event: str) -> tuple[tuple[str, tuple[str, str]], ...]:
    """Return which end is the source: who opens the connection, or would."""
    local_opens = event in (Operation.CONNECT.feature, Operation.BIND_CLIENT.feature)
    if local_opens:
        return ("local", _SOURCE), ("remote", _DESTINATION)
    return ("remote", _SOURCE), ("local", _DESTINATION)
