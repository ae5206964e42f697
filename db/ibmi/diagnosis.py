"""What an ODBC driver says, read: which kind of failure it is, and one plain line about it. Pure.

A driver's text begins with its layers in brackets, ends with a native number and the name of an
ODBC function, and may run over lines. Db2 for i puts its own message id in front (``SQL7008``).
States: ODBC documentation, appendix A; Db2 for i SQL messages and codes. Drivers differ in how
they map a state, so the message id counts too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

_LAYERS = re.compile(r"^(?:\s*\[[^\]\n]*\])+\s*")
_TAIL = re.compile(r"(?:\s*\(-?\d+\))?\s*(?:\(SQL[A-Za-z]+\))?\s*$")
_MESSAGE_ID = re.compile(r"\bSQL(\d{4,5})\b")
_MAX_TEXT = 200
#: Letters a secret must have before it is looked for: a shorter one would blot out plain words.
_MIN_SECRET = 3


class Kind(Enum):
    """What a failure means for the caller."""

    NOT_INSTALLED = auto()
    SIGN_ON = auto()
    UNREACHABLE = auto()
    LOCKED = auto()
    NOT_JOURNALED = auto()
    UNKNOWN_COLUMN = auto()
    NO_AUTHORITY = auto()
    OTHER = auto()


_BY_STATE = {
    "IM002": Kind.NOT_INSTALLED,
    "IM003": Kind.NOT_INSTALLED,
    "55019": Kind.NOT_JOURNALED,
    "57033": Kind.LOCKED,
    "55P03": Kind.LOCKED,
    "HYT00": Kind.UNREACHABLE,
    "HYT01": Kind.UNREACHABLE,
    "42703": Kind.UNKNOWN_COLUMN,
    "42S22": Kind.UNKNOWN_COLUMN,
    "42501": Kind.NO_AUTHORITY,
}
_BY_MESSAGE = {
    "7008": Kind.NOT_JOURNALED,
    "0911": Kind.LOCKED,
    "0913": Kind.LOCKED,
    "0206": Kind.UNKNOWN_COLUMN,
    "0551": Kind.NO_AUTHORITY,
    "0552": Kind.NO_AUTHORITY,
}
_BY_CLASS = {"08": Kind.UNREACHABLE, "28": Kind.SIGN_ON}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A driver's error.

    Attributes:
        state: the SQLSTATE, five characters, or empty.
        text: its first line, without layers, native number and secrets.
    """

    kind: Kind
    state: str
    text: str


def diagnose(error: BaseException, secrets: Iterable[str] = ()) -> Diagnosis:
    """Read an error of pyodbc, whose arguments are the state and the driver's text.

    Args:
        error: as it was raised.
        secrets: what must not be in the text.
    """
    state, raw = "", str(error)
    if len(error.args) > 1 and all(isinstance(part, str) for part in error.args[:2]):
        state, raw = error.args[0], error.args[1]
    text = _plain(raw)
    for secret in secrets:
        if len(secret) >= _MIN_SECRET:
            text = text.replace(secret, "***")
    return Diagnosis(_kind(state, raw), state, text[:_MAX_TEXT])


def is_odbc(error: BaseException) -> bool:
    """Whether an error is pyodbc's, without importing it."""
    return any(base.__module__ == "pyodbc" for base in type(error).__mro__)


def _plain(raw: str) -> str:
    lines = [line.strip() for line in _LAYERS.sub("", raw).strip().splitlines() if line.strip()]
    if not lines:
        return "no reason given"
    return _TAIL.sub("", lines[0]).rstrip(" ;") or "no reason given"


def _kind(state: str, raw: str) -> Kind:
    message = _MESSAGE_ID.search(raw)
    if message is not None and message[1] in _BY_MESSAGE:
        return _BY_MESSAGE[message[1]]
    if state in _BY_STATE:
        return _BY_STATE[state]
    if "Can't open lib" in raw:  # unixODBC's own words; the state is a mere 01000
        return Kind.NOT_INSTALLED
    return _BY_CLASS.get(state[:2], Kind.OTHER)
