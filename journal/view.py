"""One flat view of every kind of entry, for lists, queries and reports. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from epm.addresses import format_address, parse_address
from epm.errors import ConditionError
from epm.events import ExitEvent, SkData
from epm.model import Server
from journal.entry import ChangeEntry, ForeignEntry, GapEntry, Stored
from journal.foreign import decision_of
from journal.records import header_of, job_of, parse_timestamp, server_of, sk_of

#: Ports whose listeners are tasks below the exit points (IBM support, by way of public code).
UNREACHED_PORTS = {23: "5250 Telnet", 445: "NetServer", 3000: "service tools server"}
#: Task names as a 10-character job field shows them (the second is spelled so).
UNREACHED_TASKS = {
    "TNACCEPTTA": "5250 Telnet",
    "SMBSERVERM": "NetServer",
    "EAOPFMK TS": "service tools server",
}


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as one row.

    Attributes:
        time: UTC, or a foreign record's own time (assumption A22) where ``in_utc`` is false.
        type: SK type; ``None`` for other entries.
        verdict: ``allow`` or ``reject`` of U/NA, U/NR; ``None`` for other entries.
        enforced: false for a rejection that was only logged.
        rule: sequence of the deciding rule.
        unreached: why the call never reached an exit program; ``None`` if it could.
        detail: what else the entry says, in words.
    """

    sequence: int
    time: datetime
    system: str
    code: str
    entry_type: str
    type: str | None = None
    server: str | None = None
    verdict: str | None = None
    enforced: bool | None = None
    reason: str | None = None
    rule: int | None = None
    rule_name: str | None = None
    revision: int | None = None
    user: str | None = None
    job: str | None = None
    job_number: int | None = None
    program: str | None = None
    local_address: str | None = None
    local_port: int | None = None
    bound_address: str | None = None
    bound_port: int | None = None
    remote_address: str | None = None
    remote_port: int | None = None
    backlog: int | None = None
    unreached: str | None = None
    detail: str | None = None
    in_utc: bool = True

    def time_text(self, timespec: str = "milliseconds") -> str:
        """Return the time in ISO form; with ``Z`` where it is known to be UTC."""
        return self.time.isoformat(timespec=timespec) + ("Z" if self.in_utc else "")

    def addresses(self) -> list[int]:
        """Return every address of the entry as a number; a text that is none is left out."""
        found = []
        for text in (self.local_address, self.bound_address, self.remote_address):
            if text is not None:
                try:
                    found.append(parse_address(text))
                except ConditionError:
                    continue
        return found

    def ports(self) -> tuple[int | None, ...]:
        """Return every port of the entry."""
        return self.local_port, self.bound_port, self.remote_port


#: The names of a row's values, in order.
COLUMNS = tuple(field.name for field in fields(EntryView) if field.name != "in_utc")


def view_of(stored: Stored) -> EntryView:
    """Return the view of an entry."""
    entry = stored.entry
    if isinstance(entry, ExitEvent):
        return _decision_view(stored, entry)
    if isinstance(entry, ChangeEntry):
        job = entry.job
        return EntryView(
            stored.sequence, stored.at, stored.system, "U", "NC", revision=entry.revision,
            user=entry.who, job=job.name, job_number=job.number, program=job.program,
            detail=f"{entry.what} {entry.subject}".strip(),
        )  # fmt: skip
    if isinstance(entry, GapEntry):
        return EntryView(
            stored.sequence, stored.at, stored.system, "U", "NG", reason=entry.reason.value,
            detail=entry.text,
        )  # fmt: skip
    decision = decision_of(entry) if isinstance(entry, ForeignEntry) else None
    return _socket_view(stored) if decision is None else _imported_view(stored, *decision)


