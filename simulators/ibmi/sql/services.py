"""The SQL services: views and table functions whose rows are made from the system's state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from simulators.ibmi.jobstate import JobState
from simulators.ibmi.sql.errors import failed

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


def whole(given: Mapping[str, Any], name: str) -> int | None:
    """Return an argument that is a whole number; None where it is null or was not given.

    Raises:
        SqlFailedError: -420, it is none.
    """
    value = given.get(name)
    if value is None:
        return None
    try:
        return int(Decimal(str(value).strip()))
    except (InvalidOperation, OverflowError, ValueError):
        raise failed(-420, "22018", str(value)[:40]) from None
