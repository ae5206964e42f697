"""Whether the store's tables are journaled: without that Db2 for i can undo nothing."""

from __future__ import annotations

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from db.ibmi.diagnosis import Kind, diagnose

# No row, so nothing is changed; but a table that is opened to be changed under commitment
# control must be journaled, else SQL7008 reason 3 (IBM documentation: SQL messages).
_PROBE = "UPDATE epm_system SET revision = revision WHERE 1 = 0"


def probe_journaling(writer: Engine) -> None:
    """Open the table that every change begins with as a change would.

    A user who may only read is let pass: nothing of theirs is ever undone.

    Raises:
        DBAPIError: it cannot be changed; the caller's translation says why in one line.
    """
    try:
        with writer.begin() as connection:
            connection.execute(text(_PROBE))
    except DBAPIError as error:
        if error.orig is None or diagnose(error.orig).kind is not Kind.NO_AUTHORITY:
            raise
