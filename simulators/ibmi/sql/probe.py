"""The names and declared types of a query's columns, found without running it.

SQLite tells the declared types of a view's columns, whatever queries are nested in it.
"""

from __future__ import annotations

from simulators.ibmi.sql.selects import column_name, probed
from simulators.ibmi.sql.session import Session
from simulators.ibmi.sql.types import SqlType


def probe(
    session: Session, sql: str, hints: list[SqlType | None]
) -> tuple[list[str], list[SqlType | None]]:
    """Return names and types; a type is None where only the values will tell.

    Args:
        session: the connection.
        sql: a query as SQLite reads it.
        hints: types by place that the text told, or an empty list.

    Raises:
        SqlFailedError: the query is not valid.
    """
    session.execute(f"CREATE TEMP VIEW described AS {_without_markers(sql)}")
    try:
        found = session.execute("PRAGMA temp.table_info(described)").fetchall()
    finally:
        session.execute("DROP VIEW temp.described")
    known = hints if len(hints) == len(found) else [None] * len(found)
    names = [column_name(str(row[1]), place) for place, row in enumerate(found, 1)]
    return names, [probed(str(row[2]), hint) for row, hint in zip(found, known, strict=True)]


def _without_markers(sql: str) -> str:
    """Return SQLite text with NULL for each marker; a view may not hold any."""
    parts: list[str] = []
    in_text = ""
    for character in sql:
        if in_text:
            in_text = "" if character == in_text else in_text
        elif character in "'\"`":
            in_text = character
        parts.append("NULL" if character == "?" and not in_text else character)
    return "".join(parts)
