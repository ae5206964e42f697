"""Commands about source files and stream files."""

from __future__ import annotations

from simulators.ibmi.cl.definition import Call, Command, Param, as_number
from simulators.ibmi.ifs import StreamFile, normal
from simulators.ibmi.libraries import Library
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import Qualified
from simulators.ibmi.objects import (
    FileData,
    SystemObject,
)
from simulators.ibmi.rights import ALL, CHANGE, USE
from simulators.ibmi.streams import (
    make_directory,
    remove_directory,
    remove_stream,
    require_owner,
)

#: A source record: 6 digits sequence, 6 digits date, then the text (RCDLEN 92 as shipped).
_SOURCE_PREFIX = 12


def _crtsrcpf(call: Call) -> None:
    job, name = call.job, call.qualified("FILE", "*CURLIB")
    home = job.lib(name.lib)
    if home.get(name.name, "*FILE") is not None:
        call.send("CPF5813", name.name, home.name)
        raise EscapeError("CPF7302", name.name, home.name)
    length = call.number("RCDLEN", 13, 32_766)
    data = FileData(length)
    member = call.word("MBR")
    if member not in ("*NONE", ""):
        data.members[name.name if member == "*FILE" else member] = []
    job.create(
        home.name,
        name.name,
        "*FILE",
        data,
        attribute="PF-SRC",
        text=call.text("TEXT"),
        public=call.word("AUT"),
    )
    call.send("CPC7301", name.name, home.name)


def _addpfm(call: Call) -> None:
    home, item, data = source_file(call, call.qualified("FILE"), write=True)
    member = call.name("MBR")
    if member in data.members:
        call.send("CPF5812", member, item.name, home.name)
        raise EscapeError("CPF7306", member, item.name, home.name)
    data.members[member] = []
    call.send("CPC7305", member, item.name, home.name)


def source_file(
    call: Call, name: Qualified, *, write: bool
) -> tuple[Library, SystemObject, FileData]:
    """Return a source file that the user may read, or write; CPF9812 or CPF9822."""
    home, item = call.job.need(
        name.lib,
        name.name,
        "*FILE",
        CHANGE if write else USE,
        missing="CPF9812",
        refused="CPF9822",
    )
    assert isinstance(item.data, FileData)
    return home, item, item.data


def text_of_stream(found: StreamFile) -> str:
    """Return the text of a stream file by its CCSID; CPF9898 where it is no such text."""
    codec = {1208: "utf-8", 819: "latin-1", 1252: "cp1252"}.get(found.ccsid, "cp037")
    try:
        return found.data.decode(codec).replace("\r\n", "\n").replace("\x85", "\n")
    except UnicodeDecodeError as error:
        reason = f"Stream file cannot be converted: {error.reason}."
        raise EscapeError("CPF9898", reason) from error


def _cpyfrmstmf(call: Call) -> None:
    job = call.job
    path = call.text("FROMSTMF")
    found = job.system.files.read(normal(path, job.working_directory))
    target = normal(call.text("TOMBR")).upper()
    parts = [p.rpartition(".")[0] for p in target.split("/") if p]
    if not target.startswith("/QSYS.LIB/") or len(parts) != 4 or not target.endswith(".MBR"):
        raise EscapeError("CPFA0A9", call.text("TOMBR"))
    _, library, file, member = parts
    home, _, data = source_file(call, Qualified(library, file), write=True)
    option = call.choice("MBROPT", ("*NONE", "*ADD", "*REPLACE"))
    if member not in data.members and option == "*NONE":
        data.members[member] = []
    lines = text_of_stream(found).splitlines()
    width = max(data.record_length - _SOURCE_PREFIX, 1)
    if any(len(line) > width for line in lines):
        raise EscapeError("CPF9898", f"Stream file {path} has lines longer than {width}.")
    job.system.require_storage(job.profile, sum(map(len, lines)))
    kept = list(data.members.get(member, ())) if option == "*ADD" else []
    data.members[member] = [*kept, *lines]
    call.send("CPCA082", path, file, home.name, member)


def _path(call: Call, keyword: str) -> str:
    return normal(call.text(keyword), call.job.working_directory)


def _rmvlnk(call: Call) -> None:
    remove_stream(call.job, _path(call, "OBJLNK"))


def _mkdir(call: Call) -> None:
    make_directory(call.job, _path(call, "DIR"))


def _rmvdir(call: Call) -> None:
    """RMVDIR SUBTREE(*NONE | *ALL): the directory, and everything below it when that is said."""
    whole = call.choice("SUBTREE", ("*NONE", "*ALL")) == "*ALL"
    remove_directory(call.job, _path(call, "DIR"), whole=whole)


def _chgatr(call: Call) -> None:
    """CHGATR ATR(*CCSID): names the CCSID of what is in the file, converts nothing."""
    found = require_owner(call.job, _path(call, "OBJ"))
    if call.choice("ATR", ("*CCSID",)) == "*CCSID":
        found.ccsid = as_number(call.text("VALUE"), "VALUE", 1, 65_533)


COMMANDS = (
    Command(
        "CRTSRCPF",
        (
            Param("FILE"),
            Param("RCDLEN", "92"),
            Param("MBR", "*NONE"),
            Param("CCSID", "*JOB"),
            Param("TEXT", ""),
            Param("AUT", "*LIBCRTAUT"),
        ),
        _crtsrcpf,
        "Create Source Physical File",
    ),
    Command("ADDPFM", (Param("FILE"), Param("MBR"), Param("TEXT", "")), _addpfm, "Add Member"),
    Command(
        "DLTF",
        (Param("FILE"),),
        lambda call: _dltf(call),
        "Delete File",
    ),
    Command(
        "CPYFRMSTMF",
        (
            Param("FROMSTMF"),
            Param("TOMBR"),
            Param("MBROPT", "*NONE"),
            Param("STMFCCSID", "*STMF"),
            Param("DBFCCSID", "*FILE"),
            Param("ENDLINFMT", "*ALL"),
            Param("CVTDTA", "*AUTO"),
        ),
        _cpyfrmstmf,
        "Copy From Stream File",
    ),
    Command("RMVLNK", (Param("OBJLNK"),), _rmvlnk, "Remove Link"),
    Command(
        "MKDIR",
        (Param("DIR"), Param("DTAAUT", "*INDIR"), Param("OBJAUT", "*INDIR")),
        _mkdir,
        "Make Directory",
    ),
    Command("RMVDIR", (Param("DIR"), Param("SUBTREE", "*NONE")), _rmvdir, "Remove Directory"),
    Command("CHGATR", (Param("OBJ"), Param("ATR"), Param("VALUE")), _chgatr, "Change Attribute"),
)


def _dltf(call: Call) -> None:
    name = call.qualified("FILE")
    home, item = call.job.need(
        name.lib, name.name, "*FILE", ALL, missing="CPF2105", refused="CPF2189"
    )
    call.job.system.database.drop(call.job.database_library(home.name), item.name)
    home.remove(item)
    call.send("CPC2191", item.name, home.name, "*FILE")
