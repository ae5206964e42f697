"""The storage of one program call: parameter areas, and the labels that point into them.

As XMLSERVICE lays it out, the parameters lie one behind the other without alignment, and behind
the last one, as behind the returned value, there is storage of zeros: an overlay may go beyond
the parameter where it begins.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from epm.errors import FormatError
from simulators.xmlservice.datatypes import DataType

#: Bytes of all areas of one call.
MAX_STORAGE = 16_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a labelled value stands."""

    area: int
    offset: int
    type: DataType


@dataclass(slots=True)
class Storage:
    """Areas by number: 0 is the return value, parameters count from 1.

    Attributes:
        labels: by kind (``enddo``, ``offset``, ``next``) and label.
        lengths: bytes of the structures that ``len`` names.
        parameters: how many there are so far.
    """

    areas: dict[int, bytearray | None] = field(default_factory=lambda: {0: bytearray()})
    labels: dict[tuple[str, str], Place] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    parameters: int = 0
    _held: int = 0
    _begins: list[int] = field(default_factory=list)

    def new_area(self, *, returned: bool) -> int:
        """Begin an area and return its number."""
        if returned:
            self._held -= len(self.bytes_of(0))
            self.areas[0] = bytearray()
            return 0
        self._begin()
        self.areas[self.parameters] = bytearray()
        return self.parameters

    def omit(self) -> None:
        """Take the place of a parameter that is omitted."""
        self._begin()
        self.areas[self.parameters] = None

    def _begin(self) -> None:
        """Let a parameter begin behind the last one.

        INVARIANT: only the last parameter grows, so where the others begin does not change.
        """
        last = self.parameters
        end = self._begins[last - 1] + len(self._shown(last)) if last else 0
        self._begins.append(end)
        self.parameters += 1

    def bytes_of(self, area: int) -> bytearray:
        """Return an area's bytes.

        Raises:
            FormatError: there is no such area, or it is omitted.
        """
        data = self.areas.get(area)
        if data is None:
            raise FormatError(f"parameter {area} has no storage", 0)
        return data

    def append(self, area: int, data: bytes) -> int:
        """Add bytes at the end of an area and return their offset.

        Raises:
            FormatError: the call would hold more than :data:`MAX_STORAGE` bytes.
        """
        storage = self.bytes_of(area)
        at = len(storage)
        self._hold(len(data), at)
        storage += data
        return at

    def _hold(self, size: int, at: int) -> None:
        """Count bytes that an area grows by."""
        self._held += size
        if self._held > MAX_STORAGE:
            raise FormatError(f"more than {MAX_STORAGE} bytes of parameters", at)

    def read(self, area: int, offset: int, size: int) -> bytes:
        """Return bytes that begin in an area.

        Raises:
            FormatError: they lie outside the storage of a call.
        """
        self._bound(area, offset, size)
        found = bytearray()
        for part, begin, end in self._pieces(area, offset, size):
            data = self._shown(part)[begin:end]
            found += data.ljust(end - begin, b"\0")
        return bytes(found)

    def write(self, area: int, offset: int, data: bytes) -> None:
        """Replace bytes that begin in an area; the last one grows where they go beyond it.

        Raises:
            FormatError: they lie outside the storage of a call.
        """
        self._bound(area, offset, len(data))
        done = 0
        for part, begin, end in self._pieces(area, offset, len(data)):
            storage = self.areas[part]
            if storage is not None:
                grown = max(0, end - len(storage))
                self._hold(grown, offset)
                storage.extend(bytes(grown))
                storage[begin:end] = data[done : done + end - begin]
            done += end - begin

    def _bound(self, area: int, offset: int, size: int) -> None:
        self.bytes_of(area)
        if offset < 0 or offset + size > MAX_STORAGE:
            raise FormatError(f"{size} bytes lie outside the storage of a call", offset)

    def _shown(self, area: int) -> bytearray | bytes:
        """Return an area's bytes; the place of an omitted parameter is one byte."""
        data = self.areas[area]
        return b"\0" if data is None else data

    def _pieces(self, area: int, offset: int, size: int) -> Iterator[tuple[int, int, int]]:
        """Return area, begin and end of each part; the last area has no end."""
        last = area if area == 0 else self.parameters
        if area and area < last:
            position = self._begins[area - 1] + offset
            area = max(area, bisect_right(self._begins, position))
            offset = position - self._begins[area - 1]
        while size > 0:
            room = size if area == last else len(self._shown(area)) - offset
            taken = min(room, size)
            if taken > 0:
                yield area, offset, offset + taken
            size -= max(taken, 0)
            area, offset = area + 1, 0

    def value(self, kind: str, label: str) -> int | None:
        """Return what a labelled value holds now; None when no data carries the label.

        Raises:
            FormatError: it is no number.
        """
        place = self.labels.get((kind, label))
        if place is None:
            return None
        return place.type.number(self.read(place.area, place.offset, place.type.size))
