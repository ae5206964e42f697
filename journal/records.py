"""What a stored entry is as a record of another form: a row, a *TYPE5 record, a call. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, astuple, replace
from datetime import UTC, datetime

from epm.addresses import format_address
from epm.events import ExitEvent, Job, SkData, SocketEvent
from epm.model import Server
from journal.entry import ChangeEntry, ForeignEntry, GapEntry, SocketEntry, Stored, entry_type
from journal.layouts import u_entries
from journal.layouts.ccsid import DEFAULT_CCSID
from journal.layouts.esd import encode_esd
from journal.layouts.type5 import encode_type5
from journal.layouts.values import HeaderData
from journal.parsing.rows import NO_SK, Row, make_row
from journal.payload import call_json

#: Where before and after of a change are too long for a record, so much of each is kept.
_CUT = 1000


def saa_timestamp(at: datetime) -> str:
    """Return ``YYYY-MM-DD-HH.MM.SS.mmmmmm`` (SAA form, assumption A22)."""
    text = at.isoformat(timespec="microseconds")
    return f"{text[:10]}-{text[11:].replace(':', '.')}"


def header_of(stored: Stored) -> HeaderData:
    """Return an entry's header, its values whole (a record's fields cut them)."""
    entry = stored.entry
    if isinstance(entry, ForeignEntry):
        return replace(entry.header, system=entry.header.system or entry.source)
    code, kind = entry_type(entry)
    job = job_of(stored) or _NO_JOB
    program = None if job.program is None else job.program.rstrip("/").rpartition("/")[2] or None
    return HeaderData(
        sequence=stored.sequence,
        timestamp=saa_timestamp(stored.at),
        code=code,
        entry_type=kind,
        job=_shown(job.name),
        job_user=_shown(job.user),
        job_number=job.number if job is not _NO_JOB else None,
        program=_shown(program),
        user=_shown(job.user),
        system=stored.system,
    )


def _shown(name: str | None) -> str | None:
    """Return a name as a record's header can hold it: a process may call itself anything.

    The entry keeps the name whole, and so does a U entry's own data.
    """
    if not name or name.isprintable():
        return name or None
    return "".join(c if c.isprintable() else "?" for c in name)


_NO_JOB = Job("", "", 0)


def job_of(stored: Stored) -> Job | None:
    """Return the job that an entry of our own is of; ``None`` for a gap or a foreign entry."""
    entry = stored.entry
    if isinstance(entry, GapEntry | ForeignEntry):
        return None
    return entry.job


def sk_of(stored: Stored) -> SkData | None:
    """Return the SK data of an entry; ``None`` if it is no SK entry."""
    entry = stored.entry
    if isinstance(entry, SocketEntry | ForeignEntry):
        return entry.data
    return None


def row_of(stored: Stored) -> Row:
    """Return an entry as a row with the parser's names; U entries with the call's addresses."""
    sk = sk_of(stored)
    values: tuple[object, ...] = NO_SK if sk is None else astuple(sk)
    if isinstance(stored.entry, ExitEvent):
        call = stored.entry.call
        ends = (_address(call.lcladdr), call.lclport, _address(call.rmtaddr), call.rmtport)
        values = (None, *ends, *NO_SK[5:])
    return make_row(astuple(header_of(stored)), values)


def _address(number: int | None) -> str | None:
    return None if number is None else format_address(number)


def to_type5(stored: Stored, ccsid: int = DEFAULT_CCSID) -> bytes:
    """Return an entry as a *TYPE5 record.

    An imported *TYPE5 record of the same CCSID comes out byte for byte as it came in.

    Raises:
        SettingsError: the CCSID is not supported.
    """
    entry = stored.entry
    if isinstance(entry, ForeignEntry) and entry.form == "type5" and entry.ccsid == ccsid:
        assert entry.raw is not None
        return entry.raw
    data, incomplete = specific_data(stored, ccsid)
    header = header_of(stored)
    if isinstance(entry, ForeignEntry):
        # What came as JSON or CSV may have another form of time, or no code.
        at = parse_timestamp(header.timestamp) or stored.at
        code, kind = entry_type(entry)
        header = replace(header, timestamp=saa_timestamp(at), code=code, entry_type=kind)
    return encode_type5(header, data, ccsid, receiver=stored.receiver, incomplete=incomplete)


def specific_data(stored: Stored, ccsid: int = DEFAULT_CCSID) -> tuple[bytes, bool]:
    """Return (entry-specific data, whether it had to be cut).

    A foreign entry other than SK that came without its bytes has none.

    Raises:
        SettingsError: the CCSID is not supported.
    """
    entry = stored.entry
    if isinstance(entry, ExitEvent):
        return _decision_data(stored, entry, ccsid)
    if isinstance(entry, ChangeEntry):
        return _change_data(stored, entry, ccsid)
    if isinstance(entry, ForeignEntry) and entry.form == "esd" and entry.ccsid == ccsid:
        return entry.raw or b"", False  # as it was written
    if isinstance(entry, GapEntry):
        full = _json({"reason": entry.reason.value, "text": entry.text, **entry.details})
        values = {"reason": entry.reason.value, "text": entry.text}
        return u_entries.encode_u(u_entries.GAP, values, full, ccsid), False
    sk = sk_of(stored)
    assert not isinstance(entry, SocketEvent)
    return (b"" if sk is None else encode_esd(sk, ccsid)), False


def _json(value: dict[str, object]) -> str:
    # A lone surrogate (an undecodable file name) is kept as its escape.
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def _job_json(job: Job) -> dict[str, object]:
    return {k: list(v) if k == "groups" and v else v for k, v in asdict(job).items()}


def decision_json(stored: Stored, event: ExitEvent) -> dict[str, object]:
    """Return everything that a U/NA or U/NR entry says."""
    decision = event.decision
    rule = decision.rule
    return {
        "system": stored.system,
        "server": event.call.server.value,
        "format": event.call.server.format_name,
        "verdict": decision.verdict.value,
        "enforced": event.enforced,
        "reason": decision.reason.value,
        "rule": None if rule is None else {"seq": rule.seq, "name": rule.name},
        "audit": decision.audit,
        "message": decision.message,
        "capture": decision.capture,
        "revision": event.revision,
        "error": event.error,
        "call": call_json(event.call),
        "job": _job_json(event.job),
    }


def _decision_data(stored: Stored, event: ExitEvent, ccsid: int) -> tuple[bytes, bool]:
    call, decision = event.call, event.decision
    full, cut = _fitting(decision_json(stored, event), ("error",), u_entries.room(u_entries.DECISION))  # fmt: skip  # noqa: E501
    values: dict[str, str | int | None] = {
        "verdict": "Y" if decision.allowed else "N",
        "enforced": "Y" if event.enforced else "N",
        "server": call.server.value,
        "format": call.server.format_name,
        "reason": decision.reason.value,
        "rule": None if decision.rule is None else decision.rule.seq,
        "rule_name": None if decision.rule is None else decision.rule.name,
        "revision": event.revision,
        "local_address": _address(call.lcladdr),
        "local_port": _digits(call.lclport),
        "bound_address": _address(call.bndaddr),
        "bound_port": _digits(call.bndport),
        "remote_address": _address(call.rmtaddr),
        "remote_port": _digits(call.rmtport),
        "backlog": call.backlog,
        "user": call.user,
        "job": call.job,
        "error": event.error,
    }
    return u_entries.encode_u(u_entries.DECISION, values, full, ccsid), cut


def _digits(number: int | None) -> str | None:
    return None if number is None else str(number)


def change_json(stored: Stored, entry: ChangeEntry) -> dict[str, object]:
    """Return everything that a U/NC entry says; before and after are JSON text."""
    return {"system": stored.system, **asdict(entry), "job": _job_json(entry.job)}


def _change_data(stored: Stored, entry: ChangeEntry, ccsid: int) -> tuple[bytes, bool]:
    full, cut = _fitting(
        change_json(stored, entry), ("before", "after"), u_entries.room(u_entries.CHANGE)
    )
    values: dict[str, str | int | None] = {
        "what": entry.what,
        "subject": entry.subject,
        "who": entry.who,
        "number": entry.number,
        "revision": entry.revision,
    }
    return u_entries.encode_u(u_entries.CHANGE, values, full, ccsid), cut


def _fitting(value: dict[str, object], long: tuple[str, ...], room: int) -> tuple[str, bool]:
    """Return (JSON that fits a record, whether values had to be cut); the journal has the whole."""
    full = _json(value)
    if len(full) <= room:
        return full, False
    short = dict(value) | {"incomplete": True}
    for name in long:
        text = short[name]
        short[name] = text[:_CUT] if isinstance(text, str) else text
    full = _json(short)
    if len(full) > room:
        return _json({"system": value["system"], "incomplete": True}), True
    return full, True


def to_call(stored: Stored) -> dict[str, object] | None:
    """Return the call that an entry records, as the contract's JSON object, or ``None``.

    U/NA and U/NR hold it whole. SK-A is an accept and SK-C a connect; what they do not record
    (the listener's address, group profiles) is missing. ``at`` of our own SK entries is UTC
    and ends with ``Z``; of a foreign record it is that system's time (assumption A22).
    """
    entry = stored.entry
    if isinstance(entry, ExitEvent):
        return call_json(entry.call)
    sk = sk_of(stored)
    server = None if sk is None else _SERVERS.get(sk.type)
    if sk is None or server is None:
        return None
    header = header_of(stored)
    job = job_of(stored)
    call: dict[str, object | None] = {
        "server": server.value,
        "rmtaddr": sk.remote_address,
        "rmtport": sk.remote_port,
        "lcladdr": sk.local_address,
        "lclport": sk.local_port,
        "user": header.user or header.job_user,
        "groups": None if job is None or job.groups is None else list(job.groups),
        "job": header.job,
        "pgm": header.program if job is None else job.program,
        "at": _call_time(stored),
    }
    return {name: value for name, value in call.items() if value is not None}


_SERVERS = {"A": Server.ACCEPT, "C": Server.CONNECT}


def server_of(sk_type: str) -> Server | None:
    """Return the server whose call an SK entry of a type records, if it is one of ours."""
    return _SERVERS.get(sk_type)


def _call_time(stored: Stored) -> str | None:
    if isinstance(stored.entry, ForeignEntry):
        at = parse_timestamp(stored.entry.header.timestamp)
        return None if at is None else at.isoformat()
    return stored.at.isoformat() + "Z"


def parse_timestamp(text: str | None) -> datetime | None:
    """Return the time that a record's own text says, without zone; ``None`` if it says none.

    Takes the SAA form and ISO forms; an offset is converted to UTC.
    """
    if not text or len(text) > 40:
        return None
    if len(text) == 26 and text[10] == "-" and text[13] == text[16] == ".":
        text = f"{text[:10]}T{text[11:].replace('.', ':', 2)}"
    try:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
