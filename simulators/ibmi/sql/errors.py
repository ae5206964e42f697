"""SQLCODE, SQLSTATE and texts: of our own checks, and of what SQLite refuses.

Codes and states: IBM documentation of SQL messages and codes. Texts are this project's words.
"""

from __future__ import annotations

import re
import sqlite3

from simulators.xmlservice.host import SqlFailedError

_TEXTS = {
    -10: "String beginning with {0} is not delimited.",
    -84: "SQL statement {0} is not allowed or not known here.",
    -101: "SQL statement is too long or too complex.",
    -104: "Token {0} was not valid.",
    -107: "Name {0} is too long.",
    -110: "Hexadecimal literal {0} is not valid.",
    -117: "Statement inserts a wrong number of values.",
    -120: "An aggregate function is not valid here: {0}.",
    -122: "Column {0} in the select list is not valid with the GROUP BY that is given.",
    -130: "Escape character {0} is not valid in LIKE.",
    -137: "Result of {0} is too long.",
    -138: "{0}.",
    -170: "Number of arguments of function {0} is not valid.",
    -171: "Argument {0} of function {1} is not valid.",
    -199: "Keyword {0} is not expected here.",
    -203: "Name {0} is ambiguous.",
    -204: "{0} in {1} type *{2} not found.",
    -206: "Column or variable {0} not found.",
    -302: "Conversion error on variable or parameter {0}.",
    -313: "Number of variables ({0}) does not match the parameter markers ({1}).",
    -404: "Value for column or variable {0} is too long.",
    -405: "Numeric literal or value for {0} is out of range.",
    -407: "Null values are not allowed in column or variable {0}.",
    -412: "Column list of a set operation or subquery is not valid.",
    -420: "Value for cast argument or column {0} is not valid.",
    -433: "Significant data truncated: {0}.",
    -440: "Routine {0} in {1} not found with the given parameters.",
    -443: "Trigger, procedure or function {0} failed: {1}",
    -454: "Routine {0} in {1} with the same signature exists.",
    -501: "Cursor {0} is not open.",
    -504: "Cursor {0} is not declared.",
    -514: "Prepared statement {0} not found.",
    -530: "Operation not allowed by a referential constraint: {0}.",
    -545: "Insert or update not allowed by a check constraint: {0}.",
    -551: "Not authorized to object {0} in {1} type *{2}.",
    -552: "Not authorized to {0}.",
    -601: "{0} in {1} type *{2} already exists.",
    -612: "{0} is a duplicate column name.",
    -666: "Estimated or actual cost of the statement exceeds the limit.",
    -803: "Duplicate key value specified: {0}.",
    -901: "SQL system error: {0}",
    -904: "Resource limit exceeded: {0}.",
    -913: "Row or object {0} is in use.",
    -180: "Syntax of a date, time or timestamp value is not valid: {0}.",
    -183: "The result of a date or timestamp operation is not valid.",
    -802: "Data conversion or data mapping error: {0}.",
    -20484: "Parameter {0} of routine {1} is required.",
    -724: "Too many cascaded triggers, procedures or functions.",
    -4743: "{0}",
}


def failed(code: int, state: str, *values: object) -> SqlFailedError:
    """Return the error of a failed statement."""
    text = _TEXTS[code].format(*values) if code in _TEXTS else str(values[0] if values else "")
    return SqlFailedError(text, state, code)


_PATTERNS: tuple[tuple[re.Pattern[str], int, str], ...] = tuple(
    (re.compile(pattern), code, state)
    for pattern, code, state in (
        (r"no such column: (?:.*\.)?(\S+)", -206, "42703"),
        (r"has no column named (\S+)", -206, "42703"),
        (r"ambiguous column name: (\S+)", -203, "42702"),
        (r'near "([^"]*)": syntax error', -104, "42601"),
        (r"(incomplete input)", -104, "42601"),
        (r'unrecognized token: "(.*)"', -104, "42601"),
        (r"UNIQUE constraint failed: (.*)", -803, "23505"),
        (r"NOT NULL constraint failed: .*\.(\S+)", -407, "23502"),
        (r"FOREIGN KEY (constraint failed)", -530, "23503"),
        (r"CHECK constraint failed: db2:404:(.*)", -404, "22001"),
        (r"CHECK constraint failed: db2:405:(.*)", -405, "22003"),
        (r"CHECK constraint failed: db2:420:(.*)", -420, "22018"),
        (r"CHECK constraint failed: (.*)", -545, "23513"),
        (r"wrong number of arguments to function (\w+)", -170, "42605"),
        (r"misuse of (?:aggregate|window function):? ?(.*)", -120, "42607"),
        (r"values for \d+ columns|has \d+ columns but|all VALUES must", -117, "42802"),
        (r"do not have the same number of result columns", -412, "42823"),
        (r"sub-select returns \d+ columns", -412, "42823"),
        (r"duplicate column name: (\S+)", -612, "42711"),
        (r"(?:database|table|schema).* is locked:? ?(.*)", -913, "57033"),
        (r"(?:datatype mismatch|cannot store)(.*)", -420, "22018"),
        (r"interrupted", -666, "57005"),
        (r"is (full)|out of (memory)", -904, "57011"),
        (r"contains a (null character)", -104, "42601"),
        (r"too many|too large|parser stack overflow|Expression tree|string or blob", -101, "54001"),
    )
)


#: A stored table, by its library and name, that is not there, or is there already.
_NAMED = re.compile(
    r"(?:no such (?:table|view|index): (?:\w+\.)?|(?:table|view|index) \"?)"
    r"(?P<library>[^/\s]+)/(?P<name>\S+?)\"?(?P<there> already exists)?$"
)


def from_sqlite(error: sqlite3.Error, raised: SqlFailedError | None = None) -> SqlFailedError:
    """Return what Db2 for i would say to what SQLite refused.

    Args:
        error: SQLite's.
        raised: what one of our own functions raised meanwhile; it is the reason then.
    """
    if raised is not None:
        return raised
    text = str(error)
    function = re.search(r"no such function: (\S+)", text)
    if function is not None:
        return failed(-204, "42704", function[1].upper(), "*LIBL", "N")
    named = _NAMED.search(text)
    if named is not None:  # another job has made or dropped it meanwhile
        code, state = (-601, "42710") if named["there"] else (-204, "42704")
        return failed(code, state, named["name"], named["library"], "FILE")
    for pattern, code, state in _PATTERNS:
        found = pattern.search(text)
        if found is not None:
            shown = next((group for group in found.groups() if group is not None), "")
            return failed(code, state, shown)
    return failed(-901, "58004", text)


def is_locked(error: sqlite3.Error) -> bool:
    """Whether another connection holds a lock; waiting may help."""
    return "is locked" in str(error)
