"""A list that begins with what is newest: rows whose numbers only ever grow.

INVARIANT: a row keeps its key while the list is open, whatever is added above it, so an option
that was typed beside it never means another one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar

from tui.kit.listing import ListPanel
from tui.services import Desk

R = TypeVar("R")

#: The highest number that a row may have; one below a signed 32-bit column's.
HIGHEST = 2**31 - 2


class NewestFirst(ListPanel[R]):
    """A list of numbered rows, the highest number on top."""

    last_key = HIGHEST

    @abstractmethod
    def fetch_numbered(self, desk: Desk, start: int, count: int, *, newer: bool) -> Sequence[R]:
        """Return at most ``count`` rows, newest first.

        They are of numbers up to ``start``; with ``newer`` those from ``start`` on that are
        nearest to it.
        """

    @abstractmethod
    def number_of(self, row: R) -> int:
        """Return a row's number, from 1."""

    def fetch(self, desk: Desk, start: int, count: int, *, backward: bool) -> Sequence[R]:
        """Return a page; a key counts down from the highest number."""
        return self.fetch_numbered(desk, key_of_number(start), count, newer=backward)

    def key_of(self, row: R) -> int:
        """Return a row's key."""
        return key_of_number(self.number_of(row))


def key_of_number(number: int) -> int:
    """Return the key of a number, and the number of a key."""
    return HIGHEST + 1 - number
