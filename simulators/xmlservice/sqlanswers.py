"""What the ``<sql>`` verbs share: how a failure is recorded, tags with labels, rows."""

from __future__ import annotations

from collections.abc import Sequence

from simulators.xmlservice.context import Context
from simulators.xmlservice.document import Element
from simulators.xmlservice.failures import Code, Record
from simulators.xmlservice.host import Cursor, DatabaseError, SqlFailedError
from simulators.xmlservice.sqloptions import Options
from simulators.xmlservice.wellformed import attribute

#: Rows of ``block='all'``.
MAX_ROWS = 9_999_999


def sql_failed(context: Context, error: DatabaseError, code: Code) -> None:
    """Record a statement's failure: the message, and what it was that failed."""
    hint = f"{error.sqlstate}:{error.sqlcode}:{error}"[:60]
    for which in (Code.SQL_MESSAGE, code):
        context.failures.add(Record(which, hint, sqlcode=error.sqlcode, sqlstate=error.sqlstate))


def no_rows() -> SqlFailedError:
    """Return what an empty result is."""
    return SqlFailedError("Row not found.", "02000", 100)


def labelled(element: Element, *, conn: str = "", stmt: str = "") -> str:
    """Return a start tag with the labels that the request left to the service."""
    tag = element.open_tag.rstrip()
    for name, label in (("conn", conn), ("stmt", stmt)):
        if label and name not in element.attributes:
            tag += f" {name}='{attribute(label)}'"
    return tag + ">"


def write_row(
    context: Context,
    cursor: Cursor,
    options: Options,
    row: Sequence[str | bytes | None],
    *,
    described: bool,
    cdata: bool,
) -> None:
    """Write one ``<row>``: text trimmed on the right, binary columns in upper-case hex."""
    cells = []
    for column, value in zip(cursor.columns, row, strict=True):
        name = f" desc='{attribute(column.name)}'" if described else ""
        if value is None:
            cells.append(f"<data{name} null='on'></data>")
            continue
        if isinstance(value, bytes):
            text = value.hex().upper()
        else:
            text = options.shown(column.type, value.rstrip(" "))
        cells.append(f"<data{name}>{context.out.value(text, cdata)}</data>")
    context.out.write(f"<row>{''.join(cells)}</row>\n")
