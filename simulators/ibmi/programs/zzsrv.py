"""ZZSRV: the service program that XMLSERVICE clients test functions with.

Behaviour and layouts: XMLSERVICE documentation and the declarations of its sample programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from simulators.ibmi.objects import Code, Parameters
from simulators.ibmi.programs.context import ProgramContext, require, require_at_least
from simulators.ibmi.storage import (
    binary_at,
    encode_packed,
    encode_text,
    fault,
    put,
    put_binary,
    slice_of,
    text_at,
)

#: Elements of the structure array: 10A name, 4096A job, 10i0 rank, 12p2 pay.
ARRAY_MAX = 999
_JOB_LENGTH = 4096
_PAY = Decimal("13.42")
RECORD_LENGTH = 10 + _JOB_LENGTH + 4 + 7


def _step(context: ProgramContext, parameters: Parameters) -> bytes:
    require_at_least(parameters, 0)
    context.static["STEP"] = context.static.get("STEP", 0) + 1
    return int(context.static["STEP"]).to_bytes(4, "big")


def _records(parameters: Parameters) -> bytes:
    """Build the records asked for, and set the count parameter."""
    name = text_at(parameters[0], 0, 10).strip()
    wanted = binary_at(parameters[1], 0)
    count = min(wanted, ARRAY_MAX)
    made = bytearray()
    for number in range(1, count + 1):
        job = encode_text(f"Test 10{number}", _JOB_LENGTH)
        if wanted > 10:
            job = encode_text("A" * (_JOB_LENGTH - 1), _JOB_LENGTH)
        made += encode_text(f"{name}{number}", 10) + job
        made += (10 + number).to_bytes(4, "big") + encode_packed(_PAY * number, 12, 2)
    if count > 0:
        put_binary(parameters[2], 0, count)
    return bytes(made)


def _array(_: ProgramContext, parameters: Parameters) -> bytes:
    require_at_least(parameters, 3)
    return _records(parameters).ljust(RECORD_LENGTH * ARRAY_MAX, b"\x40")


def _array2(_: ProgramContext, parameters: Parameters) -> bytes:
    require_at_least(parameters, 4)
    put(parameters[3], 0, _records(parameters))
    return b""


def _array_bad(_: ProgramContext, parameters: Parameters) -> bytes:
    require_at_least(parameters, 4)
    made = _records(parameters)
    last = max(len(made) - RECORD_LENGTH, 0)
    # The last record is overwritten with the character B: its packed number is none.
    put(parameters[3], 0, made[:last] + encode_text("B" * RECORD_LENGTH))
    return b""


def _big(_: ProgramContext, parameters: Parameters) -> bytes:
    require_at_least(parameters, 9)
    for digit, storage in enumerate(parameters, 1):
        put(storage, 0, bytes([0xF0 | digit]) * 32000)
    return (32000 * 9).to_bytes(4, "big")


def _varying(text: bytes, most: int) -> bytes:
    """Return a varying field: 2-byte length, then its characters in ``most`` bytes."""
    text = text[:most]
    return len(text).to_bytes(2, "big") + text.ljust(most, b"\x40")


def _vary(_: ProgramContext, parameters: Parameters) -> bytes:
    require_at_least(parameters, 1)
    length = binary_at(parameters[0], 0, 2, signed=False)
    if length > 10:
        raise fault("MCH0603", length)
    return _varying(encode_text("my name is ") + slice_of(parameters[0], 2, length), 20)


def _omit(_: ProgramContext, parameters: Parameters) -> bytes:
    require_at_least(parameters, 2)
    name = "OMIT" if parameters[0] is None else text_at(parameters[0], 0, 10).strip()
    return _varying(encode_text(f"my name is {name} {text_at(parameters[1], 0, 10).strip()}"), 50)


def _no_pass(_: ProgramContext, parameters: Parameters) -> bytes:
    require(parameters, 1, 2)
    other = text_at(parameters[1], 0, 10).strip() if len(parameters) > 1 else "NOPASS"
    name = text_at(parameters[0], 0, 10).strip()
    return _varying(encode_text(f"my name is {len(parameters)} {name} {other}"), 50)


def _binary(_: ProgramContext, parameters: Parameters) -> bytes:
    require_at_least(parameters, 1)
    return slice_of(parameters[0], 0, 20)


def _nada(_: ProgramContext, parameters: Parameters) -> bytes:
    require_at_least(parameters, 0)
    return b""


def _read(length: int) -> Code:
    """Return a function that reads its one character parameter and changes nothing."""

    def read(_: ProgramContext, parameters: Parameters) -> bytes:
        require_at_least(parameters, 1)
        slice_of(parameters[0], 0, length)
        return b""

    return read


def _pdf(_: ProgramContext, parameters: Parameters) -> bytes:
    require_at_least(parameters, 1)
    blank = slice_of(parameters[0], 0, 65000).strip(b"\x40") == b""
    return int(not blank).to_bytes(4, "big")


def _swap(new: str, length: int) -> Code:
    """Return a function that returns its parameter and sets it to another value."""

    def swap(_: ProgramContext, parameters: Parameters) -> bytes:
        require_at_least(parameters, 1)
        before = slice_of(parameters[0], 0, length)
        put(parameters[0], 0, encode_text(new, length))
        return before

    return swap


def _boom(_: ProgramContext, parameters: Parameters) -> bytes:
    raise fault("MCH3601")


def _bigi(_: ProgramContext, parameters: Parameters) -> bytes:
    require_at_least(parameters, 12)
    for storage, size in zip(parameters, (1, 2, 4, 8) * 3, strict=True):
        slice_of(storage, 0, size)
    return slice_of(parameters[11], 0, 8)


#: Exported procedures by name.
ZZSRV: Mapping[str, Code] = {
    "ZZSTEP": _step,
    "ZZARRAY": _array,
    "ZZARRAY2": _array2,
    "ZZARRBAD": _array_bad,
    "ZZBIG": _big,
    "ZZVARY": _vary,
    "ZZOMIT": _omit,
    "ZZNOPASS": _no_pass,
    "ZZBINARY": _binary,
    "ZZNADA": _nada,
    "ZZ200": _read(200),
    "ZZPDF": _pdf,
    "ZZDATE": _swap("2007-09-30", 10),
    "ZZDATEUSA": _swap("09/30/2007", 10),
    "ZZTIME": _swap("12.34.56", 8),
    "ZZTIMEUSA": _swap("12:34 PM", 8),
    "ZZSTAMP": _swap("1960-12-31-12.32.23.000000", 26),
    "ZZBOOM": _boom,
    "ZZBIGI": _bigi,
}
