"""Storage of parameters: EBCDIC text, binary, packed and zoned numbers over bytes.

A wrong layout gives the fault that the machine gives: a decimal data error where a digit or a
sign is none, a subscript fault where storage is too short. The formats are those of
:mod:`simulators.xmlservice.decimals`; text is CCSID 37 (assumption A14).
"""

from __future__ import annotations

from decimal import Decimal

from epm.errors import FormatError
from simulators.ibmi.messages import text_of
from simulators.xmlservice.ccsid import encode
from simulators.xmlservice.decimals import from_packed, packed_size, to_packed
from simulators.xmlservice.host import ProgramFaultError

CODEC = "cp037"


def fault(message_id: str, *values: object) -> ProgramFaultError:
    """Return the error of a program that ends with a message."""
    return ProgramFaultError(text_of(message_id, *values), message_id)


def slice_of(storage: bytearray | None, offset: int, length: int) -> bytes:
    """Return part of a parameter's storage.

    Raises:
        ProgramFaultError: MCH3601, the parameter was omitted; MCH0603, it is too short.
    """
    if storage is None:
        raise fault("MCH3601")
    if offset < 0 or length < 0 or offset + length > len(storage):
        raise fault("MCH0603", offset + length)
    return bytes(storage[offset : offset + length])


def put(storage: bytearray | None, offset: int, data: bytes) -> None:
    """Write into a parameter's storage.

    Raises:
        ProgramFaultError: as :func:`slice_of`.
    """
    slice_of(storage, offset, len(data))
    assert storage is not None
    storage[offset : offset + len(data)] = data


def encode_text(text: str, length: int | None = None) -> bytes:
    """Return text in CCSID 37, cut and blank-padded to ``length`` when it is given."""
    data = encode(text)
    return data if length is None else data[:length].ljust(length, b"\x40")


def decode_text(data: bytes) -> str:
    """Return text of CCSID 37, without the blanks at its end."""
    return data.decode(CODEC).rstrip(" ")


def text_at(storage: bytearray | None, offset: int, length: int) -> str:
    """Read a character field; without the blanks at its end."""
    return decode_text(slice_of(storage, offset, length))


def binary_at(
    storage: bytearray | None, offset: int, length: int = 4, *, signed: bool = True
) -> int:
    """Read a binary field, big-endian."""
    return int.from_bytes(slice_of(storage, offset, length), "big", signed=signed)


def put_binary(storage: bytearray | None, offset: int, value: int, length: int = 4) -> None:
    """Write a signed binary field, big-endian; a value too large gives MCH1210."""
    try:
        data = value.to_bytes(length, "big", signed=True)
    except OverflowError:
        raise fault("MCH1210") from None
    put(storage, offset, data)


def packed_length(digits: int) -> int:
    """Return the bytes of a packed number."""
    return packed_size(digits)


def encode_packed(value: Decimal, digits: int, scale: int) -> bytes:
    """Return a packed number.

    Raises:
        ProgramFaultError: MCH1210, it does not fit.
    """
    try:
        return to_packed(value, digits, scale)
    except FormatError:
        raise fault("MCH1210") from None


def decode_packed(data: bytes, scale: int) -> Decimal:
    """Read a packed number.

    Raises:
        ProgramFaultError: MCH1202, a digit or the sign is none.
    """
    try:
        return from_packed(data, len(data) * 2 - 1, scale)
    except (FormatError, IndexError):
        raise fault("MCH1202") from None
