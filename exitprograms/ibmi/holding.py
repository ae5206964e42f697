"""One change of a system at a time: a data area that is there while somebody attaches or deploys.

Creating an object is atomic on IBM i, whoever does it from wherever; a lock of the job would not
outlive the one request that XMLSERVICE runs in it. Source: IBM documentation of CRTDTAARA.

INVARIANT: whoever was let in is alone until it lets go. What a killed command left is taken over
only under the same mark, whose holder knows that it is the only one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from epm.errors import RemoteError
from exitprograms.ibmi.answers import ActionFailedError
from exitprograms.ibmi.client import Remote
from exitprograms.ibmi.objects import bound, quoted

LIBRARY, NAME = "QUSRSYS", "EPMHOLD"
AREA = f"{LIBRARY}/{NAME}"
_LENGTH = 100
_TRIES = 3


@contextmanager
def held(remote: Remote, mark: str, said: str) -> Iterator[list[str]]:
    """Hold a system against changes by others; yield lines for warnings, filled at the end.

    Args:
        remote: the system.
        mark: of the place that asks: one word; what is held under it is its own.
        said: who holds it since when, for whoever is refused.

    Raises:
        RemoteError: another command changes the system now, or it cannot be asked.
    """
    left: list[str] = []
    _take(remote, mark, said)
    try:
        yield left
    finally:
        try:
            remote.command(f"DLTDTAARA DTAARA({AREA})")
        except RemoteError as error:
            left.append(f"data area {AREA}: {error}")


def _take(remote: Remote, mark: str, said: str) -> None:
    value = f"{mark} {said}".encode("ascii", "replace").decode()[:_LENGTH].rstrip()
    create = (
        f"CRTDTAARA DTAARA({AREA}) TYPE(*CHAR) LEN({_LENGTH}) VALUE({quoted(value)}) "
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
            owner, _, who = there.partition(" ")
            if owner != mark:
                raise RemoteError(
                    f"{remote.where}: {who or 'somebody'} is changing this system now; nothing was "
                    f"changed. If that was killed: DLTDTAARA DTAARA({AREA})"
                ) from None
        return


def holder(remote: Remote) -> str | None:
    """Return who holds the system, the mark first; ``None`` where nobody does."""
    rows = remote.query(
        bound(
            "SELECT DATA_AREA_VALUE FROM QSYS2.DATA_AREA_INFO "
            "WHERE DATA_AREA_LIBRARY = ? AND DATA_AREA_NAME = ?",
            LIBRARY,
            NAME,
        )
    )
    return (rows[0].get("DATA_AREA_VALUE") or "").rstrip() if rows else None
