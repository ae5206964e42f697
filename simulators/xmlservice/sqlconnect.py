"""``<sql>`` verbs about connections: options, connect, commit and free."""

from __future__ import annotations

from simulators.xmlservice.context import Context, OnError, finish, on_error
from simulators.xmlservice.document import Element
from simulators.xmlservice.failures import Code
from simulators.xmlservice.host import DatabaseError, Job, SqlFailedError
from simulators.xmlservice.sqlanswers import labelled, sql_failed
from simulators.xmlservice.sqloptions import parse_options
from simulators.xmlservice.sqlstate import MAX_CONNECTIONS, Connection


def options(context: Context, element: Element) -> bool:
    """``<options>``: keep a named set for connections and statements to come."""
    label = element.get("options")
    context.out.write(element.start)
    context.sql.keep_options(label, parse_options(element.attributes))
    goes_on = finish(context, on_error(element, "on"), True, label, cdata=False)
    context.out.write("</options>\n")
    return goes_on


def open_connection(context: Context, options_label: str, job: Job | None = None) -> Connection:
    """Open a connection in the job, or in one of another user, with options applied.

    Raises:
        SqlFailedError: it cannot be opened, or there is no such library.
    """
    sql = (job or context.job).sql()
    wanted = context.sql.options_of(options_label)
    try:
        if wanted.settings:
            sql.options(wanted.settings)
    except SqlFailedError:
        sql.close()
        raise
    return Connection(sql, wanted, job)


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
    except DatabaseError as error:
        if job is not None:
            job.end()
        sql_failed(context, error, Code.SQL_CONNECT_FAILED)
    context.out.write(labelled(element, conn=label if ok else ""))
    goes_on = finish(context, OnError(stop=True, joblog=False), ok, label, cdata=False)
    context.out.write("</connect>\n")
    return goes_on


def _room_for_connection(context: Context, element: Element) -> None:
    taken = context.sql.connections
    server_mode = context.sql.options_of(element.get("options")).server_mode
    if taken and (not server_mode or len(taken) >= MAX_CONNECTIONS):
        raise _too_many(context, element.get("conn"))


def _too_many(context: Context, label: str) -> SqlFailedError:
    """Record that a connection is one too many, and return what is to be raised."""
    context.failures.add_code(Code.SQL_CONNECT_ACTIVE, label)
    return SqlFailedError("a connection is active", "08002", -842)


def default_connection(context: Context, label: str, options_label: str = "") -> str:
    """Return the label of an open connection; the default one opens when it is needed.

    Raises:
        SqlFailedError: it cannot be opened.
    """
    found = context.sql.connection(label)
    if found is not None:
        return found[0]
    if len(context.sql.connections) >= MAX_CONNECTIONS:
        raise _too_many(context, label)
    return context.sql.connect(label, lambda: open_connection(context, options_label))


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
