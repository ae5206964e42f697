"""The control words of ``ctl``: ``*here *cdata *wait(10/busy)`` as one value; pure.

Source: XMLSERVICE documentation, control options. Words that only trace or tune the real service
(``*debug``, ``*log``, ``*fly``, ``*clear``, ``*java``) are accepted and change nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulators.xmlservice.ccsid import parse_chain
from simulators.xmlservice.digits import plain_number

_WORD = re.compile(r"\*([A-Za-z]+)(?:\(([^)]{0,200})\))?")
MAX_CONTROL = 1024
DEFAULT_WAIT = 60
DEFAULT_IDLE = 1800
#: No client waits longer, whatever it asks for.
MAX_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Timeout:
    """Seconds, 0 for none, and what happens then: ``busy``, ``kill`` or ``user``."""

    seconds: int
    action: str


@dataclass(frozen=True, slots=True)
class Control:
    """What one call asks of the service.

    Attributes:
        here: stateless, in the database job; overrides ipc.
        immediate: end the job of the ipc key.
        submit: start the ipc job by SBMJOB; ``description`` is ``LIB/JOBD/JOB`` if given.
        before, after: CCSID pairs of the whole document; empty for none.
        no_call: convert only.
        test: level of ``*test``; 0 for none.
        get: slot of ``*get``; 0 for any; None where it was not asked for.
    """

    here: bool = False
    immediate: bool = False
    license: bool = False
    session: bool = False
    no_start: bool = False
    submit: bool = False
    description: str | None = None
    cdata: bool = False
    escape: bool = False
    hack: bool = False
    just_transport: bool = False
    hex_in: bool = False
    hex_out: bool = False
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    no_call: bool = False
    test: int = 0
    batch: bool = False
    get: int | None = None
    wait: Timeout = Timeout(DEFAULT_WAIT, "busy")
    call: Timeout = Timeout(0, "kill")
    idle: Timeout = Timeout(DEFAULT_IDLE, "kill")


def parse_control(text: str) -> Control:
    """Return the control words of a call; the last of two that differ counts."""
    words = {
        match[1].lower(): (match[2] or "").strip().lower()
        for match in _WORD.finditer(text[:MAX_CONTROL])
    }
    originals = {m[1].lower(): (m[2] or "").strip() for m in _WORD.finditer(text[:MAX_CONTROL])}
    hexadecimal = words.get("hex")
    before = words.get("before", "")
    return Control(
        here="here" in words,
        immediate="immed" in words,
        license="license" in words,
        session="session" in words,
        no_start="nostart" in words,
        submit="sbmjob" in words,
        description=originals.get("sbmjob") or None,
        cdata=words.get("cdata", "off") != "off",
        escape="escp" in words,
        hack="hack" in words,
        just_transport="justproc" in words,
        hex_in=hexadecimal in ("in", "both", ""),
        hex_out=hexadecimal in ("out", "both", ""),
        before=parse_chain(before)[:2],
        after=parse_chain(words.get("after", ""))[:2],
        no_call=before.endswith("/nocall"),
        test=_number(words.get("test", ""), 1) if "test" in words else 0,
        batch="batch" in words,
        get=_number(words["get"], 0) if "get" in words else None,
        wait=_timeout(words.get("wait"), Timeout(DEFAULT_WAIT, "busy")),
        call=_timeout(words.get("call"), Timeout(0, "kill")),
        idle=_timeout(words.get("idle"), Timeout(DEFAULT_IDLE, "kill")),
    )


def _number(text: str, default: int) -> int:
    number = plain_number(text)
    return default if number is None else number


def _timeout(text: str | None, default: Timeout) -> Timeout:
    if not text:
        return default
    seconds, _, rest = text.partition("/")
    action = rest.partition("/")[0]
    known = action if action in ("busy", "kill", "user") else default.action
    return Timeout(min(_number(seconds.strip(), default.seconds), MAX_SECONDS), known)
