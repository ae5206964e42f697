"""Attaching: the steps from what a system has to exit programs that decide there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from epm.errors import RemoteError
from epm.model import Server
from exitprograms.ibmi import registering
from exitprograms.ibmi.asking import (
    REGISTERING,
    Registered,
    has_library,
    kept_text,
    objects,
    person,
    registrations,
    require_authorities,
    require_plain_owner,
    special_of,
)
from exitprograms.ibmi.client import Remote
from exitprograms.ibmi.deploying import deploy_step
from exitprograms.ibmi.making import Before, build_steps, given_step, leftover_steps
from exitprograms.ibmi.objects import (
    OWNER,
    PROGRAMS,
    Names,
    Object,
    objects_of,
)
from exitprograms.ibmi.programs import create_space
from exitprograms.ibmi.sources import (
    Sources,
)
from exitprograms.ibmi.steps import Action, Check, Step, cl
from exitprograms.ile.layout import MAX_SPACE


def look(remote: Remote, names: Names) -> Before:
    """Return what the plan is made of; refuse what could not end well.

    Raises:
        RemoteError: a special authority is missing, or the owner's profile has one.
    """
    require_authorities(person(remote), REGISTERING, remote.where, "attaching exit programs")
    has_owner = require_plain_owner(remote)
    return Before(registrations(remote), objects(remote, names.lib), has_owner)


def refuse_foreign(
    before: Before, names: Names, servers: Sequence[Server], where: str
) -> tuple[Registered, ...]:
    """Return the exit programs of others at these points.

    Raises:
        RemoteError: there are some; the text names them and how they are replaced.
    """
    found = tuple(r for r in registering.foreign(before.registered, names) if r.server in servers)
    if found:
        shown = ", ".join(f"{r.qualified} (number {r.number} of {r.server.exit_point})" for r in found)  # fmt: skip  # noqa: E501
        raise RemoteError(
            f"{where}: another product's exit program is there: {shown}; --replace takes its "
            "place and keeps it for detach to restore; nothing was changed"
        )
    return found


def plan(
    before: Before,
    names: Names,
    servers: Sequence[Server],
    sources: Sources,
    image: bytes,
    folder: str,
) -> tuple[Step, ...]:
    """Return the steps.

    Args:
        before: what the system has.
        names: of the library and its objects.
        servers: whose exit points.
        sources: of the programs.
        image: the rules to deploy first.
        folder: an IFS path that nobody else can have made: what is compiled lies in it.
    """
    chosen = {s: _program(before, names, s, sources) for s in servers}
    missing = [s for s in servers if not _is_current(before, names, chosen[s], sources)]
    steps = [_owner_step(), _library_step(names)]
    for item in objects_of(names, MAX_SPACE):
        # The system attaches new receivers as they fill: an old one may be gone for good reason.
        if item.type != "*JRNRCV" or (names.journal, "*JRN") not in before.objects:
            steps += _object_steps(before, names, item)
    if missing:
        steps += build_steps(before, names, sources, folder, {s: chosen[s] for s in missing})
    else:
        steps += leftover_steps(before, names, sources)
    steps.append(deploy_step(names.lib, image))
    for server in servers:
        steps += _register_steps(before, names, server, chosen[server], sources)
    return tuple(steps)


def _program(before: Before, names: Names, server: Server, sources: Sources) -> str:
    """Return the name that the program is to have: a current one, or one that is not in use."""
    both = PROGRAMS[server]
    used = {r.program for r in before.registered if r.is_ours(names)}
    current = [p for p in both if _is_current(before, names, p, sources)]
    preferred = [p for p in current if p in used] or current
    if preferred:
        return preferred[0]
    return next(p for p in both if p not in used)


def _is_current(before: Before, names: Names, program: str, sources: Sources) -> bool:
    found = before.objects.get((program, "*PGM"))
    return found is not None and (found.text, found.owner) == (sources.text, OWNER)


def _owner_step() -> Step:
    return Step(
        f"create user profile {OWNER}",
        cl(
            f"CRTUSRPRF USRPRF({OWNER}) PASSWORD(*NONE) STATUS(*DISABLED) INLMNU(*SIGNOFF) "
            "LMTCPB(*YES) SPCAUT(*NONE) TEXT('Owner of the EPM exit programs') AUT(*EXCLUDE)"
        ),
        lambda remote: special_of(remote, OWNER) is not None,
        cl(f"DLTUSRPRF USRPRF({OWNER}) OWNOBJOPT(*NODLT)"),
    )


def _library_step(names: Names) -> Step:
    return Step(
        f"create library {names.lib}",
        cl(f"CRTLIB LIB({names.lib}) TEXT('Exit-point manager') AUT(*USE) CRTAUT(*EXCLUDE)"),
        lambda remote: has_library(remote, names.lib),
        cl(f"DLTLIB LIB({names.lib})"),
    )


def _there(names: Names, name: str, kind: str) -> Check:
    return lambda remote: (name, kind) in objects(remote, names.lib)


def _object_steps(before: Before, names: Names, item: Object) -> Iterator[Step]:
    """Yield how one object is made, and how it is given to its owner."""
    make: Action = cl(item.create)
    if item.size:
        call = create_space(names.lib, item.name, item.size, item.text)

        def make(remote: Remote) -> None:
            remote.change([call])

    path = names.path(item.name)
    exists = _there(names, item.name, item.type)
    yield Step(f"create {item.type} {path}", make, exists, cl(item.delete))
    yield given_step(before, names, item.name, item.type)


# ------------------------------------------------------------------------------- registering


def _register_steps(
    before: Before, names: Names, server: Server, program: str, sources: Sources
) -> Iterator[Step]:
    there = registering.at(before.registered, server)
    others = registering.foreign(there, names)
    if others:
        yield registering.keep_step(names, server, others)
    after = registering.attached(there, names, server, program, sources.text)
    yield registering.change_step(
        f"register {names.path(program)} at {server.exit_point}", there, after
    )


def refuse_kept_twice(
    remote: Remote, before: Before, names: Names, servers: Sequence[Server]
) -> None:
    """Refuse to replace exit programs where others are kept already: one would be lost.

    Raises:
        RemoteError: names the point.
    """
    for server in servers:
        others = registering.foreign(registering.at(before.registered, server), names)
        kept = kept_text(remote, names, server)
        if others and kept is not None and kept != registering.dump_kept(others):
            raise RemoteError(
                f"{remote.where}: {server.exit_point} has an exit program of others, and another "
                "one that was replaced is kept: detach first; nothing was changed"
            )
