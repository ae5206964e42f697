"""Which sanitization rule a request falls under, and whether it lets a payload pass.

The rules are those of :mod:`epm.armr.model`. One applies to a request: the one with the exact
path, else the one whose wildcard path has the longest literal part, else one without paths; then
protect before detect; then the first. (The vendor's example says only that a rule with paths goes
before one without; the rest is an assumption.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from epm.armr.model import Action, Mod, Policy, SanitizationRule
from epm.sanitize.request import Leaf

_EXACT = 1 << 30


@dataclass(frozen=True)
class RuleBook:
    """The sanitization rules in force, in the order they are defined.

    Attributes:
        rules: each rule with the mod that holds it.
    """

    rules: tuple[tuple[Mod, SanitizationRule], ...]

    @classmethod
    def of(cls, policy: Policy) -> RuleBook:
        """Return the sanitization rules of a policy; rules of other kinds are not ours."""
        return cls(tuple(policy.sanitization_rules()))

    @cached_property
    def _ordered(self) -> tuple[tuple[Mod, SanitizationRule], ...]:
        # A stable sort: of equal ones the first defined stays first.
        return tuple(sorted(self.rules, key=lambda r: r[1].reaction.action is not Action.PROTECT))

    def select(self, uri: str) -> tuple[Mod, SanitizationRule] | None:
        """Return the rule that applies to a path, with its mod; ``None`` if none does."""
        path = unquote(uri)
        best: tuple[Mod, SanitizationRule] | None = None
        best_fit = -1
        for mod, rule in self._ordered:
            fit = _fit(rule, path)
            if fit > best_fit:
                best, best_fit = (mod, rule), fit
        return best


def _fit(rule: SanitizationRule, path: str) -> int:
    """Return how closely a rule's paths fit: -1 not at all, 0 for a rule without paths."""
    if not rule.paths:
        return 0
    return max(_fits(rule, path), default=-1)


def _fits(rule: SanitizationRule, path: str) -> Iterable[int]:
    for pattern in rule.paths:
        if pattern.matches(path):
            yield _EXACT if pattern.is_exact else 1 + len(pattern.literal)


def is_ignored(rule: SanitizationRule, leaf: Leaf) -> bool:
    """Whether the rule lets a leaf pass, by its value or by its name."""
    if leaf.payload in rule.ignored_payloads:
        return True
    return leaf.name in rule.ignored_attributes or leaf.path in rule.ignored_attributes
