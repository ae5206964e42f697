"""Column definitions and table constraints of CREATE TABLE -> what SQLite keeps.

What SQLite would let pass is checked by constraints whose names begin with ``db2:``: text that is
too long (-404), a number out of range (-405), text in a numeric column (-420).
"""

from __future__ import annotations

from collections.abc import Callable

from simulators.ibmi.collation import collation
from simulators.ibmi.database import quoted
from simulators.ibmi.sql.errors import failed
from simulators.ibmi.sql.expressions import expressions
from simulators.ibmi.sql.tables import qualified_name
from simulators.ibmi.sql.tokens import Kind, Token, matching, render, split
from simulators.ibmi.sql.typenames import read_type
from simulators.ibmi.sql.types import DECIMALS, INTEGERS, SqlType

Referenced = Callable[[str | None, str], str]

_RANGES = {"SMALLINT": 2**15, "INTEGER": 2**31}


def column_clause(part: list[Token], referenced: Referenced, *, identity: bool) -> str:
    """Return one column definition for SQLite.

    Args:
        part: its tokens.
        referenced: gives the SQLite name, quoted, of a table that REFERENCES names.
        identity: the table has an identity column, which is SQLite's primary key.

    Raises:
        SqlFailedError: -104, it is not well formed.
    """
    if len(part) < 2 or not part[0].is_name:
        raise failed(-104, "42601", part[0].text if part else ",")
    name, at = part[0].text, 1
    if part[1].word == "FOR" and part[2].word != "BIT":
        at = 4 if part[2].word == "COLUMN" else 3
    kind, at = read_type(part, at)
    if "IDENTITY" in [t.word for t in part[at:]]:
        return f"{quoted(name)} INTEGER PRIMARY KEY AUTOINCREMENT"
    text = typed_column(name, kind)
    return text + _attributes(part, at, kind, referenced, identity=identity)


def typed_column(name: str, kind: SqlType) -> str:
    """Return a column of a type for SQLite, with the checks of its type."""
    text = f"{quoted(name)} {_declared(kind)}{collation(kind.name)}"
    return text + "".join(f" CONSTRAINT {check}" for check in _checks(name, kind))


def constraint_clause(part: list[Token], referenced: Referenced, *, identity: bool) -> str | None:
    """Return one table constraint for SQLite; None if the part defines a column."""
    words = [t.word for t in part[:4]]
    prefix, rest = "", part
    if words[0] == "CONSTRAINT":
        _, name, at = qualified_name(part, 1)
        prefix, rest = f"CONSTRAINT {quoted(name)} ", part[at:]
        words = [t.word for t in rest[:4]]
    if words[:2] == ["PRIMARY", "KEY"]:
        kind = "UNIQUE" if identity else "PRIMARY KEY"
        return f"{prefix}{kind} ({_names(rest, 2)})"
    if words[:1] == ["UNIQUE"]:
        return f"{prefix}UNIQUE ({_names(rest, 1)})"
    if words[:1] == ["CHECK"]:
        prefix = prefix or 'CONSTRAINT "CHECK" '
        return f"{prefix}CHECK {render(expressions(rest[1:]))}"
    if words[:2] == ["FOREIGN", "KEY"]:
        end = matching(rest, 2)
        return f"{prefix}FOREIGN KEY ({_names(rest, 2)}) {_references(rest, end + 1, referenced)}"
    return None


def alias_columns(tokens: list[Token]) -> list[str]:
    """Return a list of column names for SQLite."""
    return [quoted(p[0].text) for p in split(tokens) if p]


def _names(tokens: list[Token], at: int) -> str:
    if at >= len(tokens) or not tokens[at].is_("("):
        raise failed(-104, "42601", tokens[-1].text)
    return ", ".join(alias_columns(tokens[at + 1 : matching(tokens, at)]))


def _references(tokens: list[Token], at: int, referenced: Referenced) -> str:
    if at >= len(tokens) or tokens[at].word != "REFERENCES":
        raise failed(-104, "42601", tokens[-1].text)
    schema, name, at = qualified_name(tokens, at + 1)
    text = f"REFERENCES {referenced(schema, name)}"
    if at < len(tokens) and tokens[at].is_("("):
        text += f" ({_names(tokens, at)})"
        at = matching(tokens, at) + 1
    actions = " ".join(t.word for t in tokens[at : at + 6])
    if "ON DELETE CASCADE" in actions:
        text += " ON DELETE CASCADE"
    elif "ON DELETE SET NULL" in actions:
        text += " ON DELETE SET NULL"
    return text


