"""The statements that fetching asks, as texts. Pure.

Every value in them is a number or a checked object name, so they need no parameters and do over
ODBC and over XMLSERVICE alike. Names of services, parameters and columns: IBM documentation, Db2
for i services, where a function does not say otherwise.
"""

# ruff: noqa: S608 - every value that is put into a text is a number or a checked name

from __future__ import annotations

from collections.abc import Sequence

from db.ibmi.chain import Span
from db.ibmi.values import MAX_SEQUENCE
from epm.errors import SettingsError
from epm.soundness import is_object_name

#: Before any entry of any journal.
_EPOCH = "1970-01-01 00:00:00"
#: The column lists of DISPLAY_JOURNAL, the fullest first: the first that a release takes counts.
#: The middle ones stand in IBM's documentation of 7.5, the last is what public code uses.
DISPLAY_COLUMNS: Sequence[Sequence[str]] = (
    (
        *("SEQUENCE_NUMBER", "ENTRY_TIMESTAMP", "JOURNAL_CODE", "JOURNAL_ENTRY_TYPE"),
        *("JOB_NAME", "JOB_USER", "JOB_NUMBER", "PROGRAM_NAME", "PROGRAM_LIBRARY"),
        *('"CURRENT_USER"', "SYSTEM_NAME", "REMOTE_ADDRESS", "RECEIVER_NAME", "RECEIVER_LIBRARY"),
    ),
    (
        *("SEQUENCE_NUMBER", "ENTRY_TIMESTAMP", "JOURNAL_CODE", "JOURNAL_ENTRY_TYPE"),
        *("JOB_NAME", "JOB_USER", "JOB_NUMBER", "PROGRAM_NAME", "PROGRAM_LIBRARY"),
        *('"CURRENT_USER"', "REMOTE_ADDRESS", "RECEIVER_NAME", "RECEIVER_LIBRARY"),
    ),
    (
        *("SEQUENCE_NUMBER", "ENTRY_TIMESTAMP", "JOURNAL_CODE", "JOURNAL_ENTRY_TYPE"),
        *("JOB_NAME", "JOB_USER", "JOB_NUMBER", "PROGRAM_NAME", "USER_NAME"),
        *("REMOTE_ADDRESS", "RECEIVER_NAME", "RECEIVER_LIBRARY"),
    ),
)


def name(text: str, what: str) -> str:
    """Return an object name, or raise; only such a name is put into a statement.

    Raises:
        SettingsError: it is not one.
    """
    if not is_object_name(text):
        raise SettingsError(f"{what} {text!r} is not an object name")
    return text


def receivers(library: str, journal: str) -> str:
    """Return the query for a journal's receivers, oldest first.

    View and columns as known of JOURNAL_RECEIVER_INFO; not tried on a real system.
    """
    return (
        "SELECT JOURNAL_RECEIVER_LIBRARY, JOURNAL_RECEIVER_NAME, FIRST_SEQUENCE_NUMBER, "
        "LAST_SEQUENCE_NUMBER FROM QSYS2.JOURNAL_RECEIVER_INFO "
        f"WHERE JOURNAL_LIBRARY = '{name(library, 'library')}' "
        f"AND JOURNAL_NAME = '{name(journal, 'journal')}' ORDER BY ATTACH_TIMESTAMP"
    )


def display_journal(
    library: str,
    journal: str,
    span: Span,
    count: int,
    columns: Sequence[str],
    *,
    code: str = "T",
    types: Sequence[str] = ("SK",),
) -> str:
    """Return the query for at most ``count`` entries of a span, by DISPLAY_JOURNAL.

    The entry data come in hexadecimal, so that no driver translates them. Whether the starting
    number is included is not documented for this service: it is given as it is, and left out of
    the result.
    """
    receiver = name(span.receiver.name, "receiver")
    home = name(span.receiver.lib, "library")
    begin = "" if span.after is None else f", STARTING_SEQUENCE => {_number(span.after)}"
    after = span.receiver.first - 1 if span.after is None else span.after
    return (
        f"SELECT {', '.join(columns)}, HEX(ENTRY_DATA) AS ENTRY_DATA FROM TABLE("
        f"QSYS2.DISPLAY_JOURNAL('{name(library, 'library')}', '{name(journal, 'journal')}', "
        f"STARTING_RECEIVER_LIBRARY => '{home}', STARTING_RECEIVER_NAME => '{receiver}', "
        f"ENDING_RECEIVER_LIBRARY => '{home}', ENDING_RECEIVER_NAME => '{receiver}'{begin}, "
        f"JOURNAL_CODES => '{name(code, 'journal code')}', "
        f"JOURNAL_ENTRY_TYPES => '{','.join(name(t, 'entry type') for t in types)}')) AS J "
        f"WHERE SEQUENCE_NUMBER > {_number(after)} "
        f"AND SEQUENCE_NUMBER <= {_number(span.receiver.last)} "
        f"ORDER BY SEQUENCE_NUMBER FETCH FIRST {int(count)} ROWS ONLY"
    )


