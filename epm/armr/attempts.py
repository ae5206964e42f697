"""What a program is about to do with a socket, as ARMR rules see it; from JSON too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from epm.addresses import parse_address
from epm.armr.findings import shortened
from epm.armr.model import Operation, TaintSource
from epm.errors import CallError, ConditionError
from epm.fields import MAX_PORT


@dataclass(frozen=True, slots=True)
class RequestContext:
    """In the course of which request something happens.

    Attributes:
        endpoint: path of the API request, ``None`` outside of any.
        taint: sources that the address came from and that a rule may not trust.
    """

    endpoint: str | None = None
    taint: frozenset[TaintSource] = frozenset()


NO_CONTEXT = RequestContext()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One socket operation.

    Attributes:
        address: number on the address axis: of the peer, or for a bind of the local end.
        port: 0..65535, of the same end.
        stacktrace: where in the program it happens, where that is known; lines end with LF.
    """

    operation: Operation
    address: int
    port: int
    context: RequestContext = NO_CONTEXT
    stacktrace: str | None = None


def attempt_from_mapping(data: Mapping[str, object]) -> Attempt:
    """Return the attempt that a JSON object describes; other keys than these are ignored.

    ``{"op": "connect", "address": "10.0.0.5", "port": 80, "endpoint": null, "taint": []}``;
    ``endpoint`` and ``taint`` may be missing.

    Raises:
        CallError: a key is missing or malformed.
    """
    operation = data.get("op")
    if not isinstance(operation, str) or operation not in Operation.__members__.values():
        raise CallError(f"op {_shown(operation)} is not one of {', '.join(Operation)}")
    address, port = data.get("address"), data.get("port")
    if not isinstance(address, str):
        raise CallError(f"address must be text, not {_shown(address)}")
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= MAX_PORT:
        raise CallError(f"port {_shown(port)} is not a number from 0 to {MAX_PORT}")
    try:
        number = parse_address(address)
    except ConditionError as error:
        raise CallError(f"address: {shortened(str(error), 120)}") from None
    context = RequestContext(_endpoint(data.get("endpoint")), _taint(data.get("taint")))
    return Attempt(Operation(operation), number, port, context)


def _endpoint(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise CallError(f"endpoint must be a path or null, not {_shown(value)}")


def _taint(value: object) -> frozenset[TaintSource]:
    if value is None:
        return frozenset()
    known = TaintSource.__members__.values()
    if not isinstance(value, list) or not all(isinstance(x, str) and x in known for x in value):
        raise CallError(f"taint must be a list of {', '.join(TaintSource)}, not {_shown(value)}")
    return frozenset(map(TaintSource, value))


def _shown(value: object) -> str:
    return shortened(repr(value))
