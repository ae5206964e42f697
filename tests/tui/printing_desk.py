"""A printer in memory."""

from __future__ import annotations

from epm.errors import FileUnavailableError
from tui.services import Spooled


class MemoryPrinting:
    """Keeps what was printed: (name, lines). ``full`` makes it refuse."""

    def __init__(self):
        self.printed = []
        self.full = False

    def spool(self, name, lines):
        if self.full:
            raise FileUnavailableError("~/spool: cannot be written: No space left on device")
        made = list(lines)
        self.printed.append((name, made))
        path = f"~/spool/{name.upper()}.{len(self.printed):06d}.txt"
        return Spooled(path, len(made))
