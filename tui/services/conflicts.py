"""What is said when two people edit the same thing; every service refuses in these words."""

from __future__ import annotations

from epm.errors import EditConflictError


def check_unchanged(what: str, seen: object, now: object) -> None:
    """Refuse an edit of what is no longer as its editor saw it.

    Args:
        what: names it, such as ``QSOACCEPT rule 10``.
        seen: as the panel showed it.
        now: as it is.

    Raises:
        EditConflictError: they differ; nothing may be saved.
    """
    if seen != now:
        raise EditConflictError(f"{what} changed by another user; nothing saved, F5 shows it")
