"""The terminal that the workbench is shown on: whether there is one, and how large it is."""

from __future__ import annotations

import os
import sys

from epm.errors import UnsupportedError

#: What programs that write line by line put into the environment for a terminal of that kind.
_LINES_ONLY = "dumb"


def is_terminal() -> bool:
    """Whether keys come from a terminal, and all that is written goes to one."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def take_terminal() -> None:
    """Make sure that panels can be shown here, at the size that the terminal has at any time.

    ``COLUMNS`` and ``LINES`` in the environment would be taken for its size for good, however it
    is resized; so they count only where the terminal itself does not know.

    Raises:
        UnsupportedError: there is no terminal, or none on which text can be placed.
    """
    if not is_terminal():
        raise UnsupportedError("the workbench needs a terminal; epm --help lists the commands")
    if os.environ.get("TERM") == _LINES_ONLY:
        raise UnsupportedError(
            "the workbench cannot be shown on a terminal with TERM=dumb; "
            "epm --help lists the commands, epm tui --web shows it in a browser"
        )
    if all(os.get_terminal_size(sys.stdout.fileno())):
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)
