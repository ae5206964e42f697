"""The SQL services: views and table functions whose rows are made from the system's state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.ibmi.jobstate import JobState

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Service:
    """One view or table function.

    Attributes:
        columns: name and declared type, in order.
        parameters: names in positional order; empty for a view.
        rows: makes the rows; the arguments that were given are passed by name.
        required: parameters without default.
    """

    columns: tuple[tuple[str, str], ...]
    rows: Callable[[JobState, Mapping[str, Any]], Iterable[Row]]
    parameters: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    is_function: bool = False


VIEWS: dict[tuple[str, str], Service] = {}
FUNCTIONS: dict[tuple[str, str], Service] = {}
