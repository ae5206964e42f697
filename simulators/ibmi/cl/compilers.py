"""Commands that compile and bind: C modules, programs, service programs.

What compiles is handed in (:mod:`simulators.ibmi.compiler`); without it they fail and say so.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulators.ibmi.cl.data import delete_object
from simulators.ibmi.cl.definition import Call, Command, Param
from simulators.ibmi.cl.sources import source_file, text_of_stream
from simulators.ibmi.compiler import CompileFailedError, Compiler, CSource
from simulators.ibmi.ifs import normal, parent
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import Qualified, qualified
from simulators.ibmi.objects import ModuleData, ProgramData, ServiceProgramData
from simulators.ibmi.rights import ALL, USE


def _source(call: Call, name: Qualified) -> CSource:
    """Return the source that SRCSTMF, or SRCFILE and SRCMBR, name."""
    job = call.job
    defines = tuple(d for d in call.words("DEFINE") if d != "*NONE")
    stream = call.text("SRCSTMF")
    if stream:
        path = normal(stream, job.working_directory)
        folders = [parent(path)]
        folders += [normal(d) for d in call.words("INCDIR") if d != "*NONE"]
        files = {
            p[len(folder.rstrip("/")) + 1 :]: text_of_stream(f)
            for folder in reversed(folders)
            for p, f in job.system.files.files.items()
            if p.startswith(folder.rstrip("/") + "/")
        }
        text = text_of_stream(job.system.files.read(path))
        return CSource(name.name, text, path, defines, files)
    file = call.qualified("SRCFILE")
    home, item, data = source_file(call, file, write=False)
    member = call.word("SRCMBR")
    member = name.name if member in ("*MODULE", "*PGM") else member
    if member not in data.members:
        raise EscapeError("CPF9815", member, item.name, home.name)
    files = {m: "\n".join(lines) + "\n" for m, lines in data.members.items()}
    return CSource(name.name, files[member], f"{home.name}/{item.name}({member})", defines, files)


def _compiler(call: Call, name: Qualified) -> Compiler:
    compiler = call.job.system.compiler
    if compiler is None:
        call.messages.append(
            call.job.tell("CZM0000", "No C compiler is installed on this simulated system.")
        )
        raise EscapeError("CZM0613", name.name, name.lib)
    return compiler


def _compiled(call: Call, name: Qualified) -> object:
    compiler = _compiler(call, name)
    try:
        return compiler.compile(_source(call, name))
    except CompileFailedError as error:
        _list(call, error)
        raise EscapeError("CZM0613", name.name, name.lib) from error


def _list(call: Call, error: CompileFailedError) -> None:
    call.output.extend(error.listing)
    call.messages.append(call.job.tell("CZM0000", str(error)))


def _place(call: Call, keyword: str) -> Qualified:
    """Return where an object is made; the library must exist and be the user's to add to."""
    name = call.qualified(keyword, "*CURLIB")
    return Qualified(call.job.lib(name.lib).name, name.name)


def _store(call: Call, name: Qualified, kind: str, data: object) -> None:
    """Make the object, or replace the one that is there when REPLACE(*YES) says so.

    A replaced program keeps its authorities and its owner, as the system keeps them.
    """
    job, home = call.job, call.job.lib(name.lib)
    old = home.get(name.name, kind)
    if old is None:
        public = call.word("AUT")
        job.create(
            home.name, name.name, kind, data, attribute="CLE", text=_text(call), public=public
        )
        return
    if call.word("REPLACE") != "*YES":
        raise EscapeError("CPF9870", name.name, kind, home.name)
    if not job.allows(old, ALL):
        raise EscapeError("CPF2189", name.name, home.name, kind)
    old.data, old.changed = data, job.system.now()


def _text(call: Call) -> str:
    text = call.text("TEXT")
    return "" if text in ("*SRCMBRTXT", "*BLANK", "*ENTMODTXT") else text


def _crtcmod(call: Call) -> None:
    name = _place(call, "MODULE")
    _store(call, name, "*MODULE", ModuleData(_compiled(call, name)))
    call.send("CZS0607", name.name, name.lib)


def _modules(call: Call, default: Qualified) -> list[tuple[str, object]]:
    words = call.words("MODULE")
    names = [default] if words in (("*PGM",), ("*SRVPGM",)) else [qualified(word) for word in words]
    found = []
    for name in names:
        _, item = call.job.need(name.lib, name.name, "*MODULE", USE)
        assert isinstance(item.data, ModuleData)
        found.append((item.name, item.data.compiled))
    return found


def _adopts(call: Call) -> bool:
    return call.choice("USRPRF", ("*USER", "*OWNER")) == "*OWNER"


def _crtpgm(call: Call) -> None:
    name = _place(call, "PGM")
    compiler = _compiler(call, name)
    found = _modules(call, name)
    entry = call.word("ENTMOD")
    named = {"*FIRST": found[0][0], "*PGM": name.name, "*ONLY": None}
    chosen = named[entry] if entry in named else qualified(entry).name
    try:
        code = compiler.bind(name.name, [m for _, m in found], chosen)
    except CompileFailedError as error:
        _list(call, error)
        raise EscapeError("CPF5D12", name.name, name.lib) from error
    _store(call, name, "*PGM", ProgramData(code, _adopts(call)))
    call.send("CPC5D07", name.name, name.lib)


