"""Commands about objects of any type: checked, described, moved, renamed, duplicated."""

from __future__ import annotations

import sqlite3
from collections import deque
from copy import copy
from dataclasses import replace

from simulators.ibmi.cl.definition import Call, Command, Param
from simulators.ibmi.database import atomic, quoted, table_name
from simulators.ibmi.libraries import Library
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import OBJECT_TYPES, is_name, matches
from simulators.ibmi.objects import (
    DataArea,
    DataQueue,
    FileData,
    MessageQueue,
    SystemObject,
    UserSpace,
)
from simulators.ibmi.rights import ALL, EXCLUDE, USE, rights_of


def object_type(call: Call, keyword: str = "OBJTYPE") -> str:
    """Return an object type parameter; CPD0084 if there is no such type."""
    text = call.word(keyword)
    text = text if text.startswith("*") else f"*{text}"
    if text not in OBJECT_TYPES:
        raise EscapeError("CPD0084", text, keyword)
    return text


def _chkobj(call: Call) -> None:
    name, kind = call.qualified("OBJ"), object_type(call)
    if kind == "*LIB":
        home = call.job.system.libraries.get(name.name)
        if home is None and name.name != "QTEMP":
            raise EscapeError("CPF9801", name.name, "QSYS")
        return
    wanted = call.words("AUT")
    rights = EXCLUDE if wanted == ("*NONE",) else rights_of(wanted)
    if rights is None:
        raise EscapeError("CPD0084", " ".join(wanted), "AUT")
    _, item = call.job.need(name.lib, name.name, kind, rights)
    member = call.word("MBR")
    if member != "*NONE" and isinstance(item.data, FileData) and item.data.members:
        first = next(iter(item.data.members))
        if member not in ("*FIRST", first) and member not in item.data.members:
            raise EscapeError("CPF9815", member, name.name, name.lib)


def _dspobjd(call: Call) -> None:
    job, name = call.job, call.qualified("OBJ")
    kind = call.word("OBJTYPE")
    found = 0
    call.output.append("Object      Library     Type      Attribute   Owner       Size  Text")
    libraries = list(job.searched(name.lib))
    for home in libraries:
        for item in home.select(name.name):
            if kind in ("*ALL", item.type):
                found += 1
                call.output.append(
                    f"{item.name:<10}  {home.name:<10}  {item.type:<8}  {item.attribute:<10}  "
                    f"{item.owner:<10} {item.size:>5}  {item.text}".rstrip()
                )
    if name.lib in ("*LIBL", "QSYS", "*ALL") and kind in ("*ALL", "*LIB"):
        for home in job.system.libraries:
            if matches(name.name, home.name):
                found += 1
                header = home.header
                call.output.append(
                    f"{home.name:<10}  QSYS        *LIB      {header.attribute:<10}  "
                    f"{header.owner:<10} {header.size:>5}  {header.text}".rstrip()
                )
    if not found:
        raise EscapeError("CPF2105", name.name, name.lib, kind)


def _target(call: Call, name: str) -> Library:
    """Return a library that the user may add to; CPF9810 or CPF9820."""
    home = call.job.lib(name)
    if not call.job.allows(home.header, USE | {"*ADD"}):
        raise EscapeError("CPF9820", home.name)
    return home


def _movobj(call: Call) -> None:
    job, name, kind = call.job, call.qualified("OBJ"), object_type(call)
    home, item = job.need(name.lib, name.name, kind, ALL, missing="CPF2105", refused="CPF2189")
    target = _target(call, call.name("TOLIB"))
    if target.get(item.name, kind) is not None:
        raise EscapeError("CPF2112", item.name, target.name, kind)
    _rename_table(call, home.name, item.name, target.name, item.name)
    target.add(item)
    home.remove(item)
    call.send("CPC2193", item.name, home.name, target.name)


def _rnmobj(call: Call) -> None:
    job, name, kind = call.job, call.qualified("OBJ"), object_type(call)
    new = call.name("NEWOBJ")
    home, item = job.need(name.lib, name.name, kind, ALL, missing="CPF2105", refused="CPF2189")
    if home.get(new, kind) is not None:
        raise EscapeError("CPF2112", new, home.name, kind)
    _rename_table(call, home.name, item.name, home.name, new)
    home.remove(item)
    old, item.name = item.name, new
    home.add(item)
    call.send("CPC2192", old, new)


def _rename_table(call: Call, library: str, name: str, to_library: str, to_name: str) -> None:
    job = call.job
    database = job.system.database
    if name in database.tables(job.database_library(library)):
        old = quoted(table_name(job.database_library(library), name))
        new = quoted(table_name(job.database_library(to_library), to_name))
        database.own.execute(f"ALTER TABLE {old} RENAME TO {new}")


