"""The exit point formats: bytes in, a value out, and back. One module each, one table of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from epm.events import Job
from epm.model import Call, Server
from exitprograms.formats import acpt0100, conn0100, lstn0100

__all__ = ["FORMATS", "BlockFormat", "block_of"]


@dataclass(frozen=True, slots=True)
class BlockFormat:
    """One format, for those who do not care which.

    Attributes:
        size: size of its blocks, in bytes.
        call_of: block, job and local time -> call; raises FormatError.
        block_of: call -> block; raises CallError where a field is missing.
    """

    name: str
    server: Server
    size: int
    call_of: Callable[[bytes, Job, datetime], Call]
    block_of: Callable[[Call], bytes]


def _accept_call(block: bytes, job: Job, at: datetime) -> Call:
    return acpt0100.to_call(acpt0100.decode(block), job, at)


def _connect_call(block: bytes, job: Job, at: datetime) -> Call:
    return conn0100.to_call(conn0100.decode(block), job, at)


def _listen_call(block: bytes, job: Job, at: datetime) -> Call:
    return lstn0100.to_call(lstn0100.decode(block), job, at)


def _accept_block(call: Call) -> bytes:
    return acpt0100.encode(acpt0100.from_call(call))


def _connect_block(call: Call) -> bytes:
    return conn0100.encode(conn0100.from_call(call))


def _listen_block(call: Call) -> bytes:
    return lstn0100.encode(lstn0100.from_call(call))


_ALL = (
    BlockFormat(acpt0100.NAME, acpt0100.SERVER, acpt0100.SIZE, _accept_call, _accept_block),
    BlockFormat(conn0100.NAME, conn0100.SERVER, conn0100.SIZE, _connect_call, _connect_block),
    BlockFormat(lstn0100.NAME, lstn0100.SERVER, lstn0100.SIZE, _listen_call, _listen_block),
)

#: Every format by its name.
FORMATS: Mapping[str, BlockFormat] = MappingProxyType({f.name: f for f in _ALL})


def block_of(call: Call) -> bytes:
    """Return the block that the exit program of the call's exit point would be given.

    Raises:
        CallError: the call lacks a field that the block holds.
    """
    return FORMATS[call.server.format_name].block_of(call)
