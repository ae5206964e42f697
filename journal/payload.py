"""Entries as the ASCII JSON that a receiver's frame carries. Pure; read by `payload_decode`.

Every payload begins with its time, at fixed places, so that a reader can pass over entries by
time without parsing them::

    {"at":"2026-11-21T10:00:00.123456","k":"NR","sys":"*LOCAL", ...}

The two kinds on the decision path are written out by hand: a quarter of the time of a general
encoder, which counts where every socket call waits for it. Tests hold them to what a general
decoder reads.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict
from json.encoder import encode_basestring_ascii as _quote
from typing import Any

from epm.addresses import format_address, is_v6
from epm.events import ExitEvent, Job, SocketEvent
from epm.model import Call, Verdict
from journal.entry import ChangeEntry, Entry, ForeignEntry, GapEntry, SocketEntry

#: Where the 26 characters of the time lie in every payload.
TIME_SLICE = slice(7, 33)
_dumps = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def encode_payload(entry: Entry, at: str, system: str) -> bytes:
    """Return the payload of an entry.

    Args:
        entry: what to record.
        at: UTC, ``YYYY-MM-DDTHH:MM:SS.mmmmmm``.
        system: the system that the entry is of.
    """
    kind, body = _ENCODERS[type(entry)](entry)
    return f'{{"at":"{at}","k":"{kind}","sys":{_quote(system)},{body}}}'.encode("ascii")


def _text(value: str | None) -> str:
    return "null" if value is None else _quote(value)


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def _job(job: Job) -> str:
    groups = "null" if job.groups is None else f"[{','.join(map(_quote, job.groups))}]"
    return f"[{_quote(job.name)},{_quote(job.user)},{job.number},{_text(job.program)},{groups}]"


def _socket_event(event: SocketEvent) -> tuple[str, str]:
    local, remote = event.local, event.remote
    far = ""
    if remote is not None:
        far = f'"remote_address":"{format_address(remote.address)}","remote_port":{remote.port},'
    return "SK", (
        f'"job":{_job(event.job)},"sk":{{"type":"{event.type.value}",'
        f'"local_address":"{format_address(local.address)}","local_port":{local.port},{far}'
        f'"descriptor":{event.descriptor},'
        f'"address_family":"{"*IPV6" if is_v6(local.address) else "*IPV4"}"}}'
    )


def _exit_event(event: ExitEvent) -> tuple[str, str]:
    decision = event.decision
    rule = decision.rule
    named = "null" if rule is None else f"[{rule.seq},{_text(rule.name)}]"
    flags = f"{decision.audit:d}{decision.message:d}{decision.capture:d}"
    return ("NA" if decision.verdict is Verdict.ALLOW else "NR"), (
        f'"job":{_job(event.job)},"call":{_call(event.call)},'
        f'"verdict":"{decision.verdict.value}","reason":"{decision.reason.value}",'
        f'"rule":{named},"flags":"{flags}","revision":{_number(event.revision)},'
        f'"enforced":{"true" if event.enforced else "false"},"error":{_text(event.error)}'
    )


def _call(call: Call) -> str:
    """Return a call in the contract's JSON shape; a missing field is left out."""
    parts = [f'"server":"{call.server.value}"']
    add = parts.append
    for name, address, port in (
        ("lcl", call.lcladdr, call.lclport),
        ("bnd", call.bndaddr, call.bndport),
        ("rmt", call.rmtaddr, call.rmtport),
    ):
        if address is not None:
            add(f'"{name}addr":"{format_address(address)}"')
        if port is not None:
            add(f'"{name}port":{port}')
    if call.backlog is not None:
        add(f'"backlog":{call.backlog}')
    if call.user is not None:
        add(f'"user":{_quote(call.user)}')
    if call.groups is not None:
        add(f'"groups":[{",".join(map(_quote, call.groups))}]')
    if call.job is not None:
        add(f'"job":{_quote(call.job)}')
    if call.pgm is not None:
        add(f'"pgm":{_quote(call.pgm)}')
    if call.at is not None:
        add(f'"at":"{call.at.isoformat()}"')
    return f"{{{','.join(parts)}}}"


def call_json(call: Call) -> dict[str, object]:
    """Return a call as the contract's JSON object; a missing field is left out."""
    value: dict[str, object] = json.loads(_call(call))
    return value


def _known(value: object) -> dict[str, object]:
    return {k: v for k, v in asdict(value).items() if v is not None}  # type: ignore[call-overload]


def _socket_entry(entry: SocketEntry) -> tuple[str, str]:
    return "SK", f'"job":{_job(entry.job)},"sk":{_dumps(_known(entry.data))}'


def _change(entry: ChangeEntry) -> tuple[str, str]:
    return "NC", (
        f'"job":{_job(entry.job)},"number":{entry.number},"revision":{_number(entry.revision)},'
        f'"who":{_quote(entry.who)},"what":{_quote(entry.what)},'
        f'"subject":{_quote(entry.subject)},"before":{_text(entry.before)},'
        f'"after":{_text(entry.after)}'
    )


def _gap(entry: GapEntry) -> tuple[str, str]:
    return "NG", (
        f'"reason":"{entry.reason.value}","text":{_quote(entry.text)},'
        f'"details":{_dumps(dict(entry.details))}'
    )


def _foreign(entry: ForeignEntry) -> tuple[str, str]:
    raw = None
    if entry.raw is not None:
        # Most of a record is blanks: level 1 takes 1,679 bytes to about 200.
        raw = base64.b64encode(zlib.compress(entry.raw, 1)).decode("ascii")
    data = None if entry.data is None else _known(entry.data)
    return "FR", (
        f'"source":{_quote(entry.source)},"number":{entry.sequence},'
        f'"header":{_dumps(_known(entry.header))},"sk":{_dumps(data)},'
        f'"form":{_text(entry.form)},"ccsid":{entry.ccsid},"raw":{_text(raw)}'
    )


_ENCODERS: dict[type, Callable[[Any], tuple[str, str]]] = {
    SocketEvent: _socket_event,
    SocketEntry: _socket_entry,
    ExitEvent: _exit_event,
    ChangeEntry: _change,
    GapEntry: _gap,
    ForeignEntry: _foreign,
}
