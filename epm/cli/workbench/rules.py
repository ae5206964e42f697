"""The rules of the store for the panels, read a page at a time and changed as commands do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epm import edits
from epm.calls import call_from_mapping
from epm.cli.app import App
from epm.cli.clock import local_now, to_local
from epm.cli.workbench.saving import save
from epm.engine import Engine
from epm.evaluate import Mode
from epm.model import Rule, RuleSet, Server

if TYPE_CHECKING:
    from db.snapshots import Outline, Stamp
    from tui.services import Saved, Tested


@dataclass(slots=True)
class StoreRules:
    """The rules of the app's system, read a page at a time and changed as commands do."""

    app: App
    _seen: tuple[Stamp, Outline] | None = None

    def outline(self) -> Outline:
        """Return the system without its rules; read again only after a change.

        It counts every rule, which a panel of ten should not wait for at each roll.
        """
        store, system = self.app.store(), self.app.system
        stamp = store.stamp(system)
        if self._seen is None or self._seen[0] != stamp:
            self._seen = (stamp, store.outline(system))
        return self._seen[1]

    def page(
        self,
        server: Server,
        start: int,
        count: int,
        *,
        backward: bool = False,
        text: str | None = None,
    ) -> list[Rule]:
        """Return a page of rules."""
        store = self.app.store()
        return store.page(self.app.system, server, start, count, backward=backward, text=text)

    def rule(self, server: Server, seq: int) -> Rule:
        """Return one rule."""
        return self.app.store().rule(self.app.system, server, seq)

    def add(self, server: Server, rule: Rule) -> Saved:
        """Add a rule."""
        return save(
            self.app,
            lambda ruleset: edits.add_rule(ruleset, server, rule),
            "add",
            f"{server} rule {rule.seq}",
            touched={server: (rule.seq,)},
        )

    def change(self, server: Server, seen: Rule, rule: Rule) -> Saved:
        """Replace a rule that is still as it was seen."""

        def edit(ruleset: RuleSet) -> RuleSet:
            _check_rule(ruleset, server, seen)
            return edits.change_rule(ruleset, server, rule)

        subject = f"{server} rule {seen.seq}"
        touched = {server: (seen.seq, rule.seq)}
        return save(self.app, edit, "change", subject, touched=touched)

    def move(self, server: Server, seen: Rule, to_seq: int) -> Saved:
        """Give a rule that is still as it was seen another sequence."""

        def edit(ruleset: RuleSet) -> RuleSet:
            _check_rule(ruleset, server, seen)
            return edits.move_rule(ruleset, server, seen.seq, to_seq)

        subject = f"{server} rule {seen.seq} to {to_seq}"
        return save(self.app, edit, "move", subject, touched={server: (seen.seq, to_seq)})

    def delete(self, server: Server, seen: Sequence[Rule]) -> Saved:
        """Delete rules that are still as they were seen, all or none."""

        def edit(ruleset: RuleSet) -> RuleSet:
            for rule in seen:
                _check_rule(ruleset, server, rule)
                ruleset = edits.delete_rule(ruleset, server, rule.seq)
            return ruleset

        seqs = [rule.seq for rule in seen]
        subject = f"{server} rule {', '.join(map(str, seqs))}"
        return save(self.app, edit, "delete", subject, touched={server: seqs})

    def set_activated(self, servers: Sequence[Server], activated: bool) -> Saved:
        """Activate or deactivate servers; only activation can lock someone out."""

        def edit(ruleset: RuleSet) -> RuleSet:
            for server in servers:
                ruleset = edits.with_activation(ruleset, server, activated)
            return ruleset

        word = "activate" if activated else "deactivate"
        subject = " ".join(servers)
        return save(self.app, edit, word, subject, force=not activated, touched={})


def _check_rule(ruleset: RuleSet, server: Server, seen: Rule) -> None:
    from tui.services import check_unchanged

    now = edits.find_rule(ruleset, server, seen.seq)
    check_unchanged(f"{server} rule {seen.seq}", seen, now)


@dataclass(slots=True)
class StoreTests:
    """The rule test facility over the stored rules."""

    app: App
    _engines: dict[Mode, Engine]

    def decide(self, server: Server, fields: Mapping[str, object], *, live: bool) -> Tested:
        """Decide one call with its trace."""
        from tui.services import Tested

        given = {**fields, "server": str(server)}
        call = call_from_mapping(given, now=local_now(), localize=to_local, strict=True)
        engine = self._engine(Mode.LIVE if live else Mode.TEST)
        decision = engine.decide_or_fail(call, trace=True)
        return Tested(decision, engine.ruleset.servers[server].rules)

    def _engine(self, mode: Mode) -> Engine:
        """Return the engine of the current revision; compiled again only after a change."""
        engine = self._engines.get(mode)
        if engine is None or engine.revision != self.app.store().revision(self.app.system):
            engine = self._engines[mode] = self.app.engine(None, mode)
        return engine
