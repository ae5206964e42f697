"""``<sql>``: runs its verbs one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulators.xmlservice.context import Context
from simulators.xmlservice.document import Element, Text, Verbatim
from simulators.xmlservice.failures import Code
from simulators.xmlservice.sqlconnect import commit, connect, free, options
from simulators.xmlservice.sqlinfo import (
    CATALOGUE,
    catalogue,
    count,
    describe,
    identity,
    rowcount,
)
from simulators.xmlservice.sqlrun import execute, fetch, prepare, query

_VERBS: Mapping[str, Callable[[Context, Element], bool]] = {
    "options": options,
    "connect": connect,
    "query": query,
    "prepare": prepare,
    "execute": execute,
    "fetch": fetch,
    "commit": commit,
    "free": free,
    "rowcount": rowcount,
    "count": count,
    "describe": describe,
    "identity": identity,
    **dict.fromkeys(CATALOGUE, catalogue),
}


def run_sql(context: Context, element: Element) -> bool:
    """Run a ``<sql>``, verb by verb, and return whether the script goes on.

    Once one of its verbs came with CDATA, what follows in the same element is answered in CDATA.
    """
    cdata = context.out.cdata
    goes_on = True
    context.out.write(element.start + "\n")
    known = False
    for part in element.children:
        match part:
            case Element() if part.name in _VERBS:
                context.out.cdata |= part.cdata
                known = True
                goes_on = _VERBS[part.name](context, part)
                if not goes_on:
                    context.failures.add_code(Code.SQL_EXCEPTION, part.hint)
            case Element():
                context.out.write(part.echo)
                known = False
            case Text():
                if not known and part.raw.strip():
                    context.out.write(part.echo)
            case Verbatim():
                context.out.write(part.echo)
        if not goes_on:
            break
    context.out.write("</sql>\n")
    context.out.cdata = cdata
    if not goes_on:
        context.sql.free_all()
    return goes_on
