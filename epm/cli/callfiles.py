"""Many calls in, many decisions out: JSON Lines, CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from epm.cli.files import MAX_LINE, lines_of
from epm.cli.output import dumps
from epm.errors import CallError, UnsupportedError

if TYPE_CHECKING:
    import pyarrow as pa

#: (line number, the call's fields, or why the line cannot be read)
Record = tuple[int, Mapping[str, object] | CallError]
Reader = Callable[[BinaryIO], Iterator[Record]]
Writer = Callable[[BinaryIO, Iterable[Mapping[str, Any]]], None]

_COLUMNS = ("server", "verdict", "reason", "rule_seq", "rule_name", "audit", "message", "capture")
_ROWS_A_BATCH = 65536


def reader_for(path: str) -> Reader:
    """Return the reader for a file by its ending; JSON Lines unless ``.csv`` or ``.parquet``."""
    return {"csv": _read_csv, "parquet": _read_parquet}.get(_ending(path), _read_json_lines)


def writer_for(path: str | None) -> Writer:
    """Return the writer for a file by its ending; JSON Lines by default."""
    return {"csv": _write_csv, "parquet": _write_parquet}.get(_ending(path or ""), _write_json)


def _ending(path: str) -> str:
    return path.rpartition(".")[2].lower() if "." in path else ""


def json_lines(limit: int) -> Reader:
    """Return a reader of JSON Lines of up to ``limit`` bytes each."""
    return partial(_read_json_lines, limit=limit)


def _read_json_lines(stream: BinaryIO, limit: int = MAX_LINE) -> Iterator[Record]:
    for number, line in lines_of(stream, limit):
        if isinstance(line, CallError):
            yield number, line
            continue
        if not line.strip():
            continue
        try:
            value = json.loads(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
            if not isinstance(value, dict):
                raise CallError("not a JSON object")
        except CallError as error:
            yield number, error
        except UnicodeDecodeError:
            yield number, CallError("not UTF-8")
        except json.JSONDecodeError as error:
            yield number, CallError(f"not JSON: {error.msg} at column {error.colno}")
        except (ValueError, RecursionError):
            yield number, CallError("not JSON that can be taken: a number or nesting too large")
        else:
            yield number, value


def _read_csv(stream: BinaryIO) -> Iterator[Record]:
    # What is not UTF-8 stays recognisable, so that it spoils its own line only.
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    rows = csv.reader(text, skipinitialspace=True)
    try:
        heads = [h.strip().lower() for h in next(rows, [])]
        if "server" not in heads:
            raise CallError("line 1: the heads of a CSV file name the fields, server among them")
        twice = next((h for h in heads if heads.count(h) > 1), None)
        if twice is not None:
            raise CallError(f"line 1: two heads of the CSV file are {twice!r}")
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield rows.line_num, CallError(f"not CSV: {error}")
                continue
            if row:
                yield rows.line_num, _csv_row(heads, row)
    finally:
        text.detach()  # the stream is the caller's to close


def _csv_row(heads: list[str], row: list[str]) -> Mapping[str, object] | CallError:
    if len(row) > len(heads):
        return CallError(f"{len(row)} values under {len(heads)} heads")
    if any("\udc80" <= letter <= "\udcff" for value in row for letter in value):
        return CallError("not UTF-8")
    fields: dict[str, object] = {k: v for k, v in zip(heads, row, strict=False) if v != ""}
    if "groups" in fields:
        fields["groups"] = [g.strip() for g in str(fields["groups"]).split(";") if g.strip()]
    return fields


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UnsupportedError(
            "Parquet needs pyarrow, which is not installed: pip install 'epm-ibmi[parquet]'"
        ) from None
    return pyarrow


def _read_parquet(stream: BinaryIO) -> Iterator[Record]:
    arrow = _pyarrow()
    try:
        file = arrow.parquet.ParquetFile(stream)
        number = 0
        for batch in file.iter_batches(batch_size=_ROWS_A_BATCH):
            for row in batch.to_pylist():
                number += 1
                yield number, {k: _parquet_value(k, v) for k, v in row.items()}
    except (arrow.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise CallError(f"not a Parquet file that can be read: {reason}") from None


def _parquet_value(key: str, value: Any) -> object:
    if key == "at" and hasattr(value, "isoformat"):
        return value.isoformat()
    if key == "groups" and isinstance(value, str):
        return [g for g in value.split(";") if g]
    if isinstance(value, float):  # what data frames make of whole numbers of which some miss
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    return value


def _write_json(stream: BinaryIO, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        stream.write(dumps(row).encode() + b"\n")


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    rule = row["rule"] or {"seq": None, "name": None}
    return {**{k: row.get(k) for k in _COLUMNS}, "rule_seq": rule["seq"], "rule_name": rule["name"]}


def _write_csv(stream: BinaryIO, rows: Iterable[Mapping[str, Any]]) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([_csv_cell(v) for v in _flat(row).values()])
    text.detach()


def _csv_cell(value: Any) -> Any:
    """Neutralise a text that a spreadsheet would run as a formula."""
    if isinstance(value, bool):
        return "Y" if value else "N"
    risky = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if risky else value


def _write_parquet(stream: BinaryIO, rows: Iterable[Mapping[str, Any]]) -> None:
    arrow = _pyarrow()
    schema: pa.Schema = arrow.schema(
        [(k, arrow.int32() if k == "rule_seq" else arrow.bool_() if k in _COLUMNS[5:] else
          arrow.string()) for k in _COLUMNS]
    )  # fmt: skip
    with arrow.parquet.ParquetWriter(stream, schema) as writer:
        batch: list[dict[str, Any]] = []
        for row in rows:
            batch.append(_flat(row))
            if len(batch) == _ROWS_A_BATCH:
                writer.write_table(arrow.Table.from_pylist(batch, schema=schema))
                batch.clear()
        writer.write_table(arrow.Table.from_pylist(batch, schema=schema))
