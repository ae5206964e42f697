"""What fetching asks of a connection: statements in, rows out.

ODBC gives values, XMLSERVICE gives text, with binary columns in hexadecimal; both are rows here,
and :mod:`db.ibmi.rows` reads either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from epm.errors import RemoteError

#: Values by the names of their columns, in upper case; a missing value is ``None``.
Row = Mapping[str, Any]
#: Runs a query and gives its rows in order.
#:
#: Raises:
#:     UnknownColumnError: the statement names a column that is not there (SQLSTATE 42703).
#:     NotAuthorizedError: the user may not use what it names (SQLSTATE 42501).
#:     RemoteError: it failed otherwise.
Query = Callable[[str], Iterable[Row]]


class UnknownColumnError(RemoteError):
    """A statement names a column that this release of the system does not have."""


class NotAuthorizedError(RemoteError):
    """What is asked for is not there, or not for this user."""
