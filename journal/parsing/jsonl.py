"""The parser's own output read again: JSON Lines with the contract's names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from epm.addresses import parse_address
from epm.errors import ConditionError
from journal.layouts.values import SkType
from journal.parsing.lines import read_lines
from journal.parsing.rows import KEYS, LIMITS, NUMBERS, Damaged, Record, Row, is_sk

_NAME = "jsonl"


def read_jsonl(stream: BinaryIO, *, all_entries: bool = False) -> Iterator[Record | Damaged]:
    """Yield a record for every line; blank lines are passed over, unknown names ignored."""
    for number, line in read_lines(stream):
        if line is None:
            yield Damaged(number, "line", "not UTF-8, or longer than a record can be")
            continue
        if not line.strip():
            continue
        try:
            row = _row(line)
        except ValueError as error:
            yield Damaged(number, "line", str(error))
            continue
        if all_entries or is_sk(row):
            yield Record(number, row, None, _NAME)


def _row(line: str) -> Row:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - what the caller reports
    row = {key: checked(key, value.get(key)) for key in KEYS}
    check_row(row)
    return row


def check_row(row: Row) -> None:
    """Make sure that a row's type, family and addresses are such.

    Raises:
        ValueError: they are not.
    """
    if row["type"] is not None and row["type"] not in SkType.__members__.values():
        raise ValueError(f"type {row['type']!r} is not an SK entry type")
    if row["address_family"] not in (None, "*IPV4", "*IPV6"):
        raise ValueError("address_family is neither *IPV4 nor *IPV6")
    for name in ("local_address", "remote_address"):
        if row[name] is not None:
            try:
                parse_address(str(row[name]))
            except ConditionError:
                raise ValueError(f"{name} {row[name]!r} is not an address") from None


def checked(key: str, value: object) -> object:
    """Return a row's value if it is of the type, and in the limits, that its name has.

    Raises:
        ValueError: it is not.
    """
    if value is None:
        return None
    if key not in NUMBERS:
        if not isinstance(value, str):
            raise ValueError(f"{key} is not text")
        return value
    low, high = LIMITS[key]
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{key} is not a number from {low} to {high}")
    return value
