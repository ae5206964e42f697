"""Entries read back from their payload. Pure; the other way round is :mod:`journal.payload`.

A journal may be hostile and its chain sound all the same, so every value is checked for its
type: what comes out of here is what the rest of the package may rely on.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from epm.addresses import parse_address
from epm.errors import EpmError, JournalDamagedError
from epm.events import ExitEvent, Job, SkData
from epm.model import Call, Decision, Reason, RuleName, Server, Verdict
from journal.entry import (
    ChangeEntry,
    Entry,
    ForeignEntry,
    GapEntry,
    GapReason,
    SocketEntry,
    Stored,
)
from journal.layouts.values import HeaderData

#: A record is at most 99,999 bytes (five zoned digits); more is a compression bomb.
MAX_RECORD = 99_999


def decode_payload(payload: bytes, sequence: int, receiver: str) -> Stored:
    """Return the entry that a payload holds.

    Raises:
        JournalDamagedError: it is not a payload that :func:`encode_payload` wrote.
    """
    try:
        body = json.loads(payload)
        at = datetime.fromisoformat(body["at"])
        entry = _DECODERS[body["k"]](body)
        return Stored(sequence, at, str(body["sys"]), receiver, entry)
    except (
        ArithmeticError,
        AttributeError,
        EpmError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
        zlib.error,
    ):
        raise JournalDamagedError(
            f"receiver {receiver}, entry {sequence}: its payload is not one of an entry"
        ) from None


def _expect(value: Any, kind: type) -> Any:
    """Return ``value`` if it is of ``kind``: a journal may be hostile, and sound all the same."""
    if type(value) is not kind:
        raise ValueError(f"{kind.__name__} expected")
    return value


def _optional(value: Any, kind: type) -> Any:
    return None if value is None else _expect(value, kind)


def _names(value: Any) -> tuple[str, ...]:
    return tuple(_expect(name, str) for name in _expect(value, list))


def _read_job(value: list[Any]) -> Job:
    name, user, number, program, groups = value
    return Job(
        _expect(name, str),
        _expect(user, str),
        _expect(number, int),
        _optional(program, str),
        None if groups is None else _names(groups),
    )


def _read_values(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a header or of SK data, each of its type."""
    for name, value in values.items():
        _expect(value, int if name in _NUMBERS else str)
    return values


_NUMBERS = frozenset({"sequence", "job_number", "local_port", "remote_port", "descriptor"})


def _read_call(value: dict[str, Any]) -> Call:
    return Call(**{name: _CALL_FIELDS[name](field) for name, field in value.items()})


def _int(value: Any) -> int:
    number: int = _expect(value, int)
    return number


def _str(value: Any) -> str:
    text: str = _expect(value, str)
    return text


#: The same addresses come again and again.
_address = lru_cache(maxsize=65536)(parse_address)

_CALL_FIELDS: dict[str, Callable[[Any], Any]] = {
    "server": Server,
    "lcladdr": _address,
    "lclport": _int,
    "bndaddr": _address,
    "bndport": _int,
    "rmtaddr": _address,
    "rmtport": _int,
    "backlog": _int,
    "user": _str,
    "groups": _names,
    "job": _str,
    "pgm": _str,
    "at": datetime.fromisoformat,
}


def _read_exit(body: dict[str, Any]) -> ExitEvent:
    call = _read_call(body["call"])
    rule = body["rule"]
    audit, message, capture = (c == "1" for c in body["flags"])
    decision = Decision(
        server=call.server,
        verdict=Verdict(body["verdict"]),
        reason=Reason(body["reason"]),
        rule=None if rule is None else RuleName(_int(rule[0]), _optional(rule[1], str)),
        audit=audit,
        message=message,
        capture=capture,
    )
    return ExitEvent(
        call,
        decision,
        _read_job(body["job"]),
        _optional(body["revision"], int),
        _expect(body["enforced"], bool),
        _optional(body["error"], str),
    )


def _read_change(body: dict[str, Any]) -> ChangeEntry:
    return ChangeEntry(
        _int(body["number"]),
        _optional(body["revision"], int),
        _str(body["who"]),
        _str(body["what"]),
        _str(body["subject"]),
        _optional(body["before"], str),
        _optional(body["after"], str),
        _read_job(body["job"]),
    )


def _read_gap(body: dict[str, Any]) -> GapEntry:
    details = body["details"]
    for value in details.values():
        if type(value) not in (str, int):
            raise ValueError("text or number expected")
    return GapEntry(GapReason(body["reason"]), _str(body["text"]), details)


def _read_sk(values: dict[str, Any]) -> SkData:
    return SkData(**_read_values(values))


def _read_foreign(body: dict[str, Any]) -> ForeignEntry:
    raw = None
    if body["raw"] is not None:
        packed = zlib.decompressobj()
        raw = packed.decompress(base64.b64decode(body["raw"]), MAX_RECORD)
        if packed.unconsumed_tail or not packed.eof:
            raise ValueError("a record is at most 99,999 bytes")
    data = None if body["sk"] is None else _read_sk(body["sk"])
    header = HeaderData(**_read_values(body["header"]))
    source, number, ccsid = _str(body["source"]), _int(body["number"]), _int(body["ccsid"])
    form = _optional(body["form"], str)
    return ForeignEntry(source, number, header, data, form, ccsid, raw)


_DECODERS: dict[str, Callable[[dict[str, Any]], Entry]] = {
    "SK": lambda body: SocketEntry(_read_job(body["job"]), _read_sk(body["sk"])),
    "NA": _read_exit,
    "NR": _read_exit,
    "NC": _read_change,
    "NG": _read_gap,
    "FR": _read_foreign,
}
