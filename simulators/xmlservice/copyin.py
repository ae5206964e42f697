"""Copies the values of a ``<pgm>`` into storage.

Every item is written once and an array repeats its bytes, as XMLSERVICE does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from epm.errors import FormatError
from simulators.xmlservice.copying import CopyError, Count, overlay_offset, set_labels
from simulators.xmlservice.layout import Area, Data, Item, Overlay, Program, Records, Structure
from simulators.xmlservice.storage import MAX_STORAGE, Place, Storage


class CopyIn:
    """Builds the storage of a call.

    Args:
        count: the work of the document so far.
    """

    def __init__(self, program: Program, count: Count) -> None:
        self._program = program
        self.storage = Storage()
        self._lengths: list[tuple[str, Place]] = []
        self._count = count

    def run(self) -> Storage:
        """Return the storage.

        Raises:
            CopyError: a value does not fit its type, or an overlay lies outside its parameter.
        """
        last = 0
        for step in self._program.steps:
            match step:
                case Area():
                    last = self._area(step)
                case Overlay():
                    if step.direction != "out":
                        self._overlay(step, step.top or last)
        self._set_lengths()
        return self.storage

    def _area(self, area: Area) -> int:
        if area.direction == "omit":
            self.storage.omit()
            return self.storage.parameters
        number = self.storage.new_area(returned=area.name == "return")
        self._fill(area.items, number)
        return number

    def _fill(self, items: Sequence[Item], area: int) -> None:
        """Append items to an area; structures by record wait for their ``<records>``."""
        waiting: list[Structure] = []
        for item in items:
            match item:
                case Data():
                    self._append(item, area)
                case Structure(records=True):
                    waiting.append(item)
                case Structure():
                    self._append_structure(item, area)
                case Records():
                    self._append_records(item, waiting, area)
                    waiting = []

    def _append(self, data: Data, area: int) -> None:
        self._guard(data.start, data.type.size * data.dim)
        encoded = self._encode(data, data.value)
        place = self._grow(data, area, encoded * data.dim)
        self._label(data, area, place)

    def _append_structure(self, structure: Structure, area: int) -> None:
        begin = len(self.storage.bytes_of(area))
        self._fill(structure.members, area)
        once = bytes(self.storage.bytes_of(area)[begin:])
        self._guard(structure.start, len(once) * structure.dim)
        self.storage.append(area, once * (structure.dim - 1))
        if structure.measure:
            self.storage.lengths[structure.measure] = len(once) * structure.dim

    def _append_records(self, records: Records, waiting: list[Structure], area: int) -> None:
        """Append values one by one; those that the record lacks are empty."""
        values = records.value.split(records.delimiter)
        feed = iter(values[1:-1] if len(values) > 1 else ())

        def take(data: Data) -> None:
            for _ in range(data.dim):
                place = self._grow(data, area, self._encode(data, next(feed, "")))
                self._label(data, area, place)

        for structure in waiting:
            begin = len(self.storage.bytes_of(area))
            self._each(structure, take)
            if structure.measure:
                grown = len(self.storage.bytes_of(area)) - begin
                self.storage.lengths[structure.measure] = grown

    def _each(self, structure: Structure, act: Callable[[Data], None]) -> None:
        for _ in range(structure.dim):
            self._count.one(structure.start)
            for member in structure.members:
                if isinstance(member, Data):
                    act(member)
                elif isinstance(member, Structure):
                    self._each(member, act)

    def _overlay(self, overlay: Overlay, area: int) -> None:
        """Write an overlay's values over storage that is there."""
        offset = overlay_offset(overlay, self.storage)
        scratch = CopyIn(Program("", "", "", ()), self._count)
        scratch.storage.areas[0] = bytearray()
        scratch._fill(overlay.items, 0)
        written = bytes(scratch.storage.bytes_of(0))
        for (kind, label), place in scratch.storage.labels.items():
            self.storage.labels[kind, label] = Place(area, offset + place.offset, place.type)
        for label, place in scratch._lengths:
            self._lengths.append((label, Place(area, offset + place.offset, place.type)))
        self.storage.lengths.update(scratch.storage.lengths)
        self._write(overlay.start, area, offset, written)

    def _write(self, start: str, area: int, offset: int, data: bytes) -> None:
        try:
            self.storage.write(area, offset, data)
        except FormatError as error:
            raise CopyError(str(error), start, "") from None

    def _label(self, data: Data, area: int, offset: int) -> None:
        place = Place(area, offset, data.type)
        set_labels(self.storage, data, place)
        if data.length:
            self._lengths.append((data.length, place))

    def _encode(self, data: Data, value: str) -> bytes:
        self._count.one(data.start)
        self._count.size(data.start, data.type.size)
        try:
            return data.type.encode(value)
        except FormatError as error:
            raise CopyError(str(error), data.start, value) from None

    def _guard(self, start: str, size: int) -> None:
        """Refuse what a parameter cannot hold before any of it is made."""
        if size > MAX_STORAGE:
            raise CopyError(f"{size} bytes are more than a parameter holds", start, "")

    def _grow(self, data: Data, area: int, encoded: bytes) -> int:
        self._guard(data.start, len(encoded))
        try:
            return self.storage.append(area, encoded)
        except FormatError as error:
            raise CopyError(str(error), data.start, data.value) from None

    def _set_lengths(self) -> None:
        """Store the lengths that ``len`` measured where ``setlen`` wants them."""
        for label, place in self._lengths:
            length = self.storage.lengths.get(label)
            if length is not None:
                try:
                    encoded = place.type.encode(str(length))
                except FormatError as error:
                    raise CopyError(str(error), f"setlen {label}", str(length)) from None
                self.storage.write(place.area, place.offset, encoded)
