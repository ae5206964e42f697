"""QSYRUSRI, QSYRUSRA and QSYRTVUA: a user, a user's authority to an object, an object's users.

Source: IBM documentation of each API; offsets 0-based. What the simulated system does not keep
(sign-on dates, where an authority comes from) is blank or zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulators.ibmi.ifs import normal, object_of
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import from_char20
from simulators.ibmi.objects import Code, Parameters, SystemObject
from simulators.ibmi.programs.context import ProgramContext, faults
from simulators.ibmi.programs.errorcode import api, deliver
from simulators.ibmi.programs.image import image
from simulators.ibmi.rights import ALL, CHANGE, EXCLUDE, USE, Rights, data_rights_of, name_of
from simulators.ibmi.storage import binary_at, decode_text, fault, put, slice_of, text_at

_OBJECT = ("*OBJOPR", "*OBJMGT", "*OBJEXIST")
_DATA = ("*READ", "*ADD", "*UPD", "*DLT")


def _format(storage: bytearray | None, known: str) -> None:
    form = text_at(storage, 0, 8)
    if form != known:
        raise fault("CPF3C21", form)


def _flags(rights: Rights, names: Sequence[str]) -> list[tuple[str, str]]:
    return [("1a", "Y" if name in rights else "N") for name in names]


def _qsyrusri(context: ProgramContext, p: Parameters) -> bytes:
    """QSYRUSRI(receiver, length, format, user, error code): USRI0100.

    8 name, 18 previous sign-on, 32 sign-on attempts not valid, 36 status, 46 password changed,
    54 no password, 56 expiration interval, 60 and 68 when it expires, 72 set to expire,
    73 sign-on information, 83 local password management, 84 block password change.
    """
    _format(p[2], "USRI0100")
    job = context.job
    name = text_at(p[3], 0, 10)
    name = job.user if name == "*CURRENT" else name
    with faults():
        profile = job.system.profiles.known(name)
        if job.find("QSYS", profile.name, "*USRPRF") is not None:
            job.need("QSYS", profile.name, "*USRPRF", USE)
    status = "*ENABLED" if profile.enabled else "*DISABLED"
    data = image(
        *(("8h", ""), ("10a", profile.name), ("13a", ""), ("1a", ""), ("10i0", profile.failures)),
        *(("10a", status), ("8b", ""), ("1a", "Y" if profile.without_password else "N")),
        *(("1a", ""), ("10i0", 0), ("8b", ""), ("10i0", 0), ("1a", "NY"[profile.expired])),
        *(("10a", "*SYSVAL"), ("1a", "Y"), ("10a", "*SYSVAL")),
    )
    deliver(p[0], binary_at(p[1], 0), data)
    return b""


def _rights_of(context: ProgramContext, user: str, item: SystemObject) -> Rights:
    """Return what a user, or *PUBLIC, may do with an object, his groups included."""
    if user == "*PUBLIC":
        return item.public
    profiles = context.job.system.profiles
    with faults():
        profile = profiles.known(context.job.user if user == "*CURRENT" else user)
    groups = [found for found in map(profiles.get, profile.groups) if found is not None]
    if any("*ALLOBJ" in each.special for each in (profile, *groups)):
        return ALL
    if profile.name in item.grants:
        return item.grants[profile.name]
    held = [item.grants[group.name] for group in groups if group.name in item.grants]
    return EXCLUDE.union(*held) if held else item.public


def _qsyrusra(context: ProgramContext, p: Parameters) -> bytes:
    """QSYRUSRA(receiver, length, format, user, object 20, type, error code): USRA0100.

    8 authority, 18 list management, 19 to 25 seven single authorities, 26 authorization list,
    36 source, 38 to 69 adopted authority, 80 data execute, 91 alter, 92 reference, 93 ASPs.
    """
    _format(p[2], "USRA0100")
    name, kind = from_char20(text_at(p[4], 0, 20)), text_at(p[5], 0, 10)
    with faults():
        _, item = context.job.need(name.lib, name.name, kind, USE)
    rights = _rights_of(context, text_at(p[3], 0, 10), item)
    data = image(
        *(("8h", ""), ("10a", name_of(rights)), ("1a", "N"), *_flags(rights, _OBJECT + _DATA)),
        *(("10a", "*NONE"), ("2a", ""), ("1a", "N"), ("10a", ""), *[("1a", "N")] * 9),
        *(("10a", ""), *[("1a", "N")] * 2, ("10a", ""), *_flags(rights, ("*EXECUTE",))),
        *(("10a", ""), *_flags(rights, ("*OBJALTER", "*OBJREF")), ("10a", "*SYSBAS")),
        *(("10a", "*SYSBAS"), ("3h", ""), ("10i0", 0), ("10i0", 0)),
    )
    deliver(p[0], binary_at(p[1], 0), data)
    return b""


def _held(context: ProgramContext, path: str) -> tuple[str, Mapping[str, Rights]]:
    """Return the owner of what a path names, and who may do what with it, *PUBLIC last."""
    place = object_of(path)
    if place is None:
        files = context.job.system.files
        if path in files.directories:
            return "QSYS", {"QSYS": ALL, "*PUBLIC": USE | {"*ADD", "*UPD", "*DLT"}}
        owner = files.read(path).owner
        return owner, {owner: ALL, "*PUBLIC": USE}
    library, name, kind = place
    item = (
        context.job.lib(name).header
        if kind in ("*LIB", "*LIBRARY")
        else context.job.need(library, name, kind, USE)[1]
    )
    return item.owner, {**item.grants, "*PUBLIC": item.public}


def _data_name(rights: Rights) -> str:
    """Return the data authority as the file system interfaces name it."""
    names = ("*RWX", "*RX", "*RW", "*WX", "*R", "*W", "*X", "*EXCLUDE")
    return next((n for n in names if data_rights_of(n) == rights & CHANGE), "USER DEF")


def _user_entry(name: str, rights: Rights) -> bytes:
    return image(
        *(("10a", name), ("1a", "0"), ("10a", _data_name(rights)), ("1a", "N")),
        *_flags(rights, ("*OBJMGT", "*OBJEXIST", "*OBJALTER", "*OBJREF")),
        ("10a", ""),
        *_flags(rights, ("*OBJOPR", *_DATA, "*EXECUTE")),
        ("10a", ""),
    )


def _qsyrtvua(context: ProgramContext, p: Parameters) -> bytes:
    """QSYRTVUA(receiver, length, feedback, its length, format, path, its length, error code).

    RTUA0100: entries of 52 bytes without a head, as many as fit; how many there are stands in the
    feedback: 0 and 4 its own sizes, 8 and 12 those of the receiver, 16 users, 20 entry length,
    24 owner, 34 primary group, 44 authorization list, 54 sensitivity.
    """
    _format(p[4], "RTUA0100")
    path = normal(decode_text(slice_of(p[5], 0, binary_at(p[6], 0))))
    try:
        owner, held = _held(context, path)
    except EscapeError as error:
        raise fault(error.id, path) from error
    entries = [_user_entry(name, rights) for name, rights in held.items()]
    size = len(entries[0])
    fit = max(binary_at(p[1], 0), 0) // size
    shown = b"".join(entries[:fit])
    put(p[0], 0, shown)
    told = (len(shown), size * len(entries), len(entries), size)
    feedback = image(
        *(("8h", ""), *[("10i0", value) for value in told]),
        *(("10a", owner), ("10a", "*NONE"), ("10a", "*NONE"), ("1a", "0")),
    )
    deliver(p[2], binary_at(p[3], 0), feedback)
    return b""


PROGRAMS: Mapping[str, Code] = {
    "QSYRUSRI": api(5, 5, 4, _qsyrusri),
    "QSYRUSRA": api(7, 10, 6, _qsyrusra),
    "QSYRTVUA": api(8, 8, 7, _qsyrtvua),
}
