"""What the three exit point formats share: their size check and their use of a call's fields."""

from __future__ import annotations

from typing import TypeVar

from epm.errors import CallError, FormatError
from epm.events import Endpoint
from epm.model import Call, Server

T = TypeVar("T")


def check_size(block: bytes, size: int, format_name: str) -> None:
    """Raise unless ``block`` has exactly ``size`` bytes.

    Raises:
        FormatError: its offset is where the block ends too early, or its first byte too many.
    """
    if len(block) != size:
        raise FormatError(
            f"{format_name} is {size} bytes, this block is {len(block)}", min(len(block), size)
        )


def check_server(call: Call, server: Server, format_name: str) -> None:
    """Raise unless ``call`` is one of ``server``.

    Raises:
        CallError: a call of another server has no block of this format.
    """
    if call.server is not server:
        raise CallError(f"a {call.server} call has no {format_name} block, only {server} has")


def present(value: T | None, field: str, format_name: str) -> T:
    """Return ``value``, or raise where the call does not carry the field.

    Raises:
        CallError: a block has no way to say that a field is missing.
    """
    if value is None:
        raise CallError(f"{format_name} cannot be made: the call has no {field}")
    return value


def endpoint(address: int | None, port: int | None, prefix: str, format_name: str) -> Endpoint:
    """Return the endpoint of a call's two fields, such as ``rmtaddr`` and ``rmtport``.

    Args:
        address: number on the address axis, or ``None`` where the call lacks it.
        port: 0..65535, or ``None``.
        prefix: ``lcl``, ``bnd`` or ``rmt``, for the error text.
        format_name: the format that is made.

    Raises:
        CallError: one of the two is missing.
    """
    return Endpoint(
        present(address, f"{prefix}addr", format_name), present(port, f"{prefix}port", format_name)
    )
