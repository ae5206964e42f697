"""A list that begins with what is newest, and whose pages are found by a search.

A page looks at a bounded part of what there is. Where few rows are wanted, the search may be
stopped before the page is full; the list then says how far it has got, and a roll goes on there.

INVARIANT: a row keeps its key while the list is open, whatever is added above it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tui.kit.listing import PRINT_BATCH, ListPanel
from tui.outcomes import KeyRefusedError
from tui.services import Desk
from tui.session import Session

R = TypeVar("R")

#: A list goes up from 1, and here the newest row is uppermost: a row's key is what is missing to
#: this number, which no place reaches.
TOP = 10**18
#: Printing gives up after so many searches that were stopped.
PRINT_STOPS = 100


@dataclass(frozen=True, slots=True)
class Found(Generic[R]):
    """What a search has found: rows, newest first, and where it was stopped, if it was."""

    rows: Sequence[R]
    stopped: int | None


class SearchedList(ListPanel[R]):
    """Rows at places that only ever grow, from 0; the highest place on top."""

    last_key = TOP

    def __init__(self) -> None:
        """Begin with the newest."""
        super().__init__()
        self._gave_up: int | None = None

    @abstractmethod
    def older(self, desk: Desk, before: int | None, count: int) -> Found[R]:
        """Return at most ``count`` wanted rows before a place, or before the end."""

    @abstractmethod
    def newer(self, desk: Desk, start: int, count: int) -> Found[R]:
        """Return at most ``count`` wanted rows: the next ones from a place on."""

    @abstractmethod
    def place_of(self, row: R) -> int:
        """Return a row's place."""

    def key_of(self, row: R) -> int:
        """Return the key: larger for an older row."""
        return TOP - self.place_of(row)

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[R]:
        """Return rows from a key on, or up to it, newest first."""
        if backward:
            found = self.newer(desk, max(0, TOP - start), count)
        else:
            found = self.older(desk, None if start <= 1 else TOP - start + 1, count)
        self._gave_up = found.stopped
        return found.rows

    def read_page(self, desk: Desk) -> None:
        """Read the rows to show; a search that was stopped goes on with the next page."""
        rows = self.fetch(desk, self.first, self._page + 1, backward=False)
        self._shown = list(rows[: self._page])
        self._next = self.key_of(rows[self._page]) if len(rows) > self._page else None
        if self._next is None and self._gave_up is not None:
            self._next = TOP - self._gave_up + 1

    def batches(self, desk: Desk) -> Iterator[Sequence[R]]:
        """Yield all wanted rows, also over stretches where there are none."""
        start, stops = 1, 0
        while stops < PRINT_STOPS:
            rows = self.fetch(desk, start, PRINT_BATCH, backward=False)
            if rows:
                yield rows
            if len(rows) == PRINT_BATCH:
                start = self.key_of(rows[-1]) + 1
            elif self._gave_up is not None:
                start, stops = TOP - self._gave_up + 1, stops + 1
            else:
                return
        self._print_note = f"Searched back to {self._gave_up}; older ones were not printed."

    def note(self) -> str:
        """Say where a search was stopped."""
        return "" if self._gave_up is None else f"Searched to {self._gave_up}; roll to go on"

    def refresh(self, session: Session) -> None:
        """Go to the newest rows."""
        self.first = 1
        super().refresh(session)

    def roll(self, session: Session, *, up: bool) -> None:
        """Page to older rows (up) or to newer ones."""
        if up:
            super().roll(session, up=True)
            return
        rows = self.fetch(session.desk, self.first - 1, self._page, backward=True)
        if self._gave_up is not None:  # so much that is newer, and not a page of it is wanted
            self.go_to(session, self.key_of(rows[0]) if rows else TOP - self._gave_up)
            return
        if not rows or self.first <= 1:
            raise KeyRefusedError("Already at the top of the list.")
        self.go_to(session, self.key_of(rows[0]) if len(rows) == self._page else 1)

    def to_bottom(self, session: Session) -> None:
        """Show the oldest page."""
        self.go_to(session, self.bottom_key(session.desk))

    def bottom_key(self, desk: Desk) -> int:
        """Return the key at which the oldest page begins, or that of where a search got to."""
        rows = self.fetch(desk, TOP, self._page, backward=True)
        if rows:
            return self.key_of(rows[0])
        return 1 if self._gave_up is None else TOP - self._gave_up
