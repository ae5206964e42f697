"""CREATE, DROP, ALTER, DECLARE: tables, views, indexes and schemas, with their *FILE objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from simulators.ibmi.database import quoted, table_name
from simulators.ibmi.messages import EscapeError
from simulators.ibmi.objects import FileData
from simulators.ibmi.rights import ALL
from simulators.ibmi.sql.columns import (
    alias_columns,
    column_clause,
    constraint_clause,
    typed_column,
)
from simulators.ibmi.sql.derived import derived
from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.expressions import expressions
from simulators.ibmi.sql.naming import Catalogue
from simulators.ibmi.sql.ordering import nulls_highest
from simulators.ibmi.sql.probe import probe
from simulators.ibmi.sql.procedures import create_procedure, drop_procedure
from simulators.ibmi.sql.selects import name_items
from simulators.ibmi.sql.session import Session
from simulators.ibmi.sql.tables import qualified_name, resolve
from simulators.ibmi.sql.tokens import Kind, Token, matching, render, split
from simulators.ibmi.sql.types import SqlType

_ESCAPES = {
    "CPF9810": (-204, "42704"),
    "CPF9820": (-551, "42501"),
    "CPF9870": (-601, "42710"),
    "CPF2111": (-601, "42710"),
    "CPF2110": (-204, "42704"),
}


def _refused(error: EscapeError, name: str, library: str) -> Exception:
    code, state = _ESCAPES.get(error.id, (-901, "58004"))
    if code == -901:
        return failed(-904, "57011", f"{error.id}: {error}")
    return failed(code, state, name, library, "FILE")


def _place(session: Session, schema: str | None) -> str:
    """Return the library that an object is made in."""
    if schema in ("SESSION", "QTEMP"):
        return "QTEMP"
    if schema is None:
        default = session.default_schema
        schema = session.job.creation_library if default == "*LIBL" else default
    return session.job.creation_library if schema == "*CURLIB" else schema


def _create(session: Session, tokens: list[Token]) -> None:
    words = [t.word for t in tokens]
    replace = words[1:3] == ["OR", "REPLACE"]
    at = 3 if replace else 1
    while at < len(words) and words[at] in ("UNIQUE", "ENCODED", "VECTOR"):
        at += 1
    kind = words[at] if at < len(words) else ""
    if kind == "GLOBAL" or kind == "TABLE":
        _create_table(session, tokens, at + 1, replace=replace)
    elif kind == "VIEW":
        _create_view(session, tokens, at + 1, replace=replace)
    elif kind == "INDEX":
        _create_index(session, tokens, at + 1, unique="UNIQUE" in words[:at])
    elif kind in ("SCHEMA", "COLLECTION"):
        _create_schema(session, tokens, at + 1)
    elif kind == "PROCEDURE":
        schema, name, behind = qualified_name(tokens, at + 1)
        library = _place(session, schema)
        if replace:
            drop_procedure(session, library, name)
        create_procedure(session, tokens, behind, library, name)
    else:
        raise failed(-84, "42612", f"CREATE {kind}")


def _make_object(
    session: Session, library: str, name: str, attribute: str, statement: str, *, replace: bool
) -> str:
    """Run what makes a table, view or index, and make its *FILE object.

    Args:
        session: the connection.
        library: where it is made.
        name: what is made.
        attribute: the object's.
        statement: SQLite text; its first ``{0}`` stands for the quoted name.
        replace: in the place of another, if there is one.

    Returns:
        The SQLite name, quoted.
    """
    job = session.job
    full = quoted(table_name(job.database_library(library), name))
    try:
        home = job.lib(library)
        if replace:
            _drop_from(session, library, name)
        if home.get(name, "*FILE") is not None:
            raise EscapeError("CPF9870", name, "*FILE", library)
        # The object comes last: a lock that is waited for lets other jobs at the library.
        session.execute(statement.replace("{0}", full, 1))
        home, item = job.create(library, name, "*FILE", FileData(), attribute=attribute)
    except EscapeError as error:
        raise _refused(error, name, library) from error
    session.on_rollback(partial(home.discard, item))
    return full


def _create_table(session: Session, tokens: list[Token], at: int, *, replace: bool) -> None:
    schema, name, at = qualified_name(tokens, at)
    library = _place(session, schema)
    if at < len(tokens) and tokens[at].word == "FOR":
        at += 3
    rows = ""
    if at < len(tokens) and tokens[at].word == "AS":
        end = matching(tokens, at + 1)
        query = _query(session, tokens[at + 2 : end])
        clauses = _columns_of(session, query)
        rows = "" if [t.word for t in tokens[end + 1 : end + 3]] == ["WITH", "NO"] else query
    elif at < len(tokens) and tokens[at].word == "LIKE":
        other, like, _ = qualified_name(tokens, at + 1)
        source = Catalogue(session).table(other, like, "*READ")
        clauses = _columns_of(session, f"SELECT * FROM {source}")  # noqa: S608 - quoted
    elif at < len(tokens) and tokens[at].is_("("):
        clauses = _clauses(session, tokens[at + 1 : matching(tokens, at)], library)
    else:
        raise failed(-104, "42601", tokens[at].text if at < len(tokens) else name)
    statement = f"CREATE TABLE {{0}} ({clauses})"
    full = _make_object(session, library, name, "PF", statement, replace=replace)
    if rows:
        session.execute(f"INSERT INTO {full} {rows}")


def _columns_of(session: Session, query: str) -> str:
    names, types = probe(session, query, [])
    return ", ".join(
        typed_column(name, kind or SqlType("VARCHAR", 32_739))
        for name, kind in zip(names, types, strict=True)
    )


def _query(session: Session, tokens: list[Token]) -> str:
    named, _ = name_items(expressions(nulls_highest(derived(tokens))))
    return render(resolve(named, Catalogue(session)))


def _clauses(session: Session, tokens: list[Token], library: str) -> str:
    parts = split(tokens)
    if not parts:
        raise failed(-104, "42601", ")")
    identity = any("IDENTITY" in [t.word for t in part] for part in parts)

    def referenced(schema: str | None, name: str) -> str:
        # SQLite refers within the database: the stored name is enough.
        place = library if schema is None else schema
        return quoted(table_name(session.job.database_library(place), name))

    made = []
    for part in parts:
        clause = constraint_clause(part, referenced, identity=identity)
        made.append(clause or column_clause(part, referenced, identity=identity))
    # Table constraints stand behind the columns.
    made.sort(
        key=lambda text: text.startswith(("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK"))
    )
    return ", ".join(made)


def _create_view(session: Session, tokens: list[Token], at: int, *, replace: bool) -> None:
    schema, name, at = qualified_name(tokens, at)
    library = _place(session, schema)
    columns = ""
    if at < len(tokens) and tokens[at].is_("("):
        end = matching(tokens, at)
        columns = f"({', '.join(alias_columns(tokens[at + 1 : end]))})"
        at = end + 1
    if at >= len(tokens) or tokens[at].word != "AS":
        raise failed(-104, "42601", tokens[at].text if at < len(tokens) else name)
    query = _query(session, tokens[at + 1 :])
    if "svc:" in query:
        raise failed(-84, "42612", "CREATE VIEW over a service")
    statement = f"CREATE VIEW {{0}} {columns} AS {query}"
    _make_object(session, library, name, "LF", statement, replace=replace)


def _create_index(session: Session, tokens: list[Token], at: int, *, unique: bool) -> None:
    schema, name, at = qualified_name(tokens, at)
    if at >= len(tokens) or tokens[at].word != "ON":
        raise failed(-104, "42601", tokens[at].text if at < len(tokens) else name)
    other, table, at = qualified_name(tokens, at + 1)
    stored = Catalogue(session).table(other, table, "*READ").removeprefix("main.")
    end = matching(tokens, at)
    library = _place(session, schema or other)
    kind = "UNIQUE INDEX" if unique else "INDEX"
    statement = f"CREATE {kind} {{0}} ON {stored} ({render(tokens[at + 1 : end])})"
    _make_object(session, library, name, "LF", statement, replace=False)


def _create_schema(session: Session, tokens: list[Token], at: int) -> None:
    _, name, _ = qualified_name(tokens, at)
    outcome = session.job.run(f"CRTLIB LIB({name})")
    if not outcome.ok:
        last = outcome.messages[-1]
        raise _refused(EscapeError(last.id, last.text), name, "QSYS")
    # As CREATE SCHEMA does: a journal and its receiver, so that work there can be committed.
    session.job.run(f"CRTJRNRCV JRNRCV({name}/QSQJRN0001)")
    session.job.run(f"CRTJRN JRN({name}/QSQJRN) JRNRCV({name}/QSQJRN0001)")


def _declare(session: Session, tokens: list[Token]) -> None:
    """DECLARE GLOBAL TEMPORARY TABLE: a table in QTEMP."""
    if [t.word for t in tokens[1:4]] != ["GLOBAL", "TEMPORARY", "TABLE"]:
        raise failed(-84, "42612", "DECLARE")
    _, name, at = qualified_name(tokens, 4)
    body = [*tokens[:1], Token(tokens[0].kind, "SESSION"), Token(tokens[0].kind, name)]
    body.insert(2, Token(Kind.OPERATOR, "."))
    replace = "REPLACE" in [t.word for t in tokens[at:]]
    _create_table(session, [*body, *tokens[at:]], 1, replace=replace)


def _drop(session: Session, tokens: list[Token]) -> None:
    kind = tokens[1].word if len(tokens) > 1 else ""
    at = 2
    optional = [t.word for t in tokens[2:4]] == ["IF", "EXISTS"]
    schema, name, _ = qualified_name(tokens, at + 2 if optional else at)
    if kind in ("SCHEMA", "COLLECTION"):
        outcome = session.job.run(f"DLTLIB LIB({name})")
        if not outcome.ok and not optional:
            last = outcome.messages[-1]
            raise _refused(EscapeError(last.id), name, "QSYS")
        return
    if kind == "PROCEDURE":
        if not drop_procedure(session, schema, name) and not optional:
            raise failed(-204, "42704", name, schema or session.default_schema, "PGM")
        return
    if kind not in ("TABLE", "VIEW", "INDEX"):
        raise failed(-84, "42612", f"DROP {kind}")
    for library in Catalogue(session).schemas("QTEMP" if schema == "SESSION" else schema):
        if _drop_from(session, library, name):
            return
    if not optional:
        raise failed(-204, "42704", name, schema or session.default_schema, "FILE")


def _drop_from(session: Session, library: str, name: str) -> bool:
    job = session.job
    home = job.qtemp if library == "QTEMP" else job.system.libraries.get(library)
    item = home.get(name, "*FILE") if home is not None else None
    if home is None or item is None:
        return False
    if not job.allows(item, ALL):
        raise failed(-551, "42501", name, library, "FILE")
    stored = table_name(job.database_library(library), name)
    row = session.execute(
        "SELECT type FROM main.sqlite_master WHERE name = ?", (stored,)
    ).fetchone()
    if row is not None:
        session.execute(f"DROP {row[0]} {quoted(stored)}")
    home.discard(item)
    session.on_rollback(partial(home.restore, item))
    return True


def _alter(session: Session, tokens: list[Token]) -> None:
    """ALTER TABLE name ADD [COLUMN] definition, and DROP [COLUMN] name."""
    if len(tokens) < 5 or tokens[1].word != "TABLE":
        raise failed(-84, "42612", "ALTER")
    schema, name, at = qualified_name(tokens, 2)
    stored = Catalogue(session).table(schema, name, "*UPD").removeprefix("main.")
    verb, rest = (tokens[at].word if at < len(tokens) else ""), tokens[at + 1 :]
    if rest and rest[0].word == "COLUMN":
        del rest[0]
    if verb == "ADD" and rest:
        clause = column_clause(rest, lambda _, other: quoted(other), identity=False)
        session.execute(f"ALTER TABLE {stored} ADD COLUMN {clause}")
    elif verb == "DROP" and rest:
        session.execute(f"ALTER TABLE {stored} DROP COLUMN {quoted(rest[0].text)}")
    else:
        raise failed(-84, "42612", f"ALTER TABLE {verb}")


#: By first word.
DDL: Mapping[str, Callable[[Session, list[Token]], None]] = {
    "CREATE": _create,
    "DROP": _drop,
    "ALTER": _alter,
    "DECLARE": _declare,
}
