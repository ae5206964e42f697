"""Rules, activation and the rule test facility, as the panels ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from epm.model import Decision, Groups, Rule, Server


class Outline(Protocol):
    """A system without its rules; cheap to read, whatever the number of rules."""

    @property
    def revision(self) -> int:
        """Number of the current revision."""
        ...

    @property
    def groups(self) -> Groups:
        """The groups that conditions may name."""
        ...

    @property
    def activated(self) -> Mapping[Server, bool]:
        """Which servers are activated."""
        ...

    @property
    def counts(self) -> Mapping[Server, int]:
        """How many rules each server has, its default rule included."""
        ...


@dataclass(frozen=True, slots=True)
class Saved:
    """A change that was made: the revision that holds it, and what to warn of."""

    revision: int
    warnings: tuple[str, ...] = ()


class RuleService(Protocol):
    """Reads and changes the rules of one system. Every method raises EpmError only."""

    def outline(self) -> Outline:
        """Return the system without its rules."""
        ...

    def page(
        self,
        server: Server,
        start: int,
        count: int,
        *,
        backward: bool = False,
        text: str | None = None,
    ) -> Sequence[Rule]:
        """Return at most ``count`` rules, ascending: from ``start`` on, or those up to it."""
        ...

    def rule(self, server: Server, seq: int) -> Rule:
        """Return one rule, or raise NotFoundError."""
        ...

    def add(self, server: Server, rule: Rule) -> Saved:
        """Add a rule."""
        ...

    def change(self, server: Server, seen: Rule, rule: Rule) -> Saved:
        """Replace the rule ``seen``; EditConflictError when it is no longer as it was seen."""
        ...

    def move(self, server: Server, seen: Rule, to_seq: int) -> Saved:
        """Give the rule ``seen`` another sequence; EditConflictError as for :meth:`change`."""
        ...

    def delete(self, server: Server, seen: Sequence[Rule]) -> Saved:
        """Delete rules, all or none; EditConflictError as for :meth:`change`."""
        ...


class ActivationService(Protocol):
    """Activates servers, past the lock-out guard."""

    def set_activated(self, servers: Sequence[Server], activated: bool) -> Saved:
        """Activate or deactivate servers, all or none."""
        ...


@dataclass(frozen=True, slots=True)
class Tested:
    """A decision with its trace, and the rules that it names, ascending."""

    decision: Decision
    rules: tuple[Rule, ...]


class TestService(Protocol):
    """Decides one call as the rule test facility does; nothing is enforced or recorded."""

    def decide(self, server: Server, fields: Mapping[str, object], *, live: bool) -> Tested:
        """Decide a call.

        Args:
            server: which server is called.
            fields: the contract's names of a call's fields, as typed; missing ones left out.
            live: by the Active flags and activation, instead of the Test flags.
        """
        ...
