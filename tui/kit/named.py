"""A list of things that have names instead of numbers, in the order of their names.

INVARIANT: an option stays beside the name that it was typed for, whatever is added or removed
above it by someone else: places are given anew at each drawing, and options follow the names.
"""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import Any, TypeVar

from tui.display import Display
from tui.kit.listing import ListPanel
from tui.kit.pages import part_of
from tui.services import Desk

N = TypeVar("N", bound=Hashable)


class NamedList(ListPanel[N]):
    """A list whose rows are names; a row's key is its place."""

    def __init__(self) -> None:
        """Begin at the top."""
        super().__init__()
        self._names: Sequence[N] = ()
        self._places: dict[N, int] = {}

    @abstractmethod
    def names(self, desk: Desk) -> Sequence[N]:
        """Return all names, in the list's order."""

    @abstractmethod
    def order(self, name: N) -> Any:
        """Return what the names are ordered by."""

    def draw(self, display: Display, desk: Desk) -> None:
        """Draw one page of what there is now."""
        self._take(self.names(desk))
        super().draw(display, desk)

    def _take(self, names: Sequence[N]) -> None:
        """Take the names; what was typed, and where the page began, go with the old ones."""
        old = self._names
        self._names = names
        self._places = {name: place for place, name in enumerate(names, 1)}
        if not old or old == names:
            return
        moved = {place: self._places.get(old[place - 1]) for place in self.chosen}
        self.chosen = {new: self.chosen[place] for place, new in moved.items() if new is not None}
        places = (self._places.get(old[place - 1]) for place in self._running)
        self._running = tuple(place for place in places if place is not None)
        if 1 < self.first <= len(old):
            self.first = self.place_from(self.order(old[self.first - 1]))

    def place_from(self, order: Any) -> int:
        """Return the place of the first name that is not before ``order``."""
        return bisect_left(self._names, order, key=self.order) + 1

    def name_at(self, key: int) -> N:
        """Return the name at a place of the list as it was drawn."""
        return self._names[key - 1]

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[N]:
        """Return a page of names."""
        return part_of(self._names, start, count, backward=backward)

    def key_of(self, row: N) -> int:
        """Return a name's place."""
        return self._places[row]
