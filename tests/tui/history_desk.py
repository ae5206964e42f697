"""Groups, configuration and history in memory, over the same rules as ``MemoryRules``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.values import differences, to_json
from epm import edits
from epm.errors import EditConflictError, NotFoundError, RuleError
from epm.soundness import GROUP_KINDS
from tui.services import Difference, Group, RevisionLine, check_unchanged

BEGUN = datetime(2026, 11, 20, 9, 0)


@dataclass
class MemoryGroups:
    store: object

    def names(self):
        groups = self.store.outline().groups
        return [(kind, name) for kind in GROUP_KINDS for name in sorted(getattr(groups, kind))]

    def group(self, kind, name):
        known = getattr(self.store.outline().groups, kind)
        if name not in known:
            raise NotFoundError(f"there is no {kind} group {name!r}")
        return Group(kind, name, known[name])

    def usage(self):
        ruleset = self.store.outline().ruleset
        counts = {key: len(edits.group_users(ruleset, *key)) for key in self.names()}
        return {key: count for key, count in counts.items() if count}

    def users(self, kind, name, server, start, count, *, backward):
        users = edits.group_users(self.store.outline().ruleset, kind, name)
        found = [
            rule
            for rule in self.store.ruleset.servers[server].rules
            if f"{server} rule {rule.seq}" in users
            and (rule.seq <= start if backward else rule.seq >= start)
        ]
        return found[-count:] if backward else found[:count]

    def add(self, group):
        if (group.kind, group.name) in self.names():
            raise RuleError(f"{group.kind} group {group.name!r} exists already")
        return self._put(group, group.members, "add")

    def change(self, seen, members):
        self._check(seen)
        return self._put(seen, members, "change")

    def delete(self, seen):
        ruleset = self.store.ruleset
        for group in seen:
            self._check(group)
            ruleset = edits.delete_group(ruleset, group.kind, group.name)
        return self.store.save(ruleset, "delete", ", ".join(g.name for g in seen))

    def _put(self, group, members, action):
        ruleset = edits.put_group(self.store.ruleset, group.kind, group.name, members)
        return self.store.save(ruleset, action, f"{group.kind} group {group.name}")

    def _check(self, seen):
        now = self.group(seen.kind, seen.name)
        check_unchanged(f"{seen.kind} group {seen.name}", seen, now)


@dataclass
class MemoryConfiguration:
    store: object

    def config(self):
        return self.store.outline().ruleset.config

    def change(self, seen, config):
        check_unchanged("Product configuration", seen, self.config())
        ruleset = edits.with_config(self.store.ruleset, config)
        return self.store.save(ruleset, "change", "configuration")


@dataclass
class MemoryHistory:
    """What :class:`tests.tui.desk.MemoryRules` remembers of its changes."""

    store: object

    def _line(self, number):
        action, subject, _ = self.store.past[number - 1]
        at = BEGUN + timedelta(minutes=number)
        reason = "ticket 4711" if action == "add" else None
        return RevisionLine(number, at, "QSECOFR", "laptop", action, subject, reason)

    def page(self, start, count, *, newer=False, server=None, seq=None):
        self.store.outline()
        found = [
            self._line(n)
            for n in range(len(self.store.past), 0, -1)
            if (n >= start if newer else n <= start) and self._changed(n, server, seq)
        ]
        return found[-count:] if newer else found[:count]

    def _changed(self, number, server, seq):
        if server is None and seq is None:
            return True
        keys = [delta.key for delta in self._deltas(number - 1, number)]
        return any(
            key.part == "rule"
            and (server is None or key.name == server)
            and (seq is None or key.seq == seq)
            for key in keys
        )

    def _deltas(self, old, new):
        if old < 1:
            return []
        return differences(self.store.past[old - 1][2], self.store.past[new - 1][2], "", "")

    def differences(self, revision, start, count, *, backward=False):
        self.store.outline()
        found = self.compare(revision - 1, revision)
        if backward:
            return [d for d in found if d.place <= start][-count:]
        return [d for d in found if d.place >= start][:count]

    def compare(self, old, new):
        self.store.outline()
        return [
            Difference(place, str(delta.key), *map(_value, (delta.before, delta.after)))
            for place, delta in enumerate(self._deltas(old, new), 1)
        ]

    def revert(self, revision, seen):
        if seen != len(self.store.past):
            raise EditConflictError(f"the rules changed since revision {seen} was shown")
        return self.store.save(self.store.past[revision - 1][2], "revert", f"to {revision}")


def _value(value):
    text = to_json(value)
    return None if text is None else json.loads(text)
