"""Groups and product configuration, as the panels ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from epm.model import AddressGroup, Config, Rule, Server
from tui.services.rules import Saved

#: Members: include and exclude lines of an address group, names, or ports and ranges.
Members = AddressGroup | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it was read: its kind (``addresses``, ``names``, ``ports``), name and members."""

    kind: str
    name: str
    members: Members


class GroupService(Protocol):
    """The groups of one system. Every method raises EpmError only."""

    def names(self) -> Sequence[tuple[str, str]]:
        """Return kind and name of each group, in the order of the kinds, then by name."""
        ...

    def group(self, kind: str, name: str) -> Group:
        """Return one group, or raise NotFoundError."""
        ...

    def usage(self) -> Mapping[tuple[str, str], int]:
        """Return how many rules name each group that is named, by kind and name."""
        ...

    def users(
        self, kind: str, name: str, server: Server, start: int, count: int, *, backward: bool
    ) -> Sequence[Rule]:
        """Return at most ``count`` rules of a server that name a group, as ``RuleService.page``."""
        ...

    def add(self, group: Group) -> Saved:
        """Add a group; RuleError where the name is taken."""
        ...

    def change(self, seen: Group, members: Members) -> Saved:
        """Give a group other members; EditConflictError when it is no longer as it was seen."""
        ...

    def delete(self, seen: Sequence[Group]) -> Saved:
        """Delete groups, all or none; RuleError when a rule names one."""
        ...


class ConfigurationService(Protocol):
    """The product configuration of one system. Every method raises EpmError only."""

    def config(self) -> Config:
        """Return the configuration."""
        ...

    def change(self, seen: Config, config: Config) -> Saved:
        """Replace it; EditConflictError when it is no longer as it was seen."""
        ...
