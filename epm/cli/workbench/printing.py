"""What panels print goes into the user's spool folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from epm.cli.newfile import shown_path
from epm.cli.spool import spooled_file
from epm.errors import one_line

if TYPE_CHECKING:
    from tui.services import Spooled


@dataclass(frozen=True, slots=True)
class SpoolPrinting:
    """Prints into ``folder``; ``None`` is the user's spool folder."""

    folder: Path | None = None

    def spool(self, name: str, lines: Iterable[str]) -> Spooled:
        """Write lines into a new spooled file."""
        from tui.services import Spooled

        count = 0
        with spooled_file(name, self.folder) as (path, stream):
            for line in lines:
                stream.write(one_line(line) + "\n")
                count += 1
        return Spooled(shown_path(path), count)
