"""Adding and removing exit programs, and keeping what others had registered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from epm.errors import RemoteError
from epm.model import Server
from exitprograms.ibmi.asking import Registered, kept_text, registrations
from exitprograms.ibmi.client import Remote
from exitprograms.ibmi.objects import KEPT, TEXT_BYTES, Names, quoted
from exitprograms.ibmi.steps import Action, Step, cl

#: What a data area of characters holds.
MAX_KEPT = 2000
_FIRST_NUMBER = 1


def add_command(program: Registered, *, replacing: bool) -> str:
    """Return ADDEXITPGM for a registration; a text from a message file may be cut."""
    server = program.server
    data = (
        f" PGMDTA(*JOB {len(program.data)} {quoted(program.data)})" if program.data.strip() else ""
    )
    text = f" TEXT({quoted(program.text[:TEXT_BYTES])})" if program.text else ""
    return (
        f"ADDEXITPGM EXITPNT({server.exit_point}) FORMAT({server.format_name}) "
        f"PGMNBR({program.number}) PGM({program.qualified}) THDSAFE(*{program.threadsafe}) "
        f"MLTTHDACN({program.action}) REPLACE({'*YES' if replacing else '*NO'}){text}{data}"
    )


def remove_command(program: Registered) -> str:
    """Return RMVEXITPGM for a registration."""
    server = program.server
    return (
        f"RMVEXITPGM EXITPNT({server.exit_point}) FORMAT({server.format_name}) "
        f"PGMNBR({program.number})"
    )


def at(found: Sequence[Registered], server: Server) -> tuple[Registered, ...]:
    """Return the registrations of one exit point."""
    return tuple(r for r in found if r.server is server)


def ours(server: Server, names: Names, program: str, number: int, text: str) -> Registered:
    """Return our registration of a program."""
    return Registered(server, number, names.lib, program, text, "", "YES", "*SYSVAL")


def _same(one: Sequence[Registered], other: Sequence[Registered]) -> bool:
    """Whether registrations are the same calls in the same order; texts may be cut."""
    return [(r.number, r.qualified, r.data.rstrip()) for r in one] == [
        (r.number, r.qualified, r.data.rstrip()) for r in other
    ]


def change_step(what: str, before: Sequence[Registered], after: Sequence[Registered]) -> Step:
    """Return the step that brings one exit point from what is registered to what shall be.

    A number that stays is replaced in one command, so that at no moment nobody is asked.
    """

    def holds(remote: Remote) -> bool:
        return _same(at(registrations(remote), server), after)

    server = (after or before)[0].server
    return Step(what, _moving(server, after), holds, _moving(server, before), partial=True)


def _moving(server: Server, wanted: Sequence[Registered]) -> Action:
    """Return the action that makes ``wanted`` what is registered, whatever is there."""

    def run(remote: Remote) -> None:
        there = {r.number: r for r in at(registrations(remote), server)}
        for program in wanted:
            known = there.pop(program.number, None)
            if known is None or not _same([known], [program]):
                remote.command(add_command(program, replacing=known is not None))
        for program in there.values():
            remote.command(remove_command(program))

    return run


def attached(
    found: Sequence[Registered], names: Names, server: Server, program: str, text: str
) -> tuple[Registered, ...]:
    """Return what is registered once our program is: it alone, under the number of the first."""
    before = at(found, server)
    mine = [r for r in before if r.is_ours(names)]
    first = mine[0] if mine else before[0] if before else None
    number = _FIRST_NUMBER if first is None else first.number
    return (ours(server, names, program, number, text),)


def foreign(found: Sequence[Registered], names: Names) -> tuple[Registered, ...]:
    """Return the exit programs that are not this product's."""
    return tuple(r for r in found if not r.is_ours(names))


# ------------------------------------------------------------------------------------- kept


def dump_kept(programs: Sequence[Registered]) -> str:
    """Return registrations as the text of a data area: JSON of ASCII characters.

    Raises:
        RemoteError: they are too long to be kept, so they must not be replaced.
    """
    text = json.dumps([asdict(p) for p in programs], separators=(",", ":"))
    if len(text) > MAX_KEPT:
        raise RemoteError(
            f"the registrations of {programs[0].server.exit_point} take {len(text)} characters, a "
            f"data area {MAX_KEPT}: they could not be restored, so they are not replaced"
        )
    return text


def load_kept(text: str, server: Server, where: str) -> tuple[Registered, ...]:
    """Return the registrations that a data area holds.

    Raises:
        RemoteError: it does not hold any.
    """
    try:
        items = [Registered(**{**item, "server": server}) for item in json.loads(text)]
        sound = all(isinstance(i.number, int) and isinstance(i.program, str) for i in items)
    except (ValueError, TypeError, RecursionError):
        sound, items = False, []
    if not sound or not items:
        raise RemoteError(
            f"{where}: data area {KEPT[server]} does not hold the exit programs that were "
            f"replaced at {server.exit_point}: add them by hand, then delete it"
        )
    return tuple(replace(i, server=server) for i in items)


def keep_step(names: Names, server: Server, programs: Sequence[Registered]) -> Step:
    """Return the step that keeps the registrations of others in a data area."""
    text = dump_kept(programs)
    make, area = _keep(names, server, text), names.path(KEPT[server])
    return Step(
        f"keep {', '.join(p.qualified for p in programs)} of {server.exit_point} in {area}",
        make,
        lambda remote: kept_text(remote, names, server) == text,
        cl(f"DLTDTAARA DTAARA({area})"),
    )


def _keep(names: Names, server: Server, text: str) -> Action:
    return cl(
        f"CRTDTAARA DTAARA({names.path(KEPT[server])}) TYPE(*CHAR) LEN({MAX_KEPT}) "
        f"VALUE({quoted(text)}) TEXT('EPM exit programs that were replaced') AUT(*EXCLUDE)"
    )


def forget_step(names: Names, server: Server, text: str) -> Step:
    """Return the step that deletes the data area of what has been restored."""
    area = names.path(KEPT[server])
    return Step(
        f"delete {area}: its exit programs are restored",
        cl(f"DLTDTAARA DTAARA({area})"),
        lambda remote: kept_text(remote, names, server) is None,
        _keep(names, server, text),
    )
