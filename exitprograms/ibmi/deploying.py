"""Deploying: a rule image put in force on a system, idempotent and undone on failure."""

from __future__ import annotations

from epm.errors import RemoteError
from exitprograms.ibmi import remotespace
from exitprograms.ibmi.asking import objects, person, require_authorities
from exitprograms.ibmi.client import DryRun, Remote
from exitprograms.ibmi.objects import RULES, Names
from exitprograms.ibmi.remotespace import SpaceState
from exitprograms.ibmi.steps import Step
from exitprograms.ile.seal import ImageInfo, describe


def require_deployer(remote: Remote, names: Names) -> None:
    """Refuse who may not write the user space, and where it or the journal is not there.

    Raises:
        RemoteError: says which special authority is missing, or that attach comes first.
    """
    require_authorities(person(remote), ("*ALLOBJ",), remote.where, "deploying rules")
    there = objects(remote, names.lib)
    # By rules that name a journal which is not there, every call to be logged is rejected.
    for name, kind in ((RULES, "*USRSPC"), (names.journal, "*JRN")):
        if (name, kind) not in there:
            raise RemoteError(
                f"{remote.where}: {kind} {names.path(name)} is not there: epm ibmi attach makes it"
            )


def is_deployed(state: SpaceState, image: ImageInfo) -> bool:
    """Whether the image in force is this one, and no deployment was left unfinished."""
    there = state.in_force
    return (
        there is not None
        and (there.digest, there.revision) == (image.digest, image.revision)
        and not state.problems()
    )


def deploy_step(library: str, image: bytes) -> Step:
    """Return the step that puts an image in force."""
    info = describe(image)
    published: list[int] = []

    def do(remote: Remote) -> None:
        if isinstance(remote, DryRun):
            remote.say(
                f"PGM: CALL PGM(QSYS/QUSCHGUS) PARM('{library}/{RULES}' ...): revision "
                f"{info.revision}, {info.length} bytes in pieces, read back, header last"
            )
            return
        place = remotespace.next_place(remote, library)
        # Noted before it is written: an answer may be lost after the header was.
        published.append(place.sequence)
        remotespace.publish(remote, library, image, place)

    def holds(remote: Remote) -> bool:
        if not remotespace.has_space(remote, library):
            return False
        return is_deployed(remotespace.state_of(remote, library), info)

    def undo(remote: Remote) -> None:
        if isinstance(remote, DryRun) or not remotespace.has_space(remote, library):
            return
        before = published[-1] if published else 0
        remotespace.withdraw(remote, library, before)

    shown = "a rule file" if info.revision is None else f"revision {info.revision}"
    return Step(f"deploy {shown}", do, holds, undo, partial=True)
