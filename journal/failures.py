"""What the operating system refuses, as the journal's own error.

INVARIANT: no :class:`OSError` leaves the package: whoever decides whether a call may go on
unjournaled (the fail mode) knows :class:`~epm.errors.JournalError` only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from epm.errors import JournalError


def journal_error(where: str, error: OSError) -> JournalError:
    """Return ``error`` as one line that says where; ``where`` is such as ``receiver PATH``."""
    return JournalError(f"{where}: {error.strerror or error}")


@contextmanager
def as_journal_error(where: str) -> Iterator[None]:
    """Do what is inside; see :func:`journal_error`.

    Raises:
        JournalError: the operating system refused it.
    """
    try:
        yield
    except OSError as error:
        raise journal_error(where, error) from None
