"""Services about objects, users and system values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simulators.ibmi.jobstate import JobState
from simulators.ibmi.objects import DataArea, DataQueue, MessageQueue
from simulators.ibmi.queues import queue_of, receive
from simulators.ibmi.rights import USE
from simulators.ibmi.sql.functions import stamp_text
from simulators.ibmi.sql.services import FUNCTIONS, VIEWS, Row, Service, whole
from simulators.ibmi.sysvals import of_the_clock

_V10, _V50 = "VARCHAR(10)", "VARCHAR(50)"


def _visible(job: JobState) -> Iterable[tuple[str, Any]]:
    """Every object of every library that the job may use, with the library's name."""
    for library in job.system.libraries:
        if job.allows(library.header, USE):
            for item in library.objects.values():
                yield library.name, item


def _objects(job: JobState, given: Mapping[str, Any]) -> Iterable[Row]:
    library = str(given["OBJECT_SCHEMA"]).strip().upper()
    types = str(given.get("OBJTYPELIST") or "*ALL").upper().split()
    wanted = {t if t.startswith("*") else f"*{t}" for t in types}
    pattern = str(given.get("OBJECT_NAME") or "*ALL").strip().upper()
    homes = list(job.searched(library))
    for home in homes:
        for item in home.select(pattern):
            if "*ALL" in wanted or item.type in wanted:
                yield (
                    *(item.name, item.type, item.owner, "QSYS", stamp_text(item.created)),
                    *(item.size, item.text, item.name, home.name, item.attribute or None),
                    stamp_text(item.changed or item.created),
                )
    if library == "QSYS" and ("*LIB" in wanted or "*ALL" in wanted):
        for home in job.system.libraries:
            if pattern in ("*ALL", home.name):
                made = stamp_text(home.header.created)
                yield (
                    *(home.name, "*LIB", home.header.owner, "QSYS", made, home.header.size),
                    *(home.header.text, home.name, "QSYS", home.header.attribute, made),
                )


def _library_info(job: JobState, given: Mapping[str, Any]) -> Iterable[Row]:
    name = str(given["LIBRARY_NAME"]).strip().upper()
    home = job.lib(name)
    size = sum(item.size for item in home.objects.values())
    yield len(home.objects), size, "YES", home.header.attribute, home.header.text, home.header.owner


