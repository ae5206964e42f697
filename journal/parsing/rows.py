"""The row that a parser gives for a record: the contract's names in its order. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from epm.events import SkData
from journal.layouts.values import HeaderData

_HEADER = tuple(field.name for field in fields(HeaderData))
_SK = tuple(field.name for field in fields(SkData))
#: The names of a row, in its order.
KEYS = (*_HEADER[:4], "type", *_HEADER[4:], *_SK[1:])
NUMBERS = frozenset({"sequence", "job_number", "local_port", "remote_port", "descriptor"})
#: What a number may be.
LIMITS = {
    "sequence": (0, 10**20 - 1),
    "job_number": (0, 2**31 - 1),
    "local_port": (0, 65535),
    "remote_port": (0, 65535),
    "descriptor": (-(2**31), 2**31 - 1),
}
Row = dict[str, object]
NO_HEADER: tuple[object, ...] = (None,) * len(_HEADER)
NO_SK: tuple[object, ...] = (None,) * len(_SK)


def make_row(header: list[object] | tuple[object, ...], sk: list[object] | tuple[object, ...]) -> Row:  # fmt: skip  # noqa: E501
    """Return a row of the values of a header and of SK data, each in its class's order."""
    return dict(zip(KEYS, (*header[:4], sk[0], *header[4:], *sk[1:]), strict=True))


def split_row(row: Row) -> tuple[HeaderData, SkData | None]:
    """Return what a row says; SK data is ``None`` where the row has no SK type."""
    header = HeaderData(**{name: row[name] for name in _HEADER})  # type: ignore[arg-type]
    if row["type"] is None:
        return header, None
    return header, SkData(**{name: row[name] for name in _SK})  # type: ignore[arg-type]


def is_sk(row: Row) -> bool:
    """Whether a row is an SK entry; a bare entry-specific data record is one."""
    return row["entry_type"] == "SK" or (row["entry_type"] is None and row["type"] is not None)


@dataclass(frozen=True, slots=True)
class Record:
    """A sound record.

    Attributes:
        position: of its first byte, from 0; of lines, the number of its first line, from 1.
        raw: its bytes; ``None`` where it came as text.
        form: ``type5``, ``type4``, ``esd``, ``outfile-csv`` or ``jsonl``.
    """

    position: int
    row: Row
    raw: bytes | None
    form: str


@dataclass(frozen=True, slots=True)
class Damaged:
    """A record that cannot be read; the sound ones after it are given all the same.

    Attributes:
        position: as in :class:`Record`.
        unit: what ``position`` counts.
        reason: one line.
    """

    position: int
    unit: Literal["byte", "line"]
    reason: str

    def __str__(self) -> str:
        return f"record at {self.unit} {self.position}: {self.reason}"
