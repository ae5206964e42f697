"""The error code parameter of system APIs.

Source: IBM documentation of the error code structure ERRC0100; offsets 0-based: 0 bytes provided,
4 bytes available, 8 exception id (7), 15 reserved, 16 exception data.
"""

from __future__ import annotations

from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext, require
from simulators.ibmi.storage import binary_at, encode_text, fault, put, put_binary
from simulators.xmlservice.host import ProgramFaultError


def api(least: int, most: int, error_at: int, code: Code) -> Code:
    """Return an API that tells its errors as its caller asks.

    Args:
        least: required parameters.
        most: parameters with all optional groups.
        error_at: place of the error code parameter, 0-based.
        code: the API itself.
    """

    def run(context: ProgramContext, parameters: Parameters) -> bytes:
        require(parameters, least, most)
        error = parameters[error_at] if error_at < len(parameters) else None
        # Storage behind a parameter is zeros, so one of no bytes provides none.
        provided = binary_at(error, 0) if error else 0
        if provided < 0 or 0 < provided < 8:
            raise fault("CPF3CF1")
        try:
            code(context, parameters)
        except ProgramFaultError as problem:
            if provided < 8:
                raise
            _tell(error, provided, problem.message_id)
        else:
            if provided >= 8:
                put_binary(error, 4, 0)
        return b""

    return run


def _tell(error: bytearray | None, provided: int, message_id: str) -> None:
    put_binary(error, 4, 16)
    if provided >= 16:
        put(error, 8, encode_text(message_id, 7) + b"\xf0")


def deliver(receiver: bytearray | None, length: int, data: bytes) -> None:
    """Fill a receiver variable whose first 8 bytes are bytes returned and bytes available.

    Raises:
        ProgramFaultError: CPF3C24, the length is below 8; MCH0603, the storage is shorter.
    """
    if length < 8:
        raise fault("CPF3C24")
    given = min(length, len(data))
    head = given.to_bytes(4, "big") + len(data).to_bytes(4, "big")
    put(receiver, 0, (head + data[8:])[:given])
