"""Statements: what each kind of SQL statement does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulators.ibmi.sql.aggregates import columns_below, merged
from simulators.ibmi.sql.cursor import Outcome, Rows, Statement, all_rows
from simulators.ibmi.sql.ddl import DDL
from simulators.ibmi.sql.derived import derived
from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.expressions import expressions
from simulators.ibmi.sql.functions import FUNCTIONS
from simulators.ibmi.sql.naming import Catalogue
from simulators.ibmi.sql.ordering import nulls_highest
from simulators.ibmi.sql.probe import probe
from simulators.ibmi.sql.routines import call
from simulators.ibmi.sql.selects import name_items, row_types, values_query
from simulators.ibmi.sql.session import Session
from simulators.ibmi.sql.settings import SETTINGS
from simulators.ibmi.sql.strict import refuse_foreign
from simulators.ibmi.sql.tables import resolve
from simulators.ibmi.sql.tokens import Kind, Token, render, tokenise
from simulators.ibmi.sql.types import SqlType

_QUERIES = frozenset({"SELECT", "WITH", "VALUES"})
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE"})
_KNOWN = frozenset(FUNCTIONS)

#: Names and types of a result's columns; a type is None where only the values tell.
_Shape = tuple[list[str], list[SqlType | None]]


def prepare(session: Session, text: str) -> Statement:
    """Prepare a statement.

    Raises:
        SqlFailedError: it is not valid.
    """
    tokens = tokenise(text)
    if not tokens:
        raise failed(-104, "42601", "END-OF-STATEMENT")
    refuse_foreign(tokens, _KNOWN)
    markers = sum(t.kind is Kind.MARKER for t in tokens)
    word = next((t.word for t in tokens if not t.is_("(")), "")
    if word in _QUERIES:
        shape = _describe(session, tokens)
        columns = [
            (kind or SqlType("VARCHAR", 128)).column(name)
            for name, kind in zip(*shape, strict=True)
        ]
        return Statement(
            session, lambda values: _query(session, tokens, shape, values), markers, columns
        )
    if word in _CHANGES:
        _translated(session, tokens, dry=True)
        session.drop_materialised()
        return Statement(session, lambda values: _change(session, tokens, values), markers)
    if word == "CALL":
        return Statement(session, lambda values: call(session, tokens, values, run_tokens), markers)
    run = _changer(word)
    if run is None:
        code = -104 if not tokens[0].word or len(tokens) == 1 else -84
        raise failed(code, "42601" if code == -104 else "42612", tokens[0].text)
    chosen = run
    return Statement(session, lambda values: _run(session, chosen, tokens), markers)


def run_tokens(session: Session, tokens: list[Token]) -> Outcome:
    """Run one statement without parameter markers, for a procedure.

    Raises:
        SqlFailedError: it is not valid, or failed.
    """
    word = next((t.word for t in tokens if not t.is_("(")), "")
    if word in _QUERIES:
        return _query(session, tokens, _describe(session, tokens), ())
    if word in _CHANGES:
        return _change(session, tokens, ())
    if word == "CALL":
        return call(session, tokens, (), run_tokens)
    run = _changer(word)
    if run is None:
        raise failed(-84, "42612", tokens[0].text)
    return _run(session, run, tokens)


def _changer(word: str) -> Callable[[Session, list[Token]], None] | None:
    """Return what runs a statement of neither rows nor calls, by its first word."""
    change = DDL.get(word)
    if change is None:
        return SETTINGS.get(word)

    def run(session: Session, tokens: list[Token]) -> None:
        with session.atomic():
            change(session, tokens)

    return run


def _run(
    session: Session, run: Callable[[Session, list[Token]], None], tokens: list[Token]
) -> Outcome:
    run(session, tokens)
    return Outcome(rowcount=0)


def _translated(
    session: Session, tokens: list[Token], *, dry: bool = False
) -> tuple[str, list[SqlType | None]]:
    word = tokens[0].word
    rows = values_query(tokens) if word == "VALUES" else tokens
    body = expressions(nulls_highest(derived(rows)))
    named, hints = name_items(body) if word in ("SELECT", "WITH") else (body, row_types(body))
    return render(resolve(named, Catalogue(session, probe=dry))), hints


def _describe(session: Session, tokens: list[Token]) -> _Shape:
    """Return the names and types of a query's columns without running it."""
    try:
        names, types = probe(session, *_translated(session, tokens, dry=True))
        below = columns_below(tokens)
        if below is not None:
            query, functions = below
            _, columns = probe(session, *_translated(session, query, dry=True))
            types = merged(types, functions, columns)
        return names, types
    finally:
        session.drop_materialised()


def _query(
    session: Session, tokens: list[Token], shape: _Shape, values: Sequence[str | None]
) -> Outcome:
    bound, rest = _bind_functions(tokens, values)
    sql, _ = _translated(session, bound)
    cursor = session.execute(sql, rest)
    rows = all_rows(session, cursor)
    if rows and len(rows[0]) != len(shape[0]):
        # A table was changed since it was prepared.
        shape = _describe(session, tokens)
    return Outcome(Rows(*shape, rows))


def _bind_functions(
    tokens: list[Token], values: Sequence[str | None]
) -> tuple[list[Token], list[str | None]]:
    """Put values for the markers inside ``TABLE( ... )``; return tokens and other values."""
    out: list[Token] = []
    rest: list[str | None] = []
    given = iter(values)
    inside = depth = 0
    for index, token in enumerate(tokens):
        depth += token.is_("(") - token.is_(")")
        if token.is_("(") and index and tokens[index - 1].word == "TABLE" and not inside:
            inside = depth
        elif inside and depth < inside:
            inside = 0
        if token.kind is not Kind.MARKER:
            out.append(token)
            continue
        value = next(given, None)
        if inside:
            out.append(Token(Kind.NAME, "NULL") if value is None else Token(Kind.STRING, value))
        else:
            out.append(token)
            rest.append(value)
    return out, rest


def _change(session: Session, tokens: list[Token], values: Sequence[str | None]) -> Outcome:
    bound, rest = _bind_functions(tokens, values)
    sql, _ = _translated(session, bound)
    session.begin()
    cursor = session.execute(sql, rest)
    if tokens[0].word == "INSERT" and cursor.rowcount > 0:
        session.identity = cursor.lastrowid
    return Outcome(rowcount=cursor.rowcount)
