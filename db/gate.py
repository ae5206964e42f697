"""Whether the linked SQLite may be trusted with a write-ahead log that several programs share."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gate:
    """What the linked SQLite may be trusted with; ``epm doctor`` and ``status`` show it.

    Attributes:
        version: of the library that is linked, not of the one that was asked for.
        sound: free of the WAL-reset bug.
        journal_mode: what the store uses for that reason, ``WAL`` or ``DELETE``.
    """

    version: str
    sound: bool
    journal_mode: str

    def __str__(self) -> str:
        if self.sound:
            return f"SQLite {self.version}: WAL"
        return f"SQLite {self.version}: rollback journal (WAL-reset bug, fixed in 3.51.3)"


def wal_is_sound(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug.

    The bug (two connections that write and checkpoint at once can lose committed transactions)
    was fixed in 3.51.3 and back-ported to 3.50.7 and 3.44.6 (SQLite release history). Branches
    in between have no back-port.
    """
    if version >= (3, 51, 3):
        return True
    return version[:2] in {(3, 50), (3, 44)} and version >= _BACK_PORTS[version[:2]]


_BACK_PORTS: dict[tuple[int, ...], tuple[int, int, int]] = {
    (3, 50): (3, 50, 7),
    (3, 44): (3, 44, 6),
}


def gate(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> Gate:
    """Return what the linked SQLite may be trusted with."""
    sound = wal_is_sound(version)
    return Gate(".".join(map(str, version)), sound, "WAL" if sound else "DELETE")
