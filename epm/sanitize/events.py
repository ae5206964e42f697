"""The log lines of sanitization, in the vendor's order (Waratek documentation: ARMR sanitization).

``appVersion ruleType securityFeature [act] msg reason taintSource httpRequestUri
httpRequestMethod internalHttpRequestUri className attribute payload remoteIpAddress
localIpAddress localPort``. An undetermined value that is taken for safe has no ``act``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from epm.armr.events import EventName, Pair, log_line, rule_header
from epm.sanitize.decide import Decision, Finding
from epm.sanitize.request import Request
from epm.sanitize.values import PayloadClass
from epm.syslog5424 import Origin

UNSAFE_TEXT = "A payload has been classified as malicious"
UNDETERMINED_TEXT = "A payload could not be classified"
#: Characters of a payload, a path or a name that a line holds.
TEXT_SIZE = 4096


def log_lines(decision: Decision, request: Request, origin: Origin, at: datetime) -> Iterator[str]:
    """Yield a line for each finding that leaves an event.

    Args:
        decision: what was decided.
        request: about which.
        origin: who writes.
        at: when; it has an offset of whole minutes.

    Raises:
        ValueError: ``at`` has no such offset.
    """
    mod, rule = decision.mod, decision.rule
    if mod is None or rule is None:
        return
    severity = rule.reaction.severity
    header = rule_header(mod, rule.name, EventName.EXECUTE, severity)
    for finding in decision.findings:
        if finding.logged:
            pairs = _pairs(decision, finding, request)
            yield log_line(header, pairs, severity, origin, at)


def _pairs(decision: Decision, finding: Finding, request: Request) -> Iterator[Pair]:
    assert decision.mod is not None
    assert decision.rule is not None
    yield "appVersion", decision.mod.version
    yield "ruleType", decision.rule.kind
    yield "securityFeature", "sanitization datainput"
    if finding.acted_on:
        yield "act", decision.rule.reaction.action
    yield "msg", _message(decision.rule.reaction.message, finding)
    yield "reason", str(finding.classification.reason)
    yield "taintSource", request.source
    yield "httpRequestUri", request.uri[:TEXT_SIZE]
    yield "httpRequestMethod", request.method[:TEXT_SIZE]
    yield "internalHttpRequestUri", (request.inner_uri or request.uri)[:TEXT_SIZE]
    yield "className", finding.leaf.class_name
    yield "attribute", finding.leaf.attribute[:TEXT_SIZE]
    yield "payload", finding.leaf.payload[:TEXT_SIZE]
    yield "remoteIpAddress", request.remote
    yield "localIpAddress", request.local
    # INVARIANT: last is a number, where a reader of CEF can lose no blank at the end.
    yield "localPort", request.local_port


def _message(message: str | None, finding: Finding) -> str:
    undetermined = finding.classification.payload_class is PayloadClass.UNDETERMINED
    if undetermined and not finding.acted_on:
        return UNDETERMINED_TEXT
    return message or (UNDETERMINED_TEXT if undetermined else UNSAFE_TEXT)
