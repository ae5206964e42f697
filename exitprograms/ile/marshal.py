"""Calls, jobs and moments as the C code takes them, and its answers as the core's values."""

from __future__ import annotations

from collections.abc import Mapping
from ctypes import POINTER as pointer_to
from ctypes import Array, c_char_p, cast
from datetime import datetime

from epm.addresses import V6_BASE
from epm.events import Job
from epm.model import Call, Decision, Reason, RuleName, Server, Verdict
from epm.text import folded
from exitprograms.ile.abi import End, Facts, NativeCall, NativeDecision, Text
from exitprograms.ile.charset import Charset
from exitprograms.ile.layout import SERVERS

NUMBER_OF = {server: number for number, server in enumerate(SERVERS)}
_REASONS = {1: Reason.RULE, 2: Reason.DEFAULT, 3: Reason.NOT_ACTIVATED, 4: Reason.ERROR}


class Marshal:
    """From values to structures in one character set.

    A structure keeps what it points to alive for as long as it lives itself.
    """

    def __init__(self, charset: Charset) -> None:
        """Take the image's character set."""
        self._charset = charset

    def facts(self, job: Job, at: datetime) -> Facts:
        """Return who calls and when; ``at`` is local time without a zone."""
        groups, count = self._groups(job.groups)
        return Facts(
            self._name(job.name), self._name(job.user), self._text(job.program), groups, count,
            job.number & 0xFFFFFFFF, at.year, at.month, at.day, at.hour, at.minute, at.second,
            at.microsecond,
        )  # fmt: skip

    def call(self, call: Call) -> NativeCall:
        """Return a call, its missing fields missing."""
        groups, count = self._groups(call.groups)
        at = call.at
        second = 0 if at is None else at.hour * 3600 + at.minute * 60 + at.second
        return NativeCall(
            NUMBER_OF[call.server], call.backlog is not None, at is not None,
            0 if at is None else at.weekday(), call.backlog or 0, second,
            _end(call.lcladdr, call.lclport), _end(call.bndaddr, call.bndport),
            _end(call.rmtaddr, call.rmtport), self._name(call.user), self._name(call.job),
            self._text(call.pgm), groups, count,
        )  # fmt: skip

    def _groups(self, groups: tuple[str, ...] | None) -> tuple[Array[Text] | None, int]:
        if groups is None:
            return None, 0
        # At least one, so that a caller in no group is not one whose groups are unknown.
        made = (Text * max(1, len(groups)))(*map(self._name, groups))
        return cast(made, pointer_to(Text)), len(groups)  # type: ignore[return-value]

    def _name(self, name: str | None) -> Text:
        """Return a name that compares in upper case; UTF-8 has to come folded."""
        if name is not None and self._charset.is_utf8:
            name = folded(name)
        return self._text(name)

    def _text(self, text: str | None) -> Text:
        if text is None:
            return Text(None, 0)
        raw = self._charset.encode(text)
        return Text(c_char_p(raw), len(raw))


def _end(address: int | None, port: int | None) -> End:
    family, raw = 0, bytes(16)
    if address is not None:
        family = 6 if address >= V6_BASE else 4
        raw = (address - V6_BASE if family == 6 else address).to_bytes(16, "big")
    return End(family, port is not None, port or 0, tuple(raw))


def decision_of(
    native: NativeDecision, server: Server, names: Mapping[int, str | None]
) -> Decision:
    """Return a decision; ``names`` are those of the server's rules by sequence."""
    reason = _REASONS[native.reason]
    decided = reason in (Reason.RULE, Reason.DEFAULT)
    return Decision(
        server,
        Verdict.ALLOW if native.allow else Verdict.REJECT,
        reason,
        RuleName(native.sequence, names.get(native.sequence)) if decided else None,
        audit=bool(native.audit),
        message=bool(native.message),
        capture=bool(native.capture),
    )
