"""Libraries and the objects in them: found by name, made, moved, renamed, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from simulators.ibmi.messages import EscapeError
from simulators.ibmi.names import is_name, matches
from simulators.ibmi.objects import SystemObject

#: Libraries that no command deletes.
SYSTEM_LIBRARIES = frozenset({"QSYS", "QSYS2", "QGPL", "QUSRSYS", "SYSTOOLS", "QHLPSYS"})
#: How many objects a library holds before it is full.
MAX_OBJECTS = 360_000


@dataclass(slots=True)
class Library:
    """A library; ``header`` is its own object, of type *LIB.

    INVARIANT: an object's key is its name and type; no two are equal.
    """

    header: SystemObject
    max_objects: int = MAX_OBJECTS
    objects: dict[tuple[str, str], SystemObject] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return self.header.name

    def get(self, name: str, type_: str) -> SystemObject | None:
        """Return an object, or None."""
        return self.objects.get((name, type_))

    def add(self, item: SystemObject) -> SystemObject:
        """Put an object in.

        Raises:
            EscapeError: CPF9870, one of that name and type is there; CPF2195, it is full.
        """
        if (item.name, item.type) in self.objects:
            raise EscapeError("CPF9870", item.name, item.type, self.name)
        if len(self.objects) >= self.max_objects:
            raise EscapeError("CPF2195", self.name, self.max_objects)
        self.objects[item.name, item.type] = item
        return item

    def remove(self, item: SystemObject) -> None:
        """Take an object out."""
        del self.objects[item.name, item.type]

    def discard(self, item: SystemObject) -> None:
        """Take an object out if it is still this one that is there."""
        if self.get(item.name, item.type) is item:
            self.remove(item)

    def restore(self, item: SystemObject) -> None:
        """Put an object back that was taken out, unless another has its name by now."""
        self.objects.setdefault((item.name, item.type), item)

    def select(self, pattern: str, type_: str = "*ALL") -> Iterator[SystemObject]:
        """Every object whose name fits, in order of name and type."""
        for (name, kind), item in sorted(self.objects.items()):
            if matches(pattern, name) and type_ in ("*ALL", kind):
                yield item


class Libraries:
    """Every library but the QTEMP of each job."""

    def __init__(self) -> None:
        self._libraries: dict[str, Library] = {}

    def __iter__(self) -> Iterator[Library]:
        """Every library, by name."""
        return iter([self._libraries[name] for name in sorted(self._libraries)])

    def get(self, name: str) -> Library | None:
        """Return a library, or None."""
        return self._libraries.get(name)

    def create(self, name: str, owner: str, created: datetime, text: str = "") -> Library:
        """Make a library.

        Raises:
            EscapeError: CPF2166, not a name; CPF2111, it exists.
        """
        if not is_name(name):
            raise EscapeError("CPF2166", name)
        if name in self._libraries or name == "QTEMP":
            raise EscapeError("CPF2111", name)
        made = Library(SystemObject(name, "*LIB", owner, created, text=text, attribute="PROD"))
        self._libraries[name] = made
        return made

    def delete(self, name: str) -> None:
        """Delete a library and everything in it; as :meth:`require_deletable`."""
        self.require_deletable(name)
        del self._libraries[name]

    def require_deletable(self, name: str) -> None:
        """Refuse to delete what is no library, or one of the system's.

        Raises:
            EscapeError: CPF2110, not found; CPF2167, the system needs it.
        """
        if name not in self._libraries:
            raise EscapeError("CPF2110", name)
        if name in SYSTEM_LIBRARIES:
            raise EscapeError("CPF2167", name)
