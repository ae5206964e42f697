"""Making the rules what they were: what ``epm rules revert`` and the workbench both do."""

from __future__ import annotations

from epm.cli.app import App
from epm.cli.changes import change
from epm.errors import EditConflictError
from epm.model import RuleSet


def revert_to(
    app: App,
    revision: int,
    *,
    reason: str | None = None,
    force: bool = False,
    seen: int | None = None,
) -> int:
    """Make the rules what they were at a revision; return the new revision that this is.

    Args:
        app: the command's app.
        revision: to which.
        reason: why, for the history.
        force: although the lock-out guard objects.
        seen: the revision that was current when somebody looked; ``None`` is whatever is.

    Raises:
        NotFoundError: there is no such revision.
        EditConflictError: somebody changed the rules since ``seen``, or meanwhile.
        GuardRefusalError: the guard objects and ``force`` is not given.
    """
    from epm.rulefile.cases import load_cases

    store = app.store()
    old = store.load_revision(app.system, revision)

    def edit(_: RuleSet) -> RuleSet:
        if seen is not None and store.revision(app.system) != seen:
            raise EditConflictError(
                f"the rules changed since revision {seen} was shown; nothing was reverted"
            )
        return old.ruleset

    return change(
        app,
        edit,
        action="revert",
        subject=f"to revision {revision}",
        reason=reason,
        force=force,
        tests=load_cases(old.tests, "rule tests of the store") if old.tests else (),
        whole=True,
    )
