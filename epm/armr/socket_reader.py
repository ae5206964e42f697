"""From a ``socket`` block as written to its rule (V5 to V10, V12, V13)."""

from __future__ import annotations

from epm.addresses import Host, Span, parse_span, parse_span_or_host
from epm.armr.findings import Code
from epm.armr.model import (
    Action,
    EndpointPattern,
    Operation,
    PathPattern,
    Reaction,
    SocketRule,
    TaintSource,
)
from epm.armr.reader import Reader, shown
from epm.armr.syntax import Argument, Block, Statement, Text, Word
from epm.errors import ConditionError, RuleError
from epm.fields import MAX_PORT
from epm.text import parse_number

_EVENTS = ("bind", "accept", "connect")
_STATEMENTS = (*_EVENTS, "api", "input", *Action)
_BINDS = {"client": Operation.BIND_CLIENT, "server": Operation.BIND_SERVER}
_ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - the wildcard of the language, nothing is bound
_ANY_PORT = "0"

Endpoints = tuple[tuple[Operation, EndpointPattern], ...]


def read_socket(block: Block, name: str, reader: Reader) -> SocketRule | None:
    """Return the rule of a ``socket`` block; ``None`` where findings leave none."""
    found = reader.once(block.statements, _STATEMENTS)
    event = reader.one_of(found, _EVENTS, "event", block)
    action = reader.one_of(found, tuple(Action), "action", block)
    api = _api(found["api"], reader) if "api" in found else None
    inputs = _inputs(found["input"], reader) if "input" in found else frozenset()
    if "allow" in found:
        for context in ("api", "input"):
            if context in found:
                text = f"`allow` cannot be limited by {context}()"
                reader.say(Code.ALLOW_CONTEXT, text, found[context])
    endpoints = _endpoints(event, reader) if event is not None else ()
    reaction = reader.reaction(action) if action is not None else Reaction(Action.ALLOW)
    if event is None or action is None or not endpoints:
        return None
    return SocketRule(name, endpoints, reaction, api, inputs, block.position)


# ------------------------------------------------------------------------------ endpoints


def _endpoints(event: Statement, reader: Reader) -> Endpoints:
    if event.name == "bind":
        return _binds(event, reader)
    arguments = event.arguments
    if len(arguments) != 1 or arguments[0].key is not None:
        text = f'`{event.name}` takes one "address:port"'
        reader.say(Code.SHAPE, text, event)
        return ()
    pattern = _endpoint(arguments[0], reader, names=True)
    return ((Operation(event.name), pattern),) if pattern is not None else ()


def _binds(event: Statement, reader: Reader) -> Endpoints:
    keys = reader.keys(event, tuple(_BINDS))
    if not event.arguments:
        reader.say(Code.SHAPE, "`bind` needs client:, server: or both", event)
    patterns = [
        (_BINDS[key], _endpoint(argument, reader, names=False)) for key, argument in keys.items()
    ]
    return tuple((operation, pattern) for operation, pattern in patterns if pattern is not None)


def _endpoint(argument: Argument, reader: Reader, *, names: bool) -> EndpointPattern | None:
    text = reader.text(argument, "an endpoint")
    if text is None:
        return None
    code = Code.CIDR if "/" in text else Code.ENDPOINT
    try:
        pattern = parse_endpoint(text)
    except RuleError as error:
        reader.say(code, str(error), argument)
        return None
    if isinstance(pattern.address, Host):
        if not names:
            reader.say(Code.ENDPOINT, f'"{text}": `bind` takes no host name', argument)
            return None
        reader.needs(8, "a host name", argument, Code.GATE)
    if "/" in text:
        reader.needs(10, "a CIDR", argument, Code.LEVEL)
    if "-" in text.rpartition(":")[2]:
        reader.needs(2, "a port range", argument, Code.LEVEL)
    return pattern


def parse_endpoint(text: str) -> EndpointPattern:
    """Return what ``address:port`` names.

    The address is IPv4, a CIDR of prefix 1 to 32 (host bits may be set), a host name, or
    ``0.0.0.0`` for any; the port 1 to 65535, ``lo-hi``, or ``0`` for any.

    Raises:
        RuleError: anything else.
    """
    address_text, colon, port_text = text.rpartition(":")
    if not colon:
        raise RuleError(f'"{text}" is not address:port')
    if ":" in address_text:
        raise RuleError(f'"{text}": only IPv4 can be written, no IPv6 address')
    try:
        address, prefix = _address(address_text)
        ports = _ports(port_text)
    except ConditionError as error:
        raise RuleError(f'"{text}": {error}') from None
    return EndpointPattern(address, prefix, ports, text)


def _address(text: str) -> tuple[Span | Host | None, int]:
    if text == _ANY_ADDRESS:
        return None, 0
    if "/" in text:
        base, _, length = text.partition("/")
        if base == _ANY_ADDRESS:
            raise ConditionError("a CIDR cannot be made of the wildcard 0.0.0.0")
        prefix = parse_number(length, 1, 32, "prefix length")
        return parse_span(text), prefix
    value = parse_span_or_host(text)
    if isinstance(value, Span) and value.size > 1:
        raise ConditionError(f"{text!r} is a range; write CIDR")
    return value, 32


def _ports(text: str) -> Span | None:
    if text == _ANY_PORT:
        return None
    first_text, dash, last_text = text.partition("-")
    first = parse_number(first_text, 1, MAX_PORT, "port")
    last = parse_number(last_text, 1, MAX_PORT, "port") if dash else first
    if first > last:
        raise ConditionError(f"port range {text!r} is reversed")
    return Span(first, last)


# ------------------------------------------------------------------------------- contexts


def _api(statement: Statement, reader: Reader) -> tuple[PathPattern, ...]:
    reader.needs(9, "api()", statement, Code.LEVEL)
    arguments = statement.arguments
    words = [a for a in arguments if a.value == Word("any") and a.key is None]
    if words:
        if len(arguments) > 1:
            reader.say(Code.API_ANY, "`any` stands alone in api()", words[0])
        return ()
    if not arguments:
        reader.say(Code.SHAPE, '`api` takes any, or endpoints such as "/a"', statement)
    patterns = []
    for argument in arguments:
        if argument.key is not None or not isinstance(argument.value, Text):
            found = shown(argument.value)
            reader.say(Code.SHAPE, f"`api` takes any, or endpoints, not {found}", argument)
        elif (pattern := reader.path(argument.value.raw, argument)) is not None:
            patterns.append(pattern)
    return tuple(patterns)


def _inputs(statement: Statement, reader: Reader) -> frozenset[TaintSource]:
    reader.needs(9, "input()", statement, Code.LEVEL)
    sources = set()
    known = ", ".join(TaintSource)
    if not statement.arguments:
        reader.say(Code.SHAPE, f"`input` takes one or more of {known}", statement)
    for argument in statement.arguments:
        match argument:
            case Argument(key=None, value=Word(name)) if name in TaintSource.__members__.values():
                if name in sources:
                    reader.say(Code.DUPLICATE, f"`{name}` stands twice in `input`", argument)
                sources.add(TaintSource(name))
            case _:
                found = shown(argument.value)
                reader.say(Code.SHAPE, f"`input` takes {known}, not {found}", argument)
    return frozenset(sources)
