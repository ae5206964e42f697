"""Packed and zoned decimals, integers and floats as ILE stores them; pure.

Packed: two digits a byte, the last half byte is the sign (C, A, E, F plus; D, B minus), so n
digits take n // 2 + 1 bytes. Zoned: one digit a byte, zone F, the sign in the last byte's zone.
All of it is big-endian. Source: IBM documentation, ILE RPG: decimal, integer and float formats.
"""

from __future__ import annotations

import math
import struct
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation

from epm.errors import FormatError

_PLUS = frozenset(b"\x0a\x0c\x0e\x0f")
_MINUS = frozenset(b"\x0b\x0d")
MAX_DIGITS = 63
#: Wide enough that nothing here is ever rounded by the default 28 digits.
_EXACT = Context(prec=300)
_INTEGER_FORMATS = {
    (1, True): ">b",
    (2, True): ">h",
    (4, True): ">i",
    (8, True): ">q",
    (1, False): ">B",
    (2, False): ">H",
    (4, False): ">I",
    (8, False): ">Q",
}


def parse_decimal(text: str) -> Decimal:
    """Return the number that a text is; blank is zero.

    Raises:
        FormatError: it is no finite number.
    """
    stripped = text.strip() or "0"
    try:
        number = Decimal(stripped) if len(stripped) <= 128 and "_" not in stripped else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise FormatError(f"decimal data error: {stripped[:40]!r} is not a number", 0)
    return number


def _digits(number: Decimal, digits: int, scale: int) -> tuple[bool, str]:
    """Return sign and digits, rounded half up to a scale."""
    if number and number.adjusted() > MAX_DIGITS:
        raise FormatError(f"decimal data error: {number} has more than {digits} digits", 0)
    units = int(number.scaleb(scale, _EXACT).to_integral_value(ROUND_HALF_UP))
    text = str(abs(units)).rjust(digits, "0")
    if len(text) > digits:
        raise FormatError(f"decimal data error: {number} has more than {digits} digits", 0)
    return units < 0, text


def packed_size(digits: int) -> int:
    """Return the bytes that a packed number takes."""
    return digits // 2 + 1


def to_packed(number: Decimal, digits: int, scale: int) -> bytes:
    """Return a packed number.

    Raises:
        FormatError: it does not fit.
    """
    minus, text = _digits(number, digits, scale)
    padded = text if digits % 2 else "0" + text
    return bytes.fromhex(padded + ("d" if minus else "f"))


def from_packed(data: bytes, digits: int, scale: int) -> Decimal:
    """Return the number that packed bytes are.

    Raises:
        FormatError: a digit or the sign is none: a decimal data error.
    """
    nibbles = data.hex()
    sign = int(nibbles[-1], 16)
    if not nibbles[:-1].isdigit() or sign not in _PLUS | _MINUS:
        raise FormatError(f"decimal data error: x'{nibbles.upper()}' is not packed", 0)
    return _signed(nibbles[:-1], sign in _MINUS, scale)


def to_zoned(number: Decimal, digits: int, scale: int) -> bytes:
    """Return a zoned number.

    Raises:
        FormatError: it does not fit.
    """
    minus, text = _digits(number, digits, scale)
    data = bytearray(0xF0 | int(digit) for digit in text)
    if minus:
        data[-1] = data[-1] & 0x0F | 0xD0
    return bytes(data)


def from_zoned(data: bytes, digits: int, scale: int) -> Decimal:
    """Return the number that zoned bytes are; only the last byte's zone counts.

    Raises:
        FormatError: a digit or the sign is none: a decimal data error.
    """
    text = "".join(format(byte & 0x0F, "x") for byte in data)
    sign = data[-1] >> 4
    if not text.isdigit() or sign not in _PLUS | _MINUS:
        raise FormatError(f"decimal data error: x'{data.hex().upper()}' is not zoned", 0)
    return _signed(text, sign in _MINUS, scale)


def _signed(digits: str, minus: bool, scale: int) -> Decimal:
    number = Decimal(int(digits)).scaleb(-scale, _EXACT)
    return number.copy_negate() if minus else number


def format_decimal(number: Decimal, scale: int) -> str:
    """Return a number with its full scale, leading zeros suppressed: ``321.1234``, ``0.50``."""
    text = format(number, f".{scale}f")
    return text.lstrip("-") if not number else text


def to_integer(text: str, size: int, *, signed: bool) -> bytes:
    """Return an integer's bytes; a fraction is cut off as ``%INT`` does.

    Raises:
        FormatError: no number, or out of range.
    """
    number = parse_decimal(text)
    if number and number.adjusted() > MAX_DIGITS:
        raise FormatError(f"decimal data error: {text[:40]!r} is out of range", 0)
    try:
        return struct.pack(
            _INTEGER_FORMATS[size, signed], int(number.to_integral_value(ROUND_DOWN))
        )
    except struct.error:
        raise FormatError(f"decimal data error: {text[:40]!r} is out of range", 0) from None


def from_integer(data: bytes, *, signed: bool) -> int:
    """Return the integer that bytes are."""
    return int.from_bytes(data, "big", signed=signed)


def to_float(text: str, size: int) -> bytes:
    """Return a float of 4 or 8 bytes.

    Raises:
        FormatError: no number, or out of range.
    """
    try:
        return struct.pack(">f" if size == 4 else ">d", float(parse_decimal(text)))
    except (OverflowError, struct.error):
        raise FormatError(f"decimal data error: {text[:40]!r} is out of range", 0) from None


def from_float(data: bytes) -> float:
    """Return the float that 4 or 8 bytes are.

    Raises:
        FormatError: it is not finite.
    """
    number: float = struct.unpack(">f" if len(data) == 4 else ">d", data)[0]
    if not math.isfinite(number):
        raise FormatError(f"decimal data error: x'{data.hex().upper()}' is not a number", 0)
    return number
