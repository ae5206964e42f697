"""The stored procedures in front of the service: their names and sizes, and how answers return.

``iPLUGRnnn`` answers as a result set of 3000-byte records, ``iPLUGnnn`` in an OUT parameter;
``iPLUGRC32K`` collects a request from parts of at most 32,700 characters. Pure, so that a test
over any database can use them. Source: XMLSERVICE documentation, stored procedures.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from epm.errors import CallError

RECORD = 3000
HACK = "</hack>"
#: Characters of one part of iPLUGRC32K, and of everything it collects.
MAX_PART = 32_700
MAX_COLLECTED = 15_728_640

#: Sizes by the suffix of a procedure's name.
SIZES = {
    "4K": 4096,
    "32K": 32_768,
    "65K": 65_536,
    "512K": 524_288,
    "1M": 1_048_576,
    "5M": 5_242_880,
    "10M": 10_485_760,
    "15M": 15_728_640,
}
#: What ``xmlout`` is where a request has none.
DEFAULT_XMLOUT = 512_000


def procedure_for(xmlout: int) -> str:
    """Return the procedure that the CGI program calls for a size: ``iPLUG512K``."""
    for suffix, size in SIZES.items():
        if xmlout <= size:
            return f"iPLUG{suffix}"
    return "iPLUG15M"


def size_of(procedure: str) -> int:
    """Return how many bytes a procedure's answer may have.

    Raises:
        CallError: there is no such procedure.
    """
    name = procedure.rpartition(".")[2].upper()
    suffix = name.removeprefix("IPLUG").removeprefix("R").removeprefix("C")
    if not name.startswith("IPLUG") or suffix not in SIZES:
        raise CallError(f"{procedure!r} is not a stored procedure of the service")
    return SIZES[suffix]


def to_records(answer: str, *, hack: bool = False) -> list[str]:
    """Return an answer as records of a result set.

    With ``hack`` each record ends in ``</hack>``, for drivers that add junk behind records.
    """
    room = RECORD - len(HACK) if hack else RECORD
    records = [answer[at : at + room] for at in range(0, len(answer), room)] or [""]
    return [record + HACK for record in records] if hack else records


def from_records(records: list[str]) -> str:
    """Return the answer that records make up; what stands behind ``</hack>`` is junk."""
    return "".join(record.partition(HACK)[0] for record in records).rstrip("\0")


@dataclass(slots=True)
class Collector:
    """One connection's iPLUGRC32K: parts until the count that the caller gives is 0."""

    parts: list[str] = field(default_factory=list)

    def add(self, part: str, count: int) -> str | None:
        """Take a part; return the whole request with the last one (count 0), else None.

        Raises:
            CallError: a part or the whole is too long; what was collected is forgotten.
        """
        size = sum(map(len, self.parts)) + len(part)
        if len(part) > MAX_PART or size > MAX_COLLECTED:
            self.parts.clear()
            raise CallError(f"a part has at most {MAX_PART} characters, a request {MAX_COLLECTED}")
        self.parts.append(part)
        if count > 0:
            return None
        whole = "".join(self.parts)
        self.parts.clear()
        return whole
