"""``epm sanitize``: recorded requests through the sanitization rules of an ARMR policy."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from epm.cli.armr import APP_NAME, load_policy, output_option, tell_warnings
from epm.cli.batch import decide_each
from epm.cli.callfiles import json_lines
from epm.cli.clock import utc_now
from epm.cli.output import warn

if TYPE_CHECKING:
    from epm.sanitize.decide import Decision

#: Bytes of one recorded request: a body of 10 MB has room, with what JSON adds to it.
MAX_REQUEST = 16 << 20


@click.group("sanitize")
def sanitize() -> None:
    """Judge the payloads of HTTP requests by the sanitization rules of an ARMR policy.

    \b
    Example: epm sanitize decide policy.armr --input requests.jsonl
    """


@sanitize.command("decide")
@click.argument("file")
@click.option(
    "--input",
    "input_path",
    metavar="FILE",
    required=True,
    help="Requests as JSON Lines; - is stdin.",
)
@output_option
def decide(file: str, input_path: str, output: str | None) -> int:
    """Decide recorded requests by a policy; nothing is enforced.

    A request is {"uri": "/api/x", "method": "GET", "query": "a=1", "content_type": null,
    "body": null, "remote": "127.0.0.1", "local": "127.0.0.1:8080"}. Each gives one line with
    the action that is taken (none where no payload calls for one), whether the request is
    blocked, a finding for every payload, and the events that would be logged. A line that
    cannot be read is reported by its number, the rest is decided, and the exit code is 4.

    \b
    Example: epm sanitize decide policy.armr --input requests.jsonl -o findings.jsonl
    """
    from epm.sanitize.decide import decide as decide_request
    from epm.sanitize.events import log_lines
    from epm.sanitize.request import Limits, request_from_mapping
    from epm.sanitize.rules import RuleBook
    from epm.syslog5424 import Origin

    read = load_policy(file)
    tell_warnings(read.findings, file)
    book = RuleBook.of(read.policy)
    if not book.rules:
        warn(f"{file}: no sanitization rule: payloads are judged, nothing is decided")
    origin = Origin(socket.gethostname(), APP_NAME, str(os.getpid()))
    limits = Limits()

    def decide_one(record: Mapping[str, object]) -> Mapping[str, object]:
        request = request_from_mapping(record)
        decision = decide_request(request, book, limits)
        return decision_to_mapping(decision, list(log_lines(decision, request, origin, utc_now())))

    return decide_each(input_path, output, decide_one, reader=json_lines(MAX_REQUEST))


def decision_to_mapping(decision: Decision, lines: list[str]) -> dict[str, object]:
    """Return a decision as the JSON object that ``decide`` prints."""
    return {
        "action": "none" if decision.action is None else str(decision.action),
        "blocked": decision.blocked,
        "findings": [
            {
                "attribute": finding.leaf.attribute,
                "payload": finding.leaf.payload,
                "class": str(finding.classification.payload_class),
                "reason": None
                if finding.classification.reason is None
                else str(finding.classification.reason),
            }
            for finding in decision.findings
        ],
        "cef": lines,
    }


COMMANDS = (sanitize,)
