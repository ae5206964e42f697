"""What a report says beyond its rows: totals, talkers, rejections over time, rules. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from journal.report.counting import Frequent, OverTime
from journal.view import EntryView

#: Distinct addresses, and distinct rules, that are counted exactly.
KEPT = 4096
TOP = 10
_Group = tuple[str, str, str]
_Rule = tuple[str, int, str, str]


@dataclass(slots=True)
class Totals:
    """Totals over the wanted entries.

    Attributes:
        entries: how many there are.
        groups: by (server, verdict, type); an empty text where an entry has none.
        talkers: remote addresses of calls.
        rejected_talkers: remote addresses of rejected calls.
        rejections: rejected calls over time.
        rules: by (server, sequence, name, revision) of the deciding rule.
        unreached: entries whose calls never reach an exit program.
        not_enforced: rejections that were only logged.
    """

    entries: int = 0
    groups: Counter[_Group] = field(default_factory=Counter)
    talkers: Frequent[str] = field(default_factory=lambda: Frequent(KEPT))
    rejected_talkers: Frequent[str] = field(default_factory=lambda: Frequent(KEPT))
    rejections: OverTime = field(default_factory=OverTime)
    rules: Frequent[_Rule] = field(default_factory=lambda: Frequent(KEPT))
    unreached: int = 0
    not_enforced: int = 0

    def add(self, view: EntryView) -> None:
        """Count an entry."""
        self.entries += 1
        kind = view.entry_type if view.type is None else f"{view.entry_type}-{view.type}"
        self.groups[view.server or "", view.verdict or "", kind] += 1
        if view.remote_address is not None:
            self.talkers.add(view.remote_address)
        if view.verdict == "reject":
            self.rejections.add(view.time)
            if view.remote_address is not None:
                self.rejected_talkers.add(view.remote_address)
        if view.rule is not None:
            revision = "" if view.revision is None else str(view.revision)
            self.rules.add((view.server or "", view.rule, view.rule_name or "", revision))
        self.unreached += view.unreached is not None
        self.not_enforced += view.enforced is False

    def group_rows(self) -> list[tuple[str, str, str, int]]:
        """Return (server, verdict, type, count), in order."""
        return [(*group, count) for group, count in sorted(self.groups.items())]
