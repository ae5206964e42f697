"""``<sql>`` verbs that tell: rowcount, count, describe, identity and the catalogue calls."""

from __future__ import annotations

from collections.abc import Sequence

from simulators.xmlservice.context import Context, finish, on_error
from simulators.xmlservice.document import Element
from simulators.xmlservice.failures import Code
from simulators.xmlservice.host import Column, SqlFailedError
from simulators.xmlservice.sqlanswers import MAX_ROWS, labelled, no_rows, sql_failed, write_row
from simulators.xmlservice.sqlconnect import default_connection
from simulators.xmlservice.wellformed import plain

#: Verbs that :func:`catalogue` answers.
CATALOGUE = frozenset(
    (
        "tables",
        "tablepriv",
        "columns",
        "columnpriv",
        "procedures",
        "pcolumns",
        "primarykeys",
        "foreignkeys",
        "statistics",
        "special",
    )
)


def _goes_on(element: Element, ok: bool) -> bool:
    """Return whether the script goes on behind a verb that shows no error of its own."""
    return ok or element.get("error").strip().lower() != "on"


def rowcount(context: Context, element: Element) -> bool:
    """``<rowcount>``: rows that the last execution changed; 0 where there is no statement."""
    found = context.sql.statement(element.get("stmt"))
    count = max(found[1].cursor.rowcount, 0) if found else 0
    tag = labelled(element, stmt=found[0] if found else "")
    context.out.write(f"{tag}{count}</rowcount>\n")
    return _goes_on(element, found is not None)


def count(context: Context, element: Element) -> bool:
    """``<count>``: how many result columns and parameter markers."""
    found = context.sql.statement(element.get("stmt"))
    columns = len(found[1].cursor.columns) if found else 0
    parameters = len(found[1].cursor.parameters) if found else 0
    which = element.get("desc", "both").strip().lower()
    lines = []
    if which != "parm":
        lines.append(f"<colcount>{columns}</colcount>\n")
    if which != "col":
        lines.append(f"<parmcount>{parameters}</parmcount>\n")
    tag = labelled(element, stmt=found[0] if found else "")
    context.out.write(f"{tag}\n{''.join(lines)}</count>\n")
    return _goes_on(element, found is not None)


def describe(context: Context, element: Element) -> bool:
    """``<describe>``: name, type, size, scale and nullability, parameters first."""
    found = context.sql.statement(element.get("stmt"))
    which = element.get("desc", "both").strip().lower()
    context.out.write(labelled(element, stmt=found[0] if found else "") + "\n")
    if found is not None:
        cursor = found[1].cursor
        if which != "col":
            context.out.write(_described("parm", cursor.parameters))
        if which != "parm":
            context.out.write(_described("col", cursor.columns))
    context.out.write("</describe>\n")
    return _goes_on(element, found is not None)


def _described(tag: str, columns: Sequence[Column]) -> str:
    return "".join(
        f"<{tag}><name>{plain(column.name or str(number))}</name>"
        f"<dbtype>{plain(column.type)}</dbtype><size>{column.length}</size>"
        f"<scale>{column.scale}</scale><nullable>{int(column.nullable)}</nullable></{tag}>"
        for number, column in enumerate(columns, 1)
    )


def identity(context: Context, element: Element) -> bool:
    """``<identity>``: the last identity value of the connection."""
    found = context.sql.connection(element.get("conn"))
    value: str | None = None
    try:
        value = found[1].sql.identity() if found else None
    except SqlFailedError as error:
        sql_failed(context, error, Code.SQL_QUERY_FAILED)
    tag = labelled(element, conn=found[0] if found else "")
    context.out.write(f"{tag}{context.out.value(value or '', False)}</identity>\n")
    return _goes_on(element, found is not None)


def catalogue(context: Context, element: Element) -> bool:
    """A catalogue call: its rows, or the error that an empty result is."""
    given = [child.text.strip() or None for child in element.elements() if child.name == "parm"]
    conn = element.get("conn")
    rows = 0
    body: list[Sequence[str | bytes | None]] = []
    cursor = None
    try:
        conn = default_connection(context, conn)
        cursor = context.sql.connections[conn].sql.catalogue(element.name, given)
        body = list(cursor.fetch(MAX_ROWS))
        rows = len(body)
        if not rows:
            raise no_rows()
    except SqlFailedError as error:
        sql_failed(context, error, Code.SQL_FETCH_FAILED)
    context.out.write(labelled(element, conn=conn) + "\n")
    if cursor is not None:
        options = context.sql.connections[conn].options
        for row in body:
            write_row(context, cursor, options, row, described=True, cdata=element.cdata)
        cursor.close()
    goes_on = finish(context, on_error(element, "off"), rows > 0, conn, cdata=False)
    context.out.write(f"{element.end}\n")
    return goes_on
