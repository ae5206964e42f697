"""A line of the log read back: the reverse of :func:`epm.armr.events.log_line`.

What a line holds is what some program was sent, so nothing of it is trusted: a line that has not
the form is no event, and values are given as they are, for whoever shows them to neutralise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: RFC 5424 header up to the nil structured data, then the event (Waratek documentation: samples).
_LINE = re.compile(r"<\d{1,3}>1 (\S+) (\S+) (\S+) (\S+) \S+ \S+ CEF:\d+\|(.*)", re.DOTALL)
_HEADER_FIELD = re.compile(r"((?:[^\\|]|\\.)*)\|", re.DOTALL)
_HEADER_FIELDS = 6
# INVARIANT: a "=" of a value is written "\=", so a word right before a plain one is a key.
_KEY = re.compile(r"(?:^| )([A-Za-z0-9]+)=")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r"}


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event as it was logged.

    Attributes:
        at, host, app, process: of the syslog line.
        mod: device product; ``ARMR`` for an event of the engine itself.
        level: device version.
        rule: event class.
        name: what happened, such as ``Execute Rule``.
        severity: as a word or a number.
        pairs: the extension, in order; a key may come twice.
    """

    at: str
    host: str
    app: str
    process: str
    mod: str
    level: str
    rule: str
    name: str
    severity: str
    pairs: tuple[tuple[str, str], ...]

    def value(self, *keys: str) -> str:
        """Return the value of the first of ``keys`` that there is; else nothing."""
        found = dict(self.pairs)
        return next((found[key] for key in keys if key in found), "")

    @property
    def end(self) -> str:
        """Address and port of the socket operation; empty where it has none."""
        address = self.value("remoteIpAddress", "localIpAddress")
        port = self.value("remotePort", "localPort")
        return f"{address}:{port}" if address and port else address or port


def read_event(line: str) -> LoggedEvent | None:
    """Return the event of a line without its line end; ``None`` where it is none."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    at, host, app, process, rest = found.groups()
    fields: list[str] = []
    place = 0
    while len(fields) < _HEADER_FIELDS:
        field = _HEADER_FIELD.match(rest, place)
        if field is None:
            return None
        fields.append(_plain(field[1]))
        place = field.end()
    _, mod, level, rule, name, severity = fields
    pairs = tuple(_pairs(rest[place:]))
    return LoggedEvent(at, host, app, process, mod, level, rule, name, severity, pairs)


def _pairs(extension: str) -> list[tuple[str, str]]:
    keys = list(_KEY.finditer(extension))
    ends = [*(key.start() for key in keys), len(extension)][1:]
    return [
        (key[1], _plain(extension[key.end() : end])) for key, end in zip(keys, ends, strict=True)
    ]


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text)
