"""In the course of which request this code runs, and what it must not trust.

An application, or middleware around it, opens :func:`request`; a decider of the in-process exit
points asks :func:`current`. It is a context variable, so that threads and asyncio tasks have
their own.

Data is tainted by value: a connection is tainted by a source when the host that the program
named is one of the source's values, or holds one, or is held by one (a URL), without regard to
case. A value of fewer than four characters taints only what is equal to it.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, MappingProxyType

from epm.armr.attempts import RequestContext
from epm.armr.model import TaintSource

_HELD_FROM = 4
_MAX_FRAMES = 64
#: Packages that stand between the program's call and who decides it.
_OURS = frozenset({"epm", "exitprograms", "simulators", "contextlib"})


@dataclass(frozen=True, slots=True)
class _Request:
    """What a request is known to be.

    Attributes:
        taint: sources that taint whatever is done in it.
        untrusted: values of each source, in lower case.
    """

    endpoint: str | None
    taint: frozenset[TaintSource]
    untrusted: Mapping[TaintSource, frozenset[str]]


_NO_REQUEST = _Request(None, frozenset(), MappingProxyType({}))
_REQUEST: ContextVar[_Request] = ContextVar("epm_request", default=_NO_REQUEST)
_HOSTS: ContextVar[tuple[str, ...]] = ContextVar("epm_hosts", default=())


@contextmanager
def request(
    endpoint: str | None = None,
    *,
    taint: Collection[TaintSource] = (),
    untrusted: Mapping[TaintSource, Collection[str]] | None = None,
) -> Iterator[None]:
    """Run a block in the course of a request.

    Args:
        endpoint: path of the API request; ``None`` where it is none.
        taint: sources that taint every connection made in the block.
        untrusted: values that came from a source; see the module for what they taint.
    """
    values = {
        TaintSource(source): frozenset(v.lower() for v in some if v)
        for source, some in (untrusted or {}).items()
    }
    token = _REQUEST.set(_Request(endpoint, frozenset(map(TaintSource, taint)), values))
    try:
        yield
    finally:
        _REQUEST.reset(token)


@contextmanager
def naming(*hosts: str) -> Iterator[None]:
    """Run a block that decides about a connection to these hosts, as the program named them."""
    token = _HOSTS.set(tuple(host.lower() for host in hosts))
    try:
        yield
    finally:
        _HOSTS.reset(token)


def current() -> RequestContext:
    """Return what is known of the request that the code runs in."""
    here = _REQUEST.get()
    hosts = _HOSTS.get()
    tainted = {
        source
        for source, values in here.untrusted.items()
        if any(_is_of(host, value) for host in hosts for value in values)
    }
    return RequestContext(here.endpoint, here.taint | tainted)


def _is_of(host: str, value: str) -> bool:
    if host == value:
        return True
    shorter, longer = sorted((host, value), key=len)
    return len(shorter) >= _HELD_FROM and shorter in longer


def stack() -> str:
    """Return where in the program a socket call is made, the innermost frame first.

    A line is ``module.function(file.py:line)``; the frames of the exit points are left out.
    """
    frames: list[str] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and len(frames) < _MAX_FRAMES:
        module = str(frame.f_globals.get("__name__", "?"))
        if module.partition(".")[0] not in _OURS:
            code = frame.f_code
            place = f"{Path(code.co_filename).name}:{frame.f_lineno}"
            frames.append(f"{module}.{code.co_qualname}({place})")
        frame = frame.f_back
    return "\n".join(frames)
