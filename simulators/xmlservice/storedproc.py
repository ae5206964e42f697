"""How the stored procedures in front of the service return an answer; pure.

``iPLUGRnnn`` answers as a result set of records of 3000 characters. Source: XMLSERVICE
documentation, stored procedures.
"""

from __future__ import annotations

RECORD = 3000
HACK = "</hack>"
#: What ``xmlout`` is where a request has none.
DEFAULT_XMLOUT = 512_000


def to_records(answer: str, *, hack: bool = False) -> list[str]:
    """Return an answer as records of a result set.

    With ``hack`` each record ends in ``</hack>``, for drivers that add junk behind records.
    """
    room = RECORD - len(HACK) if hack else RECORD
    records = [answer[at : at + room] for at in range(0, len(answer), room)] or [""]
    return [record + HACK for record in records] if hack else records