def _crtdupobj(call: Call) -> None:
    job, pattern, kind = call.job, call.word("OBJ"), object_type(call)
    source = job.lib(call.name("FROMLIB"))
    target_name = call.word("TOLIB")
    target = _target(call, source.name if target_name in ("*FROMLIB", "*SAME") else target_name)
    new_name = call.word("NEWOBJ")
    chosen = [item for item in source.select(pattern, kind) if job.allows(item, USE)]
    if not chosen:
        raise EscapeError("CPF2105", pattern, source.name, kind)
    for item in chosen:
        name = item.name if new_name in ("*OBJ", "*SAME") else new_name
        if not is_name(name):
            raise EscapeError("CPD0078", name, "NEWOBJ")
        if target.get(name, kind) is not None:
            raise EscapeError("CPF2112", name, target.name, kind)
        made = target.add(_duplicate(call, item, name))
        try:
            _duplicate_table(call, source.name, item.name, target.name, name)
        except sqlite3.Error:
            target.remove(made)  # another job holds the table
            raise
    call.send("CPC2130", len(chosen))


def _duplicate(call: Call, item: SystemObject, name: str) -> SystemObject:
    job = call.job
    job.system.require_storage(job.profile, item.size)
    now, data = job.system.now(), item.data
    copied: object = data
    if isinstance(data, UserSpace):
        copied = UserSpace(bytearray(data.data), data.initial, data.auto_extend)
    elif isinstance(data, DataArea):
        copied = replace(data)
    elif isinstance(data, DataQueue):
        copied = DataQueue(
            data.max_length, data.sequence, data.key_length, data.max_entries, data.max_bytes
        )
    elif isinstance(data, MessageQueue):
        copied = MessageQueue(deque(maxlen=data.messages.maxlen))
    elif isinstance(data, FileData):
        copied = FileData(data.record_length, {m: list(v) for m, v in data.members.items()})
    made = copy(item)
    made.name, made.data, made.owner, made.created = name, copied, job.user, now
    made.grants = {job.user: ALL, **{k: v for k, v in item.grants.items() if k != item.owner}}
    return made


def _duplicate_table(call: Call, library: str, name: str, to_library: str, to_name: str) -> None:
    job = call.job
    if name not in job.system.database.tables(job.database_library(library)):
        return
    own = job.system.database.own
    old = table_name(job.database_library(library), name)
    new = table_name(job.database_library(to_library), to_name)
    (text,) = own.execute("SELECT sql FROM sqlite_master WHERE name = ?", (old,)).fetchone()
    with atomic(own):
        own.execute(str(text).replace(quoted(old), quoted(new), 1))
        if call.word("DATA") == "*YES":
            rows = f"INSERT INTO {quoted(new)} SELECT * FROM {quoted(old)}"  # noqa: S608 - quoted
            own.execute(rows)


def _chgobjd(call: Call) -> None:
    name, kind = call.qualified("OBJ"), object_type(call)
    _, item = call.job.need(name.lib, name.name, kind, ALL, missing="CPF2105", refused="CPF2189")
    if call.word("TEXT") != "*SAME":
        item.text = call.text("TEXT")[:50]
    item.changed = call.job.system.now()


_OBJ = (Param("OBJ"), Param("OBJTYPE"))
COMMANDS = (
    Command(
        "CHKOBJ", (*_OBJ, Param("MBR", "*NONE"), Param("AUT", "*NONE")), _chkobj, "Check Object"
    ),
    Command(
        "DSPOBJD",
        (*_OBJ, Param("DETAIL", "*BASIC"), Param("OUTPUT", "*")),
        _dspobjd,
        "Display Object Description",
    ),
    Command("MOVOBJ", (*_OBJ, Param("TOLIB")), _movobj, "Move Object"),
    Command("RNMOBJ", (*_OBJ, Param("NEWOBJ")), _rnmobj, "Rename Object"),
    Command(
        "CRTDUPOBJ",
        (
            Param("OBJ"),
            Param("FROMLIB"),
            Param("OBJTYPE"),
            Param("TOLIB", "*FROMLIB"),
            Param("NEWOBJ", "*OBJ"),
            Param("DATA", "*NO"),
        ),
        _crtdupobj,
        "Create Duplicate Object",
    ),
    Command("CHGOBJD", (*_OBJ, Param("TEXT", "*SAME")), _chgobjd, "Change Object Description"),
)