def _imported_view(stored: Stored, fixed: dict[str, Any], full: dict[str, Any]) -> EntryView:
    """Return the view of a decision that was made, and recorded, on another system."""
    plain = _socket_view(stored)
    job = full.get("job")
    program = job.get("program") if isinstance(job, dict) else None
    return replace(
        plain,
        server=_known(fixed["server"], _SERVERS),
        verdict="allow" if fixed["verdict"] == "Y" else "reject",
        enforced=fixed["enforced"] != "N",
        reason=fixed["reason"],
        rule=fixed["rule"] or None,
        rule_name=fixed["rule_name"],
        revision=fixed["revision"] or None,
        user=fixed["user"] or plain.user,
        job=fixed["job"] or plain.job,
        program=program if isinstance(program, str) else plain.program,
        local_address=fixed["local_address"],
        local_port=_port(fixed["local_port"]),
        bound_address=fixed["bound_address"],
        bound_port=_port(fixed["bound_port"]),
        remote_address=fixed["remote_address"],
        remote_port=_port(fixed["remote_port"]),
        backlog=fixed["backlog"] if fixed["server"] == Server.LISTEN.value else None,
        detail=fixed["error"],
    )


_SERVERS = frozenset(server.value for server in Server)


def _known(text: str | None, names: frozenset[str]) -> str | None:
    return text if text in names else None


def _port(text: str | None) -> int | None:
    plain = (text or "").strip()
    return int(plain) if plain.isascii() and plain.isdigit() else None


def _decision_view(stored: Stored, event: ExitEvent) -> EntryView:
    call, decision, job = event.call, event.decision, event.job
    rule = decision.rule
    return EntryView(
        sequence=stored.sequence,
        time=stored.at,
        system=stored.system,
        code="U",
        entry_type="NA" if decision.allowed else "NR",
        server=call.server.value,
        verdict=decision.verdict.value,
        enforced=event.enforced,
        reason=decision.reason.value,
        rule=None if rule is None else rule.seq,
        rule_name=None if rule is None else rule.name,
        revision=event.revision,
        user=call.user if call.user is not None else job.user,
        job=call.job if call.job is not None else job.name,
        job_number=job.number,
        program=call.pgm if call.pgm is not None else job.program,
        local_address=_address(call.lcladdr),
        local_port=call.lclport,
        bound_address=_address(call.bndaddr),
        bound_port=call.bndport,
        remote_address=_address(call.rmtaddr),
        remote_port=call.rmtport,
        backlog=call.backlog,
        detail=event.error,
    )


def _address(number: int | None) -> str | None:
    return None if number is None else format_address(number)


def _socket_view(stored: Stored) -> EntryView:
    header, sk, job = header_of(stored), sk_of(stored), job_of(stored)
    foreign = isinstance(stored.entry, ForeignEntry)
    own_time = parse_timestamp(header.timestamp) if foreign else stored.at
    server = None if sk is None else server_of(sk.type)
    sk = sk or _NO_SK
    return EntryView(
        sequence=stored.sequence,
        time=own_time or stored.at,
        system=header.system or stored.system,
        code=header.code or "T",
        entry_type=header.entry_type or "SK",
        type=sk.type or None,
        server=None if server is None else server.value,
        user=header.user or header.job_user,
        job=header.job,
        job_number=header.job_number,
        program=header.program if job is None else job.program,
        local_address=sk.local_address,
        local_port=sk.local_port,
        remote_address=sk.remote_address,
        remote_port=sk.remote_port,
        unreached=unreached(sk.type, sk.local_port, header.job),
        detail=_sk_detail(sk.secure_version, sk.host_name, sk.filter_description),
        in_utc=own_time is None or not foreign,
    )


#: Stands for the SK data of an entry that has none.
_NO_SK = SkData(type="")


def _sk_detail(*parts: str | None) -> str | None:
    return " ".join(part for part in parts if part) or None


def unreached(sk_type: str, local_port: int | None, job: str | None) -> str | None:
    """Return why the call of an SK entry never reaches an exit program on IBM i, or ``None``.

    A listener that is a task of the licensed internal code is not asked about; its SK entries
    show the task's name as the job.
    """
    task = UNREACHED_TASKS.get((job or "")[:10].rstrip())
    if task is not None and sk_type:
        return f"task of {task}"
    if sk_type == "A" and local_port in UNREACHED_PORTS:
        return f"port {local_port}, {UNREACHED_PORTS[local_port]}"
    return None