def audit_journal_sk(span: Span, count: int) -> str:
    """Return the query for ``count`` SK entries of a span, by AUDIT_JOURNAL_SK.

    All columns: theirs are not public (assumption A24). A start is always said, by number or by
    time and never by both, which the services of this family refuse; without one they give
    yesterday's entries and today's only (IBM documentation: AUDIT_JOURNAL table function common
    information). Whether the starting number itself is given is not documented, so one more is
    asked for; the reader leaves it out. They give their rows in journal order.
    """
    receiver = name(span.receiver.name, "receiver")
    home = name(span.receiver.lib, "library")
    begin = f"STARTING_TIMESTAMP => CAST('{_EPOCH}' AS TIMESTAMP)"
    if span.after is not None:
        begin = f"STARTING_SEQUENCE => {_number(span.after)}"
    return (
        "SELECT * FROM TABLE(SYSTOOLS.AUDIT_JOURNAL_SK("
        f"STARTING_RECEIVER_LIBRARY => '{home}', STARTING_RECEIVER_NAME => '{receiver}', "
        f"ENDING_RECEIVER_LIBRARY => '{home}', ENDING_RECEIVER_NAME => '{receiver}', {begin}, "
        f"ENDING_SEQUENCE => {_number(span.receiver.last)})) AS J "
        f"FETCH FIRST {int(count) + 1} ROWS ONLY"
    )


def file_columns(library: str, file: str, *, ccsid: bool = True) -> str:
    """Return the query for the columns of a file, in order.

    Args:
        library: of the file.
        file: its name.
        ccsid: ask for the CCSID of each, too.
    """
    return (
        f"SELECT COLUMN_NAME, DATA_TYPE{', CCSID' if ccsid else ''} FROM QSYS2.SYSCOLUMNS "
        f"WHERE TABLE_SCHEMA = '{name(library, 'library')}' "
        f"AND TABLE_NAME = '{name(file, 'file')}' ORDER BY ORDINAL_POSITION"
    )


def quoted_column(text: str) -> str:
    """Return a column's name as it may stand in a statement, whatever characters it has."""
    return '"' + text.replace('"', '""') + '"'


def file_receivers(
    library: str, file: str, *, sequence: str, receiver: str, home: str, order: str
) -> str:
    """Return the query for the receivers that a file's entries came from, oldest first.

    Args:
        library: of the file.
        file: its name.
        sequence: SQL expression of the number.
        receiver: of the receiver's name.
        home: of the receiver's library.
        order: of what grows with time.
    """
    return (
        f"SELECT {home} AS HOME, {receiver} AS RECEIVER, MIN({sequence}) AS LOWEST, "
        f"MAX({sequence}) AS HIGHEST FROM {_file(library, file)} "
        f"GROUP BY {home}, {receiver} ORDER BY MIN({order})"
    )


def file_entries(
    library: str, file: str, count: int, *, select: Sequence[str], where: Sequence[str]
) -> str:
    """Return the query for at most ``count`` entries of a file.

    Args:
        library: of the file.
        file: its name.
        count: at most so many.
        select: SQL expressions; the first is what the rows come in the order of.
        where: SQL conditions.
    """
    return (
        f"SELECT {', '.join(select)} FROM {_file(library, file)} WHERE {' AND '.join(where)} "
        f"ORDER BY 1 FETCH FIRST {int(count)} ROWS ONLY"
    )


def _file(library: str, file: str) -> str:
    return f"{quoted_column(name(library, 'library'))}.{quoted_column(name(file, 'file'))}"


def _number(value: int) -> str:
    if not -1 <= value <= MAX_SEQUENCE:
        raise SettingsError(f"{value} is not the number of a journal entry")
    return str(value)
