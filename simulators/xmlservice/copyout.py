"""Copies storage into the answer.

Storage is read from its beginning in the order of the document; what is input only moves the
position and writes nothing, and so do the elements of an array behind its ``dou`` count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from epm.errors import FormatError
from simulators.xmlservice.copying import CopyError, Count, overlay_offset, set_labels
from simulators.xmlservice.layout import (
    Area,
    Data,
    Echo,
    Item,
    Overlay,
    Program,
    Records,
    Structure,
)
from simulators.xmlservice.storage import Place, Storage


class CopyOut:
    """Writes the answer's parameters from storage.

    Args:
        count: the work of the document so far.
        write: takes a piece of the answer.
        value: returns a value as it is shown, by its text and whether the request had CDATA.
    """

    def __init__(
        self,
        program: Program,
        storage: Storage,
        count: Count,
        write: Callable[[str], None],
        value: Callable[[str, bool], str],
    ) -> None:
        self._program = program
        self._storage = storage
        self._write = write
        self._value = value
        self._area = 0
        self._at = 0
        self._count = count
        #: The next value is one that was passed by value: it is shown as it was given.
        self._echoes = False

    def run(self) -> None:
        """Write everything.

        Raises:
            CopyError: storage holds what its type cannot be: a decimal data error.
        """
        parameter = last = 0
        for step in self._program.steps:
            match step:
                case Echo():
                    self._write(step.raw)
                case Area():
                    parameter += step.name == "parm"
                    last = 0 if step.name == "return" else parameter
                    if step.direction != "omit":
                        self._show_area(step, last)
                case Overlay():
                    if step.direction != "in":
                        self._show_overlay(step, step.top or last)

    def _show_area(self, area: Area, number: int) -> None:
        shown = area.direction != "in"
        self._area, self._at = number, 0
        self._echoes = area.by_value and bool(self._program.function)
        if shown:
            self._write(area.start + "\n")
        self._items(area.items, shown)
        if shown:
            self._write(f"</{area.name}>\n")

    def _show_overlay(self, overlay: Overlay, number: int) -> None:
        self._area = number
        offset = overlay_offset(overlay, self._storage)
        most = self._bound(overlay.until, overlay.dim, overlay.start)
        for turn in range(most):
            self._count.one(overlay.start)
            self._at = offset
            self._write(overlay.start + "\n")
            self._items(overlay.items, True)
            self._write("</overlay>\n")
            if overlay.following and turn + 1 < most:
                offset = self._number("next", overlay.following, overlay.start) or 0

    def _bound(self, label: str, dim: int, start: str) -> int:
        """Return how many elements of an array are shown."""
        count = self._number("enddo", label, start) if label else None
        return dim if count is None else max(0, min(dim, count))

    def _number(self, kind: str, label: str, start: str) -> int | None:
        try:
            return self._storage.value(kind, label)
        except FormatError as error:
            raise CopyError(str(error), start, label) from None

    def _items(self, items: Sequence[Item], shown: bool) -> None:
        waiting: list[Structure] = []
        for item in items:
            match item:
                case Data():
                    self._show(item, shown)
                case Structure(records=True):
                    waiting.append(item)
                    if shown:
                        self._declare(item)
                case Structure():
                    self._show_structure(item, shown)
                case Records():
                    self._show_records(item, waiting, shown)
                    waiting = []
                case Echo():
                    if shown:
                        self._write(item.raw)

    def _show(self, data: Data, shown: bool) -> None:
        for _ in range(data.dim):
            at = self._at
            text = self._next(data, shown)
            if self._echoes:
                text, self._echoes = data.value or ("" if data.type.kind in "abh" else "0"), False
            self._label(data, at)
            if shown:
                self._write(f"{data.start}{self._value(text, data.cdata)}</data>\n")

    def _next(self, data: Data, shown: bool) -> str:
        """Return the value at the position and move behind it."""
        stored = b""
        self._count.one(data.start)
        self._count.size(data.start, data.type.size)
        try:
            stored = self._storage.read(self._area, self._at, data.type.size)
            text = data.type.decode(stored) if shown else ""
        except FormatError as error:
            raise CopyError(str(error), data.start, stored[:30].hex().upper()) from None
        self._at += data.type.size
        return text

    def _label(self, data: Data, at: int) -> None:
        set_labels(self._storage, data, Place(self._area, at, data.type))

    def _show_structure(self, structure: Structure, shown: bool) -> None:
        most = self._bound(structure.until, structure.dim, structure.start)
        for turn in range(structure.dim):
            self._count.one(structure.start)
            visible = shown and turn < most
            if visible:
                self._write(structure.start + "\n")
            self._items(structure.members, visible)
            if visible:
                self._write("</ds>\n")

    def _declare(self, structure: Structure) -> None:
        """Echo the layout of records, which holds no values."""
        self._write(structure.start + "\n")
        for member in structure.members:
            if isinstance(member, Data):
                self._write(f"{member.start}</data>\n")
            elif isinstance(member, Structure):
                self._declare(member)
        self._write("</ds>\n")

    def _show_records(self, records: Records, waiting: list[Structure], shown: bool) -> None:
        if shown:
            self._write(records.start)
        for structure in waiting:
            self._record(structure, records.delimiter, shown)
        if shown:
            self._write(f"{records.delimiter}</records>\n")

    def _record(self, structure: Structure, delimiter: str, shown: bool) -> None:
        most = self._bound(structure.until, structure.dim, structure.start)
        for turn in range(structure.dim):
            self._count.one(structure.start)
            visible = shown and turn < most
            for member in structure.members:
                if isinstance(member, Structure):
                    self._record(member, delimiter, visible)
                elif isinstance(member, Data):
                    self._record_data(member, delimiter, visible)

    def _record_data(self, data: Data, delimiter: str, visible: bool) -> None:
        for _ in range(data.dim):
            at = self._at
            text = self._next(data, visible)
            self._label(data, at)
            if visible:
                self._write(delimiter + self._value(text, data.cdata))
