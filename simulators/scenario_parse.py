"""Reads the steps of a socket scenario from plain mappings, one readable line each.

A step is a mapping whose one verb says what happens; the rest are its details::

    {job: SSHD, user: QTCP, program: /usr/sbin/sshd}   a job starts
    {listen: "0.0.0.0:22", by: SSHD, as: ssh}          socket(), bind(), listen()
    {arrive: "10.1.2.3:50000", to: "192.168.1.10:22"}  a peer elsewhere connects to us
    {accept: ssh, expect: allow}                       accept() on the listener of that name
    {connect: "10.9.8.7:443", by: FTP}                 connect()

Numbers may be written as numbers or as text, because rule files keep scalars as written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from epm.addresses import parse_address
from epm.errors import CallError, ConditionError, RuleError
from epm.events import Endpoint
from epm.text import parse_number, refuse_controls
from simulators.scenario_steps import (
    AcceptStep,
    AddProgram,
    Arrive,
    CloseStep,
    ConnectStep,
    EndJob,
    Expect,
    ListenStep,
    OwnAddress,
    RemoveProgram,
    Say,
    StartJob,
    Step,
    format_endpoint,
)

DEFAULT_BACKLOG = 128
MAX_NAME = 128
MAX_TEXT = 1000
_MAX_BACKLOG = (1 << 31) - 1
_MAX_JOB_NUMBER = 999999
_MAX_PROGRAM_NUMBER = 2147483647


def parse_step(data: Mapping[str, Any]) -> Step:
    """Return the step that a mapping describes.

    Raises:
        CallError: no verb or two, an unknown or a missing key, or a malformed value.
    """
    if not isinstance(data, Mapping) or not all(isinstance(k, str) for k in data):
        raise CallError("a step is a mapping of words to values")
    verbs = [key for key in data if key in _VERBS]
    if len(verbs) != 1:
        raise CallError(f"a step has exactly one of {', '.join(_VERBS)}")
    details = _Details(verbs[0], dict(data))
    try:
        step = _VERBS[verbs[0]](details)
    except (ConditionError, RuleError) as error:
        raise CallError(f"{verbs[0]}: {error}") from None
    details.nothing_left()
    return step


def parse_endpoint(text: str) -> Endpoint:
    """Return the endpoint of ``address:port``, an IPv6 address in brackets.

    Raises:
        CallError: it is not that.
    """
    address, colon, port = text.rpartition(":")
    bracketed = address.startswith("[") and address.endswith("]")
    if not colon or (":" in address) != bracketed:
        raise CallError(f"{text!r} is not address:port (an IPv6 address stands in brackets)")
    try:
        number = parse_address(address[1:-1] if bracketed else address)
        return Endpoint(number, parse_number(port, 0, 65535, "port"))
    except ConditionError as error:
        raise CallError(str(error)) from None


class _Details:
    """The values of one step, taken key by key, so that what is left over is an error."""

    def __init__(self, verb: str, values: dict[str, Any]) -> None:
        self._verb = verb
        self._values = values

    def nothing_left(self) -> None:
        """Raise when a key was not taken."""
        for key in self._values:
            raise CallError(f"{self._verb}: {key!r} is not a word of this step")

    def text_or_none(self, key: str, most: int = MAX_NAME) -> str | None:
        """Take a text."""
        value = self._values.pop(key, None)
        if value is None:
            return None
        small = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12
        if not small and not isinstance(value, str):
            raise CallError(f"{self._verb}: {key} is not a text")
        text = str(value)
        if not 0 < len(text) <= most:
            raise CallError(f"{self._verb}: {key} has 1 to {most} characters")
        return refuse_controls(text, key)

    def text(self, key: str, most: int = MAX_NAME) -> str:
        """Take a text that must be there."""
        value = self.text_or_none(key, most)
        if value is None:
            raise CallError(f"{self._verb}: {key} is missing")
        return value

    def number(self, key: str, low: int, high: int) -> int | None:
        """Take a plain number."""
        text = self.text_or_none(key)
        return None if text is None else parse_number(text, low, high, key)

    def flag(self, key: str) -> bool:
        """Take Y or N (or YAML's words for them); missing is N."""
        value = self._values.pop(key, False)
        if isinstance(value, bool):
            return value
        known = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}
        if not isinstance(value, str) or value.lower() not in known:
            raise CallError(f"{self._verb}: {key} is Y or N")
        return known[value.lower()]

    def endpoint(self, key: str) -> Endpoint:
        """Take an endpoint that must be there."""
        return parse_endpoint(self.text(key))

    def endpoint_or_none(self, key: str) -> Endpoint | None:
        """Take an endpoint."""
        text = self.text_or_none(key)
        return None if text is None else parse_endpoint(text)

    def names(self, key: str) -> tuple[str, ...]:
        """Take a list of names."""
        value = self._values.pop(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(x, str) for x in value):
            raise CallError(f"{self._verb}: {key} is not a list of names")
        return tuple(refuse_controls(x, key) for x in value)

    def expect(self) -> Expect | None:
        """Take what the step is expected to come to."""
        text = self.text_or_none("expect")
        if text is not None and text not in Expect.__members__.values():
            raise CallError(f"{self._verb}: expect is one of {', '.join(Expect)}, not {text!r}")
        return None if text is None else Expect(text)


def _start_job(d: _Details) -> Step:
    return StartJob(
        d.text("job"),
        d.text_or_none("user") or "QUSER",
        d.text_or_none("program", 4096),
        d.names("groups"),
        d.number("number", 0, _MAX_JOB_NUMBER),
    )


def _listen(d: _Details) -> Step:
    local = d.endpoint("listen")
    backlog = d.number("backlog", 0, _MAX_BACKLOG)
    return ListenStep(
        local,
        d.text("by"),
        d.text_or_none("as") or format_endpoint(local),
        DEFAULT_BACKLOG if backlog is None else backlog,
        d.flag("so_accepteperm"),
        d.expect(),
    )


def _connect(d: _Details) -> Step:
    return ConnectStep(
        d.endpoint("connect"),
        d.text("by"),
        d.endpoint_or_none("from"),
        d.text_or_none("as"),
        d.flag("refused"),
        d.expect(),
    )


def _program_number(d: _Details) -> int:
    number = d.number("number", 1, _MAX_PROGRAM_NUMBER)
    if number is None:
        raise CallError("an exit program has a number")
    return number


_VERBS: Mapping[str, Callable[[_Details], Step]] = {
    "say": lambda d: Say(d.text("say", MAX_TEXT)),
    "system": lambda d: OwnAddress(parse_address(d.text("system"))),
    "job": _start_job,
    "end": lambda d: EndJob(d.text("end")),
    "addexitpgm": lambda d: AddProgram(
        d.text("addexitpgm"), _program_number(d), d.text("program"), d.text_or_none("answers")
    ),
    "rmvexitpgm": lambda d: RemoveProgram(d.text("rmvexitpgm"), _program_number(d)),
    "listen": _listen,
    "arrive": lambda d: Arrive(d.endpoint("arrive"), d.endpoint("to"), d.expect()),
    "accept": lambda d: AcceptStep(d.text("accept"), d.text_or_none("as"), d.expect()),
    "connect": _connect,
    "close": lambda d: CloseStep(d.text("close")),
}
