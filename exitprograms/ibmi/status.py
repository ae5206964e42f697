"""What is attached and deployed on a system, and how it differs from what the store says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from epm.model import Server
from exitprograms.ibmi import registering, remotespace
from exitprograms.ibmi.asking import (
    Auditing,
    Found,
    Registered,
    auditing,
    objects,
    registrations,
)
from exitprograms.ibmi.client import Remote
from exitprograms.ibmi.objects import CAPTURES, COUNTERS, RULES, Names
from exitprograms.ibmi.remotespace import SpaceState
from exitprograms.ibmi.sources import Sources
from exitprograms.ile.abi import COUNTERS as COUNTER_NAMES
from exitprograms.ile.seal import ImageInfo

_WIDTH = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the store says a system should have.

    Attributes:
        image: what the image of its rules says of itself, host names resolved now.
        activated: the servers whose rules are to decide.
        sources: of the programs.
    """

    image: ImageInfo
    activated: frozenset[Server]
    sources: Sources


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """What a system has.

    Attributes:
        space: what the user space of the rules holds; ``None`` where it is not there.
        counters: by name; empty where they are not there.
        objects: of the product's library.
        drift: a line for each difference from the store.
        warnings: what else should be known.
    """

    registered: tuple[Registered, ...]
    space: SpaceState | None
    counters: Mapping[str, int]
    audit: Auditing
    objects: Mapping[tuple[str, str], Found]
    drift: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    def at(self, server: Server) -> tuple[Registered, ...]:
        """Return what is registered at a server's exit point."""
        return registering.at(self.registered, server)

    @property
    def deployed(self) -> ImageInfo | None:
        """The image that decides; ``None`` where there is none."""
        return None if self.space is None else self.space.in_force


def ask(remote: Remote, names: Names, wanted: Wanted) -> SystemStatus:
    """Return the status of a system.

    Raises:
        RemoteError: it cannot be asked.
    """
    found = objects(remote, names.lib)
    registered = registrations(remote)
    space = None
    if (RULES, "*USRSPC") in found:
        space = remotespace.state_of(remote, names.lib)
    counters = _counters(remote, names) if (COUNTERS, "*USRSPC") in found else {}
    plain = SystemStatus(registered, space, counters, auditing(remote), found)
    return SystemStatus(
        registered,
        space,
        counters,
        plain.audit,
        found,
        tuple(_drift(plain, names, wanted)),
        tuple(_warnings(plain, names)),
    )


def _counters(remote: Remote, names: Names) -> Mapping[str, int]:
    size = _WIDTH * len(COUNTER_NAMES)
    data = remotespace.read(remote, names.lib, COUNTERS, 0, size)
    numbers = [int.from_bytes(data[at : at + _WIDTH], "big") for at in range(0, size, _WIDTH)]
    return dict(zip(COUNTER_NAMES, numbers, strict=True))


def _drift(status: SystemStatus, names: Names, wanted: Wanted) -> list[str]:
    mine = [r for r in status.registered if r.is_ours(names)]
    lines = [
        f"{server} is activated in the store, our exit program is not attached"
        for server in Server
        if server in wanted.activated and not any(r.server is server for r in mine)
    ]
    if status.space is None:
        lines += ["our exit program is attached, no rules are deployed"] if mine else []
        return lines
    lines += status.space.problems()
    lines += _image_drift(status.deployed, wanted.image, attached=bool(mine))
    lines += _program_drift(status, mine, wanted.sources)
    return lines


def _image_drift(there: ImageInfo | None, here: ImageInfo, *, attached: bool) -> list[str]:
    if there is None:
        return ["no sound image is in force: every call is rejected"] if attached else []
    if there.digest == here.digest:
        return []
    if there.revision == here.revision:
        return [
            f"revision {there.revision} is deployed, but its host names, the configuration or the "
            "library resolve differently now: deploy again"
        ]
    return [f"revision {there.revision} is deployed, the store has revision {here.revision}"]


def _program_drift(status: SystemStatus, mine: Sequence[Registered], sources: Sources) -> list[str]:
    lines = []
    for program in mine:
        found = status.objects.get((program.program, "*PGM"))
        if found is None:
            lines.append(f"{program.qualified} is registered and not there: its calls are rejected")
        elif found.text != sources.text:
            lines.append(
                f"{program.qualified} is another version than this product's: attach again"
            )
    return lines


def _warnings(status: SystemStatus, names: Names) -> list[str]:
    lines = list(status.audit.problems())
    if not any(r.is_ours(names) for r in status.registered):
        return lines
    needed = ((COUNTERS, "*USRSPC"), (CAPTURES, "*DTAQ"), (names.journal, "*JRN"))
    lines += [
        f"{names.path(name)} {kind} is not there: attach again"
        for name, kind in needed
        if (name, kind) not in status.objects
    ]
    failed = {n: c for n, c in status.counters.items() if c and n.endswith("failed")}
    lines += [f"{count} times: {name.replace('_', ' ')}" for name, count in failed.items()]
    if status.counters.get("fell_back"):
        lines.append(f"{status.counters['fell_back']} calls passed over a damaged image")
    return lines
