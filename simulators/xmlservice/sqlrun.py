"""``<sql>`` verbs that act: options, connect, query, prepare, execute, fetch, commit, free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulators.xmlservice.context import Context, OnError, finish, on_error
from simulators.xmlservice.document import Element
from simulators.xmlservice.failures import Code, Record
from simulators.xmlservice.host import Cursor, Job, SignOnError, SqlFailedError
from simulators.xmlservice.render import plain
from simulators.xmlservice.sqlstate import (
    MAX_CONNECTIONS,
    MAX_STATEMENTS,
    Connection,
    Statement,
)

#: Rows taken from a cursor at once.
_CHUNK = 500
#: Rows of ``block='all'``.
MAX_ROWS = 9_999_999


def sql_failed(context: Context, error: SqlFailedError | SignOnError, code: Code) -> None:
    """Record a statement's failure: the message, and what it was that failed."""
    hint = f"{error.sqlstate}:{error.sqlcode}:{error}"[:60]
    for which in (Code.SQL_MESSAGE, code):
        context.failures.add(Record(which, hint, sqlcode=error.sqlcode, sqlstate=error.sqlstate))


def no_rows() -> SqlFailedError:
    """Return what an empty result is."""
    return SqlFailedError("Row not found.", "02000", 100)


def options(context: Context, element: Element) -> bool:
    """``<options>``: keep a named set for connections and statements to come."""
    label = element.get("options")
    named = {
        key: value
        for key, value in element.attributes.items()
        if key not in ("options", "error", "var")
    }
    context.out.write(element.start)
    context.sql.options.pop(label, None)
    context.sql.options[label or f"opt{len(context.sql.options) + 1}"] = named
    goes_on = finish(context, on_error(element, "on"), True, label, cdata=False)
    context.out.write("</options>\n")
    return goes_on


def open_connection(context: Context, options_label: str, job: Job | None = None) -> Connection:
    """Open a connection in the job, or in one of another user, with options applied.

    Raises:
        SqlFailedError: it cannot be opened or an option is not known.
    """
    sql = (job or context.job).sql()
    wanted = context.sql.options_of(options_label)
    try:
        if wanted:
            sql.options(wanted)
    except SqlFailedError:
        sql.close()
        raise
    return Connection(sql, job, not wanted.get("autocommit", "on").startswith("of"))


def connect(context: Context, element: Element) -> bool:
    """``<connect>``: a job has one connection unless ``servermode='on'``; errors stop."""
    label = element.get("conn")
    user = element.get("uid").strip()
    ok = False
    job: Job | None = None
    try:
        if label not in context.sql.connections:
            _room_for_connection(context, element)
            if user:
                job = context.sign_on(user, element.get("pwd"))
            label = context.sql.connect(
                label, lambda: open_connection(context, element.get("options"), job)
            )
        ok = True
    except (SqlFailedError, SignOnError) as error:
        if job is not None:
            job.end()
        sql_failed(context, error, Code.SQL_CONNECT_FAILED)
    context.out.write(labelled(element, conn=label if ok else ""))
    goes_on = finish(context, OnError(stop=True, joblog=False), ok, label, cdata=False)
    context.out.write("</connect>\n")
    return goes_on


def _room_for_connection(context: Context, element: Element) -> None:
    taken = context.sql.connections
    server_mode = context.sql.options_of(element.get("options")).get("servermode") == "on"
    if taken and (not server_mode or len(taken) >= MAX_CONNECTIONS):
        context.failures.add_code(Code.SQL_CONNECT_ACTIVE, element.get("conn"))
        raise SqlFailedError("a connection is active", "08002", -842)


def labelled(element: Element, *, conn: str = "", stmt: str = "") -> str:
    """Return a start tag with the labels that the request left to the service."""
    tag = element.open_tag.rstrip()
    if conn and not element.get("conn"):
        tag += f" conn='{plain(conn)}'"
    if stmt and not element.get("stmt"):
        tag += f" stmt='{plain(stmt)}'"
    return tag + ">"


def default_connection(context: Context, label: str, options_label: str = "") -> str:
    """Return the label of an open connection; the default one opens when it is needed.

    Raises:
        SqlFailedError: it cannot be opened.
    """
    found = context.sql.connection(label)
    if found is not None:
        return found[0]
    return context.sql.connect(label, lambda: open_connection(context, options_label))


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
    if not block.startswith("al") and not block.isdigit():
        raise SqlFailedError(f"block {block[:20]!r} is not a number", "HY024", -99999)
    rows = MAX_ROWS if block.startswith("al") else max(1, min(int(block[:9]), MAX_ROWS))
    return rows, int(record[:9]) if record.isdigit() else 0


def _fetch_rows(
    context: Context, element: Element, statement: Statement, block: int, record: int
) -> tuple[int, bool]:
    """Write rows; return how many and whether the result has ended."""
    _move_to(statement, record)
    described = not element.get("desc", "on").strip().lower().startswith("of")
    shown = 0
    for row in _rows(statement, block):
        write_row(context, statement.cursor, row, described=described, cdata=element.cdata)
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


def write_row(
    context: Context,
    cursor: Cursor,
    row: Sequence[str | bytes | None],
    *,
    described: bool,
    cdata: bool,
) -> None:
    """Write one ``<row>``: text trimmed on the right, binary columns in upper-case hex."""
    cells = []
    for column, value in zip(cursor.columns, row, strict=True):
        name = f" desc='{plain(column.name)}'" if described else ""
        if value is None:
            cells.append(f"<data{name} null='on'></data>")
            continue
        text = value.hex().upper() if isinstance(value, bytes) else value.rstrip(" ")
        cells.append(f"<data{name}>{context.out.value(text, cdata)}</data>")
    context.out.write(f"<row>{''.join(cells)}</row>\n")


def commit(context: Context, element: Element) -> bool:
    """``<commit>``, or roll back with ``action='rollback'``."""
    action = element.get("action")
    found = context.sql.connection(element.get("conn"))
    ok = False
    try:
        if found is None:
            raise SqlFailedError("there is no connection", "08003", -99999)
        if action.lower() == "rollback":
            found[1].sql.rollback()
        else:
            found[1].sql.commit()
        ok = True
    except SqlFailedError as error:
        sql_failed(context, error, Code.SQL_QUERY_FAILED)
    context.out.write(labelled(element, conn=found[0] if found else ""))
    goes_on = finish(context, on_error(element, "on"), ok, action, cdata=False)
    context.out.write("</commit>\n")
    return goes_on


def free(context: Context, element: Element) -> bool:
    """``<free>``: everything, or what ``conn``, ``cstmt``, ``stmt`` and ``options`` name."""
    state = context.sql
    conn, cstmt, stmt, opts = (element.get(k) for k in ("conn", "cstmt", "stmt", "options"))
    ok = True
    if not (conn or cstmt or stmt or opts):
        state.free_all()
    if conn == "all":
        for name in list(state.connections):
            state.free_connection(name)
    elif conn:
        ok &= state.free_connection(conn)
    if cstmt:
        state.free_statements(cstmt)
    if stmt == "all":
        state.free_statements()
    elif stmt:
        ok &= state.free_statement(stmt)
    if opts == "all":
        state.options.clear()
    elif opts:
        ok &= state.options.pop(opts, None) is not None
    context.out.write(element.start)
    text = " ".join(word for word in (conn or cstmt, stmt, opts) if word)
    goes_on = finish(context, on_error(element, "off"), ok, text, cdata=False)
    context.out.write("</free>\n")
    return goes_on
