"""Commands about libraries and library lists."""

from __future__ import annotations

from simulators.ibmi.cl.definition import Call, Command, Param
from simulators.ibmi.database import atomic
from simulators.ibmi.jobstate import MAX_USER_LIBRARIES, JobState
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import is_name
from simulators.ibmi.rights import ALL, USE, rights_of


def _require_library(job: JobState, name: str) -> None:
    """Refuse a name that is no library (CPF2110) or not the user's to use (CPF2182)."""
    if not is_name(name):
        raise EscapeError("CPD0078", name, "LIB")
    if name == "QTEMP":
        return
    found = job.system.libraries.get(name)
    if found is None:
        raise EscapeError("CPF2110", name)
    if not job.allows(found.header, USE):
        raise EscapeError("CPF2182", name)


def _set_current(job: JobState, name: str) -> None:
    if name == "*CRTDFT":
        job.current_library = None
    elif name != "*SAME":
        _require_library(job, name)
        job.current_library = name


def _chglibl(call: Call) -> None:
    names = list(call.words("LIBL"))
    if names == ["*NONE"]:
        names = []
    if names != ["*SAME"]:
        for name in names:
            if names.count(name) > 1:
                raise EscapeError("CPF2184", name)
            _require_library(call.job, name)
        if len(names) > MAX_USER_LIBRARIES:
            raise EscapeError("CPF2106")
        call.job.user_libraries = names
    _set_current(call.job, call.word("CURLIB"))
    call.send("CPC2101")


def _addlible(call: Call) -> None:
    job, name = call.job, call.word("LIB")
    _require_library(job, name)
    if name in job.user_libraries or name in job.system_libraries:
        raise EscapeError("CPF2103", name)
    if len(job.user_libraries) >= MAX_USER_LIBRARIES:
        raise EscapeError("CPF2106")
    position = call.words("POSITION")
    job.user_libraries.insert(_place(job, position), name)
    call.send("CPC2101")


def _place(job: JobState, position: tuple[str, ...]) -> int:
    where = position[0]
    if where == "*FIRST":
        return 0
    if where == "*LAST":
        return len(job.user_libraries)
    if len(position) != 2 or where not in ("*AFTER", "*BEFORE"):
        raise EscapeError("CPD0084", " ".join(position), "POSITION")
    if position[1] not in job.user_libraries:
        raise EscapeError("CPF2110", position[1])
    return job.user_libraries.index(position[1]) + (where == "*AFTER")


def _rmvlible(call: Call) -> None:
    name = call.word("LIB")
    if name not in call.job.user_libraries:
        raise EscapeError("CPF2104", name)
    call.job.user_libraries.remove(name)
    call.send("CPC2101")


def _chgcurlib(call: Call) -> None:
    _set_current(call.job, call.word("CURLIB"))
    call.send("CPC2101")


def _crtlib(call: Call) -> None:
    job, name = call.job, call.name("LIB")
    job.system.require_storage(job.profile, 4096)
    public = call.word("AUT")
    rights = rights_of((job.system.values.get("QCRTAUT") if public == "*LIBCRTAUT" else public,))
    if rights is None:
        raise EscapeError("CPD0084", public, "AUT")
    made = job.system.libraries.create(name, job.user, job.system.now(), call.text("TEXT"))
    made.header.attribute = call.choice("TYPE", ("*PROD", "*TEST"))[1:]
    made.header.public = rights
    call.send("CPC2102", name)


def _dltlib(call: Call) -> None:
    job, name = call.job, call.name("LIB")
    found = job.system.libraries.get(name)
    if found is None:
        raise EscapeError("CPF2110", name)
    if not job.allows(found.header, ALL):
        raise EscapeError("CPF2182", name)
    job.system.libraries.require_deletable(name)
    with atomic(job.system.database.own):
        for table in job.system.database.tables(name):
            job.system.database.drop(name, table)
    job.system.libraries.delete(name)
    call.send("CPC2110", name)


def _clrlib(call: Call) -> None:
    job, name = call.job, call.name("LIB")
    home = job.lib(name)
    items = list(home.select("*ALL"))
    chosen = [item for item in items if job.allows(item, ALL)]
    with atomic(job.system.database.own):
        for item in chosen:
            job.system.database.drop(job.database_library(name), item.name)
    for item in chosen:
        home.remove(item)
    call.send("CPC2161", len(chosen), name, len(items) - len(chosen))


def _dsplibl(call: Call) -> None:
    job = call.job
    call.output.append("Library     Type   Device       ASP   Text")
    parts = [("SYS", job.system_libraries), ("USR", job.user_libraries)]
    if job.current_library:
        parts.insert(1, ("CUR", [job.current_library]))
    for kind, names in parts:
        for name in names:
            home = job.qtemp if name == "QTEMP" else job.system.libraries.get(name)
            text = home.header.text if home else "** Library deleted"
            call.output.append(f"{name:<10}  {kind:<4}                     {text}".rstrip())


COMMANDS = (
    Command(
        "CHGLIBL",
        (Param("LIBL", "*SAME"), Param("CURLIB", "*SAME")),
        _chglibl,
        "Change Library List",
    ),
    Command(
        "ADDLIBLE",
        (Param("LIB"), Param("POSITION", "*FIRST")),
        _addlible,
        "Add Library List Entry",
    ),
    Command("RMVLIBLE", (Param("LIB"),), _rmvlible, "Remove Library List Entry"),
    Command("CHGCURLIB", (Param("CURLIB"),), _chgcurlib, "Change Current Library"),
    Command(
        "CRTLIB",
        (
            Param("LIB"),
            Param("TYPE", "*PROD"),
            Param("TEXT", ""),
            Param("AUT", "*LIBCRTAUT"),
            Param("CRTAUT", "*SYSVAL"),
        ),
        _crtlib,
        "Create Library",
    ),
    Command("DLTLIB", (Param("LIB"), Param("ASPDEV", "*")), _dltlib, "Delete Library"),
    Command("CLRLIB", (Param("LIB"),), _clrlib, "Clear Library"),
    Command("DSPLIBL", (Param("OUTPUT", "*"),), _dsplibl, "Display Library List"),
)
