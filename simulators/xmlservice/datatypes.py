"""The data types of ``<data type=''>``: how many bytes each takes, and text to bytes and back.

Source: XMLSERVICE documentation, data types: 3i0 5i0 10i0 20i0 and u (1, 2, 4, 8 bytes), 4f2 8f4,
10a with varying 2 or 4, 16b (hex), 12p2 packed, 12s2 zoned, 40h (a hole: zeros in, nothing out).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from epm.errors import FormatError, UnsupportedError
from simulators.xmlservice import ccsid, decimals

#: Largest single item; a parameter area is 16 MB on IBM i (assumption: the teraspace limit that
#: a program sees is not smaller).
MAX_ITEM = 16_000_000
_KINDS = frozenset("abfhipsu")


@dataclass(frozen=True, slots=True)
class DataType:
    """One parsed type with the attributes that change its bytes.

    Attributes:
        kind: one of ``a b f h i p s u``.
        digits: characters, bytes or digits.
        scale: digits behind the point.
        prefix: bytes of the length prefix of a varying field: 0, 2 or 4.
        hexadecimal: characters come and go as hex.
        trim: blanks on the right do not go out.
        before: CCSIDs that input is converted through.
        after: CCSIDs that output is converted through.
    """

    kind: str
    digits: int
    scale: int = 0
    prefix: int = 0
    hexadecimal: bool = False
    trim: bool = True
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of storage."""
        match self.kind:
            case "a":
                return self.digits + self.prefix
            case "i" | "u":
                return _integer_size(self.digits)
            case "f":
                # XMLSERVICE compares the digits as text, so 10f is a float of 4 bytes.
                return 4 if str(self.digits) < "8" else 8
            case "p":
                return decimals.packed_size(self.digits)
            case _:
                return self.digits

    def encode(self, text: str) -> bytes:
        """Return the storage of a value.

        Raises:
            FormatError: the value is not of the type: a decimal data error.
        """
        match self.kind:
            case "h":
                return bytes(self.digits)
            case "a" | "b":
                return self._encode_characters(text)
            case "i" | "u":
                return decimals.to_integer(text, self.size, signed=self.kind == "i")
            case "f":
                return decimals.to_float(text, self.size)
        number = decimals.parse_decimal(text)
        to = decimals.to_packed if self.kind == "p" else decimals.to_zoned
        return to(number, self.digits, self.scale)

    def decode(self, data: bytes) -> str:
        """Return the value that storage holds, as XMLSERVICE writes it.

        Raises:
            FormatError: the bytes are not of the type: a decimal data error.
        """
        match self.kind:
            case "h":
                return ""
            case "a" | "b":
                return self._decode_characters(data)
            case "i" | "u":
                return str(decimals.from_integer(data, signed=self.kind == "i"))
            case "f":
                return format(decimals.from_float(data), f".{self.scale}f")
        from_ = decimals.from_packed if self.kind == "p" else decimals.from_zoned
        return decimals.format_decimal(from_(data, self.digits, self.scale), self.scale)

    def number(self, data: bytes) -> int:
        """Return the integer part of storage, for counts, offsets and lengths.

        Raises:
            FormatError: it is no number.
        """
        return int(decimals.parse_decimal(self.decode(data)))

    def _encode_characters(self, text: str) -> bytes:
        if self.kind == "b" or self.hexadecimal:
            # What does not fit is not looked at, unless a conversion may make it shorter.
            digits = text.strip()
            raw = _from_hex(digits if self.before else digits[: self.digits * 2])
        else:
            raw = ccsid.encode(text)
        raw = _converted(raw, self.before)[: self.digits]
        if self.kind == "b":
            return raw.ljust(self.digits, b"\0")
        # Blanks on the right do not count in a varying field's length.
        used = len(raw.rstrip(b"\x40\0"))
        prefix = used.to_bytes(self.prefix, "big") if self.prefix else b""
        return prefix + raw.ljust(self.digits, b"\x40")

    def _decode_characters(self, data: bytes) -> str:
        if self.prefix:
            used = int.from_bytes(data[: self.prefix], "big")
            if used > self.digits:
                raise FormatError(f"varying length {used} is more than {self.digits}", 0)
            data = data[self.prefix : self.prefix + used]
        if self.trim:
            data = data.rstrip(b"\x40\0")
        data = _converted(data, self.after)
        if self.kind == "b" or self.hexadecimal:
            return data.hex().upper()
        if self.after:
            # The bytes are no longer in the job's CCSID; they go out as the last one's text.
            return ccsid.decode(data, self.after[-1])
        return ccsid.decode(data)


def _integer_size(digits: int) -> int:
    for most, size in ((3, 1), (5, 2), (10, 4)):
        if digits <= most:
            return size
    return 8


def _converted(data: bytes, chain: tuple[int, ...]) -> bytes:
    try:
        return ccsid.convert(data, chain)
    except UnsupportedError as error:
        raise FormatError(str(error), 0) from None


def _from_hex(text: str) -> bytes:
    stripped = text.strip()
    try:
        return bytes.fromhex(stripped[: len(stripped) // 2 * 2])
    except ValueError:
        raise FormatError(f"{stripped[:40]!r} is not hexadecimal", 0) from None


def _scan(text: str) -> tuple[str, int, int]:
    """Return kind, digits and scale of a type.

    It is read as XMLSERVICE reads it: digits before the first letter of a kind, digits behind
    it, the last such letter is the kind, and nothing else counts. Without digits it is empty.

    Raises:
        FormatError: there is no letter of a kind, or a number is too large.
    """
    kind, digits, scale = "", "", ""
    for char in text.lower():
        if char in _KINDS:
            kind = char
        elif char.isascii() and char.isdigit():
            digits, scale = (digits, scale + char) if kind else (digits + char, scale)
    if not kind or len(digits) > 9 or len(scale) > 3:
        raise FormatError(f"type {text[:20]!r} is not known", 0)
    return kind, int(digits or 0), int(scale or 0)


def parse_type(attributes: Mapping[str, str]) -> DataType:
    """Return the data type that a ``<data>`` element's attributes say.

    Raises:
        FormatError: the type is unknown or larger than :data:`MAX_ITEM`.
    """
    text = attributes.get("type", "").strip()
    kind, digits, scale = _scan(text)
    varying = attributes.get("varying", "off").strip().lower()
    prefix = 0 if kind != "a" else {"on": 2, "2": 2, "4": 4}.get(varying, 0)
    trim = attributes.get("trim", "on" if kind == "a" else "off").strip().lower()
    parsed = DataType(
        kind,
        digits,
        scale,
        prefix,
        attributes.get("hex", "").strip().lower() == "on",
        trim == "on",
        ccsid.parse_chain(attributes.get("before", "")),
        ccsid.parse_chain(attributes.get("after", "")),
    )
    if parsed.digits > MAX_ITEM or (parsed.digits == 0 and kind in "ps"):
        raise FormatError(f"type {text!r} is too large or empty", 0)
    if kind in "ps" and not (parsed.scale <= parsed.digits <= decimals.MAX_DIGITS):
        raise FormatError(f"type {text!r} has more than {decimals.MAX_DIGITS} digits", 0)
    return parsed
