"""IP addresses as numbers on one axis, and the text forms that rules may hold.

The axis: an IPv4 address is its 32-bit number; an IPv6 address is its 128-bit number plus
2**32. So one integer comparison orders both families and no IPv6 range ever holds an IPv4
address. An IPv4-mapped IPv6 address (``::ffff:a.b.c.d``) is its IPv4 address, in rules and in
calls; a zone id is dropped (contract 3.8). ``10.1``, ``010.1.1.1`` and ``0x7f.1`` mean
different machines to different libraries, so they are errors.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

from epm.errors import ConditionError

V6_BASE = 1 << 32
AXIS_END = V6_BASE + (1 << 128) - 1
UNSPECIFIED_V4 = 0
UNSPECIFIED_V6 = V6_BASE
_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers ``low`` to ``high``, both included."""

    low: int
    high: int

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self.high - self.low + 1


@dataclass(frozen=True, slots=True)
class Host:
    """A host name, in lower case, that stands for the addresses it resolves to."""

    name: str


def from_v4(number: int) -> int:
    """Return the axis number of a 32-bit IPv4 number."""
    return number


def from_v6(number: int) -> int:
    """Return the axis number of a 128-bit IPv6 number, IPv4-mapped ones as IPv4."""
    if number >> 32 == 0xFFFF:
        return number & 0xFFFFFFFF
    return number + V6_BASE


def is_v6(number: int) -> bool:
    """Whether the axis number is an IPv6 address."""
    return number >= V6_BASE


@lru_cache(maxsize=65536)
def format_address(number: int) -> str:
    """Return the canonical text of an axis number."""
    if number >= V6_BASE:
        return str(ipaddress.IPv6Address(number - V6_BASE))
    return str(ipaddress.IPv4Address(number))


def format_range(span: Span) -> str:
    """Return ``a`` or ``a-b``."""
    low = format_address(span.low)
    return low if span.low == span.high else f"{low}-{format_address(span.high)}"


def parse_address(text: str) -> int:
    """Return the axis number of one address.

    Raises:
        ConditionError: the text is not a canonical IPv4 or an IPv6 address.
    """
    number, _ = _parse(text)
    return number


def _parse(text: str) -> tuple[int, bool]:
    """Return (axis number, whether it was written as IPv4-mapped IPv6)."""
    if ":" in text:
        bare, zone_mark, zone = text.partition("%")
        if zone_mark and not (zone and _HOST_CHARACTERS.issuperset(zone.replace(".", ""))):
            raise ConditionError(f"address {text!r}: the zone after '%' is not an interface name")
        try:
            number = int(ipaddress.IPv6Address(bare))
        except ValueError:
            raise ConditionError(f"{text!r} is not an IPv6 address") from None
        return from_v6(number), number >> 32 == 0xFFFF
    try:
        return int(ipaddress.IPv4Address(text)), False
    except ValueError:
        raise ConditionError(
            f"{text!r} is not an address (IPv4 is four decimal numbers without leading zeros)"
        ) from None


def _is_address(text: str) -> bool:
    try:
        _parse(text)
    except ConditionError:
        return False
    return True


def parse_span(text: str) -> Span:
    """Return what an address, a CIDR or a range holds.

    Raises:
        ConditionError: malformed, reversed, of two families, or a CIDR of a mapped address
            that is wider than the mapped block (which would hold more than IPv4).
    """
    if "/" in text:
        return _parse_cidr(text)
    low_text, dash, high_text = text.partition("-")
    if dash and _is_address(low_text) and _is_address(high_text):
        low, high = parse_address(low_text), parse_address(high_text)
        if is_v6(low) != is_v6(high):
            raise ConditionError(f"range {text!r} mixes IPv4 and IPv6")
        if low > high:
            raise ConditionError(f"range {text!r} is reversed")
        return Span(low, high)
    number = parse_address(text)
    return Span(number, number)


def _parse_cidr(text: str) -> Span:
    base_text, _, prefix_text = text.partition("/")
    number, mapped = _parse(base_text)
    prefix = _prefix_length(text, prefix_text)
    width = 128 if is_v6(number) or mapped else 32
    if prefix > width:
        raise ConditionError(f"{text!r}: the prefix length is at most {width}")
    if mapped:
        prefix -= 96
        if prefix < 0:
            raise ConditionError(f"{text!r}: a mapped IPv4 network has a prefix of 96 to 128")
        width = 32
    base = V6_BASE if is_v6(number) else 0
    free = width - prefix
    low = ((number - base) >> free << free) + base
    return Span(low, low + (1 << free) - 1)


def _prefix_length(text: str, digits: str) -> int:
    canonical = digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0")
    if not canonical or len(digits) > 3:
        raise ConditionError(f"{text!r}: the prefix length must be a plain number")
    return int(digits)


def parse_span_or_host(text: str) -> Span | Host:
    """Return what an address value of a condition holds: a span, or a host name.

    A text whose last label is numeric or begins with ``0x`` must be an address; ``a-b`` is a
    range only if both sides are addresses (contract 3.9).
    """
    last = text.rstrip(".").rpartition(".")[2].lower()
    numeric = last.isascii() and last.isdigit()
    if ":" in text or "/" in text or numeric or last.startswith("0x"):
        return parse_span(text)
    low_text, dash, high_text = text.partition("-")
    if dash and _is_address(low_text) and _is_address(high_text):
        return parse_span(text)
    return Host(_host_name(text))


def _host_name(text: str) -> str:
    name = text.removesuffix(".")
    labels = name.split(".")
    sound = (
        0 < len(name) <= 253
        and _HOST_CHARACTERS.issuperset(name.replace(".", ""))
        and all(0 < len(x) <= 63 and x[0] != "-" and x[-1] != "-" for x in labels)
    )
    if not sound:
        raise ConditionError(f"{text!r} is neither an address nor a host name")
    return name.lower()
