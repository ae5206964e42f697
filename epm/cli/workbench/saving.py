"""How a panel saves: as the commands do, and what they say on standard error is shown."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, TypeVar

from epm.cli.app import App
from epm.cli.changes import change
from epm.errors import GuardRefusalError
from epm.model import RuleSet, Server

if TYPE_CHECKING:
    from tui.services import Saved

T = TypeVar("T")

_GUARD = "epm: lock-out guard: "
_WARNING = "epm: warning: "


def save(
    app: App,
    edit: Callable[[RuleSet], RuleSet],
    action: str,
    subject: str,
    *,
    force: bool = False,
    touched: Mapping[Server, Collection[int]] | None = None,
) -> Saved:
    """Save a change of the store's rules as a command does; see :func:`epm.cli.changes.change`.

    Raises:
        GuardRefusalError: with the lines of the guard, because nobody sees standard error.
    """
    return saved(
        lambda: change(app, edit, action=action, subject=subject, force=force, touched=touched)
    )


def saved(make: Callable[[], int]) -> Saved:
    """Return the revision that ``make`` made, with what was said on standard error meanwhile.

    Raises:
        GuardRefusalError: with the lines of the guard.
    """
    from tui.services import Saved

    revision, said = saying(make)
    return Saved(revision, tuple(said))


def saying(make: Callable[[], T]) -> tuple[T, list[str]]:
    """Return what ``make`` gives, and what was said on standard error meanwhile.

    Raises:
        GuardRefusalError: with the lines of the guard.
    """
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            made = make()
    except GuardRefusalError:
        raise GuardRefusalError(_refusal(said.getvalue())) from None
    return made, _sentences(said.getvalue())


def _sentences(said: str) -> list[str]:
    return [line.removeprefix(_WARNING).removeprefix("epm: ") for line in said.splitlines()]


def _refusal(said: str) -> str:
    lines = [x.removeprefix(_GUARD) for x in said.splitlines() if x.startswith(_GUARD)]
    return f"Lock-out guard refused: {'; '.join(lines)}"
