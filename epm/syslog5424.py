"""RFC 5424 syslog messages as text: priority, header, structured data. No transport.

Layout (RFC 5424, section 6)::

    <PRI>1 SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA [SP MSG]

A header field is printable ASCII without blanks: any other character becomes ``_``, it is cut to
its size, and an empty one is ``-``. No byte order mark goes before the message: readers of CEF
look for ``CEF:`` there, and RFC 5424 takes a message without one as opaque octets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from epm.logtext import CONTROLS, sound

NIL = "-"
USER_FACILITY = 1
MAX_FACILITY = 23
MAX_SEVERITY = 7

HOST_SIZE = 255
APP_SIZE = 48
PROCESS_SIZE = 128
MESSAGE_ID_SIZE = 32
SD_NAME_SIZE = 32

_NOT_PRINTABLE_ASCII = re.compile(r"[^\x21-\x7e]")
_SD_NAME = re.compile(r"[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}")  # no blank = ] "
_CONTROL = re.compile(f"(?!\t)[{CONTROLS}]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who writes the messages: plain text, made fit for a header by :func:`header`.

    Attributes:
        host: a name or an address.
        app: name of the application.
        process: its process id, or other text.
    """

    host: str
    app: str
    process: str


def priority(facility: int, severity: int) -> int:
    """Return PRI: facility * 8 + severity.

    Raises:
        ValueError: facility is not 0 to 23 or severity not 0 to 7.
    """
    if not (0 <= facility <= MAX_FACILITY and 0 <= severity <= MAX_SEVERITY):
        raise ValueError(f"facility {facility} and severity {severity} make no priority")
    return facility * 8 + severity


def timestamp(at: datetime) -> str:
    """Return TIMESTAMP with three digits of milliseconds, cut; ``Z`` for an offset of zero.

    Raises:
        ValueError: the time has no offset, or one that is not whole minutes.
    """
    offset = at.utcoffset()
    if offset is None or offset % timedelta(minutes=1):
        raise ValueError("a syslog timestamp needs a time with an offset of whole minutes")
    zone = f"{at:%z}"
    zone = "Z" if not offset else f"{zone[:3]}:{zone[3:]}"
    moment = f"{at.year:04}-{at:%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}"
    return moment + zone


def header_field(text: str, size: int) -> str:
    """Return a header field of at most ``size`` characters; ``-`` where it is empty."""
    return _NOT_PRINTABLE_ASCII.sub("_", text)[:size] or NIL


def header(pri: int, at: datetime | None, origin: Origin, message_id: str = "") -> str:
    """Return everything before STRUCTURED-DATA, without a blank at the end.

    Args:
        pri: as :func:`priority` gives it.
        at: when; ``None`` is not known.
        origin: who.
        message_id: kind of message; empty is ``-``.

    Raises:
        ValueError: ``pri`` is not 0 to 191, or ``at`` cannot be written.
    """
    if not 0 <= pri <= MAX_FACILITY * 8 + MAX_SEVERITY:
        raise ValueError(f"priority {pri} is not 0 to 191")
    fields = (
        NIL if at is None else timestamp(at),
        header_field(origin.host, HOST_SIZE),
        header_field(origin.app, APP_SIZE),
        header_field(origin.process, PROCESS_SIZE),
        header_field(message_id, MESSAGE_ID_SIZE),
    )
    return f"<{pri}>1 " + " ".join(fields)


def param_value(text: str) -> str:
    r"""Return a PARAM-VALUE: ``"``, ``\`` and ``]`` escaped, control characters as blanks.

    RFC 5424 advises against control characters; TAB stays.
    """
    clean = _CONTROL.sub(" ", sound(text))
    return clean.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def sd_element(name: str, params: Iterable[tuple[str, str]]) -> str:
    """Return one element, ``[name key="value" ...]``.

    Raises:
        ValueError: a name is not 1 to 32 printable characters without blank, ``=``, ``]``, ``"``.
    """
    parts = [_sd_name(name)]
    parts += [f'{_sd_name(key)}="{param_value(value)}"' for key, value in params]
    return f"[{' '.join(parts)}]"


def _sd_name(text: str) -> str:
    if not _SD_NAME.fullmatch(text):
        raise ValueError(f"{text!r} is not a structured data name")
    return text


def message(
    pri: int,
    at: datetime | None,
    origin: Origin,
    text: str,
    *,
    message_id: str = "",
    data: str = NIL,
) -> str:
    """Return a whole message.

    Args:
        pri: as :func:`header` takes it.
        at: as :func:`header` takes it.
        origin: who.
        text: MSG, one line; it is not changed.
        message_id: kind of message; empty is ``-``.
        data: elements of :func:`sd_element`, one after the other.

    Raises:
        ValueError: as :func:`header` raises it.
    """
    return f"{header(pri, at, origin, message_id)} {data} {text}"