def _users(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    if not (job.has_special("*ALLOBJ") or job.has_special("*SECADM")):
        profiles = [job.profile]
    else:
        profiles = list(job.system.profiles)
    for p in profiles:
        yield (
            p.name,
            "*ENABLED" if p.enabled else "*DISABLED",
            "YES" if p.without_password else "NO",
            "YES" if p.expired else "NO",
            p.failures,
            "".join(f"{a:<10} " for a in sorted(p.special)).rstrip() or None,
            p.groups[0] if p.groups else "*NONE",
            p.max_storage,
            p.text or None,
        )


def _system_values(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    for kept in job.system.values:
        is_number = kept.value.isascii() and kept.value.isdigit() and len(kept.value) < 10
        number = int(kept.value) if is_number else None
        yield kept.name, number, None if is_number else kept.value
    for name, text in of_the_clock(job.system.now()).items():
        yield name, None, text


def _data_areas(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    for library, item in _visible(job):
        if isinstance(item.data, DataArea) and job.allows(item, USE):
            data = item.data
            yield (
                *(library, item.name, data.type, data.length),
                data.decimals if data.type == "*DEC" else None,
                str(data.value),
                item.text or None,
            )


def _peek(job: JobState, given: Mapping[str, Any]) -> Iterable[Row]:
    """Entries of a data queue, not removed."""
    name, library = (str(given[k]).strip().upper() for k in ("DATA_QUEUE", "DATA_QUEUE_LIBRARY"))
    _, item = job.need(library, name, "*DTAQ")
    assert isinstance(item.data, DataQueue)
    for place, entry in enumerate(item.data.entries, 1):
        yield _entry(place, item.data, entry.key, entry.data)


def _entry(place: int, queue: DataQueue, key: bytes, data: bytes) -> Row:
    text, utf8 = data.decode("cp037"), data.decode("utf-8", "replace")
    key_text = key.decode("cp037") if queue.key_length else None
    return place, text, utf8, data, key_text, key if queue.key_length else None


def _receive(job: JobState, given: Mapping[str, Any]) -> Iterable[Row]:
    """RECEIVE_DATA_QUEUE: one entry, removed; after WAIT_TIME seconds no row."""
    name = str(given["DATA_QUEUE"]).strip().upper()
    library = str(given.get("DATA_QUEUE_LIBRARY") or "*LIBL").strip().upper()
    _, queue = queue_of(job, library, name)
    key = given.get("KEY_DATA") or b""
    wanted = key if isinstance(key, bytes) else str(key).encode("cp037", "replace")
    order = str(given.get("KEY_ORDER") or "EQ").strip().upper()
    remove = str(given.get("REMOVE") or "YES").strip().upper() == "YES"
    wanted = wanted.ljust(queue.key_length, b"\x40")
    wait = whole(given, "WAIT_TIME") or 0
    entry = receive(job, queue, order, wanted, wait, remove=remove)
    return [] if entry is None else [_entry(1, queue, entry.key, entry.data)[1:]]


def _messages(job: JobState, _: Mapping[str, Any]) -> Iterable[Row]:
    for library, item in _visible(job):
        if isinstance(item.data, MessageQueue) and job.allows(item, USE):
            for message in item.data.messages:
                yield (
                    *(library, item.name, message.id or None, message.type[1:], message.text),
                    *(message.sender, stamp_text(message.sent), message.key),
                )


_OBJECT_COLUMNS = (
    ("OBJNAME", _V10),
    ("OBJTYPE", "VARCHAR(8)"),
    ("OBJOWNER", _V10),
    ("OBJDEFINER", _V10),
    ("OBJCREATED", "TIMESTAMP"),
    ("OBJSIZE", "DECIMAL(15, 0)"),
    ("OBJTEXT", _V50),
    ("OBJLONGNAME", "VARCHAR(128)"),
    ("OBJLIB", _V10),
    ("OBJATTRIBUTE", _V10),
    ("CHANGE_TIMESTAMP", "TIMESTAMP"),
)
_ENTRY_COLUMNS = (
    ("MESSAGE_DATA", "VARCHAR(32000)"),
    ("MESSAGE_DATA_UTF8", "CLOB(64512)"),
    ("MESSAGE_DATA_BINARY", "VARBINARY(64512)"),
    ("KEY_DATA", "VARCHAR(256)"),
    ("KEY_DATA_BINARY", "VARBINARY(256)"),
)


FUNCTIONS["QSYS2", "OBJECT_STATISTICS"] = Service(
    _OBJECT_COLUMNS,
    _objects,
    ("OBJECT_SCHEMA", "OBJTYPELIST", "OBJECT_NAME"),
    ("OBJECT_SCHEMA",),
    is_function=True,
)
FUNCTIONS["QSYS2", "LIBRARY_INFO"] = Service(
    (
        ("OBJECT_COUNT", "INTEGER"),
        ("LIBRARY_SIZE", "BIGINT"),
        ("LIBRARY_SIZE_COMPLETE", "VARCHAR(3)"),
        ("LIBRARY_TYPE", _V10),
        ("TEXT_DESCRIPTION", _V50),
        ("OBJECT_OWNER", _V10),
    ),
    _library_info,
    ("LIBRARY_NAME",),
    ("LIBRARY_NAME",),
    is_function=True,
)
FUNCTIONS["QSYS2", "DATA_QUEUE_ENTRIES"] = Service(
    (("ORDINAL_POSITION", "INTEGER"), *_ENTRY_COLUMNS),
    _peek,
    ("DATA_QUEUE", "DATA_QUEUE_LIBRARY", "SELECTION_TYPE"),
    ("DATA_QUEUE", "DATA_QUEUE_LIBRARY"),
    is_function=True,
)
FUNCTIONS["QSYS2", "RECEIVE_DATA_QUEUE"] = Service(
    _ENTRY_COLUMNS,
    _receive,
    ("DATA_QUEUE", "DATA_QUEUE_LIBRARY", "REMOVE", "WAIT_TIME", "KEY_DATA", "KEY_ORDER"),
    ("DATA_QUEUE",),
    is_function=True,
)
VIEWS["QSYS2", "USER_INFO"] = Service(
    (
        ("AUTHORIZATION_NAME", _V10),
        ("STATUS", _V10),
        ("NO_PASSWORD_INDICATOR", "VARCHAR(3)"),
        ("SET_PASSWORD_TO_EXPIRE", "VARCHAR(3)"),
        ("SIGN_ON_ATTEMPTS_NOT_VALID", "INTEGER"),
        ("SPECIAL_AUTHORITIES", "VARCHAR(88)"),
        ("GROUP_PROFILE_NAME", _V10),
        ("MAXIMUM_ALLOWED_STORAGE", "BIGINT"),
        ("TEXT_DESCRIPTION", _V50),
    ),
    _users,
)
VIEWS["QSYS2", "SYSTEM_VALUE_INFO"] = Service(
    (
        ("SYSTEM_VALUE_NAME", _V10),
        ("CURRENT_NUMERIC_VALUE", "BIGINT"),
        ("CURRENT_CHARACTER_VALUE", "VARCHAR(1280)"),
    ),
    _system_values,
)
VIEWS["QSYS2", "DATA_AREA_INFO"] = Service(
    (
        ("DATA_AREA_LIBRARY", _V10),
        ("DATA_AREA_NAME", _V10),
        ("DATA_AREA_TYPE", "VARCHAR(5)"),
        ("LENGTH", "INTEGER"),
        ("DECIMAL_POSITIONS", "INTEGER"),
        ("DATA_AREA_VALUE", "VARCHAR(2000)"),
        ("TEXT_DESCRIPTION", _V50),
    ),
    _data_areas,
)
VIEWS["QSYS2", "MESSAGE_QUEUE_INFO"] = Service(
    (
        ("MESSAGE_QUEUE_LIBRARY", _V10),
        ("MESSAGE_QUEUE_NAME", _V10),
        ("MESSAGE_ID", "VARCHAR(7)"),
        ("MESSAGE_TYPE", "VARCHAR(13)"),
        ("MESSAGE_TEXT", "VARCHAR(1024)"),
        ("FROM_USER", _V10),
        ("MESSAGE_TIMESTAMP", "TIMESTAMP"),
        ("MESSAGE_KEY", "BIGINT"),
    ),
    _messages,
)
