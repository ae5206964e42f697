"""The folder of one attach: the sources lie in it while they are compiled, and nothing after.

Its name is new each time, so that nobody can have made it before; only its maker may enter it.
"""

from __future__ import annotations

import re

from exitprograms.ibmi.answers import ActionFailedError
from exitprograms.ibmi.client import Remote
from exitprograms.ibmi.objects import quoted

_OURS = re.compile(r"/epm-[A-Z0-9$#@_.]{1,10}-[0-9a-f]{12}")
#: What RMVDIR says of a folder that is not there.
_NOT_FOUND = "CPFA0A9"


def folder_of(library: str, token: str) -> str:
    """Return the path of an attach's folder; ``token`` is 12 hexadecimal digits, new each time."""
    return f"/epm-{library}-{token}"


def is_folder(path: str) -> bool:
    """Whether a path is one that :func:`folder_of` makes."""
    return _OURS.fullmatch(path) is not None


def make_command(path: str) -> str:
    """Return the command that makes it, for its maker alone; it fails where it is there."""
    return f"MKDIR DIR({quoted(path)}) DTAAUT(*EXCLUDE) OBJAUT(*NONE)"


def remove_command(path: str) -> str:
    """Return the command that removes it with everything in it."""
    return f"RMVDIR DIR({quoted(path)}) SUBTREE(*ALL)"


def remove_folder(remote: Remote, path: str) -> None:
    """Remove it, if it is there.

    Raises:
        RemoteError: it is there still.
    """
    try:
        remote.command(remove_command(path))
    except ActionFailedError as error:
        if error.message_id != _NOT_FOUND:
            raise
