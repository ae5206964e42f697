"""Where a journal stands, for ``status`` and ``doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from epm.errors import JournalError


@dataclass(frozen=True, slots=True)
class JournalState:
    """A journal's end, without reading the whole of it.

    Attributes:
        last: number of the last entry; 0 in an empty or missing journal.
        at: its time, such as ``2026-11-21T10:00:00Z``; empty where there is none.
    """

    folder: Path
    receivers: int
    last: int
    at: str

    def line(self) -> str:
        """Return the state as one line."""
        if not self.receivers:
            return f"{self.folder}: not begun yet"
        receivers = "1 receiver" if self.receivers == 1 else f"{self.receivers} receivers"
        last = f"last entry {self.last} at {self.at}" if self.last else "no entry yet"
        return f"{self.folder}: {receivers}, {last}"

    def to_json(self) -> dict[str, object]:
        """Return the state as a JSON object."""
        return {
            "folder": str(self.folder),
            "receivers": self.receivers,
            "last": self.last,
            "at": self.at or None,
        }


def journal_state(folder: Path) -> JournalState:
    """Return where the journal in ``folder`` stands.

    Raises:
        JournalError: it is there and cannot be read.
    """
    from journal.reader import JournalReader

    if not folder.exists():
        return JournalState(folder, 0, 0, "")
    try:
        reader = JournalReader(folder)
    except JournalError:
        if any(folder.iterdir()):
            raise
        return JournalState(folder, 0, 0, "")
    last = reader.last()
    count = len(reader.receivers())
    if last is None:
        return JournalState(folder, count, 0, "")
    return JournalState(folder, count, last.sequence, f"{last.time_text[:19]}Z")
