"""Boxes of addresses and ports as ARMR endpoints can say them.

The address side is IPv4, 0 to 2**32-1, and one more number that stands for every IPv6 address:
ARMR can speak of those only all together with IPv4, by ``0.0.0.0``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from epm.addresses import AXIS_END, V6_BASE
from epm.fields import MAX_PORT
from epm.intervals import Intervals, intersection

ANY_V6 = V6_BASE
_LAST_V4 = V6_BASE - 1


@dataclass(frozen=True, slots=True)
class Box:
    """Addresses ``low`` to ``high`` with ports ``first`` to ``last``, all included."""

    low: int
    high: int
    first: int
    last: int

    @property
    def is_wildcard(self) -> bool:
        """Whether its endpoint is written with a wildcard for address or port."""
        return self._any_address or self._any_port

    @property
    def _any_address(self) -> bool:
        return (self.low, self.high) == (0, ANY_V6)

    @property
    def _any_port(self) -> bool:
        return (self.first, self.last) == (0, MAX_PORT)

    def meets(self, other: Box) -> bool:
        """Whether the two have an attempt in common."""
        return (
            self.low <= other.high
            and other.low <= self.high
            and self.first <= other.last
            and other.first <= self.last
        )

    def without(self, other: Box) -> Iterator[Box]:
        """Yield what of this is not in ``other``, which it meets."""
        if self.low < other.low:
            yield Box(self.low, other.low - 1, self.first, self.last)
        if other.high < self.high:
            yield Box(other.high + 1, self.high, self.first, self.last)
        low, high = max(self.low, other.low), min(self.high, other.high)
        if self.first < other.first:
            yield Box(low, high, self.first, other.first - 1)
        if other.last < self.last:
            yield Box(low, high, other.last + 1, self.last)

    def endpoints(self) -> Iterator[str]:
        """Yield the endpoints that say it; none for what cannot be said.

        Port 0, which a listen of a socket that was never bound has, is left out unless every
        port is meant: ``0`` is the wildcard.
        """
        ports = "0" if self._any_port else _ports(max(self.first, 1), self.last)
        if not ports:
            return
        addresses = ["0.0.0.0"] if self._any_address else _addresses(self.low, self.high)  # noqa: S104
        for address in addresses:
            yield f"{address}:{ports}"

    def unsayable(self) -> Iterator[str]:
        """What of it no endpoint says, in words."""
        if self.first == 0 and not self._any_port:
            yield "port 0"
        if self.high == ANY_V6 and not self._any_address:
            yield "IPv6 addresses without all of IPv4"
        if self.high == 0:
            yield "the address 0.0.0.0"


ANYTHING = Box(0, ANY_V6, 0, MAX_PORT)


def _ports(first: int, last: int) -> str:
    if first > last:
        return ""
    return str(first) if first == last else f"{first}-{last}"


def _addresses(low: int, high: int) -> Iterable[str]:
    high = min(high, _LAST_V4)
    if low > high:
        return
    first, last = ipaddress.IPv4Address(low), ipaddress.IPv4Address(high)
    for network in ipaddress.summarize_address_range(first, last):
        base = network.network_address
        # 0.0.0.0 is a wildcard, so its networks are named by another of their addresses.
        named = base if int(base) else base + 1
        if network.prefixlen == 32:
            if int(base):
                yield str(base)
        elif network.prefixlen == 0:  # the shortest prefix is 1
            yield f"{named}/1"
            yield "128.0.0.0/1"
        else:
            yield f"{named}/{network.prefixlen}"


def boxes(addresses: Intervals, ports: Intervals) -> tuple[Box, ...] | None:
    """Return the boxes of a product; ``None`` where it tells IPv6 addresses apart.

    Args:
        addresses: on the address axis.
        ports: 0..65535.
    """
    v4 = intersection(addresses, ((0, _LAST_V4),))
    v6 = intersection(addresses, ((V6_BASE, AXIS_END),))
    if v6 and v6 != ((V6_BASE, AXIS_END),):
        return None
    spans = list(v4)
    if v6:
        low = spans.pop()[0] if spans and spans[-1][1] == _LAST_V4 else ANY_V6
        spans.append((low, ANY_V6))
    return tuple(Box(low, high, first, last) for low, high in spans for first, last in ports)
