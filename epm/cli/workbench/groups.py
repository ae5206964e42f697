"""Groups and product configuration for the panels, changed as the commands change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epm import edits
from epm.cli.app import App
from epm.cli.workbench.rules import StoreRules
from epm.cli.workbench.saving import save
from epm.errors import NotFoundError, RuleError
from epm.model import Config, Groups, Rule, RuleSet, Server
from epm.soundness import GROUP_KINDS

if TYPE_CHECKING:
    from db.snapshots import Stamp
    from db.values import Part
    from tui.services import Group, Members, Saved


@dataclass(slots=True)
class StoreGroups:
    """The groups of the app's system.

    Attributes:
        rules: reads the system's outline, which has them.
    """

    app: App
    rules: StoreRules
    _counted: tuple[Stamp, Mapping[tuple[str, str], int]] | None = None

    def names(self) -> list[tuple[str, str]]:
        """Return kind and name of each group."""
        groups = self.rules.outline().groups
        return [(kind, name) for kind in GROUP_KINDS for name in sorted(getattr(groups, kind))]

    def group(self, kind: str, name: str) -> Group:
        """Return one group."""
        return _group(self.rules.outline().groups, kind, name)

    def usage(self) -> Mapping[tuple[str, str], int]:
        """Return how many rules name each group; counted again only after a change."""
        from db.group_usage import group_usage

        stamp = self.app.store().stamp(self.app.system)
        if self._counted is None or self._counted[0] != stamp:
            counted = group_usage(self.app.store(), self.app.system)
            kinds = {part: kind for kind, part in _parts().items()}
            usage = {(kinds[part], name): count for (part, name), count in counted.items()}
            self._counted = (stamp, usage)
        return self._counted[1]

    def users(
        self, kind: str, name: str, server: Server, start: int, count: int, *, backward: bool
    ) -> list[Rule]:
        """Return a page of the rules of a server that name a group."""
        from db.group_usage import group_users

        store, system = self.app.store(), self.app.system
        part = _parts()[kind]
        return group_users(store, system, part, name, server, start, count, backward=backward)

    def add(self, group: Group) -> Saved:
        """Add a group."""

        def edit(ruleset: RuleSet) -> RuleSet:
            if group.name in getattr(ruleset.groups, group.kind):
                raise RuleError(f"{group.kind} group {group.name!r} exists already")
            return edits.put_group(ruleset, group.kind, group.name, group.members)

        return save(self.app, edit, "add", _subject(group))

    def change(self, seen: Group, members: Members) -> Saved:
        """Give a group that is still as it was seen other members."""

        def edit(ruleset: RuleSet) -> RuleSet:
            _check_group(ruleset, seen)
            return edits.put_group(ruleset, seen.kind, seen.name, members)

        return save(self.app, edit, "change", _subject(seen))

    def delete(self, seen: Sequence[Group]) -> Saved:
        """Delete groups that are still as they were seen, all or none."""

        def edit(ruleset: RuleSet) -> RuleSet:
            for group in seen:
                _check_group(ruleset, group)
                ruleset = edits.delete_group(ruleset, group.kind, group.name)
            return ruleset

        return save(self.app, edit, "delete", ", ".join(map(_subject, seen)))


def _parts() -> dict[str, Part]:
    from db.values import GROUP_PARTS

    return dict(zip(GROUP_KINDS, GROUP_PARTS, strict=True))


def _subject(group: Group) -> str:
    return f"{group.kind} group {group.name}"


def _group(groups: Groups, kind: str, name: str) -> Group:
    from tui.services import Group

    known = getattr(groups, kind)
    if name not in known:
        raise NotFoundError(f"there is no {kind} group {name!r}")
    return Group(kind, name, known[name])


def _check_group(ruleset: RuleSet, seen: Group) -> None:
    from tui.services import check_unchanged

    check_unchanged(_subject(seen), seen, _group(ruleset.groups, seen.kind, seen.name))


@dataclass(frozen=True, slots=True)
class StoreConfiguration:
    """The product configuration of the app's system.

    Attributes:
        rules: reads the system's outline, which has it.
    """

    app: App
    rules: StoreRules

    def config(self) -> Config:
        """Return the configuration as it is now."""
        return self.rules.outline().config

    def change(self, seen: Config, config: Config) -> Saved:
        """Replace a configuration that is still as it was seen."""
        from tui.services import check_unchanged

        def edit(ruleset: RuleSet) -> RuleSet:
            check_unchanged("Product configuration", seen, ruleset.config)
            return edits.with_config(ruleset, config)

        return save(self.app, edit, "change", "configuration", touched={})
