"""Making the programs on a system: sources uploaded, compiled, bound; and who owns what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from epm.errors import RemoteError
from epm.model import Server
from exitprograms.ibmi.answers import ActionFailedError
from exitprograms.ibmi.asking import Found, Registered, objects
from exitprograms.ibmi.client import Remote
from exitprograms.ibmi.folders import make_command, remove_folder
from exitprograms.ibmi.objects import OWNER, Names
from exitprograms.ibmi.sources import (
    Sources,
    bind_command,
    compile_command,
    module_name,
    reading,
    uploads,
)
from exitprograms.ibmi.steps import Check, Step, cl

_ASIDE = {Server.ACCEPT: "EPMOLDACC", Server.CONNECT: "EPMOLDCON", Server.LISTEN: "EPMOLDLSN"}


@dataclass(frozen=True, slots=True)
class Before:
    """What a system had when attaching was planned."""

    registered: tuple[Registered, ...]
    objects: Mapping[tuple[str, str], Found]
    has_owner: bool


def given_step(before: Before, names: Names, name: str, kind: str) -> Step:
    """Return the step that gives an object to the profile whose authority is adopted."""

    def holds(remote: Remote) -> bool:
        found = objects(remote, names.lib).get((name, kind))
        return found is not None and found.owner == OWNER

    path, old = names.path(name), before.objects.get((name, kind))
    command = "CHGOBJOWN OBJ({}) OBJTYPE({}) NEWOWN({}) CUROWNAUT(*REVOKE)"
    back = None if old is None else cl(command.format(path, kind, old.owner))
    return Step(
        f"give {kind} {path} to {OWNER}", cl(command.format(path, kind, OWNER)), holds, back
    )


def build_steps(
    before: Before, names: Names, sources: Sources, folder: str, chosen: Mapping[Server, str]
) -> list[Step]:
    """Return the steps that compile and bind the programs that are missing or older."""
    steps = [_folder_step(folder)]
    steps += [_upload_step(folder, name, text) for name, text in sorted(sources.files.items())]
    steps += [_module_step(names, sources, folder, m) for m in sources.modules()]
    for server, program in chosen.items():
        steps += _program_steps(before, names, sources, server, program)
    return steps


def _folder_step(folder: str) -> Step:
    """The folder is the user's alone: what is compiled runs in every job that calls sockets."""
    made: list[bool] = []

    def make(remote: Remote) -> None:
        try:
            remote.command(make_command(folder))
        except ActionFailedError:
            raise  # one that is there already: somebody else's files must never be compiled
        except RemoteError:
            made.append(True)  # the answer was lost: it may have been made
            raise
        made.append(True)

    def remove(remote: Remote) -> None:
        remove_folder(remote, folder)
        made.clear()

    return Step(f"create folder {folder}", make, lambda _: bool(made), remove, temporary=True)


def _upload_step(folder: str, name: str, text: str) -> Step:
    path = f"{folder}/{name}"
    sent: list[bool] = []

    def send(remote: Remote) -> None:
        for statement in uploads(path, text):
            remote.statement(statement)
        sent.append(True)

    def holds(remote: Remote) -> bool:
        if not sent:
            return False
        lines = [row["LINE"] or "" for row in remote.query(reading(path))]
        return _plain(lines) == _plain(text.splitlines())

    return Step(f"upload {name}", send, holds)


def _plain(lines: Sequence[str]) -> list[str]:
    """Return lines without what a result set may drop: blanks at the ends, an empty last line.

    The sources hold no text constants (`epm_types.h`), so blanks change nothing of what they do.
    """
    return "\n".join(line.strip() for line in lines).rstrip().split("\n")


def _module_step(names: Names, sources: Sources, folder: str, source: str) -> Step:
    path = names.path(module_name(source))
    return Step(
        f"compile {source}",
        cl(compile_command(names, sources, folder, source)),
        _of_version(names, module_name(source), "*MODULE", sources),
        cl(f"DLTMOD MODULE({path})"),
        temporary=True,
    )


def _of_version(names: Names, name: str, kind: str, sources: Sources) -> Check:
    def holds(remote: Remote) -> bool:
        found = objects(remote, names.lib).get((name, kind))
        return found is not None and found.text == sources.text

    return holds


def _program_steps(
    before: Before, names: Names, sources: Sources, server: Server, program: str
) -> list[Step]:
    """Return how a program is bound. An older one of that name, in no use, is put aside."""
    path, aside = names.path(program), _ASIDE[server]
    rename = "RNMOBJ OBJ({}) OBJTYPE(*PGM) NEWOBJ({})"
    is_new = _of_version(names, program, "*PGM", sources)

    def put_aside(remote: Remote) -> bool:
        found = objects(remote, names.lib)
        return (program, "*PGM") not in found or is_new(remote)

    left = (aside, "*PGM") in before.objects
    return [
        *([_leftover_program(names, aside)] if left else []),
        Step(
            f"put the spare program {path} aside",
            cl(rename.format(path, aside)),
            put_aside,
            cl(rename.format(names.path(aside), program)),
            ending=cl(f"DLTPGM PGM({names.path(aside)})"),
        ),
        Step(
            f"bind program {path}",
            cl(bind_command(names, sources, server, program)),
            is_new,
            cl(f"DLTPGM PGM({path})"),
        ),
        given_step(replace(before, objects={}), names, program, "*PGM"),
    ]


def leftover_steps(before: Before, names: Names, sources: Sources) -> list[Step]:
    """Return steps for the modules of an attach that was killed when its programs were bound.

    They are there, as temporary things that go at the end.
    """
    known = {module_name(m) for m in sources.modules()}
    left = sorted(name for name, kind in before.objects if kind == "*MODULE" and name in known)
    return [_leftover_module(names, name) for name in left]


def _leftover_module(names: Names, name: str) -> Step:
    path = names.path(name)
    return Step(
        f"delete the leftover module {path}",
        cl(),
        lambda remote: (name, "*MODULE") in objects(remote, names.lib),
        cl(f"DLTMOD MODULE({path})"),
        temporary=True,
    )


def _leftover_program(names: Names, aside: str) -> Step:
    """A program that an attach which was killed had put aside: nothing refers to it."""
    return Step(
        f"delete the leftover program {names.path(aside)}",
        cl(f"DLTPGM PGM({names.path(aside)})"),
        lambda remote: (aside, "*PGM") not in objects(remote, names.lib),
    )
