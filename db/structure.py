"""What a rule set must be for the store to keep it: its structure, not the meaning of its rules.

Pure. Whether a condition makes sense is the core's business (:mod:`epm.edits`); here is what
would make rows collide, be cut off by one database and not by another, or come back in another
order than they went in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from db.values import Delta, Part, Value
from epm.errors import RuleError
from epm.model import (
    DEFAULT_SEQUENCE,
    MAX_NAME,
    MAX_SEQUENCE,
    AddressGroup,
    Config,
    Rule,
    RuleSet,
    Server,
    ServerRules,
)

MAX_SYSTEM = 8
MAX_GROUP_NAME = 128
MAX_LABEL = 255
MAX_TEXT = 1_000_000
_MAX_NUMBER = 2**31 - 1


def check_system_name(name: str) -> str:
    """Return ``name``, or raise when it cannot name a system.

    Raises:
        RuleError: not 1 to 8 printable ASCII characters without blanks.
    """
    if not (0 < len(name) <= MAX_SYSTEM and name.isascii() and name.isprintable()) or " " in name:
        raise RuleError(f"system name {name!r} must have 1 to {MAX_SYSTEM} characters, no blanks")
    return name


def check_ruleset(ruleset: RuleSet) -> None:
    """Raise when a whole rule set could not be kept and read back as it is.

    Raises:
        RuleError: a server is missing, rules are not ascending, or the default rule is not last.
    """
    for server in Server:
        if server not in ruleset.servers:
            raise RuleError(f"{server}: a rule set holds all three servers")
        _check_order(server, ruleset.servers[server])


def _check_order(server: Server, rules: ServerRules) -> None:
    last = 0
    for rule in rules.rules:
        if rule.seq <= last:
            raise RuleError(f"{server} rule {rule.seq}: sequences must be unique and ascending")
        last = rule.seq
    if last != DEFAULT_SEQUENCE:
        raise RuleError(f"{server} has no default rule {DEFAULT_SEQUENCE}")


def check_deltas(deltas: Iterable[Delta]) -> None:
    """Raise for the first difference that rows cannot hold.

    Raises:
        RuleError: names the object and what is wrong with it.
    """
    for delta in deltas:
        try:
            _check_key(delta)
            if delta.after is not None:
                _check_value(delta.key.part, delta.after)
        except RuleError as error:
            raise RuleError(f"{delta.key}: {error}") from None


def _check_key(delta: Delta) -> None:
    key = delta.key
    if key.part is Part.RULE:
        if not 1 <= key.seq <= MAX_SEQUENCE:
            raise RuleError(f"the sequence is not from 1 to {MAX_SEQUENCE}")
        if key.seq == DEFAULT_SEQUENCE and delta.after is None:
            raise RuleError("the default rule cannot be deleted")
    elif delta.after is None and key.part in {Part.CONFIG, Part.ACTIVATION, Part.TESTS}:
        raise RuleError("it cannot be deleted")
    if key.part in {Part.RULE, Part.ACTIVATION} and key.name not in set(Server):
        raise RuleError("there is no such server")
    _check_text(key.name, "name", MAX_GROUP_NAME)
    if isinstance(delta.after, Rule) and delta.after.seq != key.seq:
        raise RuleError(f"holds a rule of sequence {delta.after.seq}")


_TYPES: dict[Part, type] = {
    Part.RULE: Rule,
    Part.ADDRESS_GROUP: AddressGroup,
    Part.NAME_GROUP: tuple,
    Part.PORT_GROUP: tuple,
    Part.CONFIG: Config,
    Part.ACTIVATION: bool,
    Part.TESTS: str,
}


def _check_value(part: Part, value: Value) -> None:
    if part not in _TYPES or not isinstance(value, _TYPES[part]):
        raise RuleError("it does not hold what its kind says")
    for text, what, most in _texts(value):
        _check_text(text, what, most)
    if isinstance(value, Rule):
        _check_conditions(value)


def _check_conditions(rule: Rule) -> None:
    last = 0
    for condition in rule.conditions:
        if not last < condition.seq <= _MAX_NUMBER:
            raise RuleError(
                f"condition sequence {condition.seq}: they must be unique, ascending, at least 1"
            )
        last = condition.seq
    if rule.is_default and rule.conditions:
        raise RuleError("the default rule has no conditions")


def _texts(value: Value) -> Iterator[tuple[str, str, int]]:
    """Yield every text of a value with what it is and how long it may be."""
    match value:
        case Rule():
            yield value.name or "", "name", MAX_NAME
            for condition in value.conditions:
                yield condition.value, f"condition {condition.seq}: value", MAX_TEXT
        case AddressGroup():
            for line in (*value.include, *value.exclude):
                yield line, "line", MAX_LABEL
        case Config():
            yield value.message_queue, "message queue", MAX_LABEL
            yield value.journal, "journal", MAX_LABEL
        case tuple():
            for member in value:
                yield member, "member", MAX_LABEL
        case str():
            yield value, "text", MAX_TEXT * 16
        case _:
            return


def _check_text(text: str, what: str, most: int) -> None:
    if len(text) > most:
        raise RuleError(f"{what} has {len(text)} characters, at most {most} are kept")
    # PostgreSQL refuses U+0000 and no database takes half of a surrogate pair.
    if "\0" in text or (not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)):
        raise RuleError(f"{what} holds a character that cannot be kept")


def clipped(text: str) -> str:
    """Return a label (user, host, action) as a column takes it: cut, without bad characters."""
    return text.encode("utf-8", "backslashreplace").decode()[:MAX_LABEL].replace("\0", "?")
