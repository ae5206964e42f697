"""What a record's header says, whatever its format, and the types of SK entries.

``None`` is a field that the record does not hold (blank). Names and order are those of the
parser's output, as those of :class:`epm.events.SkData` are, so that a value becomes a row without
a table of names in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SkType(StrEnum):
    """The SK entry types (IBM documentation: QAUDJRN SK entry; P and X: assumption A19)."""

    ACCEPT = "A"
    CONNECT = "C"
    DHCP_ASSIGNED = "D"
    FILTERED_MAIL = "F"
    INBOUND_UDP = "I"
    OUTBOUND_UDP = "O"
    PORT_UNAVAILABLE = "P"
    REJECT_MAIL = "R"
    SECURE_CONNECTION = "S"
    DHCP_NOT_ASSIGNED = "U"
    SECURE_FAILED = "X"


@dataclass(frozen=True, slots=True)
class HeaderData:
    """The header fields that a record's row shows.

    Attributes:
        timestamp: the record's own text; SAA form ``YYYY-MM-DD-HH.MM.SS.mmmmmm`` in records
            (assumption A22).
        job_user: the user that the job runs under; ``user`` the current user profile.
        job_number: 0..999999 in a record.
    """

    sequence: int | None = None
    timestamp: str | None = None
    code: str | None = None
    entry_type: str | None = None
    job: str | None = None
    job_user: str | None = None
    job_number: int | None = None
    program: str | None = None
    program_library: str | None = None
    user: str | None = None
    system: str | None = None
