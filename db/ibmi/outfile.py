"""Fetching from a file: QAUDITSK, a DSPJRN *TYPE5 outfile, or one column of whole records.

CPYAUDJRNE writes QAUDITSK, DSPJRN OUTPUT(*OUTFILE) OUTFILFMT(*TYPE5) an outfile. What a file's
columns are is read from the catalogue, so that columns of bytes come in hexadecimal and nothing
translates them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from db.ibmi import statements
from db.ibmi.chain import Span
from db.ibmi.columns import Roles, find_roles
from db.ibmi.query import Query, Row, UnknownColumnError
from db.ibmi.rows import entry_of, receiver_of, record_of
from db.ibmi.values import FetchedEntry, Receiver, Unreadable
from epm.errors import RemoteError

_BYTES = frozenset({"BLOB", "BINARY", "VARBIN", "VARBINARY", "BINARY VARYING"})
#: The CCSID of a character column that holds bytes.
_NO_CCSID = 65_535
_NAMES = ("HOME", "RECEIVER", "LOWEST", "HIGHEST")


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a file's entries are asked for, in SQL expressions.

    Attributes:
        roles: which column says what; ``None`` for a file of whole records.
        select: what is asked of each entry; the first is its number, in a form that sorts.
        order: what grows with time.
        digits: whether a number is compared as EBCDIC digits in hexadecimal.
    """

    roles: Roles | None
    select: tuple[str, ...]
    sequence: str
    receiver: str
    home: str
    order: str
    digits: bool = False


@dataclass(slots=True)
class Outfile:
    """A file of journal entries.

    It holds only the entries that were selected into it, so that a number it lacks is no loss.
    """

    lib: str
    file: str
    whole: bool = field(default=False, init=False)
    _shape: _Shape | None = field(default=None, init=False)

    def chain(self, query: Query) -> list[Receiver]:
        """Return the receivers that the file's entries came from, oldest first."""
        shape = self._known(query)
        text = statements.file_receivers(
            self.lib,
            self.file,
            sequence=shape.sequence,
            receiver=shape.receiver,
            home=shape.home,
            order=shape.order,
        )
        rows = query(text)
        if shape.digits:
            rows = [{name: _from_digits(value) for name, value in row.items()} for row in rows]
        return [found for row in rows if (found := receiver_of(row, _NAMES)) is not None]

    def page(self, query: Query, span: Span, count: int) -> list[FetchedEntry | Unreadable]:
        """Return entries of a span, in the order of their numbers."""
        shape = self._known(query)
        after = span.receiver.first - 1 if span.after is None else span.after
        where = (
            f"{shape.receiver} = {_literal(span.receiver.name, 10, shape.digits)}",
            f"{shape.home} = {_literal(span.receiver.lib, 10, shape.digits)}",
            f"{shape.sequence} > {_number(after, shape.digits)}",
            f"{shape.sequence} <= {_number(span.receiver.last, shape.digits)}",
        )
        text = statements.file_entries(self.lib, self.file, count, select=shape.select, where=where)
        rows = query(text)
        if shape.roles is None:
            return [record_of(row.get("RECORD")) for row in rows]
        return [entry_of(row, shape.roles) for row in rows]

    def _known(self, query: Query) -> _Shape:
        if self._shape is None:
            columns = self._columns(query)
            if not columns:
                raise RemoteError(f"file {self.lib}/{self.file} is not there")
            names = {str(c["COLUMN_NAME"]).strip(): _holds_bytes(c) for c in columns}
            self._shape = _of_columns(names, f"file {self.lib}/{self.file}")
        return self._shape

    def _columns(self, query: Query) -> list[Row]:
        try:
            return list(query(statements.file_columns(self.lib, self.file)))
        except UnknownColumnError:
            # A catalogue without CCSIDs: then a driver gives bytes for what is not text.
            return list(query(statements.file_columns(self.lib, self.file, ccsid=False)))


def _holds_bytes(column: Row) -> bool:
    kind = str(column.get("DATA_TYPE") or "").strip().upper()
    return kind in _BYTES or str(column.get("CCSID")).strip() == str(_NO_CCSID)


def _of_columns(names: dict[str, bool], what: str) -> _Shape:
    if len(names) == 1:
        return _of_records(next(iter(names)))
    roles = find_roles(names, what)
    if not {"receiver", "receiver_library"} <= roles.keys():
        raise RemoteError(f"{what}: it does not say which receivers its entries came from")

    def column(role: str) -> str:
        return statements.quoted_column(roles[role])

    sequence = f"CAST({column('sequence')} AS DECIMAL(20, 0))"
    select = [f"{sequence} AS EPM_NUMBER"]
    for name in roles.values():
        plain = statements.quoted_column(name)
        select.append(f"HEX({plain}) AS {plain}" if names[name] else plain)
    return _Shape(
        roles,
        tuple(select),
        sequence,
        column("receiver"),
        column("receiver_library"),
        column("timestamp") if "timestamp" in roles else sequence,
    )


def _of_records(name: str) -> _Shape:
    """Return the shape of a file without fields; places of *TYPE5, 1-based: 6, 29, 241, 251."""
    column = statements.quoted_column(name)

    def part(place: int, length: int) -> str:
        return f"HEX(SUBSTR({column}, {place}, {length}))"

    select = (part(6, 20), f"HEX({column}) AS RECORD")
    return _Shape(
        None, select, part(6, 20), part(241, 10), part(251, 10), part(29, 26), digits=True
    )


def _from_digits(value: object) -> str:
    try:
        return bytes.fromhex(str(value)).decode("cp037").strip()
    except ValueError:
        raise RemoteError(f"{str(value)[:40]!r} is no part of a *TYPE5 record") from None


def _literal(text: str, length: int, digits: bool) -> str:
    if text:
        statements.name(text, "receiver")
    return f"'{text.ljust(length).encode('cp037').hex().upper()}'" if digits else f"'{text}'"


def _number(value: int, digits: bool) -> str:
    return f"'{f'{value:020d}'.encode('cp037').hex().upper()}'" if digits else str(value)
