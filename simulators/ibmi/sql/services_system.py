"""Services about exit points, jobs, security and the database catalogue; and SYSDUMMY1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import matches
from simulators.ibmi.sql.services import FUNCTIONS, VIEWS, Row, Service

_V3, _V10 = "VARCHAR(3)", "VARCHAR(10)"


def _points(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    for p in job.system.registration:
        registered = "YES" if p.registered else "NO"
        yield (
            *(p.name, p.format_name, registered, "NO", "YES", len(p.programs), p.maximum),
            *(p.text or None, None, None),
        )


def _programs(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    for point in job.system.registration:
        for p in point.programs:
            attributes = job.system.registration.attributes(point, p)
            yield (
                *(point.name, point.format_name, "YES" if point.registered else "NO", "YES"),
                *(p.number, *p.qualified.split("/"), p.text or None, attributes.data or None),
                *(attributes.thread_safe[1:], attributes.multithread_action),
            )


def _security(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    values = job.system.values
    try:
        receiver = job.system.audit_journal.attached
        exists, name, library = "YES", receiver.name, receiver.lib
    except EscapeError:
        exists, name, library = "NO", None, None
    level = int(values.get("QSECURITY"))
    yield (
        *(level, level, int(values.get("QPWDLVL")), exists, values.get("QAUDCTL")),
        *(values.get("QAUDLVL"), values.get("QAUDLVL2"), name, library),
    )


def _log(job: JobState, given: Mapping[str, Any]) -> Iterable[Row]:
    wanted = str(given.get("JOB_NAME") or "*").strip()
    if wanted not in ("*", job.qualified_name):
        raise EscapeError("CPF1344", wanted)
    for place, message in enumerate(job.log, 1):
        kind = "ESCAPE" if message.id[:3] in ("CPF", "MCH", "RNX") else "COMPLETION"
        if message.id.startswith("CPD"):
            kind = "DIAGNOSTIC"
        yield place, message.id or None, kind, message.text, message.time


def _active(job: JobState, given: Mapping[str, Any]) -> Iterable[Row]:
    def wanted(parameter: str, value: str) -> bool:
        words = str(given.get(parameter) or "*ALL").upper().replace(",", " ").split()
        return any(word == "*" or matches(word, value) for word in words)

    active = [
        (number, other)
        for number, other in sorted(job.system.jobs.items())
        if wanted("SUBSYSTEM_LIST_FILTER", other.subsystem)
        and wanted("JOB_NAME_FILTER", other.name)
        and wanted("CURRENT_USER_LIST_FILTER", other.user)
        and (str(given.get("JOB_NAME_FILTER") or "").strip() != "*" or number == job.number)
    ]
    for place, (number, other) in enumerate(active, 1):
        qualified = f"{number}/{other.user}/{other.name}"
        yield place, qualified, other.name, other.subsystem, other.user, "PJ", "RUN"


def _libraries(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    parts = [("SYSTEM", job.system_libraries), ("USER", job.user_libraries)]
    if job.current_library:
        parts.insert(1, ("CURRENT", [job.current_library]))
    place = 0
    for kind, names in parts:
        for name in names:
            place += 1
            home = job.qtemp if name == "QTEMP" else job.system.libraries.get(name)
            yield place, name, name, kind, home.header.text if home else None


def _dummy(_: JobState, __: Mapping[str, Any]) -> Iterable[Row]:
    yield ("Y",)


def _environment(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    yield job.system.name, "IBM i", 7, 5, 2, 8192


def _tcpip(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    """The connection of the job's client: there is none here but the loopback."""
    loopback = ("IPV4", "127.0.0.1", 0)
    yield job.system.now(), job.system.name, *loopback, *loopback, "V7R5M0"


