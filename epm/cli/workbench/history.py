"""The history of rule changes for the panels, read a page at a time from the store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epm.cli.app import App
from epm.cli.clock import to_local
from epm.cli.reverting import revert_to
from epm.cli.workbench.saving import saved
from epm.model import Server

if TYPE_CHECKING:
    from tui.services import Difference, RevisionLine, Saved


@dataclass(frozen=True, slots=True)
class StoreHistory:
    """The revisions of the app's system."""

    app: App

    def page(
        self,
        start: int,
        count: int,
        *,
        newer: bool = False,
        server: Server | None = None,
        seq: int | None = None,
    ) -> list[RevisionLine]:
        """Return a page of revisions, newest first."""
        from db.revision_pages import Subset, revision_page
        from tui.services import RevisionLine

        store, subset = self.app.store(), Subset(server, seq)
        return [
            RevisionLine(
                made.number,
                to_local(made.at),
                made.who.user,
                made.who.host,
                made.action,
                made.object,
                made.reason,
            )
            for made in revision_page(
                store, self.app.system, start, count, newer=newer, subset=subset
            )
        ]

    def differences(
        self, revision: int, start: int, count: int, *, backward: bool = False
    ) -> list[Difference]:
        """Return a page of what a revision changed."""
        from db.revision_pages import change_page
        from tui.services import Difference

        return [
            Difference(place, str(change.key), _value(change.before), _value(change.after))
            for place, change in change_page(
                self.app.store(), self.app.system, revision, start, count, backward=backward
            )
        ]

    def compare(self, old: int, new: int) -> list[Difference]:
        """Return what is different between two revisions, both read whole."""
        from db.values import differences, to_json
        from tui.services import Difference

        store, system = self.app.store(), self.app.system
        before, after = store.load_revision(system, old), store.load_revision(system, new)
        deltas = differences(before.ruleset, after.ruleset, before.tests, after.tests)
        return [
            Difference(
                place, str(delta.key), _value(to_json(delta.before)), _value(to_json(delta.after))
            )
            for place, delta in enumerate(deltas, 1)
        ]

    def revert(self, revision: int, seen: int) -> Saved:
        """Make the rules what they were, as ``epm rules revert`` does."""
        return saved(lambda: revert_to(self.app, revision, seen=seen))


def _value(text: str | None) -> object:
    return None if text is None else json.loads(text)
