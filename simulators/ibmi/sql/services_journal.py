"""Services about journals: DISPLAY_JOURNAL, AUDIT_JOURNAL_SK, JOURNAL_INFO and receivers.

Column names and parameters: IBM documentation, those of AUDIT_JOURNAL_SK are an assumption (A24).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from simulators.ibmi.jobstate import JobState
from simulators.ibmi.journals import Journal, JournalEntry
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.rights import USE
from simulators.ibmi.sql.functions import stamp, stamp_text
from simulators.ibmi.sql.services import FUNCTIONS, VIEWS, Row, Service, whole
from simulators.ibmi.state import AUDIT_JOURNAL

_V10 = "VARCHAR(10)"


def _text(given: Mapping[str, Any], name: str, default: str = "") -> str:
    value = given.get(name)
    return default if value is None else str(value).strip().upper()


def _chosen(
    journal: Journal, given: Mapping[str, Any], starting: str, *, exclusive: bool
) -> Iterator[JournalEntry]:
    """The entries that the parameters select. DISPLAY_JOURNAL includes its bounds."""
    first, last = whole(given, "STARTING_SEQUENCE"), whole(given, "ENDING_SEQUENCE")
    after = 0 if first is None else first - (0 if exclusive else 1)
    begin = _bound(given, "STARTING_TIMESTAMP", datetime.min)
    end = _bound(given, "ENDING_TIMESTAMP", datetime.max)
    types, codes = (_listed(given, n) for n in ("JOURNAL_ENTRY_TYPES", "JOURNAL_CODES"))
    user, job, program = (_text(given, n, "*ALL") or "*ALL" for n in ("USER", "JOB", "PROGRAM"))
    for entry in journal.read(
        _text(given, "STARTING_RECEIVER_NAME", starting) or starting,
        _text(given, "ENDING_RECEIVER_NAME", "*CURRENT") or "*CURRENT",
        after=after,
        types=types,
        codes=codes,
    ):
        if last is not None and entry.sequence > last:
            continue
        if not (begin < entry.time if exclusive else begin <= entry.time) or entry.time > end:
            continue
        qualified = f"{entry.job_number}/{entry.job_user}/{entry.job}"
        if (
            user in ("*ALL", entry.job_user)
            and job in ("*ALL", entry.job, qualified)
            and program in ("*ALL", entry.program)
        ):
            yield entry


def _bound(given: Mapping[str, Any], name: str, default: datetime) -> datetime:
    value = given.get(name)
    return default if value is None else stamp(value)


def _listed(given: Mapping[str, Any], name: str) -> frozenset[str] | None:
    """Return a list of words, separated by blanks or commas; None for *ALL."""
    words = frozenset(_text(given, name, "*ALL").replace(",", " ").split())
    return None if not words or "*ALL" in words else words


def _display(job: JobState, given: Mapping[str, Any]) -> Iterable[Row]:
    for name in ("GENERATE_SYSLOG", "EOF_DELAY"):
        if _text(given, name, "0") not in ("", "0"):
            raise EscapeError("CPF9898", f"{name} of DISPLAY_JOURNAL is not simulated.")
    library, name = _text(given, "JOURNAL_LIBRARY"), _text(given, "JOURNAL_NAME")
    home, _ = job.need(library or "*LIBL", name, "*JRN", USE)
    journal = job.system.journal(home.name, name)
    wanted, cycle = _listed(given, "OBJECT_NAME"), whole(given, "COMMIT_CYCLE")
    owner = _text(given, "OBJECT_LIBRARY", "*ALL") or "*ALL"
    for e in _chosen(journal, given, "*CURRENT", exclusive=False):
        if wanted is not None and (
            e.object not in wanted or owner not in ("*ALL", e.object_library)
        ):
            continue
        if cycle:  # no entry here is under commitment control
            continue
        yield (
            *(stamp_text(e.time), e.sequence, e.code, e.type, 0, e.data, None),
            *(e.object or None, e.object_library or None, "*QDDS" if e.object else None),
            *(e.user, e.user, e.job, e.job_user, e.job_number, e.program, e.program_library),
            *(0, "0", e.receiver, e.receiver_library, None, None, None, None),
        )


#: Columns of AUDIT_JOURNAL_SK: place in the entry-specific data, length, and whether it is binary.
#: IBM documentation: SK entry layout, 1-based offsets of the entry-specific data.
_SK_FIELDS = (
    ("LOCAL_PORT", 17, 5),
    ("REMOTE_PORT", 37, 5),
    ("SOCKET_DESCRIPTOR", 42, 4),
    ("ADDRESS_FAMILY", 572, 10),
    ("LOCAL_ADDRESS", 582, 46),
    ("REMOTE_ADDRESS", 628, 46),
)
_SK_DETAILS = {
    "A": "Accept",
    "C": "Connect",
    "D": "DHCP address assigned",
    "F": "Filtered mail",
    "I": "Inbound UDP traffic",
    "O": "Outbound UDP traffic",
    "P": "Port unavailable",
    "R": "Reject mail",
    "S": "Successful secure connection",
    "U": "DHCP address not assigned",
    "X": "Failed System SSL/TLS connection",
}


def _audit_sk(job: JobState, given: Mapping[str, Any]) -> Iterable[Row]:
    """AUDIT_JOURNAL_SK: as IBM documents its family, from yesterday on where no start is given."""
    job.need(*AUDIT_JOURNAL, "*JRN", USE)
    named = {**given, "JOURNAL_ENTRY_TYPES": "SK", "JOURNAL_CODES": "T"}
    named["USER"] = given.get("USER_NAME")
    if given.get("STARTING_TIMESTAMP") is None and given.get("STARTING_SEQUENCE") is None:
        midnight = job.system.now().replace(hour=0, minute=0, second=0, microsecond=0)
        # Exclusive, as the bounds of this family are read here: from the last moment before it.
        named["STARTING_TIMESTAMP"] = stamp_text(midnight - timedelta(days=1, microseconds=1))
    elif given.get("STARTING_TIMESTAMP") is not None and given.get("STARTING_SEQUENCE") is not None:
        raise EscapeError("CPF9898", "STARTING_TIMESTAMP and STARTING_SEQUENCE exclude each other.")
    for e in _chosen(job.system.audit_journal, named, "*CURAVLCHN", exclusive=True):
        kind = e.data[:1].decode("cp037")
        values = [_field(e.data, place, length) for _, place, length in _SK_FIELDS]
        yield (
            *(stamp_text(e.time), e.sequence, f"{e.job_number}/{e.job_user}/{e.job}", e.user),
            *(e.program, e.program_library, e.receiver, e.receiver_library, kind),
            *(_SK_DETAILS.get(kind), *values),
        )


def _field(data: bytes, place: int, length: int) -> object:
    part = data[place - 1 : place - 1 + length]
    if length == 4:
        return int.from_bytes(part, "big", signed=True) if len(part) == 4 else None
    text = part.decode("cp037").strip()
    if length == 5:
        return int(text) if text.isascii() and text.isdigit() else None
    return text or None


def _journals(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    for library in job.system.libraries:
        for item in library.select("*ALL", "*JRN"):
            if isinstance(item.data, Journal) and job.allows(item, USE):
                attached = item.data.attached
                yield (
                    *(library.name, item.name, attached.lib, attached.name),
                    *(len(item.data.chain), item.text or None),
                )


def _receivers(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    for library in job.system.libraries:
        for item in library.select("*ALL", "*JRN"):
            if not isinstance(item.data, Journal) or not job.allows(item, USE):
                continue
            for receiver in item.data.chain:
                entries = receiver.entries
                yield (
                    *(receiver.lib, receiver.name, library.name, item.name, receiver.status),
                    entries[0].sequence if entries else None,
                    entries[-1].sequence if entries else None,
                    len(entries),
                    stamp_text(receiver.attached) if receiver.attached else None,
                    stamp_text(receiver.detached) if receiver.detached else None,
                )


FUNCTIONS["QSYS2", "DISPLAY_JOURNAL"] = Service(
    (
        *(("ENTRY_TIMESTAMP", "TIMESTAMP"), ("SEQUENCE_NUMBER", "DECIMAL(21, 0)")),
        *(("JOURNAL_CODE", "CHAR(1)"), ("JOURNAL_ENTRY_TYPE", "CHAR(2)")),
        *(("COUNT_OR_RRN", "BIGINT"), ("ENTRY_DATA", "BLOB(2147483647)")),
        *(("NULL_VALUE_INDICATORS", "VARCHAR(8000)"), ("OBJECT", "VARCHAR(30)")),
        *(("OBJECT_LIBRARY", _V10), ("OBJECT_TYPE", _V10), ("USER_NAME", _V10)),
        *(
            ("CURRENT_USER", _V10),
            ("JOB_NAME", _V10),
            ("JOB_USER", _V10),
            ("JOB_NUMBER", "VARCHAR(6)"),
        ),
        *(("PROGRAM_NAME", _V10), ("PROGRAM_LIBRARY", _V10), ("COMMIT_CYCLE", "DECIMAL(21, 0)")),
        *(("INDICATOR_FLAG", "CHAR(1)"), ("RECEIVER_NAME", _V10), ("RECEIVER_LIBRARY", _V10)),
        *(("REMOTE_ADDRESS", "VARCHAR(46)"), ("SYSLOG_FACILITY", "INTEGER")),
        *(("SYSLOG_SEVERITY", "INTEGER"), ("SYSLOG_EVENT", "VARCHAR(2048)")),
    ),
    _display,
    (
        *("JOURNAL_LIBRARY", "JOURNAL_NAME", "STARTING_RECEIVER_LIBRARY"),
        *("STARTING_RECEIVER_NAME", "STARTING_TIMESTAMP", "STARTING_SEQUENCE", "JOURNAL_CODES"),
        *("JOURNAL_ENTRY_TYPES", "OBJECT_LIBRARY", "OBJECT_NAME", "OBJECT_OBJTYPE"),
        *("OBJECT_MEMBER", "USER", "JOB", "PROGRAM", "ENDING_RECEIVER_LIBRARY"),
        *("ENDING_RECEIVER_NAME", "ENDING_TIMESTAMP", "ENDING_SEQUENCE", "GENERATE_SYSLOG"),
        *("EOF_DELAY", "COMMIT_CYCLE", "INCLUDE_INTERNAL"),
    ),
    ("JOURNAL_LIBRARY", "JOURNAL_NAME"),
    is_function=True,
)
FUNCTIONS["SYSTOOLS", "AUDIT_JOURNAL_SK"] = Service(
    (
        *(("ENTRY_TIMESTAMP", "TIMESTAMP"), ("SEQUENCE_NUMBER", "DECIMAL(21, 0)")),
        *(("QUALIFIED_JOB_NAME", "VARCHAR(28)"), ("USER_NAME", _V10), ("PROGRAM_NAME", _V10)),
        *(("PROGRAM_LIBRARY", _V10), ("RECEIVER_NAME", _V10), ("RECEIVER_LIBRARY", _V10)),
        *(("ENTRY_TYPE", "CHAR(1)"), ("ENTRY_TYPE_DETAIL", "VARCHAR(200)")),
        *(("LOCAL_PORT", "INTEGER"), ("REMOTE_PORT", "INTEGER"), ("SOCKET_DESCRIPTOR", "INTEGER")),
        *(("ADDRESS_FAMILY", _V10), ("LOCAL_ADDRESS", "VARCHAR(46)")),
        ("REMOTE_ADDRESS", "VARCHAR(46)"),
    ),
    _audit_sk,
    (
        *("STARTING_RECEIVER_NAME", "ENDING_RECEIVER_NAME", "STARTING_TIMESTAMP"),
        *("ENDING_TIMESTAMP", "USER_NAME", "JOB", "PROGRAM", "STARTING_SEQUENCE"),
        *("ENDING_SEQUENCE", "STARTING_RECEIVER_LIBRARY", "ENDING_RECEIVER_LIBRARY"),
    ),
    is_function=True,
)
VIEWS["QSYS2", "JOURNAL_INFO"] = Service(
    (
        *(("JOURNAL_LIBRARY", _V10), ("JOURNAL_NAME", _V10)),
        *(("ATTACHED_JOURNAL_RECEIVER_LIBRARY", _V10), ("ATTACHED_JOURNAL_RECEIVER_NAME", _V10)),
        *(("NUMBER_JOURNAL_RECEIVERS", "INTEGER"), ("JOURNAL_TEXT", "VARCHAR(50)")),
    ),
    _journals,
)
VIEWS["QSYS2", "JOURNAL_RECEIVER_INFO"] = Service(
    (
        *(("JOURNAL_RECEIVER_LIBRARY", _V10), ("JOURNAL_RECEIVER_NAME", _V10)),
        *(("JOURNAL_LIBRARY", _V10), ("JOURNAL_NAME", _V10), ("STATUS", _V10)),
        *(("FIRST_SEQUENCE_NUMBER", "DECIMAL(20, 0)"), ("LAST_SEQUENCE_NUMBER", "DECIMAL(20, 0)")),
        *(("NUMBER_OF_JOURNAL_ENTRIES", "DECIMAL(20, 0)"), ("ATTACH_TIMESTAMP", "TIMESTAMP")),
        ("DETACH_TIMESTAMP", "TIMESTAMP"),
    ),
    _receivers,
)
