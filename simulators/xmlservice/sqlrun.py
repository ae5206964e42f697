"""``<sql>`` verbs of a statement: query, prepare, execute, fetch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulators.xmlservice.context import Context, finish, on_error
from simulators.xmlservice.digits import plain_number
from simulators.xmlservice.document import Element
from simulators.xmlservice.failures import Code
from simulators.xmlservice.host import Cursor, SqlFailedError
from simulators.xmlservice.sqlanswers import MAX_ROWS, labelled, no_rows, sql_failed, write_row
from simulators.xmlservice.sqlconnect import default_connection
from simulators.xmlservice.sqlstate import MAX_STATEMENTS, Statement

#: Rows taken from a cursor at once.
_CHUNK = 500


def query(context: Context, element: Element) -> bool:
    """``<query>``: prepare and execute at once."""
    return _prepare(context, element, execute=True)


def prepare(context: Context, element: Element) -> bool:
    """``<prepare>``: for ``<execute>`` to run."""
    return _prepare(context, element, execute=False)


def _prepare(context: Context, element: Element, *, execute: bool) -> bool:
    text = element.text.strip()
    conn = stmt = ""
    cursor: Cursor | None = None
    try:
        conn = default_connection(context, element.get("conn"), element.get("options"))
        if len(context.sql.statements) >= MAX_STATEMENTS:
            raise SqlFailedError("too many open statements", "HY014", -99999)
        cursor = context.sql.connections[conn].sql.prepare(text)
        if execute:
            cursor.execute(())
        stmt = context.sql.keep(element.get("stmt"), Statement(conn, cursor))
    except SqlFailedError as error:
        if cursor is not None:
            cursor.close()
        sql_failed(context, error, Code.SQL_QUERY_FAILED)
    context.out.write(labelled(element, conn=conn, stmt=stmt) + "\n")
    goes_on = finish(context, on_error(element, "on"), bool(stmt), text, cdata=True)
    context.out.write(f"</{element.name}>\n")
    return goes_on


def execute(context: Context, element: Element) -> bool:
    """``<execute>``: run a prepared statement; parameters that come back are shown."""
    parameters = [child for child in element.elements() if child.name == "parm"]
    found = context.sql.statement(element.get("stmt"))
    label = found[0] if found else element.get("stmt")
    values: Sequence[str | None] | None = None
    try:
        if found is None:
            raise SqlFailedError("there is no prepared statement", "HY010", -99999)
        given = tuple(None if child.get("null") == "on" else child.text for child in parameters)
        if len(given) != len(found[1].cursor.parameters):
            wanted = len(found[1].cursor.parameters)
            raise SqlFailedError(f"{len(given)} of {wanted} parameters given", "07002", -313)
        values = found[1].cursor.execute(given)
        found[1].values, found[1].position = given, 0
    except SqlFailedError as error:
        sql_failed(context, error, Code.SQL_QUERY_FAILED)
    context.out.write(labelled(element, stmt=label) + "\n")
    goes_on = finish(context, on_error(element, "on"), values is not None, label, cdata=False)
    if values is not None:
        _show_parameters(context, parameters, values)
    context.out.write("</execute>\n")
    return goes_on


def _show_parameters(
    context: Context, parameters: Sequence[Element], values: Sequence[str | None]
) -> None:
    for parameter, value in zip(parameters, values, strict=False):
        if parameter.get("io", "both").strip().lower() == "in":
            continue
        shown = context.out.value((value or "").rstrip(), parameter.cdata)
        context.out.write(f"{parameter.start}\n{shown}</parm>\n")


def fetch(context: Context, element: Element) -> bool:
    """``<fetch>``: rows of a statement; a statement that is exhausted is freed."""
    found = context.sql.statement(element.get("stmt"))
    label = found[0] if found else element.get("stmt")
    context.out.write(labelled(element, stmt=label) + "\n")
    ok = False
    try:
        if found is None:
            raise SqlFailedError("there is no statement to fetch from", "HY010", -99999)
        block, record = _block(element)
        shown, ended = _fetch_rows(context, element, found[1], block, record)
        if ended:
            context.sql.free_statement(label)
        if not shown:
            raise no_rows()
        ok = True
    except SqlFailedError as error:
        sql_failed(context, error, Code.SQL_FETCH_FAILED)
    goes_on = finish(context, on_error(element, "off"), ok, label, cdata=False)
    context.out.write("</fetch>\n")
    return goes_on


def _block(element: Element) -> tuple[int, int]:
    """Return how many rows are wanted, and the record number of the first; 0 for the next."""
    block = element.get("block", "all").strip().lower() or "all"
    record = element.get("rec").strip()
    rows = MAX_ROWS if block.startswith("al") else plain_number(block)
    if rows is None:
        raise SqlFailedError(f"block {block[:20]!r} is not a number", "HY024", -99999)
    return max(1, min(rows, MAX_ROWS)), plain_number(record) or 0


def _fetch_rows(
    context: Context, element: Element, statement: Statement, block: int, record: int
) -> tuple[int, bool]:
    """Write rows; return how many and whether the result has ended."""
    _move_to(statement, record)
    described = not element.get("desc", "on").strip().lower().startswith("of")
    options = context.sql.connections[statement.connection].options
    shown = 0
    for row in _rows(statement, block):
        write_row(context, statement.cursor, options, row, described=described, cdata=element.cdata)
        shown += 1
    return shown, shown < block


def _rows(statement: Statement, most: int) -> Iterator[Sequence[str | bytes | None]]:
    left = most
    while left > 0:
        chunk = statement.cursor.fetch(min(left, _CHUNK))
        if not chunk:
            return
        statement.position += len(chunk)
        left -= len(chunk)
        yield from chunk


def _move_to(statement: Statement, record: int) -> None:
    """Go to a record; going back runs the statement again."""
    if record < 1:
        return
    if statement.position > record - 1:
        statement.cursor.execute(statement.values)
        statement.position = 0
    for _ in _rows(statement, record - 1 - statement.position):
        pass