def _crtbndc(call: Call) -> None:
    name = _place(call, "PGM")
    module = _compiled(call, name)
    try:
        code = _compiler(call, name).bind(name.name, [module], name.name)
    except CompileFailedError as error:
        _list(call, error)
        raise EscapeError("CPF5D12", name.name, name.lib) from error
    _store(call, name, "*PGM", ProgramData(code, _adopts(call)))
    call.send("CPC5D07", name.name, name.lib)


def _crtsrvpgm(call: Call) -> None:
    name = _place(call, "SRVPGM")
    compiler = _compiler(call, name)
    modules: Sequence[object] = [m for _, m in _modules(call, name)]
    try:
        exports = compiler.export(name.name, modules)
    except CompileFailedError as error:
        _list(call, error)
        raise EscapeError("CPF5D12", name.name, name.lib) from error
    folded = {procedure.upper(): code for procedure, code in exports.items()}
    _store(call, name, "*SRVPGM", ServiceProgramData(folded, _adopts(call)))
    call.send("CPC5D0B", name.name, name.lib)


def _chgpgm(call: Call) -> None:
    """CHGPGM USRPRF(*OWNER): adopting takes the owner, or *ALLOBJ and *SECADM."""
    job, name = call.job, call.qualified("PGM")
    home, item = job.need(name.lib, name.name, "*PGM", ALL, missing="CPF2105", refused="CPF2189")
    assert isinstance(item.data, ProgramData)
    word = call.choice("USRPRF", ("*SAME", "*USER", "*OWNER"))
    if word != "*SAME":
        if item.owner != job.user:
            job.require_special("*ALLOBJ", "*SECADM")
        item.data.adopts = word == "*OWNER"
    if call.word("TEXT") != "*SAME":
        item.text = call.text("TEXT")[:50]
    item.changed = job.system.now()
    call.send("CPC2198", name.name, home.name)


_SOURCE = (
    Param("SRCFILE", "*LIBL/QCSRC"),
    Param("SRCMBR", "*MODULE"),
    Param("SRCSTMF", ""),
    Param("TEXT", "*SRCMBRTXT"),
    Param("OUTPUT", "*NONE"),
    Param("OPTION", "*NOGEN"),
    Param("CHECKOUT", "*NONE"),
    Param("OPTIMIZE", "10"),
    Param("DBGVIEW", "*NONE"),
    Param("DEFINE", "*NONE"),
    Param("INCDIR", "*NONE"),
    Param("LANGLVL", "*EXTENDED"),
    Param("SYSIFCOPT", "*IFSIO"),
    Param("TGTCCSID", "*SOURCE"),
    Param("TERASPACE", "*YES"),
    Param("STGMDL", "*SNGLVL"),
    Param("TGTRLS", "*CURRENT"),
    Param("REPLACE", "*YES"),
    Param("AUT", "*LIBCRTAUT"),
)
_BOUND = (
    Param("BNDSRVPGM", "*NONE"),
    Param("BNDDIR", "*NONE"),
    Param("ACTGRP", "*ENTMOD"),
    Param("OPTION", "*GEN"),
    Param("DETAIL", "*NONE"),
    Param("STGMDL", "*SNGLVL"),
    Param("TGTRLS", "*CURRENT"),
    Param("ALWUPD", "*YES"),
    Param("REPLACE", "*YES"),
    Param("USRPRF", "*USER"),
    Param("AUT", "*LIBCRTAUT"),
)
COMMANDS = (
    Command("CRTCMOD", (Param("MODULE"), *_SOURCE), _crtcmod, "Create C Module"),
    Command(
        "CRTPGM",
        (
            Param("PGM"),
            Param("MODULE", "*PGM"),
            Param("TEXT", "*ENTMODTXT"),
            Param("ENTMOD", "*FIRST"),
            *_BOUND,
        ),
        _crtpgm,
        "Create Program",
    ),
    Command(
        "CRTBNDC",
        (Param("PGM"), *_SOURCE, Param("USRPRF", "*USER")),
        _crtbndc,
        "Create Bound C Program",
    ),
    Command(
        "CRTSRVPGM",
        (
            Param("SRVPGM"),
            Param("MODULE", "*SRVPGM"),
            Param("EXPORT", "*SRCFILE"),
            Param("SRCFILE", "*LIBL/QSRVSRC"),
            Param("TEXT", "*SRCMBRTXT"),
            *_BOUND,
        ),
        _crtsrvpgm,
        "Create Service Program",
    ),
    Command(
        "CHGPGM",
        (
            Param("PGM"),
            Param("USRPRF", "*SAME"),
            Param("OPTIMIZE", "*SAME"),
            Param("TEXT", "*SAME"),
        ),
        _chgpgm,
        "Change Program",
    ),
    Command(
        "DLTPGM", (Param("PGM"),), lambda call: delete_object(call, "PGM", "*PGM"), "Delete Program"
    ),
    Command(
        "DLTMOD",
        (Param("MODULE"),),
        lambda call: delete_object(call, "MODULE", "*MODULE"),
        "Delete Module",
    ),
    Command(
        "DLTSRVPGM",
        (Param("SRVPGM"),),
        lambda call: delete_object(call, "SRVPGM", "*SRVPGM"),
        "Delete Service Program",
    ),
)
