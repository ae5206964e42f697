"""Commands about authority: granted, revoked, owners changed."""

from __future__ import annotations

from simulators.ibmi.cl.definition import Call, Command, Param
from simulators.ibmi.cl.objects import object_type
from simulators.ibmi.ifs import normal, object_of
from simulators.ibmi.libraries import Library
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.objects import SystemObject
from simulators.ibmi.rights import ALL, EXCLUDE, Rights, data_rights_of, name_of, rights_of
from simulators.ibmi.streams import require_owner


def _targets(call: Call) -> list[tuple[str, SystemObject]]:
    """Return the objects that OBJ and OBJTYPE name; managing them must be allowed."""
    job, name, kind = call.job, call.qualified("OBJ"), object_type(call)
    if kind == "*LIB":
        home = job.system.libraries.get(name.name)
        if home is None:
            raise EscapeError("CPF2208", name.name, "QSYS", kind)
        _manage(call, "QSYS", home.header)
        return [("QSYS", home.header)]
    if name.name == "*ALL" or name.name.endswith("*"):
        homes: list[Library] = list(job.searched(name.lib))
        found = [(h.name, item) for h in homes for item in h.select(name.name, kind)]
    else:
        home, item = job.need(name.lib, name.name, kind, EXCLUDE, missing="CPF2208")
        found = [(home.name, item)]
    if not found:
        raise EscapeError("CPF2208", name.name, name.lib, kind)
    for library, item in found:
        _manage(call, library, item)
    return found


def _manage(call: Call, library: str, item: SystemObject) -> None:
    if not call.job.allows(item, frozenset({"*OBJMGT"})):
        raise EscapeError("CPF2207", item.name, library, item.type)


def _users(call: Call) -> tuple[str, ...]:
    users = call.words("USER")
    for user in users:
        if user != "*PUBLIC":
            call.job.system.profiles.known(user)
    return users


def _rights(call: Call) -> Rights:
    rights = rights_of(call.words("AUT"))
    if rights is None:
        raise EscapeError("CPD0084", " ".join(call.words("AUT")), "AUT")
    return rights


def _grtobjaut(call: Call) -> None:
    rights, replacing = _rights(call), call.word("REPLACE") == "*YES"
    words = call.words("AUT")
    single = words[0] in ("*ALL", "*CHANGE", "*USE", "*EXCLUDE")
    for _, item in _targets(call):
        for user in _users(call):
            _set(item, user, rights, add=not (replacing or (single and words[0] == "*EXCLUDE")))
    call.send("CPC2201")


def _set(item: SystemObject, user: str, rights: Rights, *, add: bool) -> None:
    if user == "*PUBLIC":
        item.public = item.public | rights if add else rights
    else:
        item.grants[user] = item.grants.get(user, EXCLUDE) | rights if add else rights


def _rvkobjaut(call: Call) -> None:
    rights = _rights(call)
    for _, item in _targets(call):
        for user in _users(call):
            if user == "*PUBLIC":
                item.public -= rights
                continue
            left = item.grants.get(user, EXCLUDE) - rights
            if left:
                item.grants[user] = left
            else:
                item.grants.pop(user, None)
    call.send("CPC2202")


def _chgaut(call: Call) -> None:
    """CHGAUT for objects of libraries and for stream files.

    A stream file has an owner and no private authorities here; a change to one is checked for
    ownership and has no further effect, since every job may read stream files.
    """
    path, users = call.text("OBJ"), _users(call)
    data = data_rights_of(call.word("DTAAUT")) if call.is_given("DTAAUT") else None
    if call.is_given("DTAAUT") and data is None:
        raise EscapeError("CPD0084", call.word("DTAAUT"), "DTAAUT")
    named = object_of(path)
    if named is None:
        require_owner(call.job, normal(path))
        call.send("CPC2201")
        return
    library, name, kind = named
    item = _object_at(call, library, name, kind, path)
    if not call.job.allows(item, frozenset({"*OBJMGT"})):
        raise EscapeError("CPFA09C", path)
    words = call.words("OBJAUT")
    extra = ALL if words == ("*ALL",) else rights_of(tuple(w for w in words if w != "*NONE"))
    if extra is None:
        raise EscapeError("CPD0084", " ".join(words), "OBJAUT")
    if words == ("*SAME",):
        extra = EXCLUDE
    for user in users:
        _set(item, user, (data or EXCLUDE) | extra, add=False)
    call.send("CPC2201")


def _object_at(call: Call, library: str, name: str, kind: str, path: str) -> SystemObject:
    home = call.job.system.libraries.get(name if kind == "*LIB" else library)
    item = None if home is None else home.header if kind == "*LIB" else home.get(name, kind)
    if item is None:
        raise EscapeError("CPFA0A9", path)
    return item


def _chgobjown(call: Call) -> None:
    job, owner = call.job, call.name("NEWOWN")
    job.system.profiles.known(owner)
    for library, item in _targets(call):
        old = item.owner
        if old not in (job.user, *job.profile.groups) and not job.has_special("*ALLOBJ"):
            raise EscapeError("CPF2189", item.name, library, item.type)
        item.owner = owner
        item.grants[owner] = ALL
        if call.word("CUROWNAUT") == "*REVOKE" and old != owner:
            item.grants.pop(old, None)
        call.send("CPC2206", item.name, library, item.type)


def _dspobjaut(call: Call) -> None:
    for library, item in _targets(call):
        call.output.append(f"Object . . :  {library}/{item.name}  {item.type}  Owner {item.owner}")
        call.output.append(f"  *PUBLIC     {name_of(item.public)}")
        call.output += [f"  {u:<10}  {name_of(r)}" for u, r in sorted(item.grants.items())]


_OBJ = (Param("OBJ"), Param("OBJTYPE"))
COMMANDS = (
    Command(
        "GRTOBJAUT",
        (*_OBJ, Param("USER"), Param("AUT", "*CHANGE"), Param("REPLACE", "*NO")),
        _grtobjaut,
        "Grant Object Authority",
    ),
    Command(
        "RVKOBJAUT",
        (*_OBJ, Param("USER"), Param("AUT", "*CHANGE")),
        _rvkobjaut,
        "Revoke Object Authority",
    ),
    Command(
        "CHGAUT",
        (Param("OBJ"), Param("USER"), Param("DTAAUT", ""), Param("OBJAUT", "*SAME")),
        _chgaut,
        "Change Authority",
    ),
    Command(
        "CHGOBJOWN",
        (*_OBJ, Param("NEWOWN"), Param("CUROWNAUT", "*REVOKE")),
        _chgobjown,
        "Change Object Owner",
    ),
    Command("DSPOBJAUT", (*_OBJ, Param("OUTPUT", "*")), _dspobjaut, "Display Object Authority"),
)