VIEWS["SYSIBM", "SYSDUMMY1"] = Service((("IBMREQD", "CHAR(1)"),), _dummy)
VIEWS["QSYS2", "SYSDUMMY1"] = VIEWS["SYSIBM", "SYSDUMMY1"]
VIEWS["QSYS2", "EXIT_POINT_INFO"] = Service(
    (
        *(("EXIT_POINT_NAME", "VARCHAR(20)"), ("EXIT_POINT_FORMAT", "CHAR(8)")),
        *(("REGISTERED", _V3), ("ALLOW_DEREGISTRATION", _V3), ("ALLOW_CHANGE", _V3)),
        *(("EXIT_PROGRAMS", "INTEGER"), ("MAXIMUM_EXIT_PROGRAMS", "INTEGER")),
        *(("TEXT_DESCRIPTION", "VARCHAR(132)"), ("ADD_EXIT_PROGRAM_LIBRARY", _V10)),
        ("ADD_EXIT_PROGRAM", _V10),
    ),
    _points,
)
VIEWS["QSYS2", "EXIT_PROGRAM_INFO"] = Service(
    (
        *(("EXIT_POINT_NAME", "VARCHAR(20)"), ("EXIT_POINT_FORMAT", "CHAR(8)")),
        *(("REGISTERED", _V3), ("COMPLETE", _V3), ("EXIT_PROGRAM_NUMBER", "INTEGER")),
        *(("EXIT_PROGRAM_LIBRARY", _V10), ("EXIT_PROGRAM", _V10)),
        *(("TEXT_DESCRIPTION", "VARCHAR(132)"), ("EXIT_PROGRAM_DATA", "VARCHAR(2048)")),
        *(("THREADSAFE", _V10), ("MULTITHREADED_JOB_ACTION", "VARCHAR(8)")),
    ),
    _programs,
)
VIEWS["QSYS2", "EXIT_POINT"] = VIEWS["QSYS2", "EXIT_POINT_INFO"]
VIEWS["QSYS2", "EXIT_PGM"] = VIEWS["QSYS2", "EXIT_PROGRAM_INFO"]
VIEWS["QSYS2", "SECURITY_INFO"] = Service(
    (
        *(("SECURITY_LEVEL", "SMALLINT"), ("PENDING_SECURITY_LEVEL", "SMALLINT")),
        *(("PASSWORD_LEVEL", "SMALLINT"), ("AUDIT_JOURNAL_EXISTS", _V3)),
        *(("AUDITING_CONTROL", "VARCHAR(55)"), ("AUDITING_LEVEL", "VARCHAR(175)")),
        *(("AUDITING_LEVEL_EXTENSION", "VARCHAR(1088)"), ("AUDIT_JOURNAL_RECEIVER", _V10)),
        ("AUDIT_JOURNAL_RECEIVER_LIBRARY", _V10),
    ),
    _security,
)
#: The view, and the result set of the procedure of its name.
TCPIP_INFO = Service(
    (
        *(("COLLECTED_TIME", "TIMESTAMP"), ("LOCAL_HOST_NAME", "VARCHAR(255)")),
        *(("CLIENT_IP_ADDRESS_TYPE", _V10), ("CLIENT_IP_ADDRESS", "VARCHAR(45)")),
        *(("CLIENT_PORT_NUMBER", "INTEGER"), ("SERVER_IP_ADDRESS_TYPE", _V10)),
        *(("SERVER_IP_ADDRESS", "VARCHAR(45)"), ("SERVER_PORT_NUMBER", "INTEGER")),
        ("HOST_VERSION", _V10),
    ),
    _tcpip,
)
VIEWS["QSYS2", "TCPIP_INFO"] = TCPIP_INFO
VIEWS["QSYS2", "SEC_INFO"] = VIEWS["QSYS2", "SECURITY_INFO"]
FUNCTIONS["QSYS2", "JOBLOG_INFO"] = Service(
    (
        *(("ORDINAL_POSITION", "INTEGER"), ("MESSAGE_ID", "VARCHAR(7)")),
        *(("MESSAGE_TYPE", "VARCHAR(13)"), ("MESSAGE_TEXT", "VARCHAR(1024)")),
        ("MESSAGE_TIMESTAMP", "TIMESTAMP"),
    ),
    _log,
    ("JOB_NAME",),
    ("JOB_NAME",),
    is_function=True,
)
FUNCTIONS["QSYS2", "ACTIVE_JOB_INFO"] = Service(
    (
        *(("ORDINAL_POSITION", "INTEGER"), ("JOB_NAME", "VARCHAR(28)")),
        *(("JOB_NAME_SHORT", _V10), ("SUBSYSTEM", _V10), ("AUTHORIZATION_NAME", _V10)),
        *(("JOB_TYPE", _V3), ("JOB_STATUS", "VARCHAR(4)")),
    ),
    _active,
    (
        *("RESET_STATISTICS", "SUBSYSTEM_LIST_FILTER", "JOB_NAME_FILTER"),
        *("CURRENT_USER_LIST_FILTER", "DETAILED_INFO"),
    ),
    is_function=True,
)
VIEWS["QSYS2", "LIBRARY_LIST_INFO"] = Service(
    (
        *(("ORDINAL_POSITION", "INTEGER"), ("SCHEMA_NAME", "VARCHAR(128)")),
        *(
            ("SYSTEM_SCHEMA_NAME", _V10),
            ("TYPE", "VARCHAR(8)"),
            ("TEXT_DESCRIPTION", "VARCHAR(50)"),
        ),
    ),
    _libraries,
)
VIEWS["SYSIBMADM", "ENV_SYS_INFO"] = Service(
    (
        *(("HOST_NAME", "VARCHAR(255)"), ("OS_NAME", "VARCHAR(256)"), ("OS_VERSION", "INTEGER")),
        *(("OS_RELEASE", "INTEGER"), ("TOTAL_CPUS", "INTEGER"), ("TOTAL_MEMORY", "INTEGER")),
    ),
    _environment,
)
