"""Stream files as a job uses them: who may change one, and what there is room for.

A stream file has an owner and no private authorities here: every job may read it, and its owner,
or one with *ALLOBJ, may change it.
"""

from __future__ import annotations

from simulators.ibmi.ifs import SHIPPED_DIRECTORIES, StreamFile
from simulators.ibmi.jobstate import JobState
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.objects import BASE_SIZE


def require_owner(job: JobState, path: str) -> StreamFile:
    """Return a stream file that the job may change.

    Raises:
        EscapeError: CPFA0A9, there is none; CPFA09C, it is another user's.
    """
    found = job.system.files.read(path)
    if found.owner != job.user and not job.has_special("*ALLOBJ"):
        raise EscapeError("CPFA09C", path)
    return found


def write_stream(
    job: JobState, path: str, data: bytes, *, appends: bool = False, ccsid: int = 1208
) -> None:
    """Make a stream file, replace what is in it, or add to it; it keeps its owner.

    Raises:
        EscapeError: CPFA09C, it is another user's; CPFA0A9, its directory does not exist; CPF0907
            or CPF2222, there is no room.
    """
    files = job.system.files
    old = require_owner(job, path) if path in files.files else None
    if old is not None and appends:
        data, ccsid = old.data + data, old.ccsid
    job.system.require_storage(job.profile, len(data) + BASE_SIZE - (len(old.data) if old else 0))
    files.write(path, data, ccsid=ccsid, owner=job.user if old is None else old.owner)


def remove_stream(job: JobState, path: str) -> None:
    """Remove a stream file; as :func:`require_owner`."""
    require_owner(job, path)
    job.system.files.remove(path)


def make_directory(job: JobState, path: str) -> None:
    """Make a directory.

    Raises:
        EscapeError: CPFA0A0, CPFA0A9, CPF0907 or CPF2222.
    """
    job.system.require_storage(job.profile, BASE_SIZE)
    job.system.files.make_directory(path)


def remove_directory(job: JobState, path: str, *, whole: bool) -> None:
    """Remove a directory; with ``whole`` what is below it too, if all of it may be removed.

    Raises:
        EscapeError: CPFA0A9, there is none; CPFA0C1, it is not empty; CPFA09C, it is a directory
            of the system, or a file below it another user's.
    """
    files = job.system.files
    below = [p for p in (*files.files, *files.directories) if p.startswith(path + "/")]
    if path not in files.directories or path == "/":
        raise EscapeError("CPFA0A9", path)
    if below and not whole:
        raise EscapeError("CPFA0C1", path)
    if path in SHIPPED_DIRECTORIES and not job.has_special("*ALLOBJ"):
        raise EscapeError("CPFA09C", path)
    for name in below:
        if name in files.files:
            require_owner(job, name)
    for name in (*below, path):
        files.files.pop(name, None)
        files.directories.discard(name)