def _declared(kind: SqlType) -> str:
    if kind.name == "INTEGER":
        # With a length it is no alias of SQLite's row number, which would fill in for a null.
        return "INTEGER(10)"
    if kind.name in INTEGERS or kind.name in ("DATE", "TIME", "TIMESTAMP", "DOUBLE", "REAL"):
        return kind.name
    if kind.name.endswith("FOR BIT DATA"):
        return f"{kind.name.split()[0]}BIT({kind.length})"
    scale = f", {kind.scale}" if kind.name in DECIMALS else ""
    return f"{kind.name}({kind.length}{scale})"


def _checks(name: str, kind: SqlType) -> list[str]:
    column = quoted(name)
    if kind.is_text:
        return [f'"db2:404:{name}" CHECK (length(rtrim({column})) <= {kind.length})']
    if kind.is_binary:
        return [f'"db2:404:{name}" CHECK (length({column}) <= {kind.length})']
    if kind.name in INTEGERS or kind.name in DECIMALS or kind.name in ("DOUBLE", "REAL"):
        numeric = f"typeof({column}) IN ('integer', 'real', 'null')"
        checks = [f'"db2:420:{name}" CHECK ({numeric})']
        limit = _RANGES.get(kind.name)
        if kind.name in DECIMALS:
            limit = 10 ** (kind.length - kind.scale)
        if limit is not None:
            checks.append(
                f'"db2:405:{name}" CHECK ({column} > -{limit} - 1 AND {column} < {limit})'
            )
        return checks
    return []


def _attributes(
    part: list[Token], at: int, kind: SqlType, referenced: Referenced, *, identity: bool
) -> str:
    text, named = "", False
    while at < len(part):
        words = [t.word for t in part[at : at + 3]]
        if words[:2] == ["NOT", "NULL"]:
            text, at = text + " NOT NULL", at + 2
        elif words[0] == "DEFAULT" or words[:2] == ["WITH", "DEFAULT"]:
            value, at = _default(part, at + 1 + (words[0] == "WITH"), kind)
            text += f" DEFAULT {value}"
        elif words[:2] == ["PRIMARY", "KEY"]:
            text, at = text + (" UNIQUE" if identity else " PRIMARY KEY"), at + 2
        elif words[0] == "UNIQUE":
            text, at = text + " UNIQUE", at + 1
        elif words[0] == "CONSTRAINT":
            text, at, named = f"{text} CONSTRAINT {part[at + 1].sql}", at + 2, True
        elif words[0] == "CHECK":
            end = matching(part, at + 1)
            # Without a name of its own SQLite would report it by the name before it.
            label = "" if named else f" CONSTRAINT {quoted('CHECK ON ' + part[0].text)}"
            text += f"{label} CHECK {render(expressions(part[at + 1 : end + 1]))}"
            at = end + 1
        elif words[0] == "REFERENCES":
            return f"{text} {_references(part, at, referenced)}"
        elif words[0] in ("HIDDEN", "IMPLICITLY", "NULL", "ALLOCATE"):
            at += 1
        elif part[at].is_("("):
            at = matching(part, at) + 1
        else:
            raise failed(-104, "42601", part[at].text)
    return text


def _default(part: list[Token], at: int, kind: SqlType) -> tuple[str, int]:
    """Return a default for SQLite and the index behind it."""
    if at >= len(part) or part[at].word in ("NOT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES"):
        plain = "''" if kind.is_text else "x''" if kind.is_binary else "0"
        return plain, at
    end = at + 1
    if part[at].is_("-") or part[at].is_("+") or part[at].word == "CURRENT":
        end = at + 2
    elif end < len(part) and part[end].is_("("):
        end = matching(part, end) + 1
    value = render(expressions(part[at:end]))
    simple = end == at + 1 and part[at].kind in (Kind.STRING, Kind.NUMBER, Kind.HEX)
    return (value if simple or part[at].word == "NULL" else f"({value})"), end
