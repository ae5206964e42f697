"""Detaching: our exit programs unregistered, those of others restored, objects purged if asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from epm.errors import RemoteError
from epm.model import Server
from exitprograms.ibmi import registering
from exitprograms.ibmi.asking import (
    REGISTERING,
    Found,
    Registered,
    has_library,
    kept_text,
    objects,
    person,
    registrations,
    require_authorities,
    special_of,
)
from exitprograms.ibmi.client import Remote
from exitprograms.ibmi.objects import OWNER, PROGRAMS, Names
from exitprograms.ibmi.steps import Step, cl

#: How an object of a type is deleted; journals go before their receivers.
_DELETE = {
    "*PGM": "DLTPGM PGM({})",
    "*MODULE": "DLTMOD MODULE({})",
    "*USRSPC": "DLTUSRSPC USRSPC({})",
    "*DTAQ": "DLTDTAQ DTAQ({})",
    "*MSGQ": "DLTMSGQ MSGQ({})",
    "*JRN": "DLTJRN JRN({})",
    "*JRNRCV": "DLTJRNRCV JRNRCV({}) DLTOPT(*IGNINQMSG)",
}


def plan(remote: Remote, names: Names, servers: Sequence[Server]) -> tuple[Step, ...]:
    """Return the steps that take our programs away at these points.

    Raises:
        RemoteError: a special authority is missing, or what was kept cannot be read.
    """
    require_authorities(person(remote), REGISTERING, remote.where, "detaching exit programs")
    found = registrations(remote)
    return tuple(s for server in servers for s in _point_steps(remote, names, server, found))


def _point_steps(
    remote: Remote, names: Names, server: Server, found: Sequence[Registered]
) -> Iterator[Step]:
    there = registering.at(found, server)
    text = kept_text(remote, names, server)
    kept = () if text is None else registering.load_kept(text, server, remote.where)
    others = registering.foreign(there, names)
    if len(others) == len(there) and not kept:
        return
    # What others registered meanwhile stays; what we replaced comes back under its number.
    taken = {r.number for r in others}
    after = tuple(sorted((*others, *(k for k in kept if k.number not in taken)), key=_number))
    what = f"remove our exit program of {server.exit_point}"
    if kept:
        what += f", restore {', '.join(k.qualified for k in kept)}"
    lost = [k.qualified for k in kept if k.number in taken and k not in others]
    if lost:
        raise RemoteError(
            f"{remote.where}: {server.exit_point}: the number of {lost[0]}, which was replaced, is "
            "in use by another program: remove one of them by hand; nothing was changed"
        )
    yield registering.change_step(what, there, after)
    if text is not None:
        yield registering.forget_step(names, server, text)


def _number(program: Registered) -> int:
    return program.number


def purge(remote: Remote, names: Names) -> tuple[Step, ...]:
    """Return the steps that delete the library and everything of ours in it.

    To be planned when nothing of ours is registered any more. Deleting cannot be undone, so
    each step stands for itself.

    Raises:
        RemoteError: the library holds objects of somebody else: it is not deleted.
    """
    if not has_library(remote, names.lib):
        return ()
    found = objects(remote, names.lib)
    alien = [item for item in found.values() if not _is_ours(item)]
    if alien:
        shown = ", ".join(f"{item.name} {item.type}" for item in alien[:3])
        raise RemoteError(
            f"{remote.where}: library {names.lib} holds objects that are not ours ({shown}): "
            "delete it by hand"
        )
    order = list(_DELETE)
    items = sorted(found.values(), key=lambda item: (order.index(item.type), item.name))
    steps = [_delete_step(names, item) for item in items]
    steps.append(
        Step(
            f"delete library {names.lib}",
            cl(f"DLTLIB LIB({names.lib})"),
            lambda remote: not has_library(remote, names.lib),
        )
    )
    if special_of(remote, OWNER) is not None:
        steps.append(
            Step(
                f"delete user profile {OWNER}",
                cl(f"DLTUSRPRF USRPRF({OWNER}) OWNOBJOPT(*NODLT)"),
                lambda remote: special_of(remote, OWNER) is None,
            )
        )
    return tuple(steps)


def _is_ours(item: Found) -> bool:
    if item.type not in _DELETE:
        return False
    programs = {name for both in PROGRAMS.values() for name in both}
    return item.owner == OWNER or item.name in programs or item.name.startswith("EPM")


def _delete_step(names: Names, item: Found) -> Step:
    key = (item.name, item.type)
    return Step(
        f"delete {item.type} {names.path(item.name)}",
        cl(_DELETE[item.type].format(names.path(item.name))),
        lambda remote: key not in objects(remote, names.lib),
    )
