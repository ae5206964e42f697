"""One request and the rules: what each payload is, what is done, what is logged. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from epm.armr.model import Action, Mod, SanitizationRule
from epm.sanitize.detect import classify
from epm.sanitize.leaves import leaves
from epm.sanitize.request import Leaf, Limits, Request
from epm.sanitize.rules import RuleBook, is_ignored
from epm.sanitize.values import UNDETERMINED, Classification, PayloadClass


@dataclass(frozen=True, slots=True)
class Finding:
    """A payload leaf and what it was found to be.

    Attributes:
        index: of the leaf in its request.
        ignored: whether the rule lets it pass, whatever it is: no action, no event.
        acted_on: whether the rule's action is for it.
        logged: whether it leaves an event.
    """

    index: int
    leaf: Leaf
    classification: Classification
    ignored: bool = False
    acted_on: bool = False
    logged: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request.

    Attributes:
        action: what was done; ``None`` where nothing had to be.
        findings: one for every payload leaf, in order.
        mod, rule: what applied; ``None`` where no rule did.
    """

    action: Action | None
    findings: tuple[Finding, ...]
    mod: Mod | None = None
    rule: SanitizationRule | None = None

    @property
    def blocked(self) -> bool:
        """Whether the application must not see the request as it came."""
        return self.action is Action.PROTECT

    @property
    def blocked_leaves(self) -> frozenset[int]:
        """The indexes of the leaves that must not reach the application."""
        if not self.blocked:
            return frozenset()
        return frozenset(f.index for f in self.findings if f.acted_on)

    @property
    def blocks_unread(self) -> bool:
        """Whether what must not reach the application was not read whole, and so has no parts."""
        return self.blocked and any(f.acted_on and f.leaf.doubtful for f in self.findings)


def decide(request: Request, book: RuleBook, limits: Limits) -> Decision:
    """Decide a request: each payload is judged, and the one rule that applies says the rest."""
    selected = book.select(request.uri)
    found = leaves(request, limits)
    if selected is None:
        plain = tuple(Finding(i, *judge(leaf)) for i, leaf in enumerate(found))
        return Decision(None, plain)
    mod, rule = selected
    findings = tuple(_findings(found, rule))
    acted = any(finding.acted_on for finding in findings)
    return Decision(rule.reaction.action if acted else None, findings, mod, rule)


def judge(leaf: Leaf) -> tuple[Leaf, Classification]:
    """Return a leaf, with the text that is the worst reading of it, and the class of that.

    A doubtful leaf is never safe.
    """
    found = classify(leaf.payload)
    for other in leaf.others:
        if found.payload_class is PayloadClass.UNSAFE:
            break
        second = classify(other)
        if _is_worse(second, found, other):
            leaf, found = replace(leaf, payload=other), second
    if leaf.doubtful and found.payload_class is PayloadClass.SAFE:
        return leaf, UNDETERMINED
    return leaf, found


def _is_worse(second: Classification, first: Classification, text: str) -> bool:
    """Whether another reading counts.

    Text in its own character set is seldom plain in another: then only an attack counts.
    """
    if second.payload_class is PayloadClass.UNSAFE:
        return True
    plain = text.isascii() and "\0" not in text
    return plain and second is UNDETERMINED and first.payload_class is PayloadClass.SAFE


def _findings(found: tuple[Leaf, ...], rule: SanitizationRule) -> Iterator[Finding]:
    for index, payload in enumerate(found):
        leaf, classification = judge(payload)
        kind = classification.payload_class
        if is_ignored(rule, leaf):
            yield Finding(index, leaf, classification, ignored=True)
        elif kind is PayloadClass.UNSAFE or (
            kind is PayloadClass.UNDETERMINED and not rule.undetermined_safe
        ):
            logged = rule.reaction.is_logged
            yield Finding(index, leaf, classification, acted_on=True, logged=logged)
        else:
            noted = kind is PayloadClass.UNDETERMINED and rule.log_undetermined
            yield Finding(index, leaf, classification, logged=noted)
