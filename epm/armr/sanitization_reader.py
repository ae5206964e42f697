"""From a ``sanitization`` block as written to its rule (V5, V8, V9, V14)."""

from __future__ import annotations

from epm.armr.findings import Code
from epm.armr.model import Action, PathPattern, SanitizationRule
from epm.armr.reader import Reader
from epm.armr.syntax import Argument, Block, Statement, Text, Word

_ACTIONS = (Action.PROTECT, Action.DETECT)
_STATEMENTS = ("request", "undetermined", "ignore", *Action)
_SAFE, _UNSAFE = Word("safe"), Word("unsafe")


def read_sanitization(block: Block, name: str, reader: Reader) -> SanitizationRule | None:
    """Return the rule of a ``sanitization`` block; ``None`` where findings leave none."""
    reader.needs(4, "a sanitization rule", block, Code.GATE)
    found = reader.once(block.statements, _STATEMENTS)
    request = reader.one_of(found, ("request",), "event", block)
    if "allow" in found:
        reader.say(Code.EVENT_ACTION, "cannot `allow`", found["allow"])
    action = reader.one_of(found, _ACTIONS, "action", block)
    paths = _paths(request, reader) if request is not None else ()
    safe, logged = _undetermined(found.get("undetermined"), reader)
    payloads, attributes = _ignored(found.get("ignore"), reader)
    if request is None or action is None:
        return None
    reaction = reader.reaction(action)
    return SanitizationRule(
        name, reaction, paths, safe, logged, payloads, attributes, block.position
    )


def _paths(request: Statement, reader: Reader) -> tuple[PathPattern, ...]:
    keys = reader.keys(request, ("paths",))
    if "paths" not in keys:
        return ()
    argument = keys["paths"]
    single = isinstance(argument.value, Text)
    raws = [argument.value.raw] if isinstance(argument.value, Text) else []
    if not single:
        raws = reader.texts(argument, "paths")
    patterns = [reader.path(raw, argument) for raw in raws]
    return tuple(p for p in patterns if p is not None)


def _undetermined(statement: Statement | None, reader: Reader) -> tuple[bool, bool]:
    """Return (whether undetermined values are safe, whether safe ones are logged)."""
    if statement is None:
        return True, True
    keys = reader.keys(statement, ("values", "logging"))
    values = keys.get("values")
    if values is None or values.value not in (_SAFE, _UNSAFE):
        at = values or statement
        reader.say(Code.SHAPE, "`undetermined` needs values: safe, or values: unsafe", at)
    safe = values is None or values.value != _UNSAFE
    off = keys.get("logging")
    if off is None:
        return safe, True
    if off.value != Word("off"):
        reader.say(Code.SHAPE, "logging must be `off`", off)
    elif not safe:
        reader.say(Code.LOGGING, "logging: off has no effect with values: unsafe", off)
    return safe, not safe


def _ignored(statement: Statement | None, reader: Reader) -> tuple[frozenset[str], frozenset[str]]:
    """Return (payloads, attributes) to ignore."""
    if statement is None:
        return frozenset(), frozenset()
    keys = reader.keys(statement, ("payload", "attribute"))
    if not statement.arguments:
        reader.say(Code.SHAPE, "`ignore` needs payload:, attribute: or both", statement)
    return _plain(keys.get("payload"), reader), _plain(keys.get("attribute"), reader)


def _plain(argument: Argument | None, reader: Reader) -> frozenset[str]:
    if argument is None:
        return frozenset()
    return frozenset(Text(raw).plain for raw in reader.texts(argument, str(argument.key)))
