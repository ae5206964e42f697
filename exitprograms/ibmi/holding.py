"""One change of a system at a time: a data area that is there while somebody attaches or deploys.

Creating an object is atomic on IBM i, whoever does it from wherever; a lock of the job would not
outlive the one request that XMLSERVICE runs in it. Source: IBM documentation of CRTDTAARA.

INVARIANT: whoever was let in is alone until it lets go. What a killed command left is taken over
only under the same mark, whose holder knows that it is the only one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from epm.errors import RemoteError
from exitprograms.ibmi.answers import ActionFailedError
from exitprograms.ibmi.client import Remote
from exitprograms.ibmi.folders import is_folder, remove_command, remove_folder
from exitprograms.ibmi.objects import bound, quoted

LIBRARY, NAME = "QUSRSYS", "EPMHOLD"
AREA = f"{LIBRARY}/{NAME}"
_LENGTH = 150
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Hold:
    """Who holds a system: what the data area says.

    Attributes:
        mark: of the place: one word that nobody else knows.
        folder: where this command's temporary files are, should it be killed.
        said: the command, from where and since when, for whoever is refused.
    """

    mark: str
    folder: str
    said: str

    def text(self) -> str:
        """Return it as the data area has it: ASCII, cut to its length."""
        value = f"{self.mark} {self.folder} {self.said}"
        return value.encode("ascii", "replace").decode()[:_LENGTH].rstrip()


@contextmanager
def held(remote: Remote, hold: Hold) -> Iterator[list[str]]:
    """Hold a system against changes by others; yield lines for warnings, filled at the end.

    Args:
        remote: the system.
        hold: what is held under the same mark is its own: of a command that was killed, whose
            files are removed.

    Raises:
        RemoteError: another command changes the system now, or it cannot be asked.
    """
    left: list[str] = []
    _take(remote, hold, left)
    try:
        yield left
    finally:
        try:
            remote.command(f"DLTDTAARA DTAARA({AREA})")
        except RemoteError as error:
            left.append(f"data area {AREA}: {error}")


def _take(remote: Remote, hold: Hold, left: list[str]) -> None:
    create = (
        f"CRTDTAARA DTAARA({AREA}) TYPE(*CHAR) LEN({_LENGTH}) VALUE({quoted(hold.text())}) "
        "TEXT('EPM is changing this system') AUT(*EXCLUDE)"
    )
    for last in range(_TRIES):
        try:
            remote.command(create)
        except ActionFailedError:
            there = holder(remote)
            if there is None:  # refused for another reason, or let go in this moment
                if last == _TRIES - 1:
                    raise
                continue
            if there.mark != hold.mark:
                raise RemoteError(f"{remote.where}: {_refusal(there)}") from None
            _clear(remote, there, left)
        else:
            return
    raise RemoteError(f"{remote.where}: data area {AREA} cannot be had; nothing was changed")


def _refusal(there: Hold) -> str:
    killed = f"DLTDTAARA DTAARA({AREA})"
    if is_folder(there.folder):
        killed += f", and if it is there {remove_command(there.folder)}"
    return (
        f"{there.said or 'somebody'} is changing this system now; nothing was changed. "
        f"If that was killed: {killed}"
    )


def _clear(remote: Remote, killed: Hold, left: list[str]) -> None:
    """Remove what a command of this place left when it was killed: its files, then its hold."""
    if is_folder(killed.folder):
        try:
            remove_folder(remote, killed.folder)
        except ActionFailedError as error:
            left.append(f"folder {killed.folder}: {error}")
    remote.command(f"DLTDTAARA DTAARA({AREA})")


def holder(remote: Remote) -> Hold | None:
    """Return who holds the system; ``None`` where nobody does."""
    rows = remote.query(
        bound(
            "SELECT DATA_AREA_VALUE FROM QSYS2.DATA_AREA_INFO "
            "WHERE DATA_AREA_LIBRARY = ? AND DATA_AREA_NAME = ?",
            LIBRARY,
            NAME,
        )
    )
    if not rows:
        return None
    mark, _, rest = (rows[0].get("DATA_AREA_VALUE") or "").rstrip().partition(" ")
    folder, _, said = rest.partition(" ")
    return Hold(mark, folder, said)
